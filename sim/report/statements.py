"""Does the model do what its design says? `python -m sim.report.statements` writes docs/statements.md.

Each statement compares a setting with the default world over paired seeds, or looks at a level of the default world.
A line that does not hold is reported, never forced.
"""

import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import stats

from sim.experiments.execution import WorkerDeath
from sim.experiments.executors import executor
from sim.experiments.plan import with_lever
from sim.experiments.run import Task, run_replicate
from sim.policy.lever import Value
from sim.policy.scenario import Scenario, load
from sim.policy.well_known import BASELINE
from sim.report.marking import markdown_table
from sim.world.parameters import Parameters, WorldSpec, with_values

SEEDS = 32
PAGE = Path(__file__).parents[2] / "docs" / "statements.md"
COMMAND = "python -m sim.report.statements"
#: Around the part of the page that sim/calibration/desk_statements.py writes.
MARK, END = "<!-- desks and providers: `python -m sim.calibration.desk_statements` -->", "<!-- end -->"


@dataclass(frozen=True)
class Variant:
    """What differs from the default world.

    Attributes:
        parameters: value by dotted name.
        levers: value by lever, moved everywhere on the policy's first day.
        scenario: that the run follows.
    """

    parameters: Mapping[str, float] = field(default_factory=dict)
    levers: Mapping[str, Value] = field(default_factory=dict)
    scenario: str = BASELINE

    @property
    def words(self) -> str:
        """The setting as a reader sees it; empty for the default world."""
        words = [] if self.scenario == BASELINE else [self.scenario]
        return ", ".join(words + [f"{name} = {value}" for name, value in {**self.parameters, **self.levers}.items()])


class Statement(NamedTuple):
    """What should come out.

    Attributes:
        item: of design/revisions.md.
        text: in words.
        outcome: key of the outcome, or what is worked out from several.
        setting: that is compared; the default world where the statement is about a level.
        low: least value: relative change of the mean in percent, or the level itself.
        high: greatest value.
        scale: factor by which a level is shown.
        more: times as many seeds as other statements take: effects of liaison are small.
    """

    item: int
    text: str
    outcome: str | Callable[[Mapping[str, float]], float]
    setting: Variant
    low: float
    high: float
    scale: float = 1.0
    more: int = 1

    def value(self, outcomes: Mapping[str, float]) -> float:
        """The outcome that the statement is about."""
        return outcomes[self.outcome] if isinstance(self.outcome, str) else self.outcome(outcomes)


def _optimism(outcomes: Mapping[str, float]) -> float:
    """Mean chance foreseen on action days, less the share that took their group down."""
    return outcomes["foreseen_chance"] - (1.0 - outcomes["partial_action_share"])


def _harder_abroad(outcomes: Mapping[str, float]) -> float:
    """Share of cases solved on groups at home, less that on groups abroad."""
    return outcomes["cases_solved_home_share"] - outcomes["cases_solved_abroad_share"]


_DEFAULT = Variant()
_NO_POLICE = Variant({"request.police_declined": 1.0})
_NO_BODIES = Variant({f"liaison.{body}_staff": 0.0 for body in ("interpol", "europol", "jcat", "eurojust")})
_TEAMS = Variant({"case.team_per_month": 1.0, "case.team_setup_days": 30.0})
_POINTS = {"contact_point.staff": 5.0}
_ORDERS = Variant({}, {"law.join": "second_protocol"})
_ANY = math.inf
_MORE = 4
STATEMENTS: tuple[Statement, ...] = (
    Statement(4, "Hop chain off: takedowns", "takedown_rate", Variant({"mechanism.with_hop_chain": 0.0}), 30, _ANY),
    Statement(4, "One hop only: takedowns", "takedown_rate", Variant({"evidence.extra_hops": 0.0}), 10, _ANY),
    Statement(4, "Three further hops: takedowns", "takedown_rate", Variant({"evidence.extra_hops": 3.0}), -_ANY, -10),
    Statement(
        4,
        "Every file authorises a search: takedowns",
        "takedown_rate",
        Variant({"case.search_strength": 2.0, "case.trail_strength": 4.0}),
        25,
        _ANY,
    ),
    Statement(
        4,
        "No evidence ever, no police leads: takedowns",
        "takedown_rate",
        Variant({"request.police_declined": 1.0}, {"evidence.retention_scale": 0.0}),
        -_ANY,
        -80,
    ),
    Statement(4, "No police leads: takedowns", "takedown_rate", _NO_POLICE, -25, -5),
    Statement(
        4,
        "Retention a quarter: takedowns",
        "takedown_rate",
        Variant({}, {"evidence.retention_scale": 0.25}),
        -_ANY,
        -10,
    ),
    Statement(
        4, "Retention fourfold: takedowns", "takedown_rate", Variant({}, {"evidence.retention_scale": 4.0}), 0, _ANY
    ),
    Statement(4, "Requests refused for lack of proof, %", "refused_proof_share", _DEFAULT, 2, 15, 100),
    Statement(4, "Faster assistance: takedowns", "takedown_rate", Variant(scenario="faster_mlat"), 10, 35, more=_MORE),
    Statement(5, "No arrests: takedowns", "takedown_rate", Variant({"custody.arrest": 0.0}), -25, -5),
    Statement(
        5, "Hosts oblige half as often: takedowns", "takedown_rate", Variant({"case.removal_by_host": 0.1}), -25, 25
    ),
    Statement(
        5, "Hosts oblige half more often: takedowns", "takedown_rate", Variant({"case.removal_by_host": 0.3}), -25, 25
    ),
    Statement(6, "Action days foreseen below one in five, %", "long_shot_share", _DEFAULT, 0, 10, 100),
    Statement(6, "Chance foreseen less realised, points", _optimism, _DEFAULT, -10, 10, 100),
    Statement(6, "Action days that do not take their group down, %", "partial_action_share", _DEFAULT, 10, 35, 100),
    Statement(6, "Cases given up as hopeless, %", "cases_hopeless_share", _DEFAULT, 5, 60, 100),
    Statement(
        6,
        "Leaks ten times as likely: readiness at action",
        "ready_share",
        Variant({"case.leak_per_year": 0.03}),
        -_ANY,
        0,
    ),
    Statement(7, "Groups removed for 180 days and more, a year", "takedown_rate", _DEFAULT, 3, 8, 3),
    Statement(7, "Major cases: months from opening to action", "major_case_months", _DEFAULT, 20, 50),
    Statement(7, "Largest tenth of groups: ever under a case, %", "investigated_large_share", _DEFAULT, 80, 100, 100),
    Statement(7, "Smallest half of groups: ever under a case, %", "investigated_small_share", _DEFAULT, 0, 40, 100),
    Statement(7, "Cases solved: groups at home less groups abroad, points", _harder_abroad, _DEFAULT, 0, 100, 100),
    Statement(7, "No domestic groups: takedowns", "takedown_rate", Variant({"criminal.domestic": 0.0}), -_ANY, 0),
    Statement(8, "Operations that hit more than one group, %", "wave_share", _DEFAULT, 10, 100, 100),
    Statement(8, "No waves: takedowns", "takedown_rate", Variant({"mechanism.with_waves": 0.0}), -25, 0),
    Statement(
        8,
        "Buyers do not rely on services: takedowns",
        "takedown_rate",
        Variant({"criminal.service_reliance": 0.0}),
        -10,
        10,
    ),
    Statement(9, "Officers ×5: requests looked after", "officer_share", Variant({}, {"liaison.posts": 5.0}), 100, _ANY),
    Statement(
        9, "Officers ×5: share of requests returned", "returned_share", Variant({}, {"liaison.posts": 5.0}), -_ANY, 0
    ),
    Statement(
        9, "Officers ×20: number at work (too few requests)", "postings", Variant({}, {"liaison.posts": 20.0}), 0, 1500
    ),
    Statement(
        9,
        "Single points of contact everywhere: voluntary answers",
        "voluntary_answered_share",
        Variant({}, {"contacts.single_point": 1.0}),
        0,
        _ANY,
    ),
    Statement(9, "24/7 points ×5: their reply", "preservation_reply_median", Variant({}, _POINTS), -_ANY, 0),
    Statement(9, "Bodies without staff: units that work together", "matches_per_year", _NO_BODIES, -_ANY, 0),
    Statement(9, "Bodies without staff: simultaneous actions", "synchronous_share", _NO_BODIES, -_ANY, 0),
    Statement(9, "Bodies without staff: takedowns", "takedown_rate", _NO_BODIES, -_ANY, -3),
    Statement(9, "Teams wherever lawful and trusted: cases with one", "team_share", _TEAMS, 100, _ANY),
    Statement(9, "Teams wherever lawful and trusted: time to readiness", "readiness_days", _TEAMS, -_ANY, -15),
    Statement(9, "Teams wherever lawful and trusted: takedowns", "takedown_rate", _TEAMS, 3, _ANY),
    *(
        Statement(9, f"{text}: takedowns", "takedown_rate", Variant(scenario=scenario), least, _ANY, more=_MORE)
        for text, scenario, least in (
            ("Joint teams", "joint_teams", 3),
            ("More liaison officers", "liaison_expansion", 0),
            ("Europol enlarged", "europol_plus", 0),
            ("INTERPOL enlarged", "interpol_plus", 0),
            ("Exchange of officials", "exchange_programme", 0),
        )
    ),
    Statement(10, "Data-access channel everywhere: direct orders", "direct_orders_per_year", _ORDERS, 100, _ANY),
    Statement(10, "Data-access channel everywhere: mutual assistance", "mla_requests_per_year", _ORDERS, -_ANY, 0),
    Statement(10, "Imbalance of direct orders between pairs, %", "direct_orders_imbalance", _DEFAULT, 50, 100, 100),
    Statement(13, "Frozen share of proceeds, %", "frozen_share", _DEFAULT, 1, 4, 100),
    Statement(13, "Confiscated share of proceeds, %", "confiscated_share", _DEFAULT, 0.5, 2, 100),
    Statement(13, "Frozen apart from action days, % of what is frozen", "frozen_apart_share", _DEFAULT, 33.3, 100, 100),
    Statement(13, "Arrests before or without an action day, %", "early_arrest_share", _DEFAULT, 10, 40, 100),
)
_scenario = cache(load)


class Finding(NamedTuple):
    """A statement with what was found: the estimate and its 95 % interval."""

    statement: Statement
    estimate: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """Whether the interval lies inside, outside, or across the bounds."""
        if math.isnan(self.estimate):
            return "not measured"
        if self.statement.low <= self.low and self.high <= self.statement.high:
            return "holds"
        if self.high < self.statement.low or self.low > self.statement.high:
            return "**does not hold**"
        inside = self.statement.low <= self.estimate <= self.statement.high
        return f"open, the estimate lies {'inside' if inside else 'outside'}"


def find(statements: Sequence[Statement], seeds: int, workers: int) -> Iterator[Finding]:
    """Runs every setting once for each seed and compares.

    Args:
        statements: to measure.
        seeds: that an ordinary statement takes.
        workers: processes.

    Raises:
        RuntimeError: a run failed.
    """
    found = _outcomes(statements, seeds, workers)
    for entry in statements:
        values, base = (
            np.array([entry.value(found[words, seed]) for seed in range(1, seeds * entry.more + 1)])
            for words in (entry.setting.words, "")
        )
        yield Finding(entry, *(_change(values, base) if entry.setting.words else level(values * entry.scale)))


def _outcomes(statements: Sequence[Statement], seeds: int, workers: int) -> dict[tuple[str, int], Mapping[str, float]]:
    """Outcomes by setting, in words, and seed. Settings that differ in policy alone share their past."""
    world = WorldSpec()
    sharing: dict[tuple[int, tuple[tuple[str, float], ...]], dict[str, Variant]] = {}
    for entry in statements:
        for setting in (entry.setting, _DEFAULT):
            for seed in range(1, seeds * entry.more + 1):
                sharing.setdefault((seed, tuple(setting.parameters.items())), {})[setting.words] = setting
    tasks, words = [], {}
    for (seed, parameters), settings in sharing.items():
        block = f"{seed} {parameters}"
        scenarios = tuple(scenario_of(setting, world) for setting in settings.values())
        tasks.append(Task(block, seed, scenarios, world, with_values(Parameters(), dict(parameters))))
        words[block] = list(settings)
    found: dict[tuple[str, int], Mapping[str, float]] = {}
    for done, replicate in executor(workers).run(run_replicate, tasks):
        if isinstance(replicate, WorkerDeath) or replicate.failures:
            raise RuntimeError(f"{done.block}: {replicate}")
        for name, arm in zip(words[done.block], replicate.arms, strict=True):
            found[name, done.seed] = arm.measured.outcomes
    return found


def scenario_of(setting: Variant, world: WorldSpec) -> Scenario:
    """The scenario of a variant with the levers that it moves."""
    scenario = _scenario(setting.scenario)
    for name, value in setting.levers.items():
        scenario = with_lever(scenario, name, value, world.policy_start)
    return scenario


def task(setting: Variant, seed: int, world: WorldSpec) -> Task:
    """One run of the default world with what a variant changes."""
    parameters = with_values(Parameters(), setting.parameters)
    return Task(setting.words, seed, (scenario_of(setting, world),), world, parameters)


def _change(values: np.ndarray, base: np.ndarray) -> tuple[float, float, float]:
    """Mean paired difference, as a percentage of the mean in the default world, with its 95 % interval."""
    both = ~np.isnan(values - base)
    usual = base[both].mean() if both.any() else math.nan
    estimate, low, high = (100 * part / usual for part in level(values - base))
    return estimate, low, high


def level(values: np.ndarray) -> tuple[float, float, float]:
    """Mean over seeds with its 95 % interval; seeds in which nothing was defined are left out."""
    values = values[~np.isnan(values)]
    if len(values) < 2:
        return math.nan, math.nan, math.nan
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return float(values.mean()), float(values.mean() - half), float(values.mean() + half)


def page(found: Sequence[Finding], seeds: int) -> str:
    """The findings as a page of docs/."""
    rows = []
    for finding in found:
        entry, sign = finding.statement, "+" if finding.statement.setting.words else ""
        figures = [f"{value:{sign}.2f}" for value in (finding.estimate, finding.low, finding.high)]
        bounds = [f"{value:g}" if math.isfinite(value) else "–" for value in (entry.low, entry.high)]
        setting = f"`{entry.setting.words}`" if entry.setting.words else "default world"
        interval, expected = " to ".join(figures[1:]), " to ".join(bounds)
        rows.append([str(entry.item), entry.text, setting, figures[0], interval, expected, finding.verdict])
    head = ["item", "statement", "setting", "found", "95 % interval", "expected", "verdict"]
    return "\n".join(
        [
            "# What the design says, and what comes out",
            "",
            f"Made by `{COMMAND}`: {seeds} paired seeds of the default world, 2027 to 2036, for scenarios "
            f"{seeds * _MORE}. Where a setting stands,",
            "the figure is the change of the mean in percent, else the level. Intervals hold chance alone: one in",
            "twenty misses the true figure. A statement holds if its interval lies within what was expected, and is",
            "open if the interval crosses a bound.",
            "",
            markdown_table(head, rows, right={0, 3, 4}),
            "",
        ]
    )


def renewed(page: str, part: str) -> str:
    """The page with its part: in place of the old one, or at the end."""
    before, _, rest = page.partition(MARK)
    after = rest.partition(f"{END}\n")[2]
    return f"{before.rstrip()}\n\n{part}{after}"


def part_of(page: str) -> str:
    """The part as it stands on a page; empty where there is none."""
    _, mark, rest = page.partition(MARK)
    return f"{mark}{rest.partition(END)[0]}{END}\n" if mark else ""


def main(words: Sequence[str]) -> None:
    """Measures all statements and writes the page; a number of seeds may be given."""
    seeds = int(words[0]) if words else SEEDS
    text = page(list(find(STATEMENTS, seeds, os.cpu_count() or 1)), seeds)
    if not words:
        PAGE.write_text(renewed(text, part_of(PAGE.read_text("utf-8"))), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
