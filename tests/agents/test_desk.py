"""Desks against queueing theory, disciplines, and the effect of more staff."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agents.desk import bundle_share, file_priority
from sim.engine.clock import empty_clock
from sim.engine.waiting import NOBODY, empty_waiting
from sim.world.records import DESK, JOB, UNIT, DeskKind, Growing
from tests.agents.kernels import Files, Office, run_desk
from tests.tiny import plain, row_of_settings

NEVER = np.zeros((0, 2))
FIRST_COME, CLASS, EARLIEST_DEADLINE, AGEING = range(4)


def office(servers: int, files: int, **changes: float) -> Office:
    """A desk of persons who do one touch-hour a day, so that hours are days."""
    desk = np.zeros(1, DESK).view(np.recarray)
    desk["kind"], desk["servers"], desk["pace"], desk["skill"] = DeskKind.INCOMING, servers, 1.0, 0.5
    desk["skill_base"] = 0.5
    desk["queue_first"] = desk["queue_last"] = desk["queue_root"] = NOBODY
    return Office(
        row_of_settings(**changes),
        *empty_clock(64 + servers, 1000, 32).values(),
        *empty_waiting(files).values(),
        np.zeros(len(Growing), np.int64),
        desk,
        np.zeros(files, JOB).view(np.recarray),
        np.zeros(1, UNIT).view(np.recarray),
    )


def starts(
    servers: int,
    arrived: np.ndarray,
    days: np.ndarray,
    patience: np.ndarray | None = None,
    priority: np.ndarray | None = None,
    changes: np.ndarray = NEVER,
    ring: int | None = None,
) -> np.ndarray:
    """Day on which each file is taken up; NaN when it is given up before."""
    started = np.full(len(arrived), np.nan)
    until = np.full(len(arrived), np.inf) if patience is None else arrived + patience
    files = Files(arrived, days, until, arrived if priority is None else priority)
    assert run_desk(office(servers, ring or len(arrived)), files, changes, started)
    return started


def poisson_files(jobs: int, rate: float, service: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.exponential(1 / rate, jobs)), rng.exponential(service, jobs)


def erlang_c_wait(servers: int, load: float) -> float:
    """Mean wait in service times."""
    blocking = 1.0
    for k in range(1, servers + 1):
        blocking = load * blocking / (k + load * blocking)
    delayed = blocking / (1 - load / servers * (1 - blocking))
    return delayed / (servers - load)


@pytest.mark.parametrize(("servers", "occupancy"), [(1, 0.6), (3, 0.7), (10, 0.75)])
def test_mean_wait_is_erlang_c(servers: int, occupancy: float) -> None:
    """Within 2 %, which is 4 standard errors or more of 12 million files: an error rate below 1e-4."""
    load, means, delayed = servers * occupancy, [], []
    for seed in range(4):
        arrived, days = poisson_files(3_000_000, load, 1.0, seed)
        wait = starts(servers, arrived, days, ring=1 << 15) - arrived
        means.append(wait.mean())
        delayed.append((wait > 0).mean())
    expected = erlang_c_wait(servers, load)
    assert np.mean(means) == pytest.approx(expected, rel=0.02)
    assert np.mean(delayed) == pytest.approx(expected * (servers - load), rel=0.02)


def erlang_a(servers: int, rate: float, service: float, patience: float) -> tuple[float, float]:
    """(share given up, mean files waiting) of M/M/c+M."""
    weights = [1.0]
    for n in range(1, 3000):
        leaving = min(n, servers) / service + max(n - servers, 0) / patience
        weights.append(weights[-1] * rate / leaving)
    probability = np.array(weights) / sum(weights)
    waiting = float((np.maximum(np.arange(3000) - servers, 0) * probability).sum())
    return waiting / patience / rate, waiting


@pytest.mark.parametrize(("servers", "occupancy"), [(2, 0.9), (4, 1.3)])
def test_impatience_is_erlang_a(servers: int, occupancy: float) -> None:
    """Within 2 % of share given up and of mean wait, some 5 standard errors of two million files."""
    rate, service, mean_patience = servers * occupancy, 1.0, 8.0
    arrived, days = poisson_files(2_000_000, rate, service, seed=10 + servers)
    patience = np.random.default_rng(4).exponential(mean_patience, len(arrived))
    started = starts(servers, arrived, days, patience, ring=1 << 15)
    given_up, waiting = erlang_a(servers, rate, service, mean_patience)
    assert np.isnan(started).mean() == pytest.approx(given_up, rel=0.02)
    wait = np.where(np.isnan(started), patience, started - arrived)
    assert wait.mean() * rate == pytest.approx(waiting, rel=0.02)  # Little's law
    assert (patience[~np.isnan(started)] >= (started - arrived)[~np.isnan(started)]).all()


@pytest.mark.parametrize("overload", [1.2, 1.6])
def test_an_overloaded_desk_settles_where_staffing_says(overload: float) -> None:
    """W = ln(load ÷ capacity) ÷ δ, the rule that sim/world/staffing.py inverts, within 2 %."""
    withdrawal = 0.035 / 30.4375
    service = 0.1
    arrived, days = poisson_files(3_000_000, overload / service, service, seed=3)
    patience = np.random.default_rng(8).exponential(1 / withdrawal, len(arrived))
    started = starts(1, arrived, days, patience, ring=1 << 16)
    settled = ~np.isnan(started) & (arrived > arrived[-1] / 20) & (started < arrived[-1])
    wait = (started - arrived)[settled].mean()
    assert wait == pytest.approx(math.log(overload) / withdrawal, rel=0.02)


#: Gaps between arrivals, days of work and the persons at the desk.
WORK = st.lists(st.tuples(st.floats(0, 3), st.floats(0.01, 9)), min_size=1, max_size=80)


@given(WORK, st.integers(1, 4), st.integers(1, 3), st.floats(0, 60))
def test_more_staff_never_lengthens_a_wait(
    work: list[tuple[float, float]], servers: int, more: int, when: float
) -> None:
    """First come, exogenous arrivals, nobody gives up: every single file is taken up no later."""
    arrived = np.cumsum([gap for gap, _ in work])
    days = np.array([day for _, day in work])
    before = starts(servers, arrived, days)
    after = starts(servers + more, arrived, days)
    hired = starts(servers, arrived, days, changes=np.array([[when, servers + more]]))
    assert (after <= before + 1e-9).all()
    assert (hired <= before + 1e-9).all()
    assert (hired[arrived < when] <= np.maximum(before, when)[arrived < when] + 1e-9).all()
    assert (np.diff(before) >= 0).all()  # first come, first served


@given(WORK, st.integers(1, 4), st.randoms(use_true_random=False))
def test_nobody_idles_while_a_file_waits_and_nobody_does_two(
    work: list[tuple[float, float]], servers: int, random: object
) -> None:
    arrived = np.cumsum([gap for gap, _ in work])
    days = np.array([day for _, day in work])
    priority = np.array([random.random() for _ in work])  # type: ignore[attr-defined]
    started = starts(servers, arrived, days, priority=priority)
    finished = started + days
    for day in np.unique(started):
        working = int(((started <= day) & (day < finished - 1e-9)).sum())
        assert working <= servers
    for row in np.flatnonzero(started > arrived):
        moments = np.linspace(arrived[row], started[row], 7)[1:-1]
        for day in moments:
            assert int(((started <= day) & (day < finished + 1e-9)).sum()) >= servers
    # Whoever is taken up was the first by priority of those waiting then.
    for row in range(len(work)):
        waiting = (arrived < started[row]) & (started > started[row])
        assert (priority[waiting] >= priority[row]).all()


DAY = st.floats(0, 5000)


def priority(discipline: int, kind: int, since: float, urgent: int, enforceable: int, deadline: float) -> float:
    row = row_of_settings(discipline_incoming=discipline)[0]
    return float(plain(file_priority)(row, kind, since, urgent, enforceable, deadline))


@given(st.integers(0, 3), st.sampled_from(DeskKind), DAY, st.integers(0, 1), st.floats(1, 400))
def test_a_deadline_without_cost_counts_nowhere(
    discipline: int, kind: int, since: float, urgent: int, deadline: float
) -> None:
    without = priority(discipline, kind, since, urgent, 0, math.nan)
    assert priority(discipline, kind, since, urgent, 0, deadline) == without
    assert priority(discipline, kind, since, urgent, 1, math.nan) == without


@given(DAY, DAY, st.floats(1, 300))
def test_disciplines_of_incoming_desks(first: float, second: float, deadline: float) -> None:
    earlier, later = sorted((first, second))
    incoming = DeskKind.INCOMING
    nan = math.nan
    for urgent in (0, 1):  # nobody overtakes within a class, under any discipline
        for discipline in (FIRST_COME, CLASS, EARLIEST_DEADLINE, AGEING):
            assert priority(discipline, incoming, earlier, urgent, 0, nan) <= priority(
                discipline, incoming, later, urgent, 0, nan
            )
    assert priority(FIRST_COME, incoming, first, 1, 1, deadline) == first
    assert priority(CLASS, incoming, later, 1, 0, nan) < priority(CLASS, incoming, earlier, 0, 0, nan)
    head_start = priority(AGEING, incoming, first, 0, 0, nan) - priority(AGEING, incoming, first, 1, 0, nan)
    assert head_start == pytest.approx(row_of_settings()[0].ageing_days)
    due = [priority(EARLIEST_DEADLINE, incoming, first, 0, 1, days) for days in (deadline, deadline + 10)]
    assert due[0] < due[1]
    assert due[0] < priority(EARLIEST_DEADLINE, incoming, first, 0, 0, nan)


@given(DAY, DAY, st.sampled_from([kind for kind in DeskKind if kind is not DeskKind.INCOMING]))
def test_other_desks_are_first_come_after_binding_deadlines(first: float, second: float, kind: DeskKind) -> None:
    earlier, later = sorted((first, second))
    assert priority(CLASS, kind, earlier, 0, 0, math.nan) <= priority(CLASS, kind, later, 1, 0, math.nan)
    assert priority(CLASS, kind, later, 0, 1, 10.0) < priority(CLASS, kind, earlier, 1, 0, 10.0)


@given(st.floats(1, 900), st.floats(1, 900), st.floats(1, 900))
def test_shorter_waits_raise_volume(reference: float, first: float, second: float) -> None:
    """Induced demand (M25): only at incoming desks, and only once the policy has started."""
    shorter, longer = sorted((first, second))
    row = row_of_settings(policy_start=100.0)[0]
    desk = np.zeros(1, DESK).view(np.recarray)[0]
    desk.wait_reference = reference

    def share(kind: DeskKind, wait: float, day: float) -> float:
        desk.kind, desk.wait_recent = kind, wait
        return float(plain(bundle_share)(row, desk, day))

    assert share(DeskKind.INCOMING, shorter, 200.0) >= share(DeskKind.INCOMING, longer, 200.0)
    assert share(DeskKind.INCOMING, reference, 200.0) == pytest.approx(share(DeskKind.INCOMING, reference, 50.0))
    elasticity = math.log(share(DeskKind.INCOMING, longer, 200.0) / share(DeskKind.INCOMING, shorter, 200.0))
    assert elasticity == pytest.approx(-row.rebound * math.log(longer / shorter), abs=1e-9)
    for kind, day in ((DeskKind.COURT, 200.0), (DeskKind.INCOMING, 50.0)):
        assert share(kind, shorter, day) == share(kind, longer, day)
