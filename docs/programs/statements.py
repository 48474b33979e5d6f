"""Does the model do what its design says? `python -m docs.programs.statements` writes docs/statements.md.

Each statement compares a setting with the same world without it, or looks at a level of that world: in draws of the
prior that nobody selected, where it is judged, and at the default parameters. A line that does not hold is reported,
never forced.
"""

import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy import stats

from docs.programs import DOCS
from sim.calibration.interim import FIRST, values_of
from sim.experiments.execution import WorkerDeath
from sim.experiments.executors import executor
from sim.experiments.plan import with_lever
from sim.experiments.run import Task, run_replicate
from sim.measures.arrays import ratio
from sim.policy.lever import Value
from sim.policy.scenario import Scenario, load
from sim.policy.well_known import BASELINE
from sim.report.marking import markdown_table
from sim.world.parameters import Parameters, WorldSpec, declarations, value_of, with_values

SEEDS = 16
PAGE = DOCS / "statements.md"
COMMAND = "python -m docs.programs.statements"
#: Around the parts of the page that other programs write.
MARK, END = "<!-- desks and providers: `python -m docs.programs.desk_statements` -->", "<!-- end -->"
LAW_MARK = "<!-- law: `python -m docs.programs.law_statements` -->"
_DECLARED = {name: declared for name, _, declared in declarations()}


@dataclass(frozen=True)
class Variant:
    """What differs from a world.

    Attributes:
        parameters: value by dotted name.
        levers: value by lever, moved everywhere on the policy's first day.
        times: factor by which a parameter differs from what it is in that world, within its range.
    """

    parameters: Mapping[str, float] = field(default_factory=dict)
    levers: Mapping[str, Value] = field(default_factory=dict)
    times: Mapping[str, float] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The setting as a reader sees it; empty for the world as it is."""
        words = [f"{name} × {factor:g}" for name, factor in self.times.items()]
        return ", ".join(words + [f"{name} = {value}" for name, value in {**self.parameters, **self.levers}.items()])

    def values(self, values: Mapping[str, float]) -> dict[str, float]:
        """Parameters of a world with what differs, by dotted name."""
        changed = {**values, **self.parameters}
        for name, factor in self.times.items():
            value = factor * values.get(name, value_of(Parameters(), name))
            changed[name] = min(max(value, _DECLARED[name].low), _DECLARED[name].high)
        return changed


class Statement(NamedTuple):
    """What should come out.

    Attributes:
        item: of design/revisions.md.
        text: in words.
        outcome: key of the outcome, or what is worked out from several.
        setting: that is compared; nothing differs where the statement is about a level.
        low: least value: relative change of the mean in percent, or the level itself.
        high: greatest value.
        scale: factor by which a level is shown.
    """

    item: int
    text: str
    outcome: str | Callable[[Mapping[str, float]], float]
    setting: Variant
    low: float
    high: float
    scale: float = 1.0

    def value(self, outcomes: Mapping[str, float]) -> float:
        """The outcome that the statement is about."""
        return outcomes[self.outcome] if isinstance(self.outcome, str) else self.outcome(outcomes)


def _optimism(outcomes: Mapping[str, float]) -> float:
    """Mean chance foreseen on action days, less the share that took their group down."""
    return outcomes["foreseen_chance"] - (1.0 - outcomes["partial_action_share"])


def _harder_abroad(outcomes: Mapping[str, float]) -> float:
    """Share of cases solved on groups at home, less that on groups abroad."""
    return outcomes["cases_solved_home_share"] - outcomes["cases_solved_abroad_share"]


def _lasting(outcomes: Mapping[str, float]) -> float:
    """Share of groups brought down that stay down for 180 days."""
    return ratio(outcomes["takedown_rate"], outcomes["disruption_rate"])


_DEFAULT = Variant()
_NO_POLICE = Variant({"request.police_declined": 1.0})
_NO_BODIES = Variant({f"liaison.{body}_staff": 0.0 for body in ("interpol", "europol", "jcat", "eurojust")})
_TEAMS = Variant({"case.team_per_month": 1.0, "case.team_setup_days": 30.0})
_POINTS = {"contact_point.staff": 5.0}
_ORDERS = Variant({}, {"law.join": "second_protocol"})
_ANY = math.inf
STATEMENTS: tuple[Statement, ...] = (
    Statement(4, "Hop chain off: takedowns", "takedown_rate", Variant({"mechanism.with_hop_chain": 0.0}), 30, _ANY),
    Statement(4, "One hop only: takedowns", "takedown_rate", Variant({"evidence.extra_hops": 0.0}), 10, _ANY),
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
    Statement(4, "Requests refused for lack of proof, %", "refused_proof_share", _DEFAULT, 0, 15, 100),
    Statement(5, "No arrests: takedowns", "takedown_rate", Variant({"custody.arrest": 0.0}), -25, -5),
    Statement(
        5,
        "Hosts oblige half as often: takedowns",
        "takedown_rate",
        Variant(times={"case.removal_by_host": 0.5}),
        -25,
        25,
    ),
    Statement(6, "Action days foreseen below one in five, %", "long_shot_share", _DEFAULT, 0, 10, 100),
    Statement(6, "Chance foreseen less realised, points", _optimism, _DEFAULT, -10, 10, 100),
    Statement(6, "Action days that do not take their group down, %", "partial_action_share", _DEFAULT, 10, 35, 100),
    Statement(6, "Cases given up as hopeless, %", "cases_hopeless_share", _DEFAULT, 5, 60, 100),
    Statement(
        6,
        "Leaks ten times as likely: readiness at action",
        "ready_share",
        Variant(times={"case.leak_per_year": 10.0}),
        -_ANY,
        0,
    ),
    Statement(7, "Groups removed for 180 days and more, a year", "takedown_rate", _DEFAULT, 3, 8, 3),
    Statement(25, "Groups brought down that stay down 180 days, %", _lasting, _DEFAULT, 40, 75, 100),
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
    Statement(10, "Data-access channel everywhere: direct orders", "direct_orders_per_year", _ORDERS, 100, _ANY),
    Statement(10, "Data-access channel everywhere: mutual assistance", "mla_requests_per_year", _ORDERS, -_ANY, 0),
    Statement(10, "Imbalance of direct orders between pairs, %", "direct_orders_imbalance", _DEFAULT, 50, 100, 100),
    Statement(13, "Frozen share of proceeds, %", "frozen_share", _DEFAULT, 1, 4, 100),
    Statement(13, "Confiscated share of proceeds, %", "confiscated_share", _DEFAULT, 0.5, 2, 100),
    Statement(13, "Frozen apart from action days, % of what is frozen", "frozen_apart_share", _DEFAULT, 33.3, 100, 100),
    Statement(13, "Arrests before or without an action day, %", "early_arrest_share", _DEFAULT, 10, 40, 100),
)
#: Today's policies are read once.
_scenario = cache(load)


class Trial(NamedTuple):
    """A world in which statements are measured: its run seed, and its parameters by dotted name."""

    seed: int
    values: Mapping[str, float]


#: Draws of the prior as they come, each with a seed of its own.
DRAWN = tuple(Trial(1000 + number, values_of(number)) for number in range(FIRST))


class Finding(NamedTuple):
    """A statement in some worlds: the estimate, its 95 % interval, and in how many single worlds it lies inside."""

    statement: Statement
    estimate: float
    low: float
    high: float
    inside: int
    worlds: int

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


def find(statements: Sequence[Statement], worlds: Sequence[Trial], workers: int) -> Iterator[Finding]:
    """Runs every setting once in each world and compares.

    Args:
        statements: to measure.
        worlds: in which; a setting has the same seed as the world without it.
        workers: processes.

    Raises:
        RuntimeError: a run failed.
    """
    found = _outcomes(statements, worlds, workers)
    for entry in statements:
        values, base = (
            np.array([entry.value(found[words, world.seed]) for world in worlds]) for words in (entry.setting.words, "")
        )
        if entry.setting.words:
            with np.errstate(divide="ignore", invalid="ignore"):  # a single world may have no takedown
                estimate, single = change(values, base), 100.0 * (values / base - 1.0)
        else:
            estimate, single = level(values * entry.scale), values * entry.scale
        single = single[np.isfinite(single)]
        inside = int(np.count_nonzero((entry.low <= single) & (single <= entry.high)))
        yield Finding(entry, *estimate, inside, len(single))


def _outcomes(
    statements: Sequence[Statement], worlds: Sequence[Trial], workers: int
) -> dict[tuple[str, int], Mapping[str, float]]:
    """Outcomes by setting, in words, and seed. Settings that differ in policy alone share their past."""
    spec = WorldSpec()
    sharing: dict[tuple[int, tuple[tuple[str, float], ...]], dict[str, Variant]] = {}
    for world in worlds:
        for setting in (_DEFAULT, *(entry.setting for entry in statements)):
            values = tuple(sorted(setting.values(world.values).items()))
            sharing.setdefault((world.seed, values), {})[setting.words] = setting
    tasks, words = [], {}
    for (seed, values), settings in sharing.items():
        scenarios = tuple(scenario_of(setting, spec) for setting in settings.values())
        block = " | ".join(settings)
        tasks.append(Task(block, seed, scenarios, spec, with_values(Parameters(), dict(values))))
        words[block, seed] = list(settings)
    found: dict[tuple[str, int], Mapping[str, float]] = {}
    for done, replicate in executor(workers).run(run_replicate, tasks):
        if isinstance(replicate, WorkerDeath) or replicate.failures:
            raise RuntimeError(f"{done.block}: {replicate}")
        for name, arm in zip(words[done.block, done.seed], replicate.arms, strict=True):
            found[name, done.seed] = arm.measured.outcomes
    return found


def scenario_of(setting: Variant, world: WorldSpec) -> Scenario:
    """Today's policies with the levers that a variant moves."""
    scenario = _scenario(BASELINE)
    for name, value in setting.levers.items():
        scenario = with_lever(scenario, name, value, world.policy_start)
    return scenario


def task(setting: Variant, seed: int, world: WorldSpec) -> Task:
    """One run of the default world with what a variant changes."""
    parameters = with_values(Parameters(), setting.values({}))
    return Task(setting.words, seed, (scenario_of(setting, world),), world, parameters)


def change(values: np.ndarray, base: np.ndarray) -> tuple[float, float, float]:
    """Change of the mean in percent, with its 95 % interval: that of a ratio of means over the same worlds."""
    both = ~np.isnan(values - base)
    values, base = values[both], base[both]
    if len(base) < 2:
        return math.nan, math.nan, math.nan
    ratio = values.mean() / base.mean()
    _, low, high = level((values - ratio * base) / base.mean())
    return 100.0 * (ratio - 1.0), 100.0 * (ratio - 1.0 + low), 100.0 * (ratio - 1.0 + high)


def level(values: np.ndarray) -> tuple[float, float, float]:
    """Mean over seeds with its 95 % interval; seeds in which nothing was defined are left out."""
    values = values[~np.isnan(values)]
    if len(values) < 2:
        return math.nan, math.nan, math.nan
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return float(values.mean()), float(values.mean() - half), float(values.mean() + half)


def page(drawn: Sequence[Finding], default: Sequence[Finding]) -> str:
    """The findings in both kinds of worlds as a page of docs/."""
    rows = []
    for finding, usual in zip(drawn, default, strict=True):
        entry, sign = finding.statement, "+" if finding.statement.setting.words else ""
        cells = []
        for one in (finding, usual):
            figures = [f"{value:{sign}.2f}" for value in (one.estimate, one.low, one.high)]
            cells += [f"{figures[0]} ({figures[1]} to {figures[2]})", f"{one.inside} of {one.worlds}"]
        bounds = " to ".join(f"{value:g}" if math.isfinite(value) else "–" for value in (entry.low, entry.high))
        setting = f"`{entry.setting.words}`" if entry.setting.words else "a level"
        rows.append([str(entry.item), entry.text, setting, *cells, bounds, finding.verdict])
    head = ["item", "statement", "setting", "draws: found (95 % interval)", "inside"]
    head += ["default: found (95 % interval)", "inside", "expected", "verdict in the draws"]
    draws, seeds = (max(one.worlds for one in found) for found in (drawn, default))
    return "\n".join(
        [
            "# What the design says, and what comes out",
            "",
            f"Made by `{COMMAND}`: {draws} draws of the prior that nobody selected",
            f"(`sim.calibration.interim.values_of(draw)`, draw 0 to {draws - 1}, run seed 1000 + draw), and the",
            f"default parameters under {seeds} seeds; 2027 to 2036. Where a setting stands, it is compared with the",
            "same world and seed without it, and the figure is the change of the mean in percent; else it is the mean",
            "level. Intervals are over worlds: one in twenty misses the true figure. “Inside” counts single worlds, of",
            "which each is one run. A statement is judged in the draws: it holds if its interval lies within what was",
            "expected, and is open if the interval crosses a bound. Sizes of what scenarios change are no statements:",
            "`comity compare` measures them.",
            "",
            markdown_table(head, rows, right={0}),
            "",
        ]
    )


def renewed(page: str, part: str, mark: str = MARK) -> str:
    """The page with one of its parts: in place of the old one, or at the end."""
    before, _, rest = page.partition(mark)
    after = rest.partition(f"{END}\n")[2]
    return f"{before.rstrip()}\n\n{part}{after}"


def part_of(page: str) -> str:
    """The part as it stands on a page, with all that follows it; empty where there is none."""
    _, mark, rest = page.partition(MARK)
    return mark + rest


def main(words: Sequence[str]) -> None:
    """Measures all statements and writes the page; a number of processes may be given."""
    workers = int(words[0]) if words else os.cpu_count() or 1
    usual = [Trial(seed, {}) for seed in range(1, SEEDS + 1)]
    drawn, default = (list(find(STATEMENTS, worlds, workers)) for worlds in (DRAWN, usual))
    text = page(drawn, default)
    PAGE.write_text(renewed(text, part_of(PAGE.read_text("utf-8"))), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
