"""Requests to large providers by way and year, before and after ways became a choice: `python -m docs.programs.ways`.

Writes docs/ways.md and docs/ways.csv. "Before" is the model of commit `BEFORE`, the last one in which all who had heard
of an agreement ordered, in which European orders worked in full from their first day, and in which lists of providers,
shares of states and law after today stood still. `--earlier TREE` simulates it in a checkout of that commit; without it
its rows of docs/ways.csv stay. Requests are counted in small worlds, since those of ordinary cases hardly depend on the
groups that are followed. Effects of policies are those of whole worlds: before simulated here, now of the league.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from docs.programs import DOCS, ROOT, ran, renew, table_of
from docs.programs.before_after import SHOWN, Effect, Place, Result, compared, in_tree, of_study, of_worlds, policies
from docs.programs.earlier_draws import WAYS, simulated
from sim.calibration.ensemble import sets_of_today
from sim.policy.well_known import BASELINE

COMMAND, NAME = "python -m docs.programs.ways", "ways"
BEFORE, STORED = "80c1b90a", DOCS / "ways.csv"
STATES = {"GBR": "United Kingdom", "BRA": "Brazil", "IND": "India", "DEU": "Germany"}
POLICIES = ("second_protocol", "faster_e_evidence", "without_e_evidence", "un_convention", "harmonised_law")
TRENDS = "current_trends"
#: Models and scenarios whose requests are shown, by the name of their rows in docs/ways.csv.
THEN, NOW, MOVING = "before", "now", "now, current trends"
#: Small worlds in which requests are counted; whole worlds of the earlier model with each policy.
SMALL, WHOLE, YEARS = 40, 20, range(2022, 2037)


def worlds_of(number: int, **request: Any) -> dict[str, dict[str, Any]]:
    """Arguments of simulations, by name of the world: seeds from 1 on, each with its parameter set."""
    sets = sets_of_today()
    values = (sets.values[sets.number(seed)] for seed in range(1, number + 1))
    plain = ({name: np.asarray(value).item() for name, value in one.items()} for one in values)
    return {f"seed {seed}": {"seed": seed, "values": one, **request} for seed, one in enumerate(plain, 1)}


def small(number: int = SMALL) -> dict[str, dict[str, Any]]:
    """Arguments of simulations of small worlds, which only count requests, by name of the world."""
    request = {"policies": [BASELINE, TRENDS], "outcomes": [], "states": [*STATES], "world": {"groups": 4}}
    return worlds_of(number, **request)


def whole(number: int = WHOLE) -> dict[str, dict[str, Any]]:
    """Arguments of simulations of whole worlds, which have outcomes of each policy, by name of the world."""
    return worlds_of(number, policies=[BASELINE, *POLICIES], outcomes=[*SHOWN])


def rows_of(worlds: Sequence[Result], model: str, scenario: str) -> list[dict[str, Any]]:
    """Rows of requests by state, way and year: median over worlds, and 5 and 95 %."""
    rows = []
    for state in STATES:
        for way in WAYS:
            for year in YEARS:
                counts = [world[scenario].get(f"{state} {way} {year}", 0.0) for world in worlds]
                low, value, high = np.quantile(counts, (0.05, 0.5, 0.95)).tolist()
                ends = {"value": value, "low": low, "high": high, "worlds": len(worlds)}
                rows.append({"model": model, "what": way, "of": state, "year": year, **ends})
    return rows


def effects_of(effects: Mapping[Place, Effect], model: str) -> list[dict[str, Any]]:
    """Rows of the effects of the page's policies, with 95 % intervals."""
    return [
        {"model": model, "what": key, "of": policy, "year": "", **effect._asdict()}
        for (_, policy, _, key), effect in effects.items()
        if policy in POLICIES
    ]


def rows_then(counted: Sequence[Result], lived: Sequence[Result]) -> pd.DataFrame:
    """Rows of docs/ways.csv on the earlier model, from small worlds and whole ones."""
    effects = of_worlds(lived, NAME, sets_of_today().numbers(np.arange(1, len(lived) + 1)))
    return pd.DataFrame(effects_of(effects, THEN) + rows_of(counted, THEN, BASELINE))


def rows_now(counted: Sequence[Result], league: str) -> pd.DataFrame:
    """Rows of docs/ways.csv on today's model, from small worlds and the differences of a stored league."""
    effects = effects_of(of_study(league, NAME), NOW)
    return pd.DataFrame(effects + rows_of(counted, NOW, BASELINE) + rows_of(counted, MOVING, TRENDS))


def effects_in(table: pd.DataFrame, model: str) -> dict[Place, Effect]:
    """Effects of the policies in one model, by place, in the page's order."""
    rows = table[(table["model"] == model) & table["what"].isin([*SHOWN])]
    by_place = {(NAME, row["of"], "", row["what"]): _effect(row) for row in rows.to_dict("records")}
    places = ((NAME, policy, "", key) for policy in POLICIES for key in SHOWN)
    return {place: by_place[place] for place in places if place in by_place}


def _effect(row: Mapping[Any, Any]) -> Effect:
    return Effect.of((float(row[end]) for end in ("value", "low", "high")), int(row["worlds"]))


def counts(table: pd.DataFrame, state: str) -> str:
    """Markdown table of a state's requests by year: each way before and now, and now in current trends."""
    mine = table[table["of"] == state].astype({"year": int}).set_index(["model", "what", "year"])["value"]
    rows = []
    for year in YEARS:
        row: dict[str, object] = {"year": year}
        row |= {f"{way}, {model}": rounded(mine[model, way, year]) for way in WAYS for model in (THEN, NOW, MOVING)}
        rows.append(row)
    return table_of(rows, range(1, 10))


def rounded(value: float) -> str:
    """Text of a number of requests in two figures, as its spread over worlds allows no more."""
    return f"{float(f'{value:.2g}'):,.0f}"


def _most(worlds: Iterable[int]) -> str:
    """Text of a number of worlds, or of the fewest and the most."""
    low, *_, high = sorted({*worlds} | {0})[1:] * 2
    return f"{low}" if low == high else f"{low} to {high}"


def parts(table: pd.DataFrame) -> dict[str, str]:
    """Generated parts of the page, by name."""
    then, now = effects_in(table, THEN), effects_in(table, NOW)
    number = table.loc[table["what"].isin([*WAYS]), "worlds"]
    lived = [_most(one.worlds for one in effects.values()) for effects in (then, now)]
    return {
        "worlds": f"Requests: {_most(number)} worlds of either model, of the same seeds and sets. Effects: {lived[0]} "
        f"worlds before (commit `{BEFORE}`), {lived[1]} now, of the stored league.",
        **{state: f"### {name}\n\n{counts(table, state)}" for state, name in STATES.items()},
        "effects": policies(compared(NAME, then, now), persons=False),
    }


def main() -> None:
    """Simulates missing worlds and updates the page."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--earlier", type=Path, metavar="TREE", help="checkout of the earlier commit: measure it again")
    options = parser.parse_args()
    if options.earlier:
        then = rows_then(*(in_tree(options.earlier, [*worlds.values()]) for worlds in (small(), whole())))
    else:
        stored = pd.read_csv(STORED, keep_default_na=False)
        then = stored[stored["model"] == THEN]
    counted = [*ran(COMMAND, simulated, small(), options.workers).values()]
    now = rows_now(counted, (ROOT / "results" / "league" / "differences.csv").read_text("utf-8"))
    pd.concat([then, now]).to_csv(STORED, index=False, float_format="%.4g")
    renew(NAME, parts(pd.read_csv(STORED, keep_default_na=False)), COMMAND)


if __name__ == "__main__":
    main()
