"""People and money, each on a few rows counted by hand."""

import numpy as np
import pytest

from sim.law.vocabulary import Ground
from sim.measures.custody import by_residence
from sim.measures.outcomes import outcome
from sim.world.records import MemberStatus, SpellCause
from tests.measures.worlds import START, WINDOW, observation, spell


def member(**days):
    """A member in state 1; days since the policy's start."""
    times = {
        name: START + days.pop(name)
        for name in ("identified", "indicted", "arrested", "surrendered", "ended")
        if name in days
    }
    return {"residence": 1} | times | days


MEMBERS = [
    member(identified=0, arrested=100, surrendered=100 + 30.4375, ended=900, status=MemberStatus.CONVICTED),
    member(
        identified=0, indicted=10, arrested=3 * 365.25 + 1, ground=Ground.DUAL_CRIMINALITY, status=MemberStatus.RELEASED
    ),
    member(identified=0, indicted=10, status=MemberStatus.INDICTED, residence=2),
    member(identified=-100, arrested=-50, surrendered=60, ended=700, status=MemberStatus.ACQUITTED),
    member(identified=WINDOW.end - START - 10, status=MemberStatus.WANTED),
    member(status=MemberStatus.UNKNOWN),
]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("indictments_per_year", 2 / WINDOW.years),
        ("arrests_per_year", 2 / WINDOW.years),
        ("at_large_share", 2 / 3),
        ("surrender_refused_share", 1 / 2),
        ("surrender_months", (1 + 110 / 30.4375) / 2),
        ("convictions_per_year", 1 / WINDOW.years),
    ],
)
def test_people(key, expected):
    assert outcome(key).measure(observation(member=MEMBERS)) == pytest.approx(expected)


def test_by_residence():
    table = by_residence(observation(member=MEMBERS))
    assert list(table["residence"]) == [1, 2]
    assert list(table["identified"]) == [3, 1]
    assert list(table["arrested"]) == [2, 0]
    assert list(table["convicted"]) == [1, 0]


def test_money_is_a_share_of_what_was_earned():
    """A group at full capability for 100 days; ten days of proceeds are confiscated, five more before the window."""
    spells = [spell(0, 1.0, SpellCause.ENTRY), spell(100, 0.0, SpellCause.TAKEDOWN)]
    actions = [
        {"day": START + 100, "assets_confiscated": 10.0},
        {"day": START - 1, "assets_confiscated": 5.0},
        {"day": START + 200, "assets_confiscated": np.nan},
    ]
    seen = observation(spell=spells, action=actions, group=[{"entered": START, "scale": 1.0}])
    assert outcome("confiscated_share").measure(seen) == pytest.approx(0.1)
