"""Labels for codes of the model, as noun phrases that figures, tables and sentences can use.

They stand in labels.csv; those of stages, desks, channels and liaison bodies, in the rows of these.
"""

import csv
from collections.abc import Mapping
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import TypeVar

from sim.data.bodies import liaison_rows
from sim.law.vocabulary import Channel, DataKind, Ground, Offence
from sim.measures.cases import Reached
from sim.measures.country import Income
from sim.measures.custody import Fate
from sim.measures.outcome import Better
from sim.measures.requests import Age
from sim.world import records
from sim.world.records import Stage

_Code = TypeVar("_Code", bound=Enum)


@cache
def packaged_rows(name: str) -> list[dict[str, str]]:
    """Rows of a CSV file in this package."""
    return list(csv.DictReader((files("sim.results") / name).read_text(encoding="utf-8").splitlines()))


def _named(of: str) -> dict[str, str]:
    """Labels of an enumeration's members, by member name."""
    return {row["code"]: row["label"] for row in packaged_rows("labels.csv") if row["of"] == of}


def _labels(of: str, codes: type[_Code]) -> Mapping[_Code, str]:
    """Labels of an enumeration's members, by member."""
    return {codes[code.upper()]: label for code, label in _named(of).items()}


BETTER = _labels("better", Better)
DATA = _labels("data", DataKind)
CHANNELS: Mapping[Channel, str] = {channel: channel.row.label for channel in Channel}
STAGES: Mapping[Stage, str] = {stage: stage.row.label for stage in Stage}
#: Stages that a request passes before it is sent, and that turnaround does not hold.
BEFORE_SENDING = frozenset(stage for stage in Stage if stage.row.before_sending)
#: How far a case comes.
REACHED = _labels("reached", Reached)
GROUNDS = _labels("grounds", Ground)
#: Desks of a state, before its name.
DESKS: Mapping[records.DeskKind, str] = {kind: kind.row.label for kind in records.DeskKind}
BODIES = {records.Body(row.code): row.label for row in liaison_rows()}
INCOMES = _labels("incomes", Income)
#: Where identified members stand, from conviction to freedom.
FATES = _labels("fates", Fate)
AGES = _labels("ages", Age)
#: Trades of groups, by the name of their kind.
GROUPS = _named("groups")
#: What a request is meant for.
PURPOSES = _labels("purposes", records.RequestPurpose)
OFFENCES = _labels("offences", Offence)
#: Why no formal request was made.
NOT_ASKED = _labels("not_asked", records.WhyNotAsked)
#: How control servers are found.
DISCOVERIES = _labels("discoveries", records.NodeDiscovery)
#: How requests ended.
ANSWERS = _labels("answers", records.RequestStatus)
#: Why a report led to no case.
NOT_OPENED = _labels("not_opened", records.CaseStatus)
#: Why a case ended.
CASE_ENDS = _labels("case_ends", records.CaseStatus)
#: What an action that took its group down achieved.
ACTIONS: Mapping[records.ActionType, str] = {one: one.row.label for one in records.ActionType if one.row.label}
