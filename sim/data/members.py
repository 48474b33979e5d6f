"""Enumerations whose members are rows: a row says all of a member, and its place is the member's number."""

from enum import IntEnum
from typing import Any, Self


class Member(IntEnum):
    """A member that is declared by a row, and numbered from 0 on in the order of the rows.

    A subclass says the type of its `row`. All that is needed of all members is made from their rows, so that no other
    table must keep their order.
    """

    _value_: int
    row: Any

    def __new__(cls, row: Any) -> Self:
        """Creates a member with its place among the rows as value."""
        return cls._numbered(row, len(cls.__members__))

    @classmethod
    def _numbered(cls, row: Any, number: int) -> Self:
        """A member with a row and a number."""
        member = int.__new__(cls, number)
        member._value_, member.row = number, row
        return member


class MemberFromOne(Member):
    """A member of an enumeration that is numbered from 1; 0 stands for no member."""

    def __new__(cls, row: Any) -> Self:
        """Creates a member with its place among the rows, counted from 1, as value."""
        return cls._numbered(row, len(cls.__members__) + 1)
