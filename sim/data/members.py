"""Enumerations with a row of properties for each member; a member's number is the row's position."""

from enum import IntEnum
from typing import Any, Self


class Member(IntEnum):
    """Member of an enumeration, declared by a row and numbered from 0.

    A subclass says the type of its `row`. All that is needed of all members is made from their rows, so that no other
    table must keep their order.
    """

    _value_: int
    row: Any

    def __new__(cls, row: Any) -> Self:
        """Creates a member whose value is its row's position, counted from 0."""
        return cls._numbered(row, len(cls.__members__))

    @classmethod
    def _numbered(cls, row: Any, number: int) -> Self:
        """Makes a member from its row and number."""
        member = int.__new__(cls, number)
        member._value_, member.row = number, row
        return member


class MemberFromOne(Member):
    """Member of an enumeration, declared by a row and numbered from 1; 0 means no member."""

    def __new__(cls, row: Any) -> Self:
        """Creates a member whose value is its row's position, counted from 1."""
        return cls._numbered(row, len(cls.__members__) + 1)
