"""Worth of knowing a figure: the variance of an answer that it would take away, by regression over sets.

An answer is the effect of a policy on a headline outcome, one value per parameter set. For each fact that the sets' own
runs measure:

1. The answer is regressed on the fact, on the fact's scale, with the fact's square; each set is foretold by all others.
   What is left of the variance says which part the fact explains (0 where it foretells nothing).
2. A figure with the fact's error settles that part of the fact's variance between sets which is not its error and not
   the model's discrepancy.

Their product is the expected reduction. It is beyond chance where it is larger than the largest of all facts in 19 of
20 shifts of the answers against the sets, which come in no order.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.calibration.own_facts import measurable, quantiles, set_means
from sim.calibration.targets import DISCREPANCY, CalibrationTarget
from sim.experiments.sets import SET_COLUMN
from sim.measures.arrays import Floats
from sim.measures.outcomes import HEADLINES
from sim.policy.problem import mistake

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from sim.calibration.ensemble import Ensemble

#: Outcomes whose effects are answers.
ANSWERS = tuple(HEADLINES)
#: Fewest sets of a study.
FEWEST = 40
#: Standard error of a figure of which none is declared, in logs or logits: a range of a factor of two.
USUAL_ERROR = 0.18
_LEVEL = 0.95


def explained(known: Floats, answers: Floats) -> Floats:
    """Share of the variance of each answer that a fact explains in sets that are left out, f8[answers].

    Args:
        known: the fact in each set, f8[sets].
        answers: f8[sets, answers].
    """
    centred = (known - known.mean()) / max(float(known.std()), 1e-12)
    columns = np.column_stack([np.ones(len(known)), centred, centred**2])
    hat = columns @ np.linalg.pinv(columns)
    left = (answers - hat @ answers) / np.maximum(1.0 - np.diag(hat), 1e-9)[:, np.newaxis]
    total = ((answers - answers.mean(axis=0)) ** 2).sum(axis=0)
    return np.asarray(np.clip(1.0 - (left**2).sum(axis=0) / np.maximum(total, 1e-300), 0.0, 1.0))


def settled(target: CalibrationTarget, known: Floats) -> float:
    """Share of a fact's variance between sets that a figure of it would settle."""
    error = USUAL_ERROR if np.isnan(target.error) else target.error
    variance = float(known.var())
    return variance / (variance + error**2 + DISCREPANCY**2)


def table(ensemble: Ensemble, study: Path) -> pd.DataFrame:
    """Table of all facts and answers; see `sim.evidence`."""
    import pandas as pd

    effects = effects_by_set(stored(study), ensemble.size)
    answers, places = effects.to_numpy(np.float64), effects.index.to_numpy(np.int64)
    pairs = [(str(column[0]), str(column[1])) for column in effects.columns]
    orders = [np.roll(np.arange(len(places)), shift) for shift in range(1, len(places))]
    rows, by_chance = [], np.zeros((len(orders), answers.shape[1]))
    for key, target in measurable(ensemble).items():
        means = set_means(ensemble, target)[0]
        ends = target.unscaled(quantiles(means, np.full(len(means), 1.0 / len(means)), (0.05, 0.5, 0.95)))
        known = means[places]
        there = ~np.isnan(known)
        if there.sum() < FEWEST or float(known[there].std()) == 0.0:
            continue
        part = settled(target, known[there])
        narrows_each = part * explained(known[there], answers[there])
        for number, order in enumerate(orders):
            by_chance[number] = np.maximum(by_chance[number], part * explained(known[there], answers[order][there]))
        for (policy, outcome), narrows in zip(pairs, narrows_each.tolist(), strict=True):
            rows.append((key, target.title, target.unit, policy, outcome, narrows, ends[1], ends[0], ends[2]))
    names = ["fact", "title", "unit", "policy", "outcome", "narrows", "median", "low", "high"]
    frame = pd.DataFrame(rows, columns=names)
    least = dict(zip(pairs, np.quantile(by_chance, _LEVEL, axis=0).tolist(), strict=True))
    of = [least[policy, outcome] for policy, outcome in zip(frame["policy"], frame["outcome"], strict=True)]
    frame.insert(6, "beyond_chance", frame["narrows"].to_numpy() > np.array(of))
    return frame.sort_values("narrows", ascending=False, kind="stable", ignore_index=True)


def stored(study: Path) -> tuple[pd.DataFrame, str, tuple[str, ...]]:
    """Outcomes of a stored comparison, its baseline, and the policies that it reports."""
    from sim.report.studies import read_report

    if not study.is_dir():
        fix = "Name the folder of a comparison: a checkout has results/reference."
        raise mistake("no comparison there", "STUDY", study, fix)
    view = read_report(study)
    return view.results.outcomes, view.baseline, tuple(view.reported)


def effects_by_set(study: tuple[pd.DataFrame, str, tuple[str, ...]], sets: int) -> pd.DataFrame:
    """Mean effects over the pairs of each set: rows are sets, columns policies and outcomes, logs of ratios."""
    import pandas as pd

    outcomes, baseline, policies = study
    if SET_COLUMN not in outcomes or outcomes[SET_COLUMN].isna().all():
        raise mistake("its worlds have no parameter sets", "STUDY", None, "Name a comparison with parameter sets.")
    main = outcomes[outcomes["block"] == "main"] if "block" in outcomes else outcomes
    of = main.set_index(["scenario", "seed"])
    was = of.loc[baseline]
    numbers, columns = was[SET_COLUMN].astype(int), {}
    for policy in policies:
        came = of.loc[policy].reindex(was.index)
        for outcome in ANSWERS:
            first, last = (one[outcome].groupby(numbers).mean() for one in (was, came))
            with np.errstate(divide="ignore", invalid="ignore"):
                columns[policy, outcome] = np.log(last / first)
    effects = pd.DataFrame(columns).replace([np.inf, -np.inf], np.nan).dropna()
    if len(effects) < FEWEST:
        fix = f"Name a comparison in at least {FEWEST}: 50 worlds or more."
        raise mistake("too few parameter sets", "STUDY", f"{len(effects)} sets", fix)
    if int(effects.index.max()) >= sets:
        raise mistake("its parameter sets are others", "STUDY", None, "Name the ensemble that it was made with.")
    return effects


def print_worth(figures: pd.DataFrame, most: int, to: Console) -> None:
    """Prints the figures that would narrow each answer most, and those that weigh sets by `--facts`."""
    from sim.measures.outcomes import outcome
    from sim.policy.scenario import catalogue, load

    known, without = catalogue(), []
    for policy in dict.fromkeys(figures["policy"]):
        title = load(policy).title if policy in known else policy
        for key in ANSWERS:
            rows = figures[(figures["policy"] == policy) & (figures["outcome"] == key) & figures["beyond_chance"]]
            answer = f"{title}: {outcome(key).title}"
            if rows.empty:
                without.append(answer)
                continue
            to.print(answer, markup=False, soft_wrap=True)
            for row in rows.head(most).to_dict("records"):
                level = f"{row['median']:.3g} ({row['low']:.3g} to {row['high']:.3g}) {row['unit']}"
                text = f"  {100.0 * row['narrows']:2.0f} % by {row['fact']}: {row['title']}; sets say {level}"
                to.print(text, markup=False, highlight=False, soft_wrap=True)
    if without:
        to.print("By no figure beyond chance: " + "; ".join(without), markup=False, soft_wrap=True)
    to.print("Per cent: of the variance of the effect between sets, that knowing the figure would take away.")
