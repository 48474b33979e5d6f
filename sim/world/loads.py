"""Solves for the background load of each desk at which files wait as long as observed (M6).

Nobody publishes the load of these desks; how long they take is known a little better. A desk's load is therefore found
from its target wait. Where people never change, the work in line has a stationary density in closed form (a reflected
diffusion whose variance follows what arrives and is withdrawn), and the load solves for its mean wait. Where people
come and go, 64 histories of a desk are simulated together by the rules of the agents (`line.py`, `capacity.py`), for
all desks at once, and the load follows the error of their common mean wait. Each step's draws are spread evenly over
the 64 histories, so that chance in their mean is small. A test compares them with long histories by the rules
themselves.
"""

import math
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.engine.compiling import in_python
from sim.engine.mixing import absorb
from sim.law.days import MONTH, YEAR
from sim.world.parameters import REVIEW_DAYS, SETTING
from sim.world.records import DESK, UNIT, DeskKind
from sim.world.records.desks import by_kind

Rows = npt.NDArray[np.void]
Float = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

PICKS = 64  # days of a desk's life from which a first day can be chosen; as many lives are lived side by side
_SETTLING, _LIVED = 24, 48  # quarters until loads and lines have settled, and over which loads are averaged
#: By kind of desk: true where the setting has the credit of urgent files.
_BY_SETTING = by_kind("urgent_by_setting")
_GAIN = 0.15  # share of an error that a quarter takes away
_WATCHED = 16  # lives in which it is followed how work would grow with the load
_MONTHS = 256  # after which the draws of a history come again, in the same order
_MONTHS_AHEAD = 128  # within which people who are looked for come
_MEMORY = 1.0 - (8.0 / 9.0) ** 3  # weight of a quarter in the wait that is remembered: see agents/assistance/line.py
_POINTS, _HALVINGS = 96, 18  # of a density in closed form, and of the range in which the load lies
#: What a desk's life depends on. Nothing else is known to it.
_SETTINGS = (
    "touch_variation",
    "urgent_share",
    "urgent_head_start",
    "withdrawal_per_month",
    "with_rebound",
    "latent_need",
    "custody_head_start",
    "with_turnover",
    "throughput_skill",
    "leaving",
    "new_hire_skill",
    "hiring_months",
    "hiring_sigma",
    "skill_half_life_months",
    "learning",
    "specialist_decay",
)


#: Fields by which the histories of two desks differ.
_DIFFERING = (
    "kind",
    "target_wait",
    "servers",
    "skill_base",
    "file_hours",
    "capacity",
    "demand_elasticity",
    "pace_elasticity",
    "urgent_head_start",
    "custody_share",
)


class Loads(NamedTuple):
    """Solution for all desks: background loads, and days of simulated queues as initial conditions."""

    hours: Float  # work that is sent to each desk, touch-hours a day, float64 [desk]
    # some days of its history, float64 [desk, PICKS, 3]: work in line, in days of what all its people do, people at
    # work, and their skill
    days: Float


class _Draws(NamedTuple):
    """Random numbers for 256 months of simulated histories, float64 [month, PICKS]."""

    uniform: Float  # on [0, 1)
    normal: Float  # standard normal
    lowest: Float  # −2 ln u of uniform draws, for the lowest point of a path


@lru_cache(maxsize=1)
def _draws() -> _Draws:
    """Random numbers for simulated histories, the same for every desk and parameter set."""

    def even(purpose: int) -> Float:
        """Random numbers, one in each of PICKS equal intervals of [0, 1) per month, float64 [month, PICKS]."""
        counts = np.arange(2 * _MONTHS * PICKS, dtype=np.uint64)
        start = in_python(absorb)(np.zeros(1, np.uint64), np.uint64(purpose))  # else all streams have the same words
        words = in_python(absorb)(start, counts).reshape(2, _MONTHS, PICKS)
        within = (words[1] >> np.uint64(11)) * 2.0**-53
        return np.asarray((np.argsort(words[0], axis=1) + within) / PICKS)

    inverse = NormalDist().inv_cdf
    normal = np.array([inverse(share) for share in np.maximum(even(2), 1e-12).ravel()]).reshape(_MONTHS, PICKS)
    return _Draws(even(1), normal, -2.0 * np.log1p(-even(3)))


def _column(values: npt.ArrayLike) -> Float:
    """Converts one number per desk to an array [desk, 1]."""
    return np.asarray(values, np.float64)[:, None]


class _Classes:
    """Priority classes of files at desks: usual, urgent, and on a person in custody.

    As in agents/assistance/line.py, but for deadlines, which bind nowhere yet.
    """

    def __init__(self, setting: np.void, desks: Rows) -> None:
        by_setting = _BY_SETTING[desks["kind"]]
        lead = np.where(by_setting, setting["urgent_head_start"], desks["urgent_head_start"])
        urgent = np.where(by_setting | (desks["urgent_head_start"] > 0.0), setting["urgent_share"], 0.0)
        usual, custody = (1.0 - desks["custody_share"]), desks["custody_share"]
        self.shares = np.array([(1.0 - urgent) * usual, urgent * usual, custody])[:, :, None]  # [class, desk, 1]
        credit = np.array([0.0 * lead, lead, np.full(len(desks), setting["custody_head_start"])])[:, :, None]
        last = np.where(self.shares > 0.0, credit, np.inf).min(axis=0)
        self.credit = np.where(self.shares > 0.0, credit - last, 0.0)  # before the last files, days [class, desk, 1]
        self.ends = np.sort(self.credit, axis=0)  # of overtaking
        self.has_custody = _column(custody > 0.0)
        self.of_usual = self.shares[:2] / _column(usual)  # of files without custody, those not urgent and urgent

    def waits(self, rate: float, work: Float, capacity: Float, offered: Float) -> Float:
        """Mean days of waiting behind given amounts of work, for files without custody, [desk, day].

        The last file waits behind all work in the queue, and behind those with a credit who come within that credit.
        """
        wait, hours, since = np.zeros(work.shape), work, np.zeros(self.ends.shape[1:])
        for until in (*self.ends[1:], np.full_like(since, np.inf)):
            overtaking = np.where(self.credit > since, self.shares, 0.0).sum(axis=0)
            left = np.maximum(capacity - overtaking * offered, 0.02 * capacity)
            needed, span = np.log1p(rate * hours / left) / rate, until - since
            wait += np.minimum(needed, span)
            rest = np.maximum((hours + left / rate) * np.exp(-rate * span) - left / rate, 0.0)
            hours, since = np.where(span > 0.0, np.where(needed <= span, 0.0, rest), hours), until
        usual, urgent = (self.of_usual[kind] * np.maximum(wait - self.credit[kind], 0.0) for kind in range(2))
        return np.asarray(usual + urgent)


class _Lines:
    """Queues at desks with constant staff; the unit of work is one day of the full staff."""

    def __init__(self, setting: np.void, desks: Rows) -> None:
        self.withdrawal = max(float(setting["withdrawal_per_month"]) / MONTH, 1e-8)  # of files, a day
        self.target = _column(desks["target_wait"])  # mean wait that is to be met, [desk, 1]
        # of files with their variation: variance that a day's work of arriving files brings, [desk, 1]
        self.size = _column(desks["file_hours"] / desks["capacity"]) * (1.0 + float(setting["touch_variation"]))
        self.people = _column(desks["servers"])  # at work, [desk, 1]
        self.classes = _Classes(setting, desks)

    def density(self, log_load: Float) -> tuple[Float, Float, Float]:
        """Returns amounts of waiting work, their probabilities, and the resulting waits, each [desk, point].

        The density of work v is that of dv = (ρ − 1 − δv)dt + √((ρ + δv)s)dB, reflected at 0. Work is done in
        steps of a month, which adds a little to the variance.
        """
        rate, load = self.withdrawal, np.exp(log_load)
        size = self.size * (2.0 * rate * MONTH / -math.expm1(-2.0 * rate * MONTH))
        middle, reach = np.maximum(load - 1.0, 0.0) / rate, 6.0 * np.sqrt(0.5 * size * np.maximum(load, 1.0) / rate)
        low, high = np.maximum(middle - reach, 0.0), middle + reach
        share = np.linspace(0.0, 1.0, _POINTS)  # points lie densely near an empty line
        work, width = low + (high - low) * share**3, share**2
        log_density = 2.0 / size * ((2.0 * load - 1.0) / rate * np.log1p(rate * work / load) - work)
        density = np.exp(log_density - log_density.max(axis=1, keepdims=True)) / (load + rate * work) * width
        free = (work <= 0.5 * self.people * self.size) & (load < 1.0)
        busy = np.where(free, np.minimum(load, 1.0) ** (np.sqrt(2.0 * (self.people + 1.0)) - 1.0), 1.0)
        wait = np.log1p(rate * work) / rate  # the mean over all files does not depend on their order
        if self.classes.has_custody.any():
            behind = self.classes.waits(rate, work, np.ones_like(work), np.repeat(load, _POINTS, axis=1))
            wait = np.where(self.classes.has_custody, behind, wait)
        return work, density / density.sum(axis=1, keepdims=True), busy * wait

    def mean_wait(self, log_load: Float) -> Float:
        """Mean days that files wait at desks with constant staff, [desk, 1]."""
        _, density, wait = self.density(log_load)
        return np.asarray((density * wait).sum(axis=1, keepdims=True))

    def log_load(self) -> Float:
        """Log of the load (share of capacity) at which files wait as long as observed, [desk, 1]."""
        low, high = np.full(self.target.shape, -4.0), 1.5 * self.withdrawal * self.target + 0.5
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            above = self.mean_wait(middle) > self.target
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.asarray(0.5 * (low + high))

    def days(self, log_load: Float) -> Float:
        """Amounts of waiting work on PICKS equally likely days, [desk, PICKS]."""
        work, density, _ = self.density(log_load)
        shares = (np.arange(PICKS) + 0.5) / PICKS
        return np.array([np.interp(shares, np.cumsum(d), w) for d, w in zip(density, work, strict=True)])


class _People:
    """Staff of each desk over many simulated histories, by the rules in agents/assistance/capacity.py."""

    def __init__(self, setting: np.void, units: Rows, places: Integers) -> None:
        self.places = places  # of a desk among all, by which its draws differ from those of others
        self.setting = {name: float(setting[name]) for name in _SETTINGS}
        self.leaving = 1.0 - math.exp(-self.setting["leaving"] * REVIEW_DAYS / YEAR)
        self.posts = np.repeat(_column(units["posts"]), PICKS, axis=1)
        self.usual = np.maximum(_column(units["skill_base"]), 0.01)
        self.skill = np.repeat(_column(units["skill"]), PICKS, axis=1)  # theirs, [desk, PICKS]
        self.upkeep = _column(units["upkeep"])
        self.files = _column(units["handled"] * np.maximum(units["persons_base"], 1.0))
        self.handled = np.repeat(_column(units["handled"]), PICKS, axis=1)
        unused = math.log(2.0) * 12.0 / self.setting["skill_half_life_months"]
        kept = 1.0 - self.setting["specialist_decay"]
        self.fading = self.upkeep + unused * (1.0 - kept * _column(units["specialised"]))
        self.capacity = np.ones(self.posts.shape)  # hours that they do, of what all do at their usual skill
        self.coming = np.zeros((_MONTHS_AHEAD, self.posts.size))
        self._begin(units["persons_base"] / np.maximum(units["posts_base"], 1e-9))

    def _even(self, draws: Float, step: int) -> Float:
        """Random numbers of one step for all desks and histories, as a one-dimensional array."""
        return draws[(step + 97 * self.places) % _MONTHS].ravel()

    def _begin(self, filled: Float) -> None:
        """Sets the share of vacant posts to its long-run value, with searches for people under way."""
        vacant = np.floor(self.posts * (1.0 - _column(filled)) + self._even(_draws().uniform, 11).reshape(-1, PICKS))
        self.persons = self.posts - vacant  # at work, whole, [desk, PICKS]
        months = np.floor(self.setting["hiring_months"] * self._even(_draws().uniform, 29)).astype(np.int64)
        self.coming[months % _MONTHS_AHEAD, np.arange(vacant.size)] = vacant.ravel()

    def live_quarter(self, quarter: int) -> None:
        """Simulates a quarter of all desks' staff, in which people learn, forget and leave."""
        setting = self.setting
        self.handled += (self.files / np.maximum(self.persons, 1.0) - self.handled) / 8.0
        limit = (self.upkeep + setting["learning"] * np.log1p(self.handled)) / self.fading
        self.skill = np.clip(limit + (self.skill - limit) * np.exp(-self.fading * REVIEW_DAYS / YEAR), 0.0, 1.0)
        gone = self._leaving(self._even(_draws().uniform, quarter))
        self.persons -= gone.reshape(self.persons.shape)
        left = np.flatnonzero(gone > 0.0)
        spread = setting["hiring_sigma"] * self._even(_draws().normal, quarter + 128)[left]
        months = np.clip(np.rint(setting["hiring_months"] * np.exp(spread)), 1, _MONTHS_AHEAD - 1).astype(np.int64)
        self.coming[(3 * quarter + months) % _MONTHS_AHEAD, left] += gone[left]
        self.capacity[:] = self._work(self.persons, self.skill, self.posts, self.usual)

    def _leaving(self, u: Float) -> Float:
        """Number of people who leave each desk in a quarter, from uniform random numbers `u`."""
        share, persons = self.leaving, self.persons.ravel()
        powers = (1.0 - share) ** np.arange(int(self.posts.max()) + 1)
        gone, term = np.zeros(persons.size), powers[persons.astype(np.int64)]
        rows = np.flatnonzero((u >= term) & (share < 1.0))
        term, total, number = term[rows], term[rows], 0
        while rows.size:
            term = term * (persons[rows] - number) / (number + 1) * (share / (1.0 - share))
            total, number = total + term, number + 1
            gone[rows] = number
            more = (u[rows] >= total) & (persons[rows] > number)
            rows, term, total = rows[more], term[more], total[more]
        return gone if share < 1.0 else persons

    def hire(self, month: int) -> None:
        """Adds the new hires of a month, at the skill of new hires; updates mean skill and capacity."""
        coming = self.coming[month % _MONTHS_AHEAD]
        rows = np.flatnonzero(coming > 0.0)
        persons, skill, new = self.persons.reshape(-1), self.skill.reshape(-1), coming[rows]
        skill[rows] = (skill[rows] * persons[rows] + self.setting["new_hire_skill"] * new) / (persons[rows] + new)
        persons[rows] += new
        coming[rows] = 0.0
        usual = self.usual[rows // PICKS, 0]
        self.capacity.reshape(-1)[rows] = self._work(persons[rows], skill[rows], self.posts.reshape(-1)[rows], usual)

    def _work(self, persons: Float, skill: Float, posts: Float, usual: Float) -> Float:
        """Work of people relative to the usual, given their number and skill."""
        rate: Float = np.exp(self.setting["throughput_skill"] * np.log(np.maximum(skill, 0.01) / usual))
        return np.maximum(persons, 1.0) / posts * rate


class _Lives:
    """Queues at desks with changing staff, in PICKS simulated histories of each desk."""

    def __init__(self, setting: np.void, desks: Rows, units: Rows) -> None:
        self.lines = _Lines(setting, desks)
        self.people = _People(setting, units, np.arange(len(desks)))
        self.setting = self.people.setting
        log_load, target = self.lines.log_load(), self.lines.target
        steep = (self.lines.mean_wait(log_load + 0.01) - self.lines.mean_wait(log_load - 0.01)) / 0.02
        self.steep = np.maximum(steep, 0.05 * target)  # days of wait by log of the load
        self.growth = np.zeros((len(desks), _WATCHED))  # of work by log of the load
        self.log_load = log_load + np.log(_column(units["persons_base"] / np.maximum(units["posts_base"], 1e-9)))
        self.work = np.repeat(np.expm1(np.maximum(log_load, 0.0)) / self.lines.withdrawal, PICKS, axis=1)
        answering = self.setting["with_rebound"]
        self.demand = _column(desks["demand_elasticity"]) * answering  # of other work to the wait, [desk, 1]
        self.pace = _column(desks["pace_elasticity"]) * answering
        self._latent_need = max(self.setting["latent_need"], 1.0)
        self.remembered = np.repeat(target, PICKS, axis=1)
        self.tempo = np.ones(self.remembered.shape)  # work that people do in a day, relative to the usual

    def load(self) -> Float:
        """Log of the load at which files wait as long as observed, [desk, 1]."""
        total = np.zeros(self.log_load.shape)
        for quarter in range(_SETTLING + _LIVED):
            self.people.live_quarter(quarter)
            offered = self._offered()
            for month in range(3 * quarter, 3 * quarter + 3):
                self.people.hire(month)
                if month % 3 == 1:
                    mean = self._waits(offered).mean(axis=1, keepdims=True)
                self._live_month(offered, month)
            answer = 1.0 + (self.demand + self.pace) * self.steep / self.lines.target
            self.log_load -= _GAIN * np.clip((mean - self.lines.target) * answer / self.steep, -0.3, 0.3)
            total += self.log_load if quarter >= _SETTLING else 0.0
        return total / _LIVED

    def _offered(self) -> Float:
        """Work sent to each desk at the remembered waits, [desk, PICKS]; also updates the pace of work."""
        ratio, most = np.log(np.maximum(self.remembered, 1.0) / np.maximum(self.lines.target, 1.0)), self._latent_need
        self.tempo = np.clip(np.exp(self.pace * ratio), 1.0 / most, most)
        return np.asarray(np.exp(self.log_load) * np.minimum(np.exp(-self.demand * ratio), most))

    def _waits(self, offered: Float) -> Float:
        """Mean days that arriving files wait, [desk, PICKS]; also updates the remembered waits."""
        rate, capacity, work = self.lines.withdrawal, self.people.capacity * self.tempo, self.work
        wait = self.lines.classes.waits(rate, work, capacity, offered)
        people = np.maximum(self.people.persons, 1.0)
        steep = self.growth / (capacity + rate * work)[:, :_WATCHED]
        free = np.flatnonzero((work <= 0.5 * people * self.lines.size) & (offered < capacity))
        power = np.sqrt(2.0 * (people.ravel()[free] + 1.0)) - 1.0
        busy = (offered.ravel()[free] / capacity.ravel()[free]) ** power
        wait.reshape(-1)[free] *= busy
        seen = free % PICKS < _WATCHED
        here = np.divmod(free[seen], PICKS)
        steep[here] = steep[here] * busy[seen] + power[seen] * wait[here]
        self.steep += 0.1 * (np.maximum(steep.mean(axis=1, keepdims=True), 0.05 * self.lines.target) - self.steep)
        self.remembered += (wait - self.remembered) * _MEMORY
        return wait

    def _live_month(self, offered: Float, month: int) -> None:
        """Simulates a month of all queues as Brownian motion reflected at 0."""
        draws, rate = _draws(), self.lines.withdrawal
        row = (month + 97 * self.people.places) % _MONTHS
        withdrawn, days = rate * self.work, -math.expm1(-rate * MONTH) / rate  # as giving up slows a month down
        moved = (offered - self.people.capacity * self.tempo - withdrawn) * days
        variance = (offered + withdrawn) * (self.lines.size * MONTH)
        moved += np.sqrt(variance) * draws.normal[row]
        floor = 0.5 * (moved + np.sqrt(moved * moved + variance * draws.lowest[row]))
        self.work += moved
        more = (offered[:, :_WATCHED] - rate * self.growth) * days
        never_idle = self.work[:, :_WATCHED] >= floor[:, :_WATCHED]
        self.growth = np.where(never_idle, self.growth + more, 0.5 * more)
        np.maximum(self.work, floor, out=self.work)


@lru_cache(maxsize=64)
def _found(setting: bytes, desk: bytes, unit: bytes) -> Loads:
    """Solves for the loads of desks with different inputs, passed as bytes so that results can be cached."""
    known = np.frombuffer(setting, SETTING)[0]
    desks, units = np.frombuffer(desk, DESK.dtype), np.frombuffer(unit, UNIT.dtype)
    staffed = (units["posts"] > 0.0) & (known["with_turnover"] > 0.0)
    log_load, days = np.zeros((len(desks), 1)), np.zeros((len(desks), PICKS, 3))
    steady = np.flatnonzero(~staffed)
    if steady.size:
        lines = _Lines(known, desks[steady])
        log_load[steady] = lines.log_load()
        days[steady, :, 0] = lines.days(log_load[steady])
        days[steady, :, 1], days[steady, :, 2] = _column(desks["servers"][steady]), _column(desks["skill"][steady])
    changing = np.flatnonzero(staffed)
    changing = changing[np.argsort(desks["kind"][changing] != DeskKind.INCOMING, kind="stable")]  # the order of draws
    if changing.size:
        lives = _Lives(known, desks[changing], units[changing])
        log_load[changing] = lives.load()
        days[changing] = np.stack([lives.work, np.maximum(lives.people.persons, 1.0), lives.people.skill], axis=2)
    return Loads(np.round(np.exp(log_load[:, 0]), 9), np.round(days, 9))


def steady_hours(setting: Rows, desks: Rows) -> Float:
    """Daily hours of background work at which files wait as long as observed, with constant staff.

    Settings are one row; desks have the people and the capacity that they have.
    """
    kinds = np.array([desks[name] for name in _DIFFERING])
    _, first, number = np.unique(kinds, axis=1, return_index=True, return_inverse=True)
    load = np.exp(_Lines(setting[0], desks[first]).log_load())[:, 0]
    return np.asarray(load[number.reshape(-1)] * desks["capacity"])


def loads(setting: Rows, desks: Rows, units: Rows) -> Loads:
    """Solves for the background load of each desk on its first day, and picks days of its simulated history.

    Settings are one row; units are the people of the desks, in the same order, rows without posts where they never
    change.
    """
    known = np.zeros(1, SETTING)
    known[[*_SETTINGS]] = setting[[*_SETTINGS]]
    kinds = np.array([*(desks[name] for name in _DIFFERING), units["posts"]])
    _, first, number = np.unique(kinds, axis=1, return_index=True, return_inverse=True)
    rows = desks[first].copy()
    rows["state"] = rows["provider"] = 0
    rows["own_load"] = 0.0  # it is part of the load that is found
    found = _found(known.tobytes(), rows.tobytes(), units[first].tobytes())
    number = number.reshape(-1)
    return Loads(found.hours[number] * desks["capacity"], found.days[number])
