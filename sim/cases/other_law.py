"""The law of the day, and other law under which the same case is run: from the day on which it is opened."""

from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from functools import cache

import numpy as np

from sim.data.load import members
from sim.law.amendments import Amendment, BringIntoForce, Join
from sim.law.arrays import LawArrays
from sim.law.days import to_day
from sim.law.order import Cache, LegalOrder, legal_order
from sim.policy.timeline import Assignment, Step, Timeline
from sim.world.parameters import WorldSpec


class Law(StrEnum):
    """Law under which a case is run from its opening on."""

    AS_IT_WAS = "as_it_was"
    TODAY = "today"
    SECOND_PROTOCOL = "second_protocol"
    E_EVIDENCE = "e_evidence"
    WITHOUT_EUROPOL = "without_europol"


NAMES = {
    Law.AS_IT_WAS: "law as it was",
    Law.TODAY: "today's law",
    Law.SECOND_PROTOCOL: "Second Protocol everywhere",
    Law.E_EVIDENCE: "e-Evidence in all of the EU",
    Law.WITHOUT_EUROPOL: "without Europol",
}


@dataclass(frozen=True, eq=False)
class LawOfOneDay(LegalOrder):
    """The law of one day, kept for ever."""

    kept: date = date.max  # the day whose law it is
    since: date = date.max  # day from which it is kept; channels are then as old as they were on `kept`

    def arrays(self, _on: date, _amendments: tuple[Amendment, ...] = ()) -> LawArrays:
        """The law of the kept day, on any day; amendments are ignored."""
        arrays = super().arrays(self.kept, ())
        opened = arrays.opened + np.float32(to_day(self.since) - to_day(self.kept))
        opened.setflags(write=False)
        return arrays._replace(opened=opened)

    def change_dates(self, _start: date, _end: date, _amendments: tuple[Amendment, ...] = ()) -> tuple[date, ...]:
        """None: it does not change."""
        return ()


def order_of(law: Law, since: date) -> LegalOrder:
    """The legal order of a kind of law, with nothing drawn."""
    if law is Law.TODAY:
        return _of_today(since)
    return _without_europol() if law is Law.WITHOUT_EUROPOL else legal_order()


@cache
def _of_today(since: date) -> LegalOrder:
    base = legal_order()
    parts = {item.name: getattr(base, item.name) for item in fields(LegalOrder)} | {"_drawn": Cache(4)}
    return LawOfOneDay(**parts, kept=date.fromisoformat(WorldSpec().policy_start), since=since)


@cache
def _without_europol() -> LegalOrder:
    """Europol binds nobody, and J-CAT, which sits there, has no members."""
    order = legal_order().without("europol")
    nobody = np.zeros_like(order.relations.joint_taskforce)
    return replace(order, relations=replace(order.relations, joint_taskforce=nobody))


def timeline_of_law(law: Law, since: date) -> Timeline:
    """What a kind of law changes on the day from which it holds."""
    amendments: tuple[Amendment, ...] = ()
    assignments = (Assignment("europol.staff", 0.0),) if law is Law.WITHOUT_EUROPOL else ()
    bound = {
        Law.SECOND_PROTOCOL: ("second_protocol", legal_order().states),
        Law.E_EVIDENCE: ("e_evidence", tuple(sorted(members("EU", "member")))),
    }
    if law in bound:
        treaty, states = bound[law]
        amendments = (Join(states, treaty, since), BringIntoForce(treaty, since))
    # Another legal order takes effect at the next date of a timeline, so that even an empty step has its use.
    return Timeline((Step(since, amendments, assignments),))
