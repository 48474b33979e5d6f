"""Tests of the rule for a desk's queue, against an exact simulation and general properties."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.world.records import DESK, DeskKind
from tests.queues.exact import FIRST, Desk, Steps, constant, waits
from tests.queues.kernels import months, turns, waits_by_rule
from tests.tiny import row_of_settings

PACE, WITHDRAWAL = 4.8, 0.035
YEAR = 365.25
#: Both are means of long runs, each within 3 % of its own: 10 % or 8 days is beyond three standard errors of the
#: difference, so that a right rule fails with a probability under 1 in 400 a case.
SHARE, DAYS = 0.10, 8.0


def settings(**changes: float) -> np.ndarray:
    """Settings of a desk that gets no more work when it is quick."""
    return row_of_settings(
        with_rebound=0.0, withdrawal_per_month=WITHDRAWAL, touch_variation=2.0, overtime=0.0, **changes
    )


def desks(
    number: int, persons: float, load: float, hours: float = 12.0, urgent: bool = False, **fields: float
) -> np.ndarray:
    """Equal desks, with a load relative to their capacity."""
    rows = np.zeros(number, DESK).view(np.recarray)
    rows.kind = DeskKind.INCOMING if urgent else DeskKind.COURT
    rows.capacity, rows.load, rows.offered = persons * PACE, load * persons * PACE, load * persons * PACE
    rows.file_hours, rows.servers, rows.target_wait, rows.tempo = hours, persons, 100.0, 1.0
    for name, value in fields.items():
        rows[name] = value
    return rows


def single_files(persons: float, load: float, hours: float, share: list[float], head_start: list[float]) -> Desk:
    """The same desk as an input of the exact simulation."""
    files = constant(load * persons * PACE / hours)
    return Desk(constant(persons), files, np.array(share), np.array(head_start), hours, 2.0, WITHDRAWAL / 30.4375, PACE)


def by_rule(setting: np.ndarray, row: np.ndarray, head_starts: list[float], years: float) -> np.ndarray:
    """Mean wait by class at one desk, by the rule for queues, after ten years of warm-up."""
    days = np.arange(10 * YEAR, years * YEAR, 20.0)
    out = np.zeros((len(row), len(days), len(head_starts)))
    waits_by_rule(setting, row, 0.0, 0.0, np.array(head_starts), days, out)
    return np.asarray(out.mean(axis=(0, 1)))


def by_simulation(desk: Desk, years: float, seed: int = 1) -> np.ndarray:
    """Mean wait by class at the same desk, in the exact simulation."""
    probes = waits(desk, years * YEAR, 0.2, seed)
    probes = probes[probes[:, 0] > 10 * YEAR]
    return np.array([probes[probes[:, 1] == kind, 2].mean() for kind in range(len(desk.share))])


def assert_close(rule: np.ndarray, exact: np.ndarray) -> None:
    allowed = np.maximum(SHARE * exact, DAYS)
    assert (np.abs(rule - exact) <= allowed).all(), (rule.round(1), exact.round(1))


YEARS = {1: 2000.0, 3: 1200.0, 10: 500.0, 30: 300.0}


@pytest.mark.parametrize("persons", YEARS)
@pytest.mark.parametrize("load", [0.9, 1.05, 1.35])
def test_one_class(persons: int, load: float) -> None:
    rule = by_rule(settings(), desks(1, persons, load), [0.0], YEARS[persons])
    assert_close(rule, by_simulation(single_files(persons, load, 12.0, [1.0], [0.0]), YEARS[persons]))


@pytest.mark.parametrize("persons", YEARS)
@pytest.mark.parametrize("head_start", [100.0, FIRST])
def test_urgent_files_go_first(persons: int, head_start: float) -> None:
    """Waits of urgent and other requests agree with the exact simulation, for each form of priority."""
    setting = settings(urgent_share=0.5, urgent_head_start=head_start)
    rule = by_rule(setting, desks(1, persons, 1.15, urgent=True), [head_start, 0.0], YEARS[persons])
    exact = by_simulation(single_files(persons, 1.15, 12.0, [0.5, 0.5], [head_start, 0.0]), YEARS[persons])
    assert_close(rule, exact)


@pytest.mark.parametrize("share", [0.1, 0.4])
def test_due_dates(share: float) -> None:
    """Waits of requests with and without a deadline agree with the exact simulation."""
    row = desks(1, 3, 1.2, dated=share, dated_head_start=120.0, dated_days=1e9)
    rule = by_rule(settings(), row, [120.0, 0.0], YEARS[3])
    exact = by_simulation(single_files(3, 1.2, 12.0, [share, 1.0 - share], [120.0, 0.0]), YEARS[3])
    assert_close(rule, exact)
    first_come = by_rule(settings(), desks(1, 3, 1.2), [0.0], YEARS[3])[0]
    assert rule[0] < first_come < rule[1]  # what one gains the others lose


#: Shares of a court's files: with somebody in custody, urgent, others; and the days by which each goes first.
COURT, FIRST_DAYS = [0.2, 0.8 * 0.25, 0.8 * 0.75], [300.0, 100.0, 0.0]


def at_court(urgent: float = 100.0, custody: float = 0.2, **fields: float) -> tuple[np.ndarray, np.ndarray]:
    """Settings and a court of three persons that gives priority to urgent and custody requests."""
    setting = settings(urgent_share=0.25, custody_head_start=300.0)
    return setting, desks(1, 3, 1.15, custody_share=custody, urgent_head_start=urgent, **fields)


def test_a_court_takes_custody_first_and_urgent_files_before_others() -> None:
    """Waits at a court agree with the exact simulation, and priority does not change the work done."""
    rule = by_rule(*at_court(), FIRST_DAYS, YEARS[3])
    assert_close(rule, by_simulation(single_files(3, 1.15, 12.0, COURT, FIRST_DAYS), YEARS[3]))
    by_date = by_rule(*at_court(urgent=0.0), [300.0, 0.0, 0.0], YEARS[3])
    assert rule[1] < by_date[1] and by_date[2] < rule[2]
    first_come = by_rule(*at_court(urgent=0.0, custody=0.0), [0.0, 0.0, 0.0], YEARS[3])
    for found in (rule, by_date):  # the mean over all files: withdrawals make it differ by some per cent
        assert np.dot(COURT, found) == pytest.approx(first_come[0], rel=0.06)
    work = np.zeros((3, 600, 4))
    for place, (urgent, custody) in enumerate(((100.0, 0.2), (0.0, 0.2), (0.0, 0.0))):
        months(*at_court(urgent, custody), 600, work[place])
    np.testing.assert_array_equal(work[0, :, 0], work[2, :, 0])
    np.testing.assert_array_equal(work[1, :, 0], work[2, :, 0])


def test_where_no_file_is_urgent_a_credit_for_urgent_files_changes_nothing() -> None:
    setting, credit = settings(urgent_share=0.0), {"urgent_head_start": 200.0}
    for kind in (DeskKind.COURT, DeskKind.FORENSIC):
        without, with_one = desks(1, 3, 1.15, kind=kind), desks(1, 3, 1.15, kind=kind, **credit)
        found = [by_rule(setting, row, [0.0], 100.0) for row in (without, with_one)]
        np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("rule", ["demand_elasticity", "pace_elasticity"])
def test_the_wait_with_half_more_people_rises_with_the_elasticity(rule: str) -> None:
    """With half more staff, waits fall less if other work or pace reacts more strongly to waits.

    Means over 200 desks from the third to the tenth year after people came: they differ by far more than by chance,
    which is the same for all.
    """
    setting, waits = settings(latent_need=3.0), []
    setting.with_rebound = 1.0
    days = 20 * YEAR + np.arange(3 * YEAR, 10 * YEAR, 60.0)
    for elasticity in (0.0, 0.25, 0.5, 1.0):
        rows = desks(200, 10, 1.15, wait_recent=100.0, **{rule: elasticity})
        rows.target_wait = usual_wait(setting)
        out = np.zeros((len(rows), len(days), 1))
        waits_by_rule(setting, rows, 20 * YEAR, 15 * PACE, np.zeros(1), days, out)
        waits.append(out.mean())
    assert waits == sorted(waits) and waits[-1] > waits[0] + 10.0, waits


def usual_wait(setting: np.ndarray) -> float:
    """Days that a request waits at ten persons with a load of 1.15, without any response to waits."""
    return float(by_rule(setting, desks(1, 10, 1.15), [0.0], 500.0)[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("persons", "later", "urgent"), [(10, 8.0, True), (3, 4.0, True), (10, 15.0, False), (3, 2.0, False)]
)
def test_staff_steps(persons: int, later: float, urgent: bool) -> None:
    """Waits after a change of staff agree with the simulation within 4 days, from day 60 to day 700."""
    load, step, after = 1.15, 20 * YEAR, np.array([60.0, 200.0, 400.0, 700.0])
    share, head = ([0.5, 0.5], [FIRST, 0.0]) if urgent else ([1.0], [0.0])
    setting = settings(urgent_share=0.5, urgent_head_start=FIRST)
    rows = desks(2000, persons, load, urgent=urgent)
    out = np.zeros((len(rows), len(after), len(head)))
    waits_by_rule(setting, rows, step, later * PACE, np.array(head), step + after, out)
    staff = Steps(np.array([0.0, step]), np.array([float(persons), later]))
    desk = single_files(persons, load, 12.0, share, head)._replace(staff=staff)
    total, number = np.zeros((len(after), len(head))), np.zeros((len(after), len(head)))
    for seed in range(2000 // persons):
        probes = waits(desk, step + 3000.0, 1.0, seed)
        for place, day in enumerate(after):
            near = np.abs(probes[:, 0] - step - day) < 10.0
            for kind in range(len(head)):
                chosen = probes[near & (probes[:, 1] == kind), 2]
                total[place, kind] += chosen.sum()
                number[place, kind] += chosen.size
    assert_close(out.mean(axis=0), total / number)


@given(
    st.lists(st.tuples(st.floats(0, 20_000), st.floats(-200, 900)), min_size=1, max_size=20),
    st.floats(0, 1),
    st.floats(0, 700),
    st.floats(0.3, 1.6),
)
@example([(2222.0, -15.92490934855671)], 0.5, 0.08, 1.0)  # a change whose day is no sum of the file's age and wait
def test_turn_and_work_before_it_agree(files, dated, head, load):
    """`hours_before` is the inverse of `days_until_turn`, which never falls with more work."""
    setting = settings(urgent_share=0.5, urgent_head_start=365.0)
    row = desks(1, 2, load, urgent=True, dated=dated, dated_head_start=head)
    hours, start = np.array(sorted(files)).T.copy()
    out = np.zeros((len(hours), 2))
    turns(setting, row, hours, np.ascontiguousarray(start), out)
    np.testing.assert_allclose(out[:, 1], hours, rtol=1e-6, atol=1e-6)
    same = np.full(len(hours), start[0])
    turns(setting, row, hours, same, out)
    assert (np.diff(out[:, 0]) >= -1e-9).all()


def test_a_line_without_chance_settles_where_load_is_given_up() -> None:
    """Without randomness the wait settles at W = ln(load ÷ capacity) ÷ δ, within 0.1 %."""
    row = desks(1, 30, 1.3, hours=1e-9)
    out = np.zeros((1200, 3))
    months(settings(), row, 1200, out)
    assert out[-1, 1] == pytest.approx(np.log(1.3) / (WITHDRAWAL / 30.4375), rel=1e-3)


def test_what_is_served_depends_neither_on_order_nor_on_a_head_start_of_everybody() -> None:
    """The work in a queue does not depend on the order of requests or on a priority credit for all."""
    lines = []
    for head in (0.0, 365.0):
        setting = settings(urgent_share=0.5, urgent_head_start=head)
        out = np.zeros((600, 3))
        months(setting, desks(1, 3, 1.2, urgent=True), 600, out)
        lines.append(out[:, 0])
    np.testing.assert_array_equal(lines[0], lines[1])
    row = desks(1, 3, 1.2, dated=1.0, dated_head_start=120.0, dated_days=1e9)
    dated = by_rule(settings(), row, [120.0], YEARS[3])
    assert dated == pytest.approx(by_rule(settings(), desks(1, 3, 1.2), [0.0], YEARS[3]), rel=1e-6)
