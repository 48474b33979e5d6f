"""People and money, each on a few rows counted by hand."""

import numpy as np

from sim.law.vocabulary import Ground
from sim.measures.custody import Fate, by_fate
from sim.measures.harm import harm_rates
from sim.world.records import FrozenBy, MemberStatus, SpellCause
from tests.measures.worlds import END, START, WINDOW, check, observation, spell


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


def test_people_and_how_early_they_are_arrested():
    check(observation(member=MEMBERS), arrests_per_year=2 / WINDOW.years, convictions_per_year=1 / WINDOW.years)
    ends = [MemberStatus.CONVICTED] * 3 + [MemberStatus.ACQUITTED, MemberStatus.RELEASED]
    tried = observation(member=[member(identified=0, ended=900, status=status) for status in ends])
    check(tried, convictions_per_year=3 / WINDOW.years)
    members = [member(group=g, identified=0, arrested=day) for g, day in ((0, 99), (0, 100), (0, 200), (1, 300))]
    actions = [{"group": 0, "day": START + 150}, {"group": 0, "day": START + 100}]
    seen = observation(member=members, action=actions, group=[{"entered": START}, {"entered": START}])
    check(seen, early_arrest_share=2 / 4)


FIVE = 5 * 365.25
COHORT = [
    member(identified=0, arrested=100, ended=900, status=MemberStatus.CONVICTED),
    member(identified=0, arrested=100, surrendered=300, ended=FIVE + 1, status=MemberStatus.CONVICTED),
    member(identified=0, indicted=50, arrested=FIVE - 1, surrendered=FIVE + 9, status=MemberStatus.SURRENDERED),
    member(identified=0, indicted=50, arrested=FIVE + 1, status=MemberStatus.HELD),
    member(identified=0, arrested=100, ended=200, status=MemberStatus.RELEASED, residence=2),
    member(identified=0, status=MemberStatus.UNKNOWN),
    member(identified=0, status=MemberStatus.WANTED),
    member(identified=WINDOW.end - START - FIVE + 1, status=MemberStatus.WANTED),
    member(identified=-1, arrested=1, status=MemberStatus.HELD),
]


def test_fates_are_read_five_years_after_identification_to_the_last_day() -> None:
    table = by_fate(observation(member=COHORT))
    found = dict(zip(zip(table["residence"], table["fate"], strict=True), table["members"], strict=True))
    once = (Fate.CONVICTED, Fate.SURRENDERED, Fate.HELD, Fate.INDICTED, Fate.GIVEN_UP, Fate.WANTED)
    assert found == {(1, fate): 1 for fate in once} | {(2, Fate.RELEASED): 1}
    assert [table[name].sum() for name in ("indicted", "arrested", "surrendered")] == [2, 4, 1]
    check(observation(member=COHORT), impunity_share=4 / 7)
    check(observation(), impunity_share=np.nan)
    # Two are given up and one wanted; an arrest after exactly five years counts, as does who has had just these.
    members = [
        member(identified=0, status=MemberStatus.UNKNOWN),
        member(identified=0, status=MemberStatus.UNKNOWN),
        member(identified=0, arrested=FIVE, status=MemberStatus.HELD),
        member(identified=WINDOW.end - START - FIVE, status=MemberStatus.WANTED),
    ]
    table = by_fate(observation(member=members))
    found = dict(zip(table["fate"].tolist(), table["members"].tolist(), strict=True))
    assert found == {Fate.GIVEN_UP: 2, Fate.HELD: 1, Fate.WANTED: 1}


#: A group of size two at full capability for 100 days: 200 days of a mean group's proceeds.
MONEY = {
    "spell": [spell(0, 1.0, SpellCause.ENTRY, scale=2.0), spell(100, 0.0, SpellCause.TAKEDOWN, scale=2.0)],
    "group": [{"entered": START, "scale": 2.0}],
    "freeze": [
        {"by": FrozenBy.REPORT, "day": START + 9, "frozen": 10.0, "confiscated": 0.0},
        {"by": FrozenBy.CASE, "day": START + 50, "frozen": 20.0, "confiscated": 20.0, "decided": END - 1},
        {"by": FrozenBy.ACTION, "day": START + 100, "frozen": 10.0, "confiscated": 10.0, "decided": END + 1},
        {"by": FrozenBy.CASE, "day": START - 1, "frozen": 5.0, "confiscated": 4.0, "decided": START + 9},
    ],
}
for row in MONEY["freeze"]:
    row["group"] = 0


def test_money_is_a_share_of_what_was_earned_by_kind():
    """What is frozen counts on its day, and what is confiscated on the day of the court."""
    check(observation(**MONEY), frozen_share=40 / 200, frozen_apart_share=30 / 40, confiscated_share=24 / 200)
    rates = harm_rates()
    seen = {**MONEY, "group": [{"entered": START, "scale": 2.0, "kind": 5}, {"entered": START, "kind": 1}]}
    seen["freeze"] = [{**MONEY["freeze"][0], "group": 1}]
    check(observation(**seen), frozen_share=10 * rates[1] / (200 * rates[5]))
