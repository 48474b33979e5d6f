"""Relates faster assistance's effect to where a request's months are spent: `python -m docs.programs.months`.

Writes a part of docs/elasticity.md, docs/months.csv and a figure. Calibrated sets are those of the whole study that
`make reference` leaves in results/whole; where it is not there, those of docs/months.csv stay. Draws that nothing chose
are those of docs/draws.csv (docs/programs/before_after.py), where it is there.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from docs.programs import DOCS, ROOT, renew, table_of
from docs.programs.draws import days_by_stage
from docs.programs.ladders import CHAIN
from sim.law.vocabulary import Channel
from sim.measures.arrays import Floats
from sim.policy.well_known import BASELINE
from sim.report.figures.kinds import Pane, Points
from sim.report.style import BLUE, NARROW_WIDTH, ORANGE, Caption, narrow, save, small_print, styled
from sim.world.records.stages import Stage

COMMAND, PAGE, NAME = "python -m docs.programs.months", "elasticity", "months"
WHOLE, STORED, DRAWN = ROOT / "results" / "whole", DOCS / "months.csv", DOCS / "draws.csv"
LASTING, WAIT, EFFECT, SAVED, TODAY = (
    "takedowns_expected",
    "turnaround_median",
    "takedowns, %",
    "months saved",
    "months",
)
SETS, DRAWS = "calibrated set", "draw"
#: Places where the months of a request through central authorities may lie: their stages.
PLACES: Mapping[str, tuple[str, ...]] = {
    "courts": ("court order",),
    "central authorities": ("own central authority", "requested central authority"),
    "on the way": ("transmission",),
    "providers": ("production by the provider",),
}
_MONTH, _FEWEST = 30.44, 5  # days; sets of which a correlation is worth writing
LOOKS = {SETS: (BLUE, "-", "o"), DRAWS: (ORANGE, "-", "^")}


def row_of(kind: str, number: int, days: Mapping[str, float], came: Any, was: Any) -> dict[str, object]:
    """Row of the table for one parameter set: shares of months by place, and the policy's effects."""
    total = sum(days.values())
    shares = {place: sum(days[f"days, {one}"] for one in stages) / total for place, stages in PLACES.items()}
    effect = 100.0 * (came[LASTING] / was[LASTING] - 1.0)
    return {"kind": kind, "number": number, TODAY: total / _MONTH, **shares} | {
        EFFECT: effect,
        SAVED: was[WAIT] - came[WAIT],
    }


def of_study(folder: Path) -> Iterator[dict[str, object]]:
    """Rows of a study's parameter sets, each averaged over its worlds."""
    outcomes = pd.read_csv(folder / "outcomes.csv")
    table = pd.read_parquet(folder / "breakdowns" / "turnaround_by_stage.parquet")
    table = table[table["scenario"] == BASELINE].astype({"channel": str, "stage": str})
    for column, codes in (("channel", Channel), ("stage", Stage)):
        table[column] = table[column].map({code.name.lower(): int(code) for code in codes})
    for number, worlds in outcomes.groupby("parameter_set"):
        runs = worlds.groupby("scenario")[[LASTING, WAIT]].mean()
        days = days_by_stage(table[table["seed"].isin(worlds["seed"])])
        yield row_of(SETS, int(str(number)), days, runs.loc[CHAIN], runs.loc[BASELINE])


def of_draws(table: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Rows of the unselected draws of the prior."""
    for row in table[table["place"].str.startswith("draw")].to_dict("records"):
        days = {str(name): float(value) for name, value in row.items() if str(name).startswith("days, ")}
        came, was = ({key: row[f"{run}: {key}"] for key in (LASTING, WAIT)} for run in (CHAIN, BASELINE))
        yield row_of(DRAWS, int(row["place"].split()[-1]), days, came, was)


def correlation(one: Floats, other: Floats) -> tuple[float, float, float]:
    """Rank correlation with a 95 % interval, by Fisher's z and Bonett and Wright's variance."""
    from scipy.stats import spearmanr

    value = float(spearmanr(one, other).statistic)
    reach = 1.96 * np.sqrt((1.0 + 0.5 * value**2) / (len(one) - 3.0))
    low, high = np.tanh(np.arctanh(value) + np.array([-reach, reach]))
    return value, float(low), float(high)


def _written(value: float, digits: int = 2) -> str:
    return f"{value:+.{digits}f}".replace("-", "−")


def _thirds(rows: pd.DataFrame, place: str) -> str:
    """Text on mean effects in the sets with the fewest and the most months at a place."""
    order = rows.sort_values(place)[EFFECT].to_numpy()
    least, most = order[: len(order) // 3].mean(), order[-(len(order) // 3) :].mean()
    return f"{_written(least, 0)}, {_written(most, 0)}"


def correlations(rows: pd.DataFrame) -> pd.DataFrame:
    """Table of rank correlations by place and kind of set."""
    lines = []
    for place in PLACES:
        for kind, own in rows.groupby("kind", sort=False):
            if len(own) < _FEWEST:
                continue
            effect, saved = (correlation(own[place].to_numpy(), own[key].to_numpy()) for key in (EFFECT, SAVED))
            lines.append(
                {"place": place, "kind": kind, "n": len(own), "share": own[place].mean()}
                | {"effect": effect, "saved": saved, "thirds": _thirds(own, place)}
            )
    return pd.DataFrame(lines)


def shown(table: pd.DataFrame) -> str:
    """Markdown of the table of correlations."""
    rows = [
        {
            "months that lie": _named(row["place"]),
            "in": f"{row['n']} {row['kind']}s",
            "share of them, mean": f"{100.0 * row['share']:.0f} %",
            "rank correlation with the effect on takedowns": f"{_written(row['effect'][0])} "
            f"({_written(row['effect'][1])} to {_written(row['effect'][2])})",
            "with months saved": f"{_written(row['saved'][0])} "
            f"({_written(row['saved'][1])} to {_written(row['saved'][2])})",
            "effect, %, in the third with the least, with the most": row["thirds"],
        }
        for row in table.to_dict("records")
    ]
    return table_of(rows, range(2, 6))


def sentence(table: pd.DataFrame) -> str:
    """Text on the sets for which faster assistance has larger, smaller or unclear effects."""
    rows, clear, unclear = table[table["kind"] == SETS], [], []
    for row in rows.to_dict("records"):
        value, low, high = row["effect"]
        if low * high > 0.0:
            ends = f"{_written(value)}, 95 % interval {_written(low)} to {_written(high)}"
            least, most = row["thirds"].split(", ")
            clear.append(
                f"it brings {'more' if value > 0.0 else 'less'} where more of the months lie {_named(row['place'])} "
                f"(rank correlation {ends}; {least} % in the third of sets with the least, {most} % in that with most)"
            )
        else:
            unclear.append(f"{_named(row['place'])} {_written(value)}")
    number = int(rows["n"].iloc[0])
    if not clear:
        return (
            f"Where the months lie has no clear influence, in {number} calibrated sets. Rank correlations of the "
            f"effect on lasting takedowns with the share of months {', '.join(unclear)}."
        )
    rest = f" No relation is clear for months {', '.join(unclear)}." if unclear else ""
    return f"Faster assistance, in {number} calibrated sets: {'; '.join(clear)}.{rest}"


def _named(place: str) -> str:
    return place if place == "on the way" else f"at {place}"


def drawing(rows: pd.DataFrame) -> Points:
    """Figure of the effect by share of months, with a panel per place; one column on phones."""
    kinds = set(rows["kind"])
    points = [
        {"panel": panel, "series": row["kind"], "x": 100.0 * row[place], "y": row[EFFECT]}
        for panel, place in enumerate(PLACES)
        for row in rows.to_dict("records")
    ]
    names = map(_named, PLACES)
    up = "lasting takedowns, %" if narrow() else "change of lasting takedowns, %"
    panes = [Pane(f"Months {name}", "share of a request's months, %", up) for name in names]
    size = (NARROW_WIDTH, 9.0) if narrow() else (9.0, 7.0)
    caption = Caption(
        "What faster assistance brings, by where the months lie",
        "Each mark is a parameter set: share of a request's months through central authorities, under today's law.",
        small_print(COMMAND, f"Means over a set's worlds{'; a draw has one' if DRAWS in kinds else ''}."),
    )
    named = {SETS: "calibrated sets", DRAWS: "draws that nothing chose"}
    labels = {kind: words for kind, words in named.items() if kind in kinds}
    return Points(caption, pd.DataFrame(points), panes, LOOKS, labels, size, 2, lines=(("h", 0.0, "-"),))


def main() -> None:
    """Updates table, sentence and figure."""
    kept = pd.read_csv(STORED) if STORED.is_file() else pd.DataFrame({"kind": []})
    sets: pd.DataFrame = pd.DataFrame(of_study(WHOLE)) if WHOLE.is_dir() else kept.loc[kept["kind"] == SETS]
    draws = pd.DataFrame(of_draws(pd.read_csv(DRAWN))) if DRAWN.is_file() else pd.DataFrame()
    rows: pd.DataFrame = pd.concat([sets, draws], ignore_index=True)
    rows.to_csv(STORED, index=False, float_format="%.5g")
    table = correlations(rows)
    renew(PAGE, {"months": shown(table), "months_said": sentence(table)}, COMMAND)
    for phone in (False, True):
        with styled(for_phone=phone):
            save(drawing(rows).draw(), DOCS / "figures", f"{NAME}_phone" if phone else NAME, png=False)


if __name__ == "__main__":
    main()
