"""People, skill, formats, leaks and cases (M9, M11, M21, M22), each on a few rows counted by hand."""

import numpy as np
import pytest

from sim.law.days import YEAR
from sim.law.vocabulary import Channel
from sim.measures.capacity import people_by_year
from sim.world.records import EvidenceStatus, RequestPurpose, RequestStatus, Stage, UnitKind
from tests.measures.worlds import END, START, WINDOW, check, observation, request

INCOMING_DESK = 4  # of the first of four states


def headcount(kind: UnitKind, skill: float, persons: int, posts: int, day: float = START, **more: float) -> dict:
    return {"kind": kind, "skill": skill, "persons": persons, "posts": posts, "day": day, "joined": 0, "left": 0} | more


def test_skill_is_that_of_the_people_and_a_mean_by_persons_in_each_year():
    """Three people of skill 0.2 and one of 0.6 in eight posts; courts and counts before the policy do not matter."""
    seen = observation(
        headcount=[
            headcount(UnitKind.OUTGOING, 0.2, 3, 4),
            headcount(UnitKind.INCOMING, 0.6, 1, 4),
            headcount(UnitKind.INVESTIGATION, 0.9, 5, 5),
            headcount(UnitKind.COURT, 1.0, 9, 90),
            headcount(UnitKind.INCOMING, 1.0, 9, 90, day=START - 1),
        ]
    )
    check(seen, skill_authorities=0.3, skill_investigators=0.9)
    rows = [
        headcount(UnitKind.COURT, 0.2, 3, 4, day=YEAR - 1, joined=1, left=2),
        headcount(UnitKind.COURT, 0.6, 1, 4, day=YEAR - 1, joined=1),
        headcount(UnitKind.COURT, 0.5, 2, 2, day=YEAR, tier=1),
        headcount(UnitKind.INCOMING, 0.9, 0, 7, day=YEAR),
    ]
    found = {name: column.tolist() for name, column in people_by_year(observation(headcount=rows)).items()}
    assert found["year"] == [2022, 2023, 2023]
    assert found["unit"] == [UnitKind.COURT, UnitKind.INCOMING, UnitKind.COURT]
    assert found["tier"] == [0, 0, 1]
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
        return np.array([days.get(stage.name, 0.0) for stage in Stage])

    rows = [
        request(0, 90, stage_days=spent(TRANSMISSION=4, RETURN=2, FORENSICS=10, REVIEW=99), reformatted=1),
        request(0, 90, stage_days=spent(TRANSMISSION=8, RETURN=6)),
        request(0, 90, stage_days=spent(TRANSMISSION=6, RETURN=9)),
        request(0, 90, stage_days=spent(TRANSMISSION=99, RETURN=99), reformatted=1, status=RequestStatus.REFUSED),
        request(0, 3, stage_days=spent(TRANSMISSION=99), channel=Channel.POLICE, purpose=RequestPurpose.LEAD),
    ]
    check(observation(request=rows), transmission_days=6, conversion_days=9, reformatted_share=1 / 3)
