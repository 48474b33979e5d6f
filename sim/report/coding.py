"""Codes of the model's tables as words, and back."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

import pandas as pd

from sim.data.costs import Payer
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.measures.fate import Fate
from sim.measures.income import Income
from sim.measures.orders import Way
from sim.measures.requests import Age
from sim.world.records import (
    ActionType,
    Addressee,
    Body,
    DeskKind,
    EvidenceStatus,
    ReferralTask,
    RequestStatus,
    Stage,
    UnitKind,
)

_CODES: dict[str, type[IntEnum]] = {
    "channel": Channel,
    "data_kind": DataKind,
    "stage": Stage,
    "age": Age,
    "status": RequestStatus,
    "ground": Ground,
    "desk": DeskKind,
    "evidence_status": EvidenceStatus,
    "action_type": ActionType,
    "fate": Fate,
    "income": Income,
    "payer": Payer,
    "unit": UnitKind,
    "body": Body,
    "task": ReferralTask,
    "way": Way,
    "addressee": Addressee,
}
_STATES = ("residence", "requesting", "requested", "trusting", "trusted", "state", "sending", "host")
_ALL = {-1: "all"}
NO_STATE = {-1: "no state"}


def decoded(frame: pd.DataFrame, states: tuple[str, ...]) -> pd.DataFrame:
    """The same table with codes as words and states as ISO codes."""
    words = _words(states)
    return frame.assign(**{column: frame[column].map(words[column]) for column in map(str, frame) if column in words})


def coded(frame: pd.DataFrame, states: tuple[str, ...]) -> pd.DataFrame:
    """The table that `decoded` was given.

    Raises:
        ValueError: a word stands for no code; the message names it.
    """
    codes = {column: {word: code for code, word in words.items()} for column, words in _words(states).items()}
    found: dict[str, Any] = {}
    for column in (name for name in map(str, frame) if name in codes):
        found[column] = frame[column].map(codes[column])
        if found[column].isna().any():
            word = frame[column][found[column].isna()].iloc[0]
            raise ValueError(f"{column} {word!r} is not known")
        found[column] = found[column].astype("int64")
    return frame.assign(**found)


def _words(states: tuple[str, ...]) -> Mapping[str, Mapping[int, str]]:
    """Word of each code, by column."""
    words: dict[str, Mapping[int, str]] = {
        column: {code.value: code.name.lower() for code in kind} | _ALL for column, kind in _CODES.items()
    }
    return words | {column: dict(enumerate(states)) | NO_STATE for column in _STATES}
