"""Kinds of desk, one row each: location, staff, priorities, and names in reports.

From the rows come the enumeration, arrays by kind (`by_kind`), the tables of a world's desks (`world.assemble`), the
ladders of rules (`agents.assistance.request_at_desk`), and labels. A new kind of desk is one more row.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.data.costs import Payer
from sim.data.members import Member
from sim.world.records.ordinary import Ordinary


@dataclass(frozen=True)
class DeskRow:
    """Properties of a kind of desk that the model and its reports use.

    Parameters are named within their theme `desk`, or with their theme and a dot.
    """

    label: str  # before the name of its state
    title: str = ""  # in tables of a state's desks; none: it is not there
    asks_for: str = "what it lacks"  # what it wants to see when it returns a file
    unit: bool = False  # each state has one, whose people are one of the state's units (M21); these rows come first
    queue: bool = True  # files wait; a provider works on them at once (M9)
    makes_way: bool = False  # part of a larger house, which does less other work where files are many
    persons: float = 0.0  # persons per square root of a billion USD (judgement); none: sized elsewhere
    hours: tuple[str, ...] = ()  # parameters: mean hours of work on a file, summed; none: they differ by task
    wait: str = ""  # parameter: days that files wait, with a place for the quality of government, 1 to 4; none: 0
    slower: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)  # factor on that wait by quality of government
    chance: float = (
        0.0  # standard deviation of mean wait ÷ that wait between runs of one draw: 20 draws, two runs of each
    )
    elasticity: str = ""  # parameter: how strongly other work answers to the wait; none: not at all
    pace: str = ""  # parameter: the share of that answer which is slower work
    custody: str = ""  # parameter: share of files with a person in custody
    urgent: str = ""  # parameter: priority credit of urgent files in days; none: they have none of the desk's own
    urgent_by_setting: bool = False  # the setting, which policy changes, has the credit of urgent files and their share
    own_deadline: bool = False  # a deadline that its state sets itself applies here
    place: str = ""  # rule of request_at_desk.py: days since a request first came here; none: since now
    credit: str = ""  # rule of request_at_desk.py: priority credit of a request's file; none: no request's file waits
    counted_as: int = -1  # kind of ordinary request that each file of other work counts as; -1: none
    wage: str = ""  # unit cost of a person-year there; none: others pay (liaison bodies, the 24/7 network)
    payer: Payer = Payer.OTHER  # who pays for hours of work, overtime, and files that miss a deadline
    salaried: bool = False  # paid by the year and not by the hour of a file: only overtime and late files cost more


class DeskKind(Member):
    """Kinds of desk with staff.

    Desk row = kind * number of states + state; then providers, liaison bodies, and a contact point per state.
    """

    row: DeskRow

    OUTGOING = DeskRow(
        "the outgoing desk of",
        "central authority, outgoing",
        unit=True,
        persons=0.18,
        hours=("request.outgoing_touch_hours", "request.translation_hours"),  # few share a language
        wait="outgoing_wait_days",
        chance=0.14,
        elasticity="outgoing_elasticity",
        pace="outgoing_pace",
        place="since_drafted",
        credit="by_place",
        wage="staff_authority",
        payer=Payer.CENTRAL_AUTHORITY,
        salaried=True,
    )
    INCOMING = DeskRow(
        "the central authority of",
        "central authority, incoming",
        unit=True,
        persons=0.35,
        hours=("request.incoming_touch_hours",),
        wait="incoming_wait_tier_{tier}",
        chance=0.04,
        elasticity="rebound",
        pace="incoming_pace",
        urgent_by_setting=True,
        own_deadline=True,
        place="since_incoming",
        credit="incoming_credit",
        counted_as=Ordinary.ASSISTANCE,
        wage="staff_authority",
        payer=Payer.CENTRAL_AUTHORITY,
        salaried=True,
    )
    COURT = DeskRow(
        "the court registry of",
        "courts",
        asks_for="more evidence",
        unit=True,
        persons=0.20,
        hours=("request.court_touch_hours",),
        wait="court_wait_days",
        chance=0.17,
        slower=(1.0, 1.2, 1.6, 2.0),  # judgement: courts of poorer states are slower
        elasticity="court_elasticity",
        pace="court_pace",
        custody="custody_share",
        urgent="court_urgent_head_start",
        place="since_court",
        credit="court_credit",
        wage="staff_court",
        payer=Payer.COURT,
    )
    FORENSIC = DeskRow(
        "the forensic laboratory of",
        "forensic laboratories",
        unit=True,
        persons=0.30,
        hours=("request.forensic_touch_hours",),
        wait="forensic_wait_days",
        chance=0.10,
        elasticity="laboratory_elasticity",
        pace="laboratory_pace",
        urgent="laboratory_urgent_head_start",
        credit="urgent_alone",
        wage="staff_laboratory",
        payer=Payer.LABORATORY,
    )
    PROVIDER = DeskRow(
        "the provider in",
        queue=False,
        persons=0.15,
        hours=("request.provider_touch_hours",),  # for cost
        wage="staff_provider",
        payer=Payer.PROVIDER,
    )
    LIAISON_BODY = DeskRow(  # of a liaison body: see LIAISON_BODY.desk
        "a liaison body in",
        makes_way=True,
        wait="liaison_wait_days",
        chance=0.25,
    )
    CONTACT_POINT = DeskRow(  # of the 24/7 network
        "the 24/7 point of",
        makes_way=True,
        hours=("liaison.freeze_hours",),
        wait="contact_point_wait_days",
        chance=0.11,  # of ten draws
        counted_as=Ordinary.CONTACT_POINT,
    )


#: Kinds of desk whose people are units of their state.
WITH_UNITS = tuple(kind for kind in DeskKind if kind.row.unit)


def by_kind(column: str) -> npt.NDArray[Any]:
    """Values of a column for all kinds of desk, [kind]: bool, int64 or float64 as the column has it."""
    return np.array([getattr(kind.row, column) for kind in DeskKind])
