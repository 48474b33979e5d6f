"""`comity validate`: every published fact beside what the ensemble says, as a table and as docs/validation.md.

It reads the outcomes that the calibration kept of each set's own fresh runs, and runs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from rich.console import Console

from sim.calibration.ensemble import COMMAND, VALUE, Ensemble
from sim.calibration.page import band, code_of, paragraph, share
from sim.calibration.results import meeting_all
from sim.calibration.targets import CalibrationTarget, Insight, Role, fingerprint, targets
from sim.measures.arrays import Floats
from sim.policy.problem import mistake
from sim.report.marking import markdown_table
from sim.report.page.parts import Chapter, Page, made_by
from sim.results.words import counted

#: Ends of the model interval.
ENDS = (0.05, 0.95)


class Agreement(StrEnum):
    """How the ensemble agrees with a fact."""

    INSIDE = "inside"
    REACHES = "median outside, interval reaches the band"
    MISSED = "missed"
    NOT_MEASURED = "not measured by these runs"


@dataclass(frozen=True)
class TargetFinding:
    """One target beside the ensemble.

    Attributes:
        target: the fact.
        low, median, high: 5 %, median and 95 % over sets of the mean of each set's runs.
        inside: share of the sets inside the band; a set without the outcome is not.
        missing: share of the sets without the outcome.
        by_chance: share of the variance over sets that is chance in their runs, 0–1.
        agreement: the verdict.
    """

    target: CalibrationTarget
    low: float
    median: float
    high: float
    inside: float
    missing: float
    by_chance: float
    agreement: Agreement


def find(ensemble: Ensemble, target: CalibrationTarget) -> TargetFinding:
    """One target beside the ensemble.

    Raises:
        InputError: the ensemble was made before there was such a target.
    """
    nothing = math.nan
    if not target.outcome:
        return TargetFinding(target, nothing, nothing, nothing, nothing, nothing, nothing, Agreement.NOT_MEASURED)
    if f"{VALUE}{target.key}" not in ensemble.frame.columns:
        fix = f"Build the ensemble again: {COMMAND}"
        raise mistake("the calibrated ensemble lacks a target", "sim/data/ensemble.parquet", target.key, fix)
    values = ensemble.frame[f"{VALUE}{target.key}"].to_numpy(np.float64)
    known = values[~np.isnan(values)]
    missing = 1.0 - len(known) / len(values)
    if not len(known):
        return TargetFinding(target, nothing, nothing, nothing, 0.0, missing, nothing, Agreement.MISSED)
    low, median, high = np.quantile(known, (ENDS[0], 0.5, ENDS[1]))
    reaches = high >= target.low and low <= target.high
    inside = bool(target.inside(np.array([median]))[0])
    agreement = Agreement.INSIDE if inside else Agreement.REACHES if reaches else Agreement.MISSED
    met = float(target.inside(values).mean())
    return TargetFinding(
        target, float(low), float(median), float(high), met, missing, _by_chance(ensemble, target), agreement
    )


def _by_chance(ensemble: Ensemble, target: CalibrationTarget) -> float:
    """Share of the variance of sets' means that is chance, from the spread of each set's own runs."""
    names = [name for name in ensemble.frame.columns if name.startswith("run_") and name.endswith(f".{target.key}")]
    runs: Floats = ensemble.frame[names].to_numpy(np.float64)
    runs = runs[~np.isnan(runs).any(axis=1)]
    if runs.shape[0] < 2 or runs.shape[1] < 2:
        return math.nan
    within, between = float(runs.var(axis=1, ddof=1).mean()) / runs.shape[1], float(runs.mean(axis=1).var(ddof=1))
    return min(within / between, 1.0) if between > 0 else math.nan


def validation_page(ensemble: Ensemble, command: str = "comity validate") -> Page:
    """Every published fact beside the ensemble, by what meeting it says.

    Args:
        ensemble: of parameter sets.
        command: the command line.
    """
    about = ensemble.manifest
    text = paragraph(
        f"From the ensemble of {ensemble.size} parameter sets ({code_of(about)}). Model: "
        f"median over sets, and 5 to 95 %, of the mean of each set's fresh runs ({about.get('runs_of_each_set')} each) "
        "with seeds by which it was not chosen. The interval holds what is not known of parameters and what is left of "
        "chance; by chance is the part of its variance that is chance alone. Inside: share of the sets in the band."
    )
    if about.get("targets") != fingerprint():
        text += "\n\n" + paragraph(
            "The targets have changed since the ensemble was made: what was a fact to fit then may be held out now. "
            f"Build it again: `{COMMAND}`."
        )
    parts = {title: findings for title, findings in _parts(ensemble).items() if findings}
    sections = (
        Chapter("How it was done", text),
        *(Chapter(title, f"{paragraph(_WHAT[title])}\n\n{_table(findings)}") for title, findings in parts.items()),
        Chapter("Definitions", _definitions()),
    )
    question = "Validation: does the model agree with published facts?"
    return Page(question, sentences(ensemble), sections=sections, manifest=made_by(command))


def sentences(ensemble: Ensemble) -> tuple[str, str, str]:
    """The answer in three sentences of plain text: what was asked, how facts held out agree, and what says little."""
    parts = _parts(ensemble)
    held = [finding for finding in parts["Held out"] if finding.target.outcome]
    fitted = parts["Fitted to"]
    met = share(meeting_all(ensemble.frame, [finding.target for finding in fitted]))
    return (
        f"{counted(ensemble.size, 'parameter set')} that agree with published facts were judged by "
        f"{len(held)} others that had no part in their choice.",
        _held_out(held),
        f"Meeting {_count(fitted)} of the {counted(len(fitted), 'fact')} that sets were chosen by is no evidence; "
        f"{met} of the sets meet all; intervals hold chance and parameters.",
    )


def _held_out(held: Sequence[TargetFinding]) -> str:
    """How many facts the model meets, and the one that it meets worst."""
    if not held:
        return "No fact that was held out could be compared with the model."
    missed = sum(finding.agreement is Agreement.MISSED for finding in held)
    reach = f"its 5 to 95 % interval misses {missed or 'none'}"
    order = (Agreement.MISSED, Agreement.REACHES, Agreement.INSIDE)
    worst = min(held, key=lambda finding: (order.index(finding.agreement), finding.inside))
    cells = f"{worst.median:.3g} ({worst.low:.3g} to {worst.high:.3g})"
    model = "nothing" if math.isnan(worst.median) else cells
    return (
        f"The model's median agrees with {_count(held)} of {len(held)}, and {reach}; it does worst on "
        f"“{worst.target.title}”, {model} in the model against {band(worst.target)} ({worst.target.unit})."
    )


#: What each part of the page holds.
_WHAT = {
    "Held out": "These facts had no part in the choice of parameter sets. A miss is a miss of the model.",
    "Fitted to": "Sets were chosen by these. That they are met is no evidence; that one is missed is.",
    "Echoes and facts that the prior meets": (
        "A parameter rests on the same fact or decides the outcome nearly alone, or nine of ten sets from the prior "
        "meet the fact. Meeting it says next to nothing; missing it would say much."
    ),
}


def _parts(ensemble: Ensemble) -> dict[str, list[TargetFinding]]:
    """Findings by part of the page."""
    every = [find(ensemble, target) for target in targets()]
    informing = [f for f in every if f.target.insight is Insight.INFORMATIVE]
    return {
        "Held out": [f for f in informing if f.target.role is Role.VALIDATE],
        "Fitted to": [f for f in informing if f.target.role is Role.CALIBRATE],
        "Echoes and facts that the prior meets": [f for f in every if f.target.insight is not Insight.INFORMATIVE],
    }


def _count(findings: Sequence[TargetFinding]) -> int:
    """Number of findings whose median is inside."""
    return sum(finding.agreement is Agreement.INSIDE for finding in findings)


def _table(findings: Sequence[TargetFinding]) -> str:
    """Facts beside the model."""
    rows = [_cells(finding) for finding in findings]
    head = ["fact", "published", "band", "model", "unit", "sets inside", "by chance", "verdict", "kind"]
    head += ["fact is", "source"]
    return markdown_table(head, rows, right={5, 6})


def _cells(finding: TargetFinding) -> list[str]:
    """One row."""
    target = finding.target
    model = "–"
    if not math.isnan(finding.median):
        model = f"{finding.median:.3g} ({finding.low:.3g} to {finding.high:.3g})"
    verdict = str(finding.agreement)
    if finding.missing > 0:
        verdict += f"; missing in {share(finding.missing)} of the sets"
    kind = f"{target.role}, {target.kind}"
    published = ", ".join(f"{value:g}" for value in target.value)
    return [
        *(target.title, published, band(target), model, target.unit, share(finding.inside), share(finding.by_chance)),
        *(verdict, kind, str(target.status), " ".join(target.source.split())),
    ]


def _definitions() -> str:
    """What each fact counts."""
    return "\n".join(
        f"- **{target.title}** ({target.unit}): {' '.join(target.definition.split())}" for target in targets()
    )


def print_findings(ensemble: Ensemble, console: Console) -> None:
    """The same in short, for a terminal."""
    from rich.table import Table

    for title, findings in _parts(ensemble).items():
        shown = Table("fact", "band", "model: median (5 to 95 %)", "unit", "sets inside", "verdict", title=title)
        for finding in findings:
            cells = _cells(finding)
            shown.add_row(cells[0], cells[2], cells[3], cells[4], cells[5], cells[7])
        console.print(shown)
    console.print("\n".join(sentences(ensemble)), highlight=False, markup=False, soft_wrap=True)
