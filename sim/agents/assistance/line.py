"""The queue at a desk, in hours of work: background files that arrive, wait, are served or withdrawn (M6).

The files that this model follows are under a hundredth of what most desks do. The others are not followed one by one:
a desk carries the hours of work in its queue. Work arrives, is withdrawn at a constant rate while it waits,
and is done by the desk's people; chance moves all three, more at small desks and with large files. This is the
diffusion of a queue with many servers and impatient customers (M/G/c+M: Ward & Glynn 2003), lived in steps of a month.
Each month's chance belongs to the desk and the month, never to the look at it, so that two policies meet the same
chance.

Every file has a place in the queue: the day it came, less its priority credit. Urgent files, files under a deadline
that binds, and files whose sender is trusted have such a credit. What one file gains, the others lose: work in the
queue is the same in any order, and a credit for everybody is one for nobody.

Other work answers to the wait, by two rules that leave different throughput: more files are sent to a quick desk
(`demand`), and a desk with a short queue takes longer over each (`pace`). Nobody knows which holds where, nor how
strongly: a share of an elasticity, both drawn for each kind of desk. Output per judge follows the caseload
(Beenstock & Haitovsky 2004; Dimitrova-Grajzl and others 2012; recalled).
"""

import math

from sim.agents.events import Purpose
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import normal, uniform
from sim.law.days import MONTH, YEAR
from sim.world.records.desks import by_kind

#: By kind of desk: true where the setting has the credit of urgent files; true where other work makes way for files.
_BY_SETTING, _MAKES_WAY = by_kind("urgent_by_setting"), by_kind("makes_way")
_MEMORY = 9.0  # months over which those who ask remember how long a desk takes
CUSTODY = 4  # number of the kind of file that a court takes first: somebody is in custody
_YIELDS = 4.0  # months of followed files by which bodies and 24/7 points choose their other work: judgement


@rule
def urgent_credit(setting: Record, desk: Record) -> float:
    """Priority credit in days of urgent files at a desk; 0 if the desk serves files in order of arrival."""
    return setting.urgent_head_start if _BY_SETTING[desk.kind] else desk.urgent_head_start


@rule
def urgent_share(setting: Record, desk: Record) -> float:
    """Share of a desk's files that are urgent; 0 if the desk gives urgent files no priority."""
    return setting.urgent_share if _BY_SETTING[desk.kind] or desk.urgent_head_start > 0.0 else 0.0


@rule
def overtaking_share(setting: Record, desk: Record) -> float:
    """Share of a desk's files with top priority: urgent files and files on a person in custody."""
    return desk.custody_share + (1.0 - desk.custody_share) * urgent_share(setting, desk)


@rule
def kinds_of_file(setting: Record, desk: Record) -> int:
    """Number of priority classes that a desk distinguishes, by urgency, deadline and custody."""
    if desk.custody_share > 0.0:
        return CUSTODY + 1
    if desk.dated > 0.0:
        return CUSTODY
    return 2 if urgent_share(setting, desk) > 0.0 else 1


@rule
def share_of_kind(setting: Record, desk: Record, kind: int) -> float:
    """Share of arriving files in priority class `kind` (bit 0: urgent, bit 1: deadline; or CUSTODY).

    A state's own deadline is for its urgent files, an instrument's for urgent files and others alike. Custody is a kind
    of its own.
    """
    if kind == CUSTODY:
        return desk.custody_share
    urgent = urgent_share(setting, desk)
    share = (urgent if kind & 1 else 1.0 - urgent) * (1.0 - desk.custody_share)
    if desk.own_deadline > 0:
        return share if (kind & 1) == kind >> 1 else 0.0
    return share * (desk.dated if kind & 2 else 1.0 - desk.dated)


@rule
def head_start_of_kind(setting: Record, desk: Record, kind: int) -> float:
    """Priority credit in days of a class of files, compared with files of the same day without credit."""
    if kind == CUSTODY:
        return setting.custody_head_start
    return (urgent_credit(setting, desk) if kind & 1 else 0.0) + (desk.dated_head_start if kind & 2 else 0.0)


@rule
def giving_up(setting: Record) -> float:
    """Daily rate at which waiting background files are withdrawn, kept above 0 to avoid division by 0."""
    return max(setting.withdrawal_per_month / MONTH, 1e-8)


@rule
def total_capacity(desk: Record) -> float:
    """Hours of work that a desk's people do per calendar day this month, including overtime."""
    return desk.capacity * (1.0 + desk.overtime) * desk.tempo


@rule
def left_for(setting: Record, desk: Record, capacity: float, age: float, head_start: float) -> float:
    """Hours of work per day that go to the files ahead of a waiting file, not to later files that overtake it.

    Files that still come and go before it take the rest, other work and files of cases that are followed alike: those
    whose own priority credit is greater by more than its age.
    """
    hours = capacity
    for kind in range(kinds_of_file(setting, desk)):
        if head_start_of_kind(setting, desk, kind) - head_start > age:
            hours -= share_of_kind(setting, desk, kind) * (desk.offered + desk.own_load)
    return max(hours, 0.02 * capacity, 1e-6)


@rule
def next_change(setting: Record, desk: Record, age: float, head_start: float) -> float:
    """Age in days at which one more class of files can no longer overtake a waiting file; inf if none."""
    change = math.inf
    for kind in range(kinds_of_file(setting, desk)):
        until = head_start_of_kind(setting, desk, kind) - head_start
        if until > age and share_of_kind(setting, desk, kind) > 0.0:
            change = min(change, until)
    return change


@rule
def ahead_after(setting: Record, hours: float, rate: float, days: float) -> float:
    """Hours of work ahead of a file after some days, with `rate` hours served per day and withdrawals."""
    withdrawal = giving_up(setting)
    return (hours + rate / withdrawal) * math.exp(-withdrawal * days) - rate / withdrawal


@rule
def ahead_at(
    setting: Record, desk: Record, hours: float, capacity: float, age: float, later: float, credit: float
) -> float:
    """Hours of work ahead of a waiting file at age `later`, with `capacity` hours served per day."""
    while age < later:
        until = min(next_change(setting, desk, age, credit), later)
        rate = left_for(setting, desk, capacity, age, credit)
        hours, age = ahead_after(setting, hours, rate, until - age), until
    return hours


@rule
def days_until_turn(setting: Record, desk: Record, hours: float, age: float, head_start: float) -> float:
    """Days until a file is served if `hours` of work are ahead of it, with today's staff."""
    withdrawal, reached = giving_up(setting), age
    for _ in range(kinds_of_file(setting, desk) + 1):
        rate = left_for(setting, desk, total_capacity(desk), reached, head_start)
        needed = math.log(1.0 + withdrawal * max(hours, 0.0) / rate) / withdrawal
        change = next_change(setting, desk, reached, head_start)
        if needed <= change - reached:
            return reached - age + needed
        hours = ahead_after(setting, hours, rate, change - reached)
        reached = change  # the very number that `next_change` gave: a rounded sum could lie before it, and count twice
    return reached - age


@rule
def hours_before(setting: Record, desk: Record, days: float, head_start: float) -> float:
    """Hours of work ahead of a file that will be served in `days` days, with today's staff."""
    withdrawal, hours, age = giving_up(setting), 0.0, 0.0
    while age < days:
        until = min(next_change(setting, desk, age, head_start), days)
        rate = left_for(setting, desk, total_capacity(desk), age, head_start)
        hours += rate / withdrawal * (math.exp(withdrawal * until) - math.exp(withdrawal * age))
        age = until
    return hours


@rule
def least_head_start(setting: Record, desk: Record) -> float:
    """Lowest priority credit in days among the classes of files at a desk."""
    least = math.inf
    for kind in range(kinds_of_file(setting, desk)):
        if share_of_kind(setting, desk, kind) > 0.0:
            least = min(least, head_start_of_kind(setting, desk, kind))
    return least


@rule
def last_wait(setting: Record, desk: Record, work: float) -> float:
    """Days that a file of lowest priority waits with `work` hours ahead of it."""
    return days_until_turn(setting, desk, work, 0.0, least_head_start(setting, desk))


@rule
def wait_of(setting: Record, desk: Record, last: float, head_start: float) -> float:
    """Days that a file with a priority credit waits when a file of lowest priority waits `last` days."""
    return max(last - (head_start - least_head_start(setting, desk)), 0.0)


@rule
def utilisation(desk: Record) -> float:
    """Work that comes to a desk, relative to what its people do; at most 1."""
    return min((desk.offered + desk.own_load) / max(total_capacity(desk), 1e-6), 1.0)


@rule
def is_crowded(setting: Record, desk: Record, work: float) -> bool:
    """True if more waits than fills the hands of a desk's people, or if as much comes as they can do."""
    under_work = 0.5 * desk.servers * desk.file_hours * (1.0 + setting.touch_variation)
    return work > under_work or utilisation(desk) >= 1.0


@rule
def all_busy(setting: Record, desk: Record, work: float) -> float:
    """Probability that no person at a desk is free when a file arrives.

    Nobody is if the desk is crowded, or if each works on a followed file; else it depends on chance.
    """
    if is_crowded(setting, desk, work) or desk.engaged >= desk.servers:
        return 1.0
    return busy_by_chance(desk)


@rule
def busy_by_chance(desk: Record) -> float:
    """Probability that other work keeps all people busy at a desk that is not crowded.

    It is as in a queue without memory: ρ to the power of √(2(c + 1)) − 1 (Sakasegawa 1977).
    """
    load = utilisation(desk)
    if load <= 0.0:
        return 0.0
    return math.exp((math.sqrt(2.0 * (desk.servers + 1.0)) - 1.0) * math.log(load))


@rule
def mean_wait(setting: Record, desk: Record) -> float:
    """Mean days that newly arriving files will wait at a desk, unless withdrawn.

    Files with somebody in custody are left out: the target wait is that of files like those from abroad.
    """
    total, counted = 0.0, 1.0 - desk.custody_share
    for kind in range(min(kinds_of_file(setting, desk), CUSTODY)):
        share = share_of_kind(setting, desk, kind) / counted
        if share > 0.0:
            total += share * wait_of(setting, desk, desk.last_wait, head_start_of_kind(setting, desk, kind))
    return total * all_busy(setting, desk, desk.work)


@rule
def induced(setting: Record, ratio: float) -> float:
    """Factor on the number of requests if the wait for an answer changes by the factor `ratio` (M25)."""
    return math.exp(-setting.rebound * setting.with_rebound * math.log(ratio))


@rule
def growth(setting: Record, day: float) -> float:
    """Background work sent to desks on a day, relative to the policy's first day (M25)."""
    years = (day - setting.policy_start) / YEAR
    if years <= 0.0:
        return math.exp(setting.load_growth * years)
    return setting.load_growth_level * math.exp(setting.load_growth_after * (day - setting.load_growth_since) / YEAR)


@rule
def remembered_ratio(desk: Record) -> float:
    """Recent wait at a desk in the senders' memory, relative to the usual wait."""
    return max(desk.wait_recent, 1.0) / max(desk.target_wait, 1.0)


@rule
def demand(setting: Record, desk: Record) -> float:
    """Background work sent to a desk, relative to the amount sent at its usual wait (M25).

    It grows when the wait falls, up to the need that is there: those who never asked because it takes too long.
    """
    elasticity = desk.demand_elasticity * setting.with_rebound
    return min(math.exp(-elasticity * math.log(remembered_ratio(desk))), setting.latent_need)


@rule
def pace(setting: Record, desk: Record) -> float:
    """Work per day of people at a desk, relative to the usual; slower if few files wait (M25)."""
    elasticity = desk.pace_elasticity * setting.with_rebound
    faster = math.exp(elasticity * math.log(remembered_ratio(desk)))
    return min(max(faster, 1.0 / setting.latent_need), setting.latent_need)


@rule
def offered(setting: Record, desk: Record) -> float:
    """Hours of background work sent to a desk per day this month.

    Before policy people are hired as work grows: a desk with fewer people then had as much less to do.
    """
    grown = growth(setting, desk.work_day) if desk.work_day >= setting.policy_start else 1.0
    return desk.load * grown * demand(setting, desk)


@rule
def joined_at(desk: Record, day: float) -> float:
    """Hours of work in simulated files that joined a desk's queue this month and still wait on `day`."""
    return max(desk.joined - desk.idle * (day - desk.joined_day), 0.0)


@rule
def work_at(desk: Record, day: float) -> float:
    """Hours of work in a desk's queue on a day of this month."""
    share = (day - desk.work_day) / max(desk.month_end - desk.work_day, 1e-9)
    return desk.work + (desk.work_end - desk.work) * min(share, 1.0) + joined_at(desk, day)


@rule
def served_at(desk: Record, day: float) -> float:
    """Hours of work that a desk's people could have done since the first day of the world, up to `day`."""
    return desk.served + total_capacity(desk) * (day - desk.work_day)


@rule
def add_work(desk: Record, day: float, hours: float) -> None:
    """Adds the hours of a simulated file to a desk's queue; negative hours for a file that leaves."""
    left = joined_at(desk, day) + hours
    desk.joined, desk.joined_day = max(left, 0.0), day
    if left < 0.0:  # it came in a month before
        desk.work, desk.work_end = max(desk.work + left, 0.0), max(desk.work_end + left, 0.0)


@rule
def change_capacity(desk: Record, day: float, capacity: float) -> None:
    """Changes a desk's daily capacity within a month."""
    joined, days = joined_at(desk, day), max(desk.month_end - day, 1e-9)
    desk.work, desk.served = work_at(desk, day) - joined, served_at(desk, day)
    desk.joined, desk.joined_day, desk.work_day = joined, day, day
    end = desk.work_end + ((desk.capacity - capacity) * (1.0 + desk.overtime) * desk.tempo - desk.idle) * days
    desk.work_end, desk.idle = max(end, 0.0), max(-end, 0.0) / days
    desk.capacity = capacity


@rule
def reflected(work: float, drift: float, variance: float, z: float, u: float) -> tuple[float, float]:
    """Returns the work in a queue at the end of a month, and the month's idle hours, by reflected Brownian motion.

    Brownian motion, exactly reflected at an empty line: the lowest point of the unreflected path, given its end, is
    drawn by inversion.
    """
    moved = drift + math.sqrt(variance) * z
    lowest = 0.5 * (moved - math.sqrt(moved * moved - 2.0 * variance * math.log(max(u, 1e-300))))
    idle = max(0.0, -(work + lowest))
    return max(work + moved + idle, 0.0), idle


@rule
def work_overtime(setting: Record, desk: Record) -> None:
    """Starts or ends overtime at a desk that would miss binding deadlines; half a year at most (M6)."""
    start = head_start_of_kind(setting, desk, 3 if desk.own_deadline > 0 else 2)
    days_late = wait_of(setting, desk, desk.last_wait, start) - desk.dated_days
    late = desk.dated > 0.0 and days_late > 0.0
    desk.overtime_months = desk.overtime_months + 1 if late else 0
    desk.overtime = setting.overtime if late and desk.overtime_months <= 6 else 0.0
    if late:
        files = desk.dated * desk.load * MONTH / max(desk.file_hours, 0.01)
        desk.breaches += (1.0 - setting.returned_for_form) * files * days_late / YEAR
    desk.overtime_hours += desk.overtime * desk.capacity * MONTH


@rule
def make_way(desk: Record) -> None:
    """Lowers the background load of a liaison body or contact point by recent work on simulated files.

    Its people belong to a larger house. They do its other work where files are few; where files alone are more than
    that load, colleagues help, by as many hands as the files are more.
    """
    desk.own_load += (desk.brought / MONTH - desk.own_load) / _YIELDS
    desk.brought = 0.0
    desk.load = max(desk.whole_load - desk.own_load, 0.0)
    desk.overtime = max(desk.own_load / desk.whole_load - 1.0, 0.0)


@rule
def begin_month(setting: Record, desk: Record, key: Key) -> None:
    """Begins a month at a desk: draws how the queue will change, and the idle time."""
    desk.overtime = 0.0
    if _MAKES_WAY[desk.kind] and desk.whole_load > 0.0:
        make_way(desk)
    desk.offered = offered(setting, desk)
    desk.tempo = pace(setting, desk)
    desk.last_wait = last_wait(setting, desk, desk.work)
    wait = mean_wait(setting, desk)
    desk.wait_sum += wait
    desk.wait_recent += (wait - desk.wait_recent) / _MEMORY
    if desk.dated > 0.0 and desk.own_deadline != 1:
        work_overtime(setting, desk)
    withdrawal = giving_up(setting)
    days = (1.0 - math.exp(-withdrawal * MONTH)) / withdrawal  # of a month, as giving up slows it down
    drift = (desk.offered - total_capacity(desk) - withdrawal * desk.work) * days
    variance = (desk.offered + withdrawal * desk.work) * desk.file_hours * (1.0 + setting.touch_variation) * MONTH
    z = normal(setting.seed, Purpose.DESK_MONTH, key, desk.month)
    u = uniform(setting.seed, Purpose.DESK_LOWEST, key, desk.month)
    desk.work_end, idle = reflected(desk.work, drift, variance, z, u)
    desk.idle = idle / MONTH
    desk.month_end = desk.work_day + MONTH
    desk.month += 1


@rule
def live_until(setting: Record, desk: Record, key: Key, day: float) -> None:
    """Simulates a desk's queue month by month until a day."""
    while desk.month_end <= day:
        end = desk.month_end
        desk.work, desk.served = work_at(desk, end), served_at(desk, end)
        desk.work_day, desk.joined = end, 0.0
        begin_month(setting, desk, key)
