"""Tests of outcomes on people, skill, formats, leaks, members and money (M9, M11, M21, M22), by hand."""

import numpy as np
import pytest

from sim.law.days import YEAR
from sim.law.vocabulary import Channel, Ground
from sim.measures.capacity import people_by_year
from sim.measures.custody import Fate, by_fate
from sim.measures.harm import harm_rates
from sim.world import records
from sim.world.records import EvidenceStatus, FrozenBy, MemberStatus, RequestPurpose, SpellCause, UnitKind
from tests.measures.worlds import END, START, WINDOW, check, observation, request, spell

INCOMING_DESK = 4  # of the first of four states


def headcount(kind: UnitKind, skill: float, persons: int, posts: int, day: float = START, **more: float) -> dict:
    return {"kind": kind, "skill": skill, "persons": persons, "posts": posts, "day": day, "joined": 0, "left": 0} | more


def test_skill_is_that_of_the_people_and_a_mean_by_persons_in_each_year():
    """Mean skill weights units by their persons, in each year of the policy.

    Three people of skill 0.2 and one of 0.6 in eight posts; courts and counts before the policy do not matter.
    """
    seen = observation(
        headcount=[
            *(headcount(UnitKind.OUTGOING, 0.2, 3, 4), headcount(UnitKind.INCOMING, 0.6, 1, 4)),
            *(headcount(UnitKind.INVESTIGATION, 0.9, 5, 5), headcount(UnitKind.COURT, 1.0, 9, 90)),
            headcount(UnitKind.INCOMING, 1.0, 9, 90, day=START - 1),
        ]
    )
    check(seen, skill_authorities=0.3, skill_investigators=0.9)
    rows = [
        headcount(UnitKind.COURT, 0.2, 3, 4, day=YEAR - 1, joined=1, left=2),
        headcount(UnitKind.COURT, 0.6, 1, 4, day=YEAR - 1, joined=1),
        *(headcount(UnitKind.COURT, 0.5, 2, 2, day=YEAR, tier=1), headcount(UnitKind.INCOMING, 0.9, 0, 7, day=YEAR)),
    ]
    found = {name: column.tolist() for name, column in people_by_year(observation(headcount=rows)).items()}
    assert found["year"] == [2022, 2023, 2023]
    assert found["unit"] == [UnitKind.COURT, UnitKind.INCOMING, UnitKind.COURT] and found["tier"] == [0, 0, 1]
    assert found["skill"] == pytest.approx([0.3, 0.0, 0.5])  # where nobody is, there is no skill
    assert (found["persons"], found["posts"]) == ([4, 0, 2], [8, 7, 2])
    assert (found["joined"], found["left"]) == ([2, 0, 0], [2, 0, 0])


def job(started: float, ended: float, desk: int = INCOMING_DESK, of: int = 0) -> dict:
    return {"request": of, "desk": desk, "arrived": START, "started": START + started, "ended": START + ended}


def test_work_returns_leaks_and_evidence_are_counted_by_hand():
    never = np.nan
    jobs = [job(0, 4), job(10, 20), job(-1, 5), job(7, never), job(0, 50, desk=0), job(0, 50, of=-1)]
    check(observation(job=jobs), touch_days=7)
    times_returned = {0: 0, 1: 2, 2: 0, 700: 0, 800: 0, 3000: 1, 3001: 1, 3002: 0}
    others = [
        request(3, loops=1),  # open
        request(3, 9, loops=1, channel=Channel.JOINT_TEAM),
        request(3, 9, loops=1, channel=Channel.POLICE, purpose=RequestPurpose.LEAD),
    ]
    seen = observation(request=[request(day, day + 9, loops=loops) for day, loops in times_returned.items()] + others)
    check(seen, returned_share=3 / 8)
    produced = [EvidenceStatus.OBTAINED] * 3 + [EvidenceStatus.INADMISSIBLE, EvidenceStatus.LOST_ENCRYPTED]
    rows = [{"status": status, "settled": START} for status in [*produced, EvidenceStatus.LOST_RETENTION]]
    rows[3]["excluded"] = 1
    check(observation(evidence=rows), unusable_share=2 / 5, evidence_excluded_share=1 / 5)
    days = [(0, 3, START), (0, 3, START + 9), (2, 1, END - 1), (5, 1, START - 1), (5, 1, END)]
    seen = observation(leak=[{"group": group, "state": state, "day": day} for group, state, day in days])
    check(seen, leaks_per_year=3 / WINDOW.years)


def test_stages_and_formats_of_executed_formal_requests_by_hand():
    def spent(**days: float) -> np.ndarray:
        return np.array([days.get(stage.name, 0.0) for stage in records.Stage])

    rows = [
        request(0, 90, stage_days=spent(TRANSMISSION=4, RETURN=2, FORENSICS=10, REVIEW=99), reformatted=1),
        request(0, 90, stage_days=spent(TRANSMISSION=8, RETURN=6)),
        request(0, 90, stage_days=spent(TRANSMISSION=6, RETURN=9)),
        request(
            0, 90, stage_days=spent(TRANSMISSION=99, RETURN=99), reformatted=1, status=records.RequestStatus.REFUSED
        ),
        request(0, 3, stage_days=spent(TRANSMISSION=99), channel=Channel.POLICE, purpose=RequestPurpose.LEAD),
    ]
    check(observation(request=rows), transmission_days=6, conversion_days=9, reformatted_share=1 / 3)


def member(**days):
    """A group member in state 1; dates are given in days since the policy's start."""
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
    *(member(identified=WINDOW.end - START - 10, status=MemberStatus.WANTED), member(status=MemberStatus.UNKNOWN)),
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
    *(member(identified=0, status=MemberStatus.UNKNOWN), member(identified=0, status=MemberStatus.WANTED)),
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
        *(member(identified=0, status=MemberStatus.UNKNOWN), member(identified=0, status=MemberStatus.UNKNOWN)),
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
    """Frozen and confiscated assets are shares of income, by the day of the freeze or judgment."""
    check(observation(**MONEY), frozen_share=40 / 200, frozen_apart_share=30 / 40, confiscated_share=24 / 200)
    rates = harm_rates()
    seen = {**MONEY, "group": [{"entered": START, "scale": 2.0, "kind": 5}, {"entered": START, "kind": 1}]}
    seen["freeze"] = [{**MONEY["freeze"][0], "group": 1}]
    check(observation(**seen), frozen_share=10 * rates[1] / (200 * rates[5]))
