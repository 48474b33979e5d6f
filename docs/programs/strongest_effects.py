"""Makes docs/strongest_effects.md from stored outcomes: `python -m docs.programs.strongest_effects`. No simulation.

Outcomes of single worlds are in results/reference alone: results/league is stored without its runs, so that its
policies are not on the page. The rule is that of reports (sim/results/depends.py).
"""

from collections.abc import Iterator
from math import atanh, sqrt, tanh

import pandas as pd

from docs.programs import renew, table_of
from docs.programs.stored_reports import REFERENCE
from sim.calibration import worth
from sim.calibration.ensemble import load
from sim.experiments.design import MAIN
from sim.measures.outcomes import HEADLINES, outcome
from sim.policy.problem import InputError
from sim.policy.scenario import load as scenario_named
from sim.report import depends, saying
from sim.report.studies import read_report
from sim.report.view import View
from sim.results.depends import Dependences, dependences, open_choices
from sim.results.effects import Comparison
from sim.results.words import counted, listing

COMMAND, NAME = "python -m docs.programs.strongest_effects", "strongest_effects"
_NOBODY = "Nothing that the sets draw goes with any of these effects by more than chance."
_ENDS = 1.96


def judged(view: View) -> Iterator[tuple[str, str, Dependences]]:
    """Yields each policy, each headline outcome, and what the effect of the one on the other depends on."""
    there = depends.drawn(view)
    for policy in view.reported:
        for key in HEADLINES:
            entry, contrast = view.difference(policy, key), Comparison((MAIN, policy), (MAIN, view.baseline))
            if entry is not None:
                yield policy, key, dependences(view.arms, contrast, entry, outcome(key), there)


def correlation(value: float, sets: int) -> str:
    """Text of a rank correlation with its 95 % interval by Fisher's transformation."""
    reach = _ENDS * sqrt(1.06 / (sets - 3))
    ends = (tanh(atanh(value) + way * reach) for way in (-1.0, 1.0))
    low, high = (f"{end:+.2f}".replace("-", "−") for end in ends)
    return f"{value:+.2f} ({low} to {high})".replace("-", "−")


def named(view: View) -> str:
    """Markdown table of all dependences that are more than chance, with effects in the lowest and highest quarter."""
    rows = [
        {
            "policy": view.title[policy],
            "effect on": outcome(key).title,
            "goes with": one.choice.title,
            "rank correlation, 95 % interval": correlation(one.correlation, seen.sets),
            "in the lowest quarter": saying.change(one.quarters[0]),
            "in the highest quarter": saying.change(one.quarters[-1]),
        }
        for policy, key, seen in judged(view)
        for one in seen.named
    ]
    return table_of(rows, right={3, 4, 5}) if rows else _NOBODY


def choices(view: View, key: str) -> str:
    """Markdown table of the rank correlation of each policy's effect on an outcome with each open choice."""
    table = pd.DataFrame({"open choice": [one.title for one in open_choices()]})
    for policy, effect_on, seen in judged(view):
        if effect_on == key:
            known = (seen.correlations.get(one.key) for one in open_choices())
            cells = ["–" if value is None else _marked(value, seen) for value in known]
            table[view.title[policy]] = cells
    return table_of(table, right=range(1, table.shape[1]))


def _marked(value: float, seen: Dependences) -> str:
    """Text of a rank correlation, in bold from the size on that is more than chance."""
    text = correlation(value, seen.sets)
    return f"**{text}**" if abs(value) >= seen.least[0] else text


def basis(view: View) -> str:
    """Sentence on the sets, on what they draw, and on how strong a dependence must be to be found."""
    first = next(seen for _, _, seen in judged(view))
    there = depends.drawn(view)
    number = int(there.is_open.sum())
    same = f" The same in all sets: {listing([one.title for one in there.missing])}." if there.missing else ""
    return (
        f"{counted(view.replicates(view.baseline), 'world')} of {first.sets} parameter sets, which draw {number} open "
        f"choices and {len(there.choices) - number} other parameters. Rank correlations are more than chance from "
        f"{first.least[0]:.2f} on for open choices and from {first.least[1]:.2f} on for other parameters; an open "
        f"choice that goes with {100.0 * first.detectable:.0f} % of the differences between sets is found nine times "
        f"in ten.{same}"
    )


def parts(view: View) -> dict[str, str]:
    """Text of every generated part of the page, by name."""
    if not len(view.drawn_values):
        raise InputError(
            "the values of its parameter sets are not known",
            where=str(REFERENCE),
            fix="The package has other sets by now: `make reference` simulates the study by them.",
        )
    lasting, wait, _ = depends.ABOUT
    return {
        "basis": basis(view),
        "named": named(view),
        "lasting": choices(view, lasting),
        "wait": choices(view, wait),
    }


def worth_knowing() -> str:
    """Markdown table of the figures that would narrow an effect, by policy and outcome, largest first."""
    figures = worth.table(load(), REFERENCE)
    rows = [
        {
            "policy": scenario_named(row["policy"]).title,
            "effect on": outcome(row["outcome"]).title,
            "figure": f"{row['title']} (`{row['fact']}`)",
            "of the variance between sets, %": f"{100.0 * row['narrows']:.0f}",
            "sets say": f"{row['median']:.3g} ({row['low']:.3g} to {row['high']:.3g}) {row['unit']}",
        }
        for row in figures[figures["beyond_chance"]].to_dict("records")
    ]
    return table_of(rows, (3,)) if rows else "None is beyond chance."


if __name__ == "__main__":
    renew(NAME, parts(read_report(REFERENCE)) | {"worth": worth_knowing()}, COMMAND)
