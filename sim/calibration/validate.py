"""`comity validate`: compares all published facts with the ensemble, as a table and in docs/validation.md.

It reads the outcomes that the calibration kept of each set's own fresh runs, and runs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from sim.calibration import prior
from sim.calibration.ensemble import COMMAND, DISTANCE, RUN, VALUE, Ensemble
from sim.calibration.targets import Bound, CalibrationTarget, Role, fingerprint, of_role, targets
from sim.experiments.analyse.cases import means_of
from sim.experiments.sets import OwnError
from sim.measures.arrays import Floats
from sim.measures.outcomes import outcome
from sim.report.marking import markdown_table, texts
from sim.report.page.parts import Chapter, Page, made_by
from sim.results.own_error import (
    FEWEST,
    ClassError,
    Gap,
    OwnErrors,
    class_of,
    class_rows,
    left_out_in_turn,
    own_errors,
)
from sim.results.words import counted, per_cent

#: Standard deviation of a share that is evenly spread over 0–1, and its kurtosis, which decides the error of that.
_PRIOR_SD, _KURTOSIS = 1.0 / np.sqrt(12.0), 1.8
#: Standard errors beyond which a shift or a narrowing is no accident among hundreds of parameters.
_ERRORS = 4.0
#: Ends and middle of the model's intervals, and standard deviations between the middle and an end.
ENDS, _SPREADS = (0.05, 0.5, 0.95), 1.645


def with_outcome() -> tuple[CalibrationTarget, ...]:
    """All facts to which an outcome of the model corresponds; facts for fitting come first."""
    return tuple(one for role in (Role.FIT, Role.VALIDATION, Role.REVISED, Role.USED) for one in of_role(role))


def columns_of(target: CalibrationTarget, values: Floats) -> dict[str, Floats]:
    """Columns of the ensemble's table for one fact, from outcomes f8[sets, runs per set]."""
    mean = means_of(values)
    each = {f"{RUN.format(number)}{target.key}": run for number, run in enumerate(values.T, 1)}
    return {f"{DISTANCE}{target.key}": target.distance(mean), f"{VALUE}{target.key}": mean, **each}


def ends_of(target: CalibrationTarget, values: Floats) -> list[float]:
    """Quantiles of the prior's outcomes for a fact, and the share of outcomes that agree with the fact.

    Empty where none has the outcome.
    """
    if np.isnan(values).all():
        return []
    low, middle, high = np.nanquantile(values, ENDS).tolist()
    return [low, low, middle, high, high, float(target.inside(values).mean())]


def movements(kept: Floats) -> pd.DataFrame:
    """Table of how calibration shifted and narrowed each parameter, relative to the prior.

    `ratio` is the standard deviation among the sets over that of the prior, `shift` that of the mean, in standard
    deviations of the prior; `identified`: either is more than chance among so many.
    """
    ratio, shift = kept.std(axis=0, ddof=1) / _PRIOR_SD, (kept.mean(axis=0) - 0.5) / _PRIOR_SD
    error_of_shift, error_of_ratio = 1.0 / np.sqrt(len(kept)), np.sqrt((_KURTOSIS - 1.0) / (4.0 * len(kept)))
    identified = (np.abs(shift) > _ERRORS * error_of_shift) | (ratio < 1.0 - _ERRORS * error_of_ratio)
    return pd.DataFrame({"ratio": ratio, "shift": shift, "identified": identified}, index=prior.names())


def meets(frame: pd.DataFrame, targets: Sequence[CalibrationTarget]) -> pd.DataFrame:
    """True where a parameter set agrees with a fact, [set, fact]."""
    return pd.DataFrame({target.key: target.inside(frame[f"{VALUE}{target.key}"].to_numpy()) for target in targets})


def meeting_all(frame: pd.DataFrame, targets: Sequence[CalibrationTarget]) -> float:
    """Share of parameter sets that agree with all given facts; NaN without facts."""
    return float(meets(frame, targets).all(axis=1).mean())


def paragraph(text: str) -> str:
    """Wraps a text at the usual line length."""
    return fill(" ".join(text.split()), 120, break_long_words=False, break_on_hyphens=False)


def said(name: str, **gaps: object) -> str:
    """Fills in the gaps of a paragraph from the file of texts."""
    return paragraph(texts("calibration")[name].format(**gaps))


def code_of(about: Mapping[str, Any]) -> str:
    """Text on the date and the code version of an ensemble."""
    code = about["code"]
    commit = f", commit {code['commit'][:10]}" if code["commit"] else ""
    changed = " with changes" if code["dirty"] else ""
    return f"{about['made']}, Comity {code['version']}{commit}{changed}, sources {code['sources'][:10]}"


def band(target: CalibrationTarget) -> str:
    """Text on the range of outcomes that agree with a fact."""
    if target.bound is Bound.LOWER:
        return f"≥ {figure(target.low)}"
    high = figure(target.high)
    return f"≤ {high}" if target.bound is Bound.UPPER else f"{figure(target.low)} to {high}"


def figure(value: float) -> str:
    """Text of a number with three significant digits, or as an integer if large."""
    return f"{float(f'{value:.3g}'):,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


@dataclass(frozen=True)
class TargetFinding:
    """Comparison of one published fact with the ensemble's outcomes."""

    target: CalibrationTarget
    # low, median, high: 5 %, median and 95 % over sets of the mean of each set's runs; NaN where no set has the outcome
    low: float
    median: float
    high: float
    inside: float = math.nan  # share of the sets that meet the fact; a set without the outcome does not
    missing: float = math.nan  # share of the sets without the outcome
    by_chance: float = math.nan  # share of the variance over sets that is chance in their runs, 0–1

    @property
    def agrees(self) -> bool:
        """True if the ensemble's median outcome agrees with the fact."""
        return self.target.low <= self.median <= self.target.high

    @property
    def ends(self) -> Floats:
        """Low end, median and high end of the ensemble's interval, on the fact's scale."""
        return self.target.scaled(np.array([self.low, self.median, self.high]))

    @property
    def words(self) -> str:
        """Text of the median and interval of the ensemble's outcomes; a dash if there are none."""
        low, median, high = (figure(end) for end in (self.low, self.median, self.high))
        return "–" if math.isnan(self.median) else f"{median} ({low} to {high})"

    def width(self, own: float = 0.0) -> float:
        """Width of the ensemble's interval, as the ratio of its ends."""
        low, median, high = self.ends
        return float(np.exp(sum(math.hypot(half, _SPREADS * own) for half in (median - low, high - median))))

    @property
    def gap(self) -> float:
        """Distance between the ensemble's median and the fact, on the fact's scale."""
        return float(self.target.apart(self.ends[1]))

    def holds(self, own: float = 0.0) -> bool:
        """True if the interval contains the fact, after widening by the model's own and the measurement error."""
        low, median, high = self.ends
        half = median - low if self.target.middle < median else high - median
        return self.gap <= math.hypot(half, _SPREADS * math.hypot(self.target.error, own))


def judged(ensemble: Ensemble, role: Role) -> list[TargetFinding]:
    """Comparisons of all measured facts with a given role."""
    return [find(ensemble, target) for target in of_role(role) if f"{VALUE}{target.key}" in ensemble.frame.columns]


def find(ensemble: Ensemble, target: CalibrationTarget) -> TargetFinding:
    """Compares one fact with the ensemble's outcomes."""
    runs = _runs_of(ensemble, target)
    runs = runs[~np.isnan(runs).any(axis=1)]
    within, between = (np.var(part, axis=-1, ddof=1) for part in (runs, runs.mean(axis=1)))
    within = within.mean() / runs.shape[1]
    by_chance = float(min(within / between, 1.0)) if between > 0.0 else math.nan
    return replace(_found(target, ensemble.frame[f"{VALUE}{target.key}"].to_numpy(np.float64)), by_chance=by_chance)


def _found(target: CalibrationTarget, values: Floats) -> TargetFinding:
    """Compares one fact with outcomes of runs, or with quantiles of them."""
    known = values[~np.isnan(values)]
    low, median, high = np.quantile(known, ENDS).tolist() if len(known) else [math.nan] * 3
    share, missing = float(target.inside(values).mean()), 1.0 - len(known) / len(values)
    return TargetFinding(target, low, median, high, share, missing)


def before(ensemble: Ensemble, findings: Sequence[TargetFinding]) -> list[TargetFinding]:
    """Comparisons of the same facts with the prior; empty if the ensemble does not store the prior's."""
    kept = ensemble.manifest.get("prior", {})
    known = [(one.target, kept[one.target.key]) for one in findings if kept.get(one.target.key)]
    return [replace(_found(target, np.array(ends[:-1])), inside=ends[-1]) for target, ends in known]


def gap_of(finding: TargetFinding) -> Gap:
    """Distance of the model's median from a fact, and what measurement, sets and chance explain of it."""
    low, median, high = finding.ends
    target, spread = finding.target, (high - low) / (2.0 * _SPREADS)
    group = class_of("", target.unit, target.kind)
    return Gap(group, float(median - target.middle), float(np.hypot(spread, target.error)))


def two_sided(findings: Sequence[TargetFinding]) -> list[TargetFinding]:
    """Comparisons that say how far the model is from a fact: no bounds, and sets have the outcome."""
    return [one for one in findings if one.target.bound is Bound.NONE and not math.isnan(one.median)]


def errors_of(findings: Sequence[TargetFinding]) -> OwnErrors:
    """The model's own error by class of outcome, from two-sided facts that were not used for fitting."""
    return own_errors([gap_of(one) for one in two_sided(findings)])


def own_error(findings: Sequence[TargetFinding]) -> OwnError:
    """The model's own error on levels and shares of which no class is known, from facts not used for fitting.

    Both are one number, in logs and in logits: classes differ (`errors_of`), scales do not.
    """
    return OwnError(*[errors_of(findings).common.error] * 2)


def validation_page(ensemble: Ensemble, command: str = "comity validate") -> Page:
    """Makes the page that compares all published facts with the ensemble, by role."""
    about, parts = ensemble.manifest, {role: judged(ensemble, role) for role in _TITLES}
    text = said("validation", size=ensemble.size, code=code_of(about), each=about.get("runs_of_each_set"))
    if since := about.get("measured_since"):
        added = counted(len(about.get("drawn_since", ())), "parameter")
        text = f"{said('measured_again', code=code_of(about), since=code_of(since), added=added)}\n\n{text}"
    if about.get("targets") != fingerprint():
        text += "\n\n" + said("changed", command=COMMAND)
    tables = {
        _TITLES[role]: f"{said(f'validation_{role}')}\n\n{_table(found)}" for role, found in parts.items() if found
    }
    defined = (f"- **{one.title}** ({one.unit}): {one.definition}" for one in targets() if one.definition)
    sections = {
        "How it was done": text,
        **tables,
        "What is missed, and what that puts in question": _missed(ensemble, parts[Role.VALIDATION]),
        "What the facts did to levels": _lifted(ensemble),
        "Single runs, means of runs, and the prior": _singly(ensemble),
        "The model's own error": _errors(ensemble, parts[Role.VALIDATION]),
        "Inputs, and what no run gives": _listed(),
        "Definitions": "\n".join([*_unmeasured(ensemble), *defined]),
    }
    question = "Validation: does the model agree with published facts?"
    chapters = tuple(Chapter(title, words) for title, words in sections.items())
    return Page(question, sentences(ensemble), sections=chapters, manifest=made_by(command))


def sentences(ensemble: Ensemble) -> tuple[str, str, str]:
    """Summary of a validation in three sentences."""
    held, changed, fitted = (judged(ensemble, role) for role in (Role.VALIDATION, Role.REVISED, Role.FIT))
    met = per_cent(meeting_all(ensemble.frame, [finding.target for finding in fitted]))
    worst = max(held, key=lambda finding: math.inf if math.isnan(finding.gap) else finding.gap / finding.target.error)
    return (
        f"{counted(ensemble.size, 'parameter set')} were judged by {counted(len(held), 'fact')} that chose none; "
        f"{len(changed)} more were missed earlier and changed the model.",
        f"The model's median agrees with {sum(one.agrees for one in held)}, and its 90 % intervals hold "
        f"{sum(finding.holds() for finding in held)}; they span a factor of {_width(held):.2g}; it does worst on "
        f"“{worst.target.title}”, {worst.words} in the model against {band(worst.target)} ({worst.target.unit}).",
        f"Meeting {sum(one.agrees for one in fitted)} of the {counted(len(fitted), 'fact')} that chose sets "
        f"is no evidence ({met} of sets meet all); intervals hold chance and parameters.",
    )


def _width(findings: Sequence[TargetFinding], own: float = 0.0) -> float:
    """Median width of the intervals for several facts, as a ratio of the intervals' ends."""
    return float(np.nanmedian([finding.width(own) for finding in findings]))


#: What the part of the page with the facts of a role is called; texts.yaml has the text above them.
_TITLES = {
    Role.VALIDATION: "Held out",
    Role.REVISED: "Missed once, and the model changed",
    Role.FIT: "Fitted to",
    Role.USED: "Inputs that a run measures",
}


def _errors(ensemble: Ensemble, held: Sequence[TargetFinding]) -> str:
    """Table of the model's own error by class, as estimated from facts kept apart, each judged by all others."""
    head = ["class", "facts kept apart", "medians agree", "own error, factor", "hold, without it", "hold, with it"]
    head += ["width without", "width with", "is"]
    sides = two_sided(held)
    names = {row["key"]: row["title"] for row in class_rows()}
    errors, rows = errors_of(held), []
    apart = [*zip(sides, left_out_in_turn([gap_of(one) for one in sides]), strict=True)]
    for key, name in names.items():
        known = errors.of(key)
        rows.append(_error_row(name, [pair for pair in apart if pair[1].key == key], known.error, _is_checked(known)))
    rows.append(_error_row("**all, one left out in turn**", apart, errors.common.error, "for a class without facts"))
    drawn = two_sided(before(ensemble, held))
    of_prior = [*zip(drawn, left_out_in_turn([gap_of(one) for one in drawn]), strict=True)]
    title = "draws of the prior, one run each"
    rows += [_error_row(title, of_prior, errors_of(drawn).common.error, "for comparison")] if drawn else []
    bounds = [one for one in held if one.target.bound is not Bound.NONE and not math.isnan(one.median)]
    inside, reached = sum(one.agrees for one in bounds), sum(one.holds() for one in bounds)
    text = said("own_error_bounds", number=len(bounds), inside=inside, reached=reached)
    return f"{said('own_error', fewest=FEWEST)}\n\n{markdown_table(head, rows, right=set(range(1, 8)))}\n\n{text}"


def _unmeasured(ensemble: Ensemble) -> list[str]:
    """Lines that name facts which were written after the sets' runs, and so have no outcome; empty without any."""
    titles = [one.title for one in with_outcome() if f"{VALUE}{one.key}" not in ensemble.frame.columns]
    return [said("unmeasured", titles="; ".join(titles)), ""] if titles else []


def _is_checked(known: ClassError) -> str:
    """Text on whether enough facts of a class say how large the error on it is."""
    return "checked" if known.checked else "not checked"


def _error_row(title: str, apart: Sequence[tuple[TargetFinding, ClassError]], error: float, remark: str) -> list[str]:
    """Row of the table of own errors: facts, how many intervals hold them, and how wide these are."""
    facts, counts = [one for one, _ in apart], [len(apart)]
    counts += [sum(one.agrees for one in facts)]
    holds = [sum(one.holds() for one in facts), sum(one.holds(known.error) for one, known in apart)]
    widths = ([one.width() for one in facts], [one.width(known.error) for one, known in apart])
    shown = (f"{float(f'{np.median(part):.2g}'):g}" if part else "–" for part in widths)
    factor = "–" if math.isnan(error) else f"{math.exp(error):.2g}"
    return [title, *map(str, counts), factor, *map(str, holds), *shown, remark]


def _singly(ensemble: Ensemble) -> str:
    """Table of how often facts are met: by means of each set's runs, by single runs, and by draws of the prior."""
    rows = []
    informative = ensemble.manifest.get("informative", ())
    fitted, held = (judged(ensemble, role) for role in (Role.FIT, Role.VALIDATION))
    parts = {
        "fitted to, informative": [one for one in fitted if one.target.key in informative],
        "fitted to, others": [one for one in fitted if one.target.key not in informative],
        "held out, two-sided": two_sided(held),
        "held out, bounds": [one for one in held if one.target.bound is not Bound.NONE],
    }
    for title, facts in parts.items():
        if not facts:
            continue
        each = [_runs_of(ensemble, one.target) for one in facts]
        single = np.array([one.target.inside(runs) for one, runs in zip(facts, each, strict=True)])  # [fact, set, run]
        mean = meets(ensemble.frame, [one.target for one in facts]).to_numpy()
        drawn = before(ensemble, facts)
        agreeing = (f"{sum(one.agrees for one in part)} of {len(part)}" for part in (facts, drawn))
        shares = (mean.mean(), single.mean(), float(np.mean([one.inside for one in drawn])) if drawn else math.nan)
        together = mean.all(axis=1).mean(), single.all(axis=0).mean()
        rows.append([title, *agreeing, *map(_share, (*shares, *together))])
    head = ["facts", "medians of sets agree", "medians of the prior agree", "met by means of runs", "by single runs"]
    head += ["by the prior", "sets that meet all, by means", "by single runs"]
    return f"{said('singly', each=ensemble.manifest.get('runs_of_each_set'))}\n\n{markdown_table(head, rows)}"


def _share(value: float) -> str:
    return "–" if math.isnan(value) else per_cent(value)


def _runs_of(ensemble: Ensemble, target: CalibrationTarget) -> Floats:
    """Outcomes of the single fresh runs of each set for a fact, f8[sets, runs]."""
    return ensemble.frame.filter(regex=rf"^run_\d+\.{target.key}$").to_numpy(np.float64)


def _lifted(ensemble: Ensemble) -> str:
    """Table of headline outcomes in prior and ensemble, with a caution about absolute levels."""
    rows = []
    for key, both in ensemble.manifest.get("levels", {}).items():
        ends = (f"{figure(median)} ({figure(low)} to {figure(high)})" for low, median, high in both)
        rows.append([outcome(key).title, outcome(key).unit, *ends])
    return f"{said('levels')}\n\n{markdown_table(['outcome', 'unit', 'prior', 'sets'], rows, right={2, 3})}"


def _missed(ensemble: Ensemble, held: Sequence[TargetFinding]) -> str:
    """Text on the held-out facts that the ensemble misses, with likely reasons."""
    met = {one.target.key: per_cent(one.inside) for one in before(ensemble, held)}
    lines = [
        f"- {one.target.title}: {one.words} against {band(one.target)}, met by {per_cent(one.inside)} of the sets"
        + (f" and {met[one.target.key]} of the prior" if one.target.key in met else "")
        + f"; in question: {one.target.question or 'nothing is named yet'}."
        for one in held
        if not one.agrees and not math.isnan(one.median)
    ]
    return "\n".join(lines) or "None is missed."


def _table(findings: Sequence[TargetFinding]) -> str:
    """Markdown table of facts and of the ensemble's outcomes for them."""
    head = ["fact", "published", "within", "model", "unit", "width", "holds", "sets inside", "by chance", "verdict"]
    head += ["fact is", "source"]
    return markdown_table(head, [_cells(finding) for finding in findings], right={5, 7, 8})


def _cells(finding: TargetFinding) -> list[str]:
    """Cells of the table row for one fact: value, range, and the ensemble's outcome."""
    target, width = finding.target, "–" if math.isnan(finding.median) else f"{finding.width():.2g}"
    reaches = finding.high >= target.low and finding.low <= target.high
    verdict = "inside" if finding.agrees else "median outside, interval reaches it" if reaches else "missed"
    verdict += f"; missing in {per_cent(finding.missing)} of the sets" if finding.missing > 0 else ""
    holds = "yes" if finding.holds() else "no"
    return [
        *(target.title, figure(target.value), band(target), finding.words, target.unit, width, holds),
        *(per_cent(finding.inside), per_cent(finding.by_chance), verdict, str(target.flag), _published(target)),
    ]


def _listed() -> str:
    """List of facts that validation does not use, each with the reason."""
    rows = [
        [target.title, figure(target.value), target.unit, str(target.role), target.because, _published(target)]
        for target in targets()
        if target.because
    ]
    return markdown_table(["fact", "published", "unit", "role", "input of, or why", "source"], rows, right={1})


def _published(target: CalibrationTarget) -> str:
    """Text on the publisher and source of a fact."""
    return f"{target.by.rstrip('.')}. {target.source}"


def print_findings(ensemble: Ensemble, console: Console) -> None:
    """Prints a short comparison of the facts with the ensemble."""
    for role, title in _TITLES.items():
        shown = Table("fact", "within", "model: median (5 to 95 %)", "unit", "width", "holds", "verdict", title=title)
        for finding in judged(ensemble, role):
            cells = _cells(finding)
            shown.add_row(cells[0], *cells[2:7], cells[9])
        console.print(shown)
    console.print("\n".join(sentences(ensemble)), highlight=False, markup=False, soft_wrap=True)
