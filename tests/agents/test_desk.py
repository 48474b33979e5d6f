"""Files that are followed at desks: when they are taken up, when they leave, and what deadlines do."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agents.desk import deadline_head_start, is_returned_for_form, meet_deadline
from sim.agents.line import add_work, change_capacity, demand, growth, reflected, work_at
from sim.engine.compiling import in_python
from sim.policy.timeline import Assignment, Step, Timeline
from sim.world.records import DESK, REQUEST, DeskKind, JobStatus
from sim.world.world import records
from tests.tiny import POLICY_START, TINY, begun, row_of_settings

LONG = replace(TINY, groups=40, end="2030-12-31")


def desk(**fields: float) -> np.recarray:
    rows = np.zeros(1, DESK).view(np.recarray)
    for name, value in fields.items():
        rows[name] = value
    return rows[0]


@pytest.fixture(scope="module")
def files() -> np.recarray:
    """Followed files of a few worlds, with what they expected and how long they waited."""
    found = []
    for seed in range(4):
        simulation = begun(seed, LONG)
        simulation.advance(simulation.end)
        found.append(records(simulation.world, "job"))
    return np.concatenate(found).view(np.recarray)


def test_files_wait_about_as_long_as_they_could_expect(files: np.recarray) -> None:
    """Expected and realised waits differ by what people come and go meanwhile: means within a tenth."""
    taken = files[~np.isnan(files.started) & (files.expected > 1.0)]
    assert len(taken) > 400
    waited = taken.started - taken.arrived
    assert waited.mean() == pytest.approx(taken.expected.mean(), rel=0.1)
    assert np.corrcoef(waited, taken.expected)[0, 1] > 0.9


def test_no_file_overtakes_one_before_it_without_a_head_start() -> None:
    """First come, first served at courts' desks: nobody's place is kept, all else equal (no person comes or goes)."""
    simulation = begun(1, LONG, {"mechanism.with_turnover": 0.0})
    simulation.advance(simulation.end)
    job, kind = records(simulation.world, "job"), simulation.world.desk["kind"]
    plain_files = job[(kind[job["desk"]] == DeskKind.FORENSIC) & ~np.isnan(job["started"]) & (job["expected"] > 3.0)]
    for row in np.unique(plain_files["desk"]):
        mine = np.sort(plain_files[plain_files["desk"] == row], order="arrived")
        assert (np.diff(mine["started"]) >= -31.0).all()  # a file looks once a month


def test_a_file_of_a_request_that_ended_leaves_the_line(files: np.recarray) -> None:
    gone = files[files.status == JobStatus.WITHDRAWN]
    assert len(gone) > 10
    assert np.isnan(gone.started).all()
    assert not np.isnan(gone.ended).any()


@given(st.floats(1, 1500), st.floats(1, 1500))
def test_a_shorter_deadline_is_a_longer_head_start(first: float, second: float) -> None:
    setting = row_of_settings()[0]
    shorter, longer = sorted((first, second))
    starts = [in_python(deadline_head_start)(setting, True, days) for days in (shorter, longer)]
    assert starts[0] >= starts[1] >= 0.0
    assert in_python(deadline_head_start)(setting, False, shorter) == 0.0
    assert in_python(deadline_head_start)(setting, True, math.nan) == 0.0


def test_a_desk_learns_how_many_of_its_files_are_dated() -> None:
    """Three in ten; the running mean of the last hundred, within 4 standard errors of a share."""
    row, rng = desk(), np.random.default_rng(4)
    for bound in rng.random(4000) < 0.3:
        in_python(meet_deadline)(row, bool(bound), 30.0, 335.0)
    assert row.dated == pytest.approx(0.3, abs=4 * math.sqrt(0.21 / 200))
    assert row.dated_head_start == pytest.approx(335.0)
    assert row.dated_days == pytest.approx(30.0)


def test_the_later_a_file_would_be_the_more_is_won_by_returning_it() -> None:
    """κ·(w − d)/w of those that would be late; 20,000 draws, within 5 standard errors."""
    setting, asked = row_of_settings(returned_for_form=0.5)[0], np.zeros(1, REQUEST).view(np.recarray)
    for wait, allowed in ((100.0, 90.0), (100.0, 50.0), (400.0, 40.0)):
        returned = 0
        for key in range(20_000):
            asked.key = key
            returned += in_python(is_returned_for_form)(setting, asked[0], wait, allowed)
        share = 0.5 * (wait - allowed) / wait
        assert returned / 20_000 == pytest.approx(share, abs=5 * math.sqrt(share / 20_000))


@given(st.floats(0, 5000), st.floats(-500, 500), st.floats(0.01, 1e5), st.floats(-4, 4), st.floats(0, 1))
def test_work_in_line_is_never_negative(work: float, drift: float, variance: float, z: float, u: float) -> None:
    """The end of a month is its beginning, what has moved, and what people could have done while they were idle."""
    end, idle = in_python(reflected)(work, drift, variance, z, u)
    assert end >= 0.0 and idle >= 0.0
    assert end == pytest.approx(max(work + drift + math.sqrt(variance) * z + idle, 0.0))


DAYS, HOURS = st.floats(0, 30), st.floats(0, 3000)


@given(DAYS, st.floats(-15, 100), HOURS, HOURS, st.floats(0, 20))
def test_people_who_come_or_go_change_the_line_from_that_day_on(
    day: float, more: float, work: float, end: float, idle: float
) -> None:
    """What they can do goes into the line first, and is idle time when the line is empty."""
    row = desk(work=work, work_end=end, work_day=0.0, month_end=30.4375, capacity=20.0, idle=idle)
    before, left = in_python(work_at)(row, day), 30.4375 - day
    in_python(change_capacity)(row, day, 20.0 + more)
    assert in_python(work_at)(row, day) == pytest.approx(before)
    assert row.work_end - row.idle * left == pytest.approx(end - (idle + more) * left, abs=1e-6)
    assert row.work_end == 0.0 or row.idle == 0.0


@given(DAYS, st.floats(0.1, 200), st.floats(0, 30), st.floats(0, 20))
def test_idle_people_work_off_a_file_that_joins(day: float, hours: float, wait: float, idle: float) -> None:
    """A file that joins is worked off by the time that is idle, and by nothing else; what leaves is gone."""
    row = desk(work=50.0, work_end=80.0, work_day=0.0, month_end=30.4375, idle=idle)
    later = min(day + wait, 30.4375)
    usual = in_python(work_at)(row, later)
    in_python(add_work)(row, day, hours)
    assert in_python(work_at)(row, later) - usual == pytest.approx(max(hours - idle * (later - day), 0.0))
    in_python(add_work)(row, later, -hours)
    assert in_python(work_at)(row, later) <= usual + 1e-6


def test_growth_before_and_after_policy_starts() -> None:
    """The load that desks are given is that of the day on which policy starts."""
    setting = row_of_settings(load_growth=0.05, load_growth_after=0.02, load_growth_since=1000.0, policy_start=1000.0)[
        0
    ]
    assert in_python(growth)(setting, 1000.0 - 365.25) == pytest.approx(math.exp(-0.05))
    assert in_python(growth)(setting, 1000.0) == 1.0
    assert in_python(growth)(setting, 1000.0 + 3652.5) == pytest.approx(math.exp(0.2))


def test_demand_answers_to_the_wait_that_is_remembered() -> None:
    setting = row_of_settings(rebound=0.5)[0]
    incoming = desk(kind=DeskKind.INCOMING, target_wait=100.0, wait_recent=25.0)
    assert in_python(demand)(setting, incoming) == pytest.approx(2.0)
    assert in_python(demand)(setting, desk(kind=DeskKind.COURT, target_wait=100.0, wait_recent=25.0)) == 1.0


def test_a_deadline_for_all_gains_little_and_costs_overtime() -> None:
    """Where all files are dated nobody goes before anybody: only overtime adds capacity, and some are returned."""
    spec = replace(LONG, end="2032-12-31")
    given_to_all = (
        Assignment("central_authority.deadline", 30.0),
        Assignment("central_authority.deadline_enforceable", 1.0),
    )
    waits, overtime = {}, {}
    for extra in (0.0, 0.1):
        for policy in (Timeline(), Timeline((Step(POLICY_START, assignments=given_to_all),))):
            simulation = begun(3, spec, {"desk.overtime": extra, "desk.rebound": 0.0}, policy)
            simulation.advance(simulation.end)
            desks = simulation.world.desk
            incoming = desks["kind"] == DeskKind.INCOMING
            waits[extra, bool(policy.steps)] = desks["last_wait"][incoming & (desks["load"] > 0)].mean()
            overtime[extra, bool(policy.steps)] = desks["overtime_hours"].sum()
    assert waits[0.0, True] == pytest.approx(waits[0.0, False], rel=0.1)
    assert overtime[0.1, True] > 2.0 * overtime[0.1, False]  # courts and providers have some under instruments
    assert overtime[0.0, True] == overtime[0.0, False] == 0.0
    assert waits[0.1, True] < waits[0.0, True]
