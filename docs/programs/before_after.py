"""Compares policies' effects before and after a change of rules: `python -m docs.programs.before_after`.

Writes docs/before_after.md and docs/draws.csv. "Before" is the model of commit `BEFORE`, the last one without these
rules. Effects in calibrated sets are those of stored studies, then (docs/programs/before.csv) and now;
docs/programs/traced.py says which rule moved them. Effects in draws that nothing chose are simulated, with one rule
after the other switched off as well. `--earlier TREE` simulates the same draws in a checkout of that commit, and stores
what it finds next to the others in before.csv.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from docs.programs import DOCS, ROOT, doses, interval, ran, renew, table_of
from docs.programs.draws import DEFAULT, NOW, NUMBER, TRACED, VARIANTS, jobs, lived_world
from sim.calibration import prior
from sim.experiments.statistics import mean, ratio
from sim.measures.arrays import Floats, Integers
from sim.policy.scenario import catalogue
from sim.policy.well_known import BASELINE

COMMAND, NAME = "python -m docs.programs.before_after", "before_after"
BEFORE, THEN = "bbff9730", "before"
LASTING, GROUPS, WAIT, USABLE = (
    "takedowns_expected",
    "groups_brought_down",
    "turnaround_median",
    "usable_within_12_months",
)
STORED, DRAWN = DOCS / "programs" / "before.csv", DOCS / "draws.csv"
QUARTER = 0.25


class Shown(NamedTuple):
    """Format of an outcome in the tables: heading, kind of change, factor of its unit, number of digits."""

    title: str
    relative: bool
    unit: float
    digits: int


SHOWN = {
    LASTING: Shown("lasting takedowns, %", True, 100.0, 0),
    WAIT: Shown("median wait, months", False, 1.0, 2),
    USABLE: Shown("usable evidence, points", False, 100.0, 1),
}


class Effect(NamedTuple):
    """Effect of a policy on an outcome, in the unit of its table, with a 95 % interval."""

    value: float
    low: float
    high: float
    worlds: int

    @classmethod
    def of(cls, ends: Iterable[float], worlds: int) -> "Effect":
        """Effect from its value and the two ends of its interval."""
        value, low, high = ends
        return cls(float(value), float(low), float(high), worlds)

    @property
    def is_clear(self) -> bool:
        """True if the interval does not contain zero."""
        return self.low * self.high > 0.0

    @property
    def reach(self) -> float:
        """Half of the interval's width."""
        return 0.5 * (self.high - self.low)


Result = Mapping[str, Mapping[str, float]]  # of a world: outcomes by scenario
#: Place of an effect in a table: table, policy or step, series, outcome.
Place = tuple[str, str, str, str]


def of_study(text: str, table: str) -> dict[Place, Effect]:
    """Effects of policies from the differences of a stored study."""
    rows, effects = pd.read_csv(StringIO(text)), {}
    for row in rows[(rows["block"] == "main") & rows["outcome"].isin(list(SHOWN))].to_dict("records"):
        shown = SHOWN[row["outcome"]]
        names = ("relative", "relative_low", "relative_high") if shown.relative else ("difference", "low", "high")
        ends = (shown.unit * float(row[name]) for name in names)
        effects[table, str(row["scenario"]), "", str(row["outcome"])] = Effect.of(ends, int(row["pairs"]))
    return effects


def of_ladders(text: str, worlds: int) -> dict[Place, Effect]:
    """Effects of ladders' steps on the number of groups brought down, read from docs/ladders.csv."""
    effects = {}
    for row in pd.read_csv(StringIO(text)).to_dict("records"):
        if row["name"] != "today":
            ends = (float(row[f"groups brought down, {end}"]) for end in ("%", "low", "high"))
            series = str(row["series"]).replace("beside", "next to")
            effects["steps", f"{row['ladder']}: {row['name']}", series, GROUPS] = Effect.of(ends, worlds)
    return effects


def of_worlds(worlds: Sequence[Result], table: str, sets: Integers | None = None) -> dict[Place, Effect]:
    """Effects of policies in simulated worlds; worlds whose number in `sets` is the same count as one."""
    effects = {}
    for policy in worlds[0].keys() - {BASELINE}:
        for key, shown in SHOWN.items():
            came, was = (_values(worlds, run, key) for run in (policy, BASELINE))
            got = ratio(came, was, sets) if shown.relative else mean(came - was, sets)
            ends = (shown.unit * (end - 1.0 if shown.relative else end) for end in got[:3])
            effects[table, policy, "", key] = Effect.of(ends, got.pairs)
    return effects


def _values(worlds: Sequence[Result], run: str, key: str) -> Floats:
    return np.array([world[run][key] for world in worlds], np.float64)


def of_stored(read: Any) -> dict[Place, Effect]:
    """Effects from stored studies and ladders; `read` returns a file's text by its path."""
    league, reference = (of_study(read(f"results/{name}/differences.csv"), "sets") for name in ("league", "reference"))
    worlds = int(read("docs/ladders.md").split("<!-- worlds:")[1].split("-->")[1].split()[0])
    return league | reference | of_ladders(read("docs/ladders.csv"), worlds)


def in_commit(path: str) -> str:
    """Text of a file as it was in the commit of the earlier model."""
    command = ["git", "show", f"{BEFORE}:{path}"]
    return subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout  # noqa: S603


def earlier_draws(tree: Path, draws: Sequence[int]) -> list[Result]:
    """Results of the draws under the earlier commit's code, without parameters that it does not know."""
    request = {"policies": [BASELINE, *DEFAULT], "outcomes": list(SHOWN)}
    return in_tree(tree, [{"seed": 1000 + n, "values": prior.values_of(n), **request} for n in draws])


def in_tree(tree: Path, worlds: Sequence[Mapping[str, Any]]) -> list[Result]:
    """Results of worlds under an earlier commit's code; docs/programs/earlier_draws.py says how each is named."""
    script = (DOCS / "programs" / "earlier_draws.py").read_text("utf-8")
    command = [sys.executable, "-c", script]
    done = subprocess.run(  # noqa: S603
        command, cwd=tree, input=json.dumps(worlds), check=True, text=True, stdout=subprocess.PIPE
    )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def store(effects: Mapping[Place, Effect]) -> None:
    """Writes the effects of the earlier model to before.csv."""
    names = ("table", "name", "series", "outcome", *Effect._fields)
    rows = [dict(zip(names, (*place, *effect), strict=True)) for place, effect in sorted(effects.items())]
    pd.DataFrame(rows).to_csv(STORED, index=False, float_format="%.4g")


def stored() -> dict[Place, Effect]:
    """Effects of the earlier model, by place."""
    rows = pd.read_csv(STORED, keep_default_na=False).to_dict("records")
    return {
        (row["table"], row["name"], row["series"], row["outcome"]): Effect.of(
            (float(row[end]) for end in ("value", "low", "high")), int(row["worlds"])
        )
        for row in rows
    }


class Compared(NamedTuple):
    """An effect in the earlier and in the present model, with their ratio and a verdict."""

    then: Effect
    now: Effect
    factor: float
    verdict: str  # moved, within chance; empty: by a quarter at most; a dash: clear neither before nor now

    @classmethod
    def of(cls, then: Effect, now: Effect) -> "Compared":
        """Comparison of two effects, with a verdict by their intervals."""
        factor = now.value / then.value if then.value else float("nan")
        if not (then.is_clear or now.is_clear):
            return cls(then, now, factor, "–")
        if abs(factor - 1.0) <= QUARTER:
            return cls(then, now, factor, "")
        apart = abs(now.value - then.value) > float(np.hypot(then.reach, now.reach))
        return cls(then, now, factor, "moved" if apart else "within chance")


def compared(table: str, then: Mapping[Place, Effect], now: Mapping[Place, Effect]) -> dict[Place, Compared]:
    """Comparisons of all effects of a table that both models measured."""
    return {place: Compared.of(then[place], now[place]) for place in now if place[0] == table and place in then}


def _cells(one: Compared, digits: int) -> dict[str, str]:
    factor = f"{one.factor:.2f}".replace("-", "−") if one.verdict != "–" else ""
    return {
        "before": interval(one.then[:3], digits),
        "now": interval(one.now[:3], digits),
        "factor": factor,
        "more than a quarter": one.verdict,
    }


def policies(effects: Mapping[Place, Compared], persons: bool = True) -> str:
    """Markdown table of policies: added persons, and each outcome before and now."""
    rows = []
    for (_, policy, _, key), one in effects.items():
        row: dict[str, object] = {"policy": f"`{policy}`"}
        if persons and policy in catalogue():
            added = doses.row_of(policy)
            row["persons"] = f"{added[doses.ALL]:+,.0f}" if added[doses.ALL] else ""
        rows.append(row | {"outcome": SHOWN[key].title} | _cells(one, SHOWN[key].digits))
    return table_of(rows, range(3 if persons else 2, 6 if persons else 5))


def steps(effects: Mapping[Place, Compared]) -> str:
    """Markdown table of the ladders' steps before and now."""
    rows = [
        {"step": name.replace("_", " "), "how": series, **_cells(one, 1)}
        for (_, name, series, _), one in effects.items()
    ]
    return table_of(rows, (2, 3, 4))


def summary(effects: Mapping[Place, Compared]) -> str:
    """Sentence that counts and names the effects that changed."""
    clear = [one for one in effects.values() if one.verdict != "–"]
    names = [
        f"{name.replace('_', ' ')}{f' ({series})' if series else ''}: "
        f"{SHOWN[key].title.partition(',')[0] if key in SHOWN else 'groups brought down'}, × {one.factor:.2f}"
        for (_, name, series, key), one in effects.items()
        if one.verdict == "moved"
    ]
    chance = sum(one.verdict == "within chance" for one in clear)
    moved = f"{len(names)} moved beyond chance ({'; '.join(names)})" if names else "none moved beyond chance"
    return (
        f"Of {len(clear)} effects that are clear before or now, {len(clear) - len(names) - chance} lie within a "
        f"quarter of what they were, {chance} differ by more but not beyond chance, and {moved}."
    ).replace("-", "−")


def traced(results: Mapping[str, Result], then: Mapping[Place, Effect]) -> str:
    """Markdown table of effects in draws with one rule switched off at a time."""
    lines = {
        variant if variant == NOW else f"without {variant}": of_worlds(chosen, "draws")
        for variant in VARIANTS
        if (chosen := [one for name, one in results.items() if name.startswith(f"{variant}, draw")])
    }
    lines[THEN] = {place: one for place, one in then.items() if place[0] == "draws"}
    rows: list[dict[str, str]] = []
    for policy in TRACED:
        for name, effects in lines.items():
            row = {"policy": f"`{policy}`", "the model": name}
            for key, shown in SHOWN.items():
                row[shown.title] = interval(effects["draws", policy, "", key][:3], shown.digits)
            rows.append(row)
    return table_of(rows, (2, 3, 4))


def table_of_draws(results: Mapping[str, Result]) -> pd.DataFrame:
    """Table of the draws under present rules: days by stage, and outcomes by policy."""
    rows = []
    for name, result in results.items():
        if name.startswith(f"{NOW}, "):
            row: dict[str, object] = {"place": name.removeprefix(f"{NOW}, ")}
            for run, values in result.items():
                row |= {key if key.startswith("days") else f"{run}: {key}": value for key, value in values.items()}
            rows.append(row)
    return pd.DataFrame(rows)


def compared_parts(table: str, then: Mapping[Place, Effect], now: Mapping[Place, Effect]) -> dict[str, str]:
    """Parts of the page on one table: the effects before and now, and a sentence on what moved."""
    effects = compared(table, then, now)
    rows = steps(effects) if table == "steps" else policies(effects, persons=table == "sets")
    return {table: rows, f"{table}_moved": summary(effects)}


def renew_some(parts: Mapping[str, str]) -> None:
    """Updates some of the program's parts of the page; the others stay."""
    path = DOCS / f"{NAME}.md"
    text = path.read_text("utf-8")
    for name, part in parts.items():
        begin, end = f"<!-- {name}: `{COMMAND}` -->\n", "<!-- end -->"
        before, rest = text.split(begin, 1)
        text = f"{before}{begin}\n{part}\n\n{end}{rest.split(end, 1)[1]}"
    path.write_text(text, "utf-8")


def main() -> None:
    """Simulates missing worlds and updates the page."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("--draws", type=int, default=NUMBER, help="draws, from number 20 on")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--earlier", type=Path, metavar="TREE", help="checkout of the earlier commit: measure it again")
    parser.add_argument("--stored", action="store_true", help="renew what stored studies and ladders say, and no draws")
    wanted = parser.parse_args()
    if wanted.stored:
        now = of_stored(lambda path: (ROOT / path).read_text("utf-8"))
        renew_some(compared_parts("sets", stored(), now) | compared_parts("steps", stored(), now))
        return
    draws = range(prior.FIRST, prior.FIRST + wanted.draws)
    if wanted.earlier:
        store(of_stored(in_commit) | of_worlds(earlier_draws(wanted.earlier, draws), "draws"))
    results = ran(COMMAND, lived_world, jobs(draws), wanted.workers)
    then = stored()
    now = of_stored(lambda path: (ROOT / path).read_text("utf-8"))
    now |= of_worlds([one for name, one in results.items() if name.startswith(f"{NOW}, draw")], "draws")
    parts: dict[str, str] = {}
    for table in ("sets", "steps", "draws"):
        parts |= compared_parts(table, then, now)
    table_of_draws(results).to_csv(DRAWN, index=False, float_format="%.6g")
    renew(NAME, parts | {"traced": traced(results, then)}, COMMAND)


if __name__ == "__main__":
    main()
