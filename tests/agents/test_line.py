"""The line at a desk, rule by rule: who goes before whom, how long a file waits, and what a month brings (M6)."""

import math

import numpy as np
import pytest

from sim.agents import line
from sim.agents.events import Purpose
from sim.engine.compiling import Record
from sim.engine.random import normal, uniform
from sim.law.days import MONTH, YEAR
from sim.world.records import DESK, DeskKind
from tests.agents.plain import record
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

RATE = 0.02  # at which files are given up, a day
#: Of the files of an incoming authority, .3 are urgent and stand 100 days before others; .2 have a deadline: 40 days.
SHARES = [0.7 * 0.8, 0.3 * 0.8, 0.7 * 0.2, 0.3 * 0.2]
HEAD_STARTS = [0.0, 100.0, 40.0, 140.0]


def settings(**changes: float) -> Record:
    """Settings under which the numbers above hold."""
    usual = {"urgent_share": 0.3, "urgent_head_start": 100.0, "withdrawal_per_month": RATE * MONTH}
    return row_of_settings(**usual | {"touch_variation": 1.5} | changes)[0]


def desk(kind: DeskKind = DeskKind.INCOMING, **fields: float) -> Record:
    """A desk of ten hours a day; a fifth of its files are under a deadline that binds."""
    usual = {"kind": kind, "capacity": 10.0, "dated": 0.2, "dated_head_start": 40.0, "offered": 5.0}
    return record(DESK, **usual | fields)


def test_files_are_urgent_or_not_and_under_a_deadline_or_not() -> None:
    """Incoming authorities alone have an urgent class; there are only as many kinds as occur."""
    setting, row = settings(), desk()
    assert [line.share_of_kind(setting, row, kind) for kind in range(4)] == pytest.approx(SHARES)
    assert [line.head_start_of_kind(setting, row, kind) for kind in range(4)] == HEAD_STARTS
    assert line.kinds_of_file(setting, row) == 4
    assert line.kinds_of_file(setting, desk(dated=0.0)) == 2
    assert line.kinds_of_file(settings(urgent_share=0.0), desk(dated=0.0)) == 1
    assert line.kinds_of_file(setting, desk(DeskKind.COURT, dated=0.0)) == 1
    assert line.share_of_kind(setting, desk(DeskKind.COURT), 1) == 0.0


def test_rates_of_giving_up_and_of_work() -> None:
    """A monthly rate by day, and overtime on top of the usual hours."""
    assert line.giving_up(settings()) == pytest.approx(RATE)
    assert line.total_capacity(desk(overtime=0.2)) == pytest.approx(12.0)


@pytest.mark.parametrize(("age", "overtaken_by"), [(50.0, [1, 3]), (80.0, [3]), (120.0, [])])
def test_files_that_still_overtake_take_hours_from_those_behind(age: float, overtaken_by: list[int]) -> None:
    """A file with a head start of 20 days is overtaken by those that come with more than 20 and its age."""
    expected = 12.0 - 5.0 * sum(SHARES[kind] for kind in overtaken_by)
    assert line.left_for(settings(), desk(), 12.0, age, 20.0) == pytest.approx(expected)
    assert line.left_for(settings(), desk(offered=500.0), 12.0, 50.0, 20.0) == pytest.approx(0.02 * 12.0)


@pytest.mark.parametrize(("age", "change"), [(10.0, 20.0), (50.0, 80.0), (80.0, 120.0), (120.0, math.inf)])
def test_when_one_more_kind_no_longer_overtakes(age: float, change: float) -> None:
    """Each does until the file with a head start of 20 days is as old as what it lacks."""
    assert line.next_change(settings(), desk(), age, 20.0) == change
    nobody = settings(urgent_share=0.0)
    assert line.next_change(nobody, desk(), age, 0.0) == (40.0 if age < 40.0 else math.inf)


def test_work_before_a_file_is_done_and_given_up() -> None:
    """The solution of h' = −3 − 0.02 h from 100 hours on, after 20 days."""
    assert line.ahead_after(settings(), 100.0, 3.0, 20.0) == pytest.approx((100.0 + 150.0) * math.exp(-0.4) - 150.0)


def days_for(hours: float, rate: float) -> float:
    """Days until so many hours are done at a rate or given up."""
    return math.log(1 + RATE * hours / rate) / RATE


@pytest.mark.parametrize("overtime", [0.0, 0.2])
def test_a_turn_comes_slower_while_urgent_files_overtake(overtime: float) -> None:
    """A file of 30 days is overtaken for another 70: three in ten hours of 20 go to urgent files until then."""
    setting, row = settings(), desk(dated=0.0, offered=20.0, capacity=12.0, overtime=overtime)
    slow, fast = 12.0 * (1 + overtime) - 6.0, 12.0 * (1 + overtime)
    assert line.days_until_turn(setting, row, 500.0, 30.0, 0.0) == pytest.approx(days_for(500.0, slow))
    left = (1600.0 + slow / RATE) * math.exp(-RATE * 70.0) - slow / RATE
    assert left > 0.0
    assert line.days_until_turn(setting, row, 1600.0, 30.0, 0.0) == pytest.approx(70.0 + days_for(left, fast))
    assert line.days_until_turn(setting, row, -3.0, 30.0, 0.0) == 0.0


def test_work_before_a_file_whose_turn_comes_in_some_days() -> None:
    """120 days: urgent files overtake for the first 100 of them. Work that is given up counts as well."""
    row = desk(dated=0.0, offered=20.0, capacity=12.0)
    expected = 6.0 / RATE * (math.exp(2.0) - 1.0) + 12.0 / RATE * (math.exp(2.4) - math.exp(2.0))
    assert line.hours_before(settings(), row, 120.0, 0.0) == pytest.approx(expected)


def test_a_head_start_counts_beyond_that_of_the_last_in_line() -> None:
    """Where all files are under a deadline, 40 days of head start are none."""
    setting, row = settings(), desk(DeskKind.COURT, dated=1.0, last_wait=90.0)
    assert line.least_head_start(setting, row) == 40.0
    assert line.least_head_start(setting, desk()) == 0.0
    assert line.wait_of(setting, row, 90.0, 100.0) == 30.0
    assert line.wait_of(setting, row, 90.0, 200.0) == 0.0
    assert line.last_wait(setting, row, 60.0) == pytest.approx(days_for(60.0, 10.0))


def test_how_often_a_file_finds_all_at_work() -> None:
    """As in a queue without a past, unless more waits than is worked on, or each works on a followed file."""
    usual = {"servers": 3, "file_hours": 8.0, "own_load": 1.0, "work": 30.0}
    for busy, changes in {
        0.6 ** (math.sqrt(8.0) - 1.0): ({}, {"engaged": 2}),
        1.0: ({"work": 30.01}, {"offered": 9.0}, {"engaged": 3}),
        0.0: ({"offered": 0.0, "own_load": 0.0},),
    }.items():
        for fields in changes:
            row = desk(**usual | fields)
            assert line.all_busy(settings(), row, row.work) == pytest.approx(busy), fields


def test_mean_wait_over_all_kinds_of_file() -> None:
    """The last in line waits 150 days; others as many less as they stand before it; none does if somebody is free."""
    row = desk(servers=3, file_hours=8.0, own_load=1.0, work=20.0, last_wait=150.0)
    waits = sum(share * (150.0 - start) for share, start in zip(SHARES, HEAD_STARTS, strict=True))
    assert line.mean_wait(settings(), row) == pytest.approx(waits * 0.6 ** (math.sqrt(8.0) - 1.0))


def test_shorter_waits_bring_more_requests_to_incoming_authorities() -> None:
    """Elasticity .4, half in force: at twice the usual wait, 2 to the power of −.2; no wait is under a day."""
    setting = settings(rebound=0.4, with_rebound=0.5)
    assert line.demand(setting, desk(wait_recent=200.0, target_wait=100.0)) == pytest.approx(2.0**-0.2)
    assert line.demand(setting, desk(wait_recent=0.2, target_wait=4.0)) == pytest.approx(4.0**0.2)
    assert line.demand(setting, desk(wait_recent=6.0, target_wait=0.1)) == pytest.approx(6.0**-0.2)
    assert line.demand(setting, desk(DeskKind.COURT, wait_recent=200.0, target_wait=100.0)) == 1.0


@pytest.mark.parametrize(
    ("day", "grown"), [(1000.0 - YEAR, math.exp(-0.1)), (1000.0, 1.0), (1500.0 + 2 * YEAR, 1.2 * math.exp(0.06))]
)
def test_other_work_grows_before_policy_and_from_its_latest_change_on(day: float, grown: float) -> None:
    """A tenth a year until policy starts, when desks hire as it grows; from a level of 1.2 on day 1500 .03 a year."""
    setting = settings(load_growth=0.1, policy_start=1000.0, load_growth_level=1.2, load_growth_since=1500.0)
    setting.load_growth_after = 0.03
    assert line.growth(setting, day) == pytest.approx(grown)
    row = desk(load=8.0, work_day=day, wait_recent=200.0, target_wait=100.0)
    setting.rebound, setting.with_rebound = 0.4, 0.5
    assert line.offered(setting, row) == pytest.approx(8.0 * 2.0**-0.2 * max(grown, 1.0))


def month(**fields: float) -> Record:
    """A month from day 100 to 130: work grows from 50 to 80 hours, 20 joined on day 105, 2 a day are idle."""
    usual = {"work": 50.0, "work_end": 80.0, "work_day": 100.0, "month_end": 130.0, "overtime": 0.2, "served": 7.0}
    return desk(**usual | {"joined": 20.0, "joined_day": 105.0, "idle": 2.0} | fields)


def test_work_in_line_within_a_month() -> None:
    """It changes evenly; idle time works off what joined; after the month nothing more happens."""
    assert line.joined_at(month(), 110.0) == 10.0
    assert line.joined_at(month(), 120.0) == 0.0
    assert line.work_at(month(), 110.0) == pytest.approx(60.0 + 10.0)
    assert line.work_at(month(), 145.0) == pytest.approx(80.0)
    assert line.served_at(month(), 110.0) == pytest.approx(7.0 + 12.0 * 10.0)


@pytest.mark.parametrize(
    ("hours", "joined", "work", "end"), [(5.0, 15.0, 50.0, 80.0), (-4.0, 6.0, 50.0, 80.0), (-25.0, 0.0, 35.0, 65.0)]
)
def test_a_file_joins_the_line_or_leaves_it(hours: float, joined: float, work: float, end: float) -> None:
    """Ten hours that joined are left on day 110; what leaves beyond these came in a month before."""
    row = month()
    line.add_work(row, 110.0, hours)
    assert (row.joined, row.joined_day, row.work, row.work_end) == (joined, 110.0, work, end)
    row = month(work=3.0, work_end=4.0)
    line.add_work(row, 110.0, -25.0)
    assert (row.work, row.work_end) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("capacity", "end", "idle"),
    [(8.0, 80.0 + (2 * 1.2 - 2.0) * 20, 0.0), (14.0, 0.0, ((4 * 1.2 + 2.0) * 20 - 80) / 20)],
)
def test_people_come_or_go_within_a_month(capacity: float, end: float, idle: float) -> None:
    """What they do more or less in the 20 days left changes idle time first, then the work in line."""
    row = month()
    line.change_capacity(row, 110.0, capacity)
    assert (row.work, row.served, row.joined) == pytest.approx((60.0, 7.0 + 120.0, 10.0))
    assert (row.joined_day, row.work_day, row.capacity) == (110.0, 110.0, capacity)
    assert (row.work_end, row.idle) == pytest.approx((end, idle))


def test_a_month_is_reflected_at_an_empty_line() -> None:
    """Drift −3 and chance +1 end at −2; the lowest point x with ln u = −1.5 solves 2 x (x + 2) = 1.5 · 4: it is −3."""
    assert line.reflected(2.0, -3.0, 4.0, 0.5, math.exp(-1.5)) == pytest.approx((1.0, 1.0))
    assert line.reflected(9.0, -3.0, 4.0, 0.5, math.exp(-1.5)) == pytest.approx((7.0, 0.0))


@pytest.mark.parametrize(
    ("months", "days", "dated", "months_after", "overtime", "late"),
    [
        (5, 60.0, 0.2, 6, 0.25, True),
        (6, 60.0, 0.2, 7, 0.0, True),  # half a year at most
        (5, 120.0, 0.2, 0, 0.0, False),
        (5, -1.0, 0.0, 0, 0.0, False),  # no file has a deadline
    ],
)
def test_overtime_where_dated_files_are_late(
    months: int, days: float, dated: float, months_after: int, overtime: float, late: bool
) -> None:
    """They wait 110 days. Of 4 hours a day in files of 8, .2 are late, and .3 of these are returned for their form."""
    setting = settings(overtime=0.25, returned_for_form=0.3)
    row = desk(DeskKind.COURT, dated=dated, last_wait=150.0, dated_days=days, overtime_months=months, load=4.0)
    row.file_hours, row.breaches, row.overtime_hours = 8.0, 1.0, 2.0
    line.work_overtime(setting, row)
    assert (row.overtime_months, row.overtime) == (months_after, overtime)
    assert row.breaches == pytest.approx(1.0 + (0.7 * 0.2 * 4.0 * MONTH / 8.0 if late else 0.0))
    assert row.overtime_hours == pytest.approx(2.0 + overtime * 10.0 * MONTH)


@pytest.mark.parametrize(
    ("kind", "brought", "own", "load", "overtime"),
    [
        (DeskKind.LIAISON_BODY, 6.0, 3.0, 5.0, 0.0),
        (DeskKind.CONTACT_POINT, 0.0, 1.5, 6.5, 0.0),
        (DeskKind.CONTACT_POINT, 34.0, 10.0, 0.0, 0.25),  # colleagues help
        (DeskKind.COURT, 34.0, 2.0, 7.0, 0.0),  # what the eve of policy found is kept
    ],
)
def test_other_work_of_bodies_yields_to_files(
    kind: DeskKind, brought: float, own: float, load: float, overtime: float
) -> None:
    """Of a usual 8 hours a day followed files had 2; a quarter of what the last month differs from that is believed."""
    row = desk(kind, dated=0.0, whole_load=8.0, own_load=2.0, load=7.0, brought=brought * MONTH, file_hours=8.0)
    line.begin_month(settings(load_growth=0.0), row, np.uint64(7))
    assert (row.own_load, row.load, row.offered, row.overtime) == pytest.approx((own, load, load, overtime))


@pytest.mark.parametrize(("dated", "overtime"), [(0.0, 0.0), (0.2, 0.25)])
def test_a_month_begins_with_what_is_sent_done_and_given_up(dated: float, overtime: float) -> None:
    """Mean and variance of a month's work follow the three; those who ask remember a wait for nine months."""
    setting = settings(overtime=0.25, urgent_share=0.0, withdrawal_per_month=RATE * MONTH, load_growth=0.0)
    row = desk(DeskKind.COURT, dated=dated, file_hours=8.0, work=300.0, work_day=100.0, month=4, overtime=0.2, load=6.0)
    row.wait_sum, row.wait_recent, row.dated_days = 10.0, 30.0, -100.0
    line.begin_month(setting, row, np.uint64(7))
    days = (1.0 - math.exp(-RATE * MONTH)) / RATE
    drift, variance = (6.0 - 10.0 * (1.0 + overtime) - 6.0) * days, (6.0 + 6.0) * 8.0 * 2.5 * MONTH
    chance = normal(1, Purpose.DESK_MONTH, 7, 4), uniform(1, Purpose.DESK_LOWEST, 7, 4)
    end, idle = line.reflected(300.0, drift, variance, *chance)
    assert (row.work_end, row.idle, row.month_end, row.month) == pytest.approx((end, idle / MONTH, 100.0 + MONTH, 5))
    before = desk(DeskKind.COURT, dated=dated, offered=6.0)
    assert (row.offered, row.overtime) == (6.0, overtime)
    assert row.last_wait == pytest.approx(line.last_wait(setting, before, 300.0))
    wait = row.wait_sum - 10.0
    assert wait == pytest.approx((1.0 - dated) * row.last_wait + dated * max(row.last_wait - 40.0, 0.0))
    assert row.wait_recent == pytest.approx(30.0 + (wait - 30.0) / 9.0)


@pytest.mark.parametrize(("day", "lived"), [(129.9, 0), (130.0, 1), (130.0 + 1.5 * MONTH, 2)])
def test_months_that_have_begun_by_a_day_are_lived(day: float, lived: int) -> None:
    """The work at a month's end is that of the next one's beginning."""
    row = month(idle=0.0, month=3)
    line.live_until(settings(), row, np.uint64(7), day)
    assert row.month == 3 + lived
    if lived:
        assert (row.joined, row.work_day) == (0.0, pytest.approx(130.0 + (lived - 1) * MONTH))
        assert row.month_end == pytest.approx(row.work_day + MONTH)
    if lived == 1:
        assert (row.work, row.served) == pytest.approx((80.0 + 20.0, 7.0 + 12.0 * 30.0))
