"""Judgement of several experts on open choices, read from forms as priors: `comity calibrate --judgement FOLDER`.

The protocol (docs/judgement.md) is Cooke's classical model: each expert gives the 5, 50 and 95 % quantiles of each
quantity alone, in one form per open choice. Between them nothing more is assumed than the form says: the distribution
is the one of least information with these quantiles over the plausible range, on the parameter's scale. Experts are
pooled linearly, with equal weights or, where all have answered the same seed questions, with weights by how well their
ranges held what is known (calibration) and how narrow they were (information).

A prior draw is a place in the unit cube; `Judgement.placed` turns evenly drawn shares of a plausible range into shares
that are drawn by the pooled distribution. Parameters without a form keep their prior.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from sim.calibration import prior
from sim.calibration.targets import targets
from sim.experiments.axis import Axis
from sim.measures.arrays import Floats
from sim.policy.problem import InputError, mistake
from sim.results.depends import DrawnChoice, open_choices
from sim.results.labels import packaged_rows

#: Quantiles that an expert gives, and probability of each part of the range between them.
QUANTILES = ("q05", "q50", "q95")
PARTS = (0.05, 0.45, 0.45, 0.05)
#: Name of the form with answers to seed questions, and of the file that has these questions.
SEEDS, SEED_QUESTIONS = "seeds", "judgement_seeds.csv"
#: An expert whose ranges hold what is known less well than this by chance has no weight (Cooke's cut-off).
CUT_OFF = 0.05
_Text = Annotated[str, Field(max_length=2_000)]
_Number = Annotated[float, Field(allow_inf_nan=False)]
_FIX = "`comity forms FOLDER` writes empty forms; docs/judgement.md explains them."


class _Answer(BaseModel):
    """Schema of an answer: three quantiles, or none where it is left open."""

    model_config = ConfigDict(extra="ignore")  # what the form explains may be changed or left out

    q05: _Number | None = None
    q50: _Number | None = None
    q95: _Number | None = None
    reason: _Text = ""


class _Form(BaseModel):
    """Schema of a form."""

    model_config = ConfigDict(extra="ignore")

    choice: Annotated[str, Field(max_length=100)]
    expert: Annotated[str, Field(max_length=200)] = ""
    date: str | Any = ""
    answers: dict[Annotated[str, Field(max_length=200)], _Answer] = Field(max_length=100)


@dataclass(frozen=True)
class Opinion:
    """An expert's quantiles of one quantity, as shares of its plausible range."""

    expert: str
    parameter: str
    shares: tuple[float, float, float]

    def quantile(self, at: Floats) -> Floats:
        """Share at given probabilities, by the distribution of least information."""
        return np.asarray(np.interp(at, _PROBABILITIES, (0.0, *self.shares, 1.0)))

    def probability(self, shares: Floats) -> Floats:
        """Probability of less than given shares."""
        return np.asarray(np.interp(shares, (0.0, *self.shares, 1.0), _PROBABILITIES))


_PROBABILITIES = (0.0, *np.cumsum(PARTS)[:-1].tolist(), 1.0)
_FINE = np.linspace(0.0, 1.0, 4097)


@dataclass(frozen=True)
class Judgement:
    """Pooled judgement of all experts: a distribution for each parameter that somebody judged."""

    opinions: Mapping[str, tuple[Opinion, ...]]  # by parameter
    weights: Mapping[str, float]  # by expert, which sum up to one
    by_seeds: bool = False  # whether weights rest on seed questions
    sha256: str = ""  # of all forms

    def placed(self, cube: Floats) -> Floats:
        """Turns even draws, f8[sets, parameters], into draws by the pooled distributions."""
        placed = cube.copy()
        for column, name in enumerate(prior.names()):
            if name in self.opinions:
                placed[:, column] = self.quantile(name, cube[:, column])
        return placed

    def probability(self, parameter: str, shares: Floats) -> Floats:
        """Pooled probability of less than given shares of the plausible range."""
        given = self.opinions[parameter]
        weights = np.array([self.weights[one.expert] for one in given])
        values = np.column_stack([one.probability(shares) for one in given])
        return np.asarray(values @ (weights / weights.sum()))

    def quantile(self, parameter: str, at: Floats) -> Floats:
        """Share of the plausible range at given probabilities."""
        return np.asarray(np.interp(at, self.probability(parameter, _FINE), _FINE))

    def plain(self) -> dict[str, Any]:
        """Record of the judgement for the manifest of an ensemble."""
        weights = {expert: round(weight, 4) for expert, weight in self.weights.items()}
        return {
            "parameters": sorted(self.opinions),
            "weights": weights,
            "by_seeds": self.by_seeds,
            "forms": self.sha256,
        }


@cache
def axes_of_choices() -> Mapping[str, Axis]:
    """Axes of all parameters that open choices draw, by dotted name."""
    known = dict(zip(prior.names(), prior.axes(), strict=True))
    names = (name.removeprefix("-") for one in open_choices() for name in one.parameters)
    return {name: known[name] for name in names if name in known}


def read_forms(folder: Path) -> Judgement:
    """Reads and pools the filled forms of a folder: one folder per expert, one file per open choice."""
    if not folder.is_dir():
        raise mistake("no folder of forms", "--judgement", folder, _FIX)
    files = sorted(path for path in folder.glob("*/*.yaml") if path.is_file())
    if not files:
        raise mistake("no form in it", "--judgement", folder, f"Each expert has a folder in it. {_FIX}")
    opinions: dict[str, list[Opinion]] = {}
    seeds: dict[str, dict[str, tuple[float, float, float]]] = {}
    for path in files:
        expert, form = path.parent.name, _form(path)
        if form.choice == SEEDS:
            seeds[expert] = _seeds(form, path)
            continue
        for opinion in _opinions(expert, form, path):
            opinions.setdefault(opinion.parameter, []).append(opinion)
    if not opinions:
        raise mistake("no form has an answer", "--judgement", folder, "Fill q05, q50 and q95 of one question or more.")
    experts = sorted({one.expert for ones in opinions.values() for one in ones})
    weights = _weights_by_seeds({expert: seeds[expert] for expert in experts}) if set(experts) <= set(seeds) else None
    equal = {expert: 1.0 / len(experts) for expert in experts}
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()
    pooled = {name: tuple(ones) for name, ones in opinions.items()}
    used = weights or equal
    if silent := [name for name, ones in pooled.items() if not any(used[one.expert] for one in ones)]:
        problem = "only experts without weight judged this, as their ranges hold too few of the seed questions"
        raise mistake(
            problem, "--judgement", silent[0], "Ask another expert, or take seeds.yaml away: weights are equal."
        )
    return Judgement(pooled, used, weights is not None, digest)


def _form(path: Path) -> _Form:
    """Reads and checks one form."""
    from sim.experiments.store import check_content, read_yaml

    content = read_yaml(path)
    if not isinstance(content, dict):
        raise InputError("no form", where=str(path), fix=_FIX)
    check_content(_Form, content, path, fix=_FIX)
    return _Form.model_validate(content)


def _opinions(expert: str, form: _Form, path: Path) -> Iterable[Opinion]:
    """Yields an expert's answers in one form; answers that are left open are left out."""
    choices = {one.key: one for one in open_choices()}
    if form.choice not in choices:
        raise InputError("no open choice", where=str(path), key="choice", value=form.choice, fix=_FIX)
    axes = axes_of_choices()
    names = [name.removeprefix("-") for name in choices[form.choice].parameters]
    for name, answer in form.answers.items():
        if name not in names:
            fix = f"This form asks about {', '.join(names)}."
            raise InputError("no question of this form", where=str(path), key=f"answers.{name}", fix=fix)
        values = _values(answer, name, path)
        if values is None:
            continue
        axis = axes[name]
        for quantile, value in zip(QUANTILES, values, strict=True):
            if not axis.low <= value <= axis.high:
                fix = f"Its plausible range is {axis.low:g} to {axis.high:g}; sim/data/parameters.csv has it."
                raise InputError("out of range", where=str(path), key=f"{name}.{quantile}", value=value, fix=fix)
        shares = prior.share(axis, np.array(values)).tolist()
        yield Opinion(expert, name, (shares[0], shares[1], shares[2]))


def _values(answer: _Answer, name: str, path: Path) -> tuple[float, float, float] | None:
    """The three quantiles of an answer; None where it is left open."""
    values = [getattr(answer, quantile) for quantile in QUANTILES]
    if all(value is None for value in values):
        return None
    for quantile, value in zip(QUANTILES, values, strict=True):
        if value is None:
            fix = "Give all three quantiles, or none."
            raise InputError("a quantile is missing", where=str(path), key=f"{name}.{quantile}", fix=fix)
    if not values[0] < values[1] < values[2]:
        fix = "Write the 5 % quantile, the median and the 95 % quantile in rising order."
        raise InputError("quantiles do not rise", where=str(path), key=f"{name}.q50", value=values[1], fix=fix)
    return values[0], values[1], values[2]


@cache
def seed_questions() -> Mapping[str, tuple[str, str, float]]:
    """Questions whose answers are known: title, unit and value of published facts, by key."""
    known = {one.key: one for one in targets()}
    rows = (known[row["fact"]] for row in packaged_rows(SEED_QUESTIONS))
    return {one.key: (one.title, one.unit, one.value) for one in rows}


def _seeds(form: _Form, path: Path) -> dict[str, tuple[float, float, float]]:
    """An expert's answers to seed questions; all must be answered."""
    answers = {}
    for key in seed_questions():
        values = _values(form.answers[key], key, path) if key in form.answers else None
        if values is None or values[0] <= 0.0:
            fix = "Answer all seed questions above 0, or take the file away: experts then have equal weights."
            raise InputError("a seed question without an answer", where=str(path), key=key, fix=fix)
        answers[key] = values
    return answers


def _weights_by_seeds(answers: Mapping[str, Mapping[str, tuple[float, float, float]]]) -> dict[str, float]:
    """Cooke's weights by expert: calibration times information, 0 below the cut-off."""
    scores = {expert: score(given, answers.values()) for expert, given in answers.items()}
    weights = {expert: held * known if held >= CUT_OFF else 0.0 for expert, (held, known) in scores.items()}
    total = sum(weights.values())
    if total == 0.0:
        fix = "Take the files seeds.yaml away: experts then have equal weights."
        raise mistake("no expert's ranges hold what is known", "--judgement", None, fix)
    return {expert: weight / total for expert, weight in weights.items()}


def score(
    given: Mapping[str, tuple[float, float, float]], of_all: Iterable[Mapping[str, tuple[float, float, float]]]
) -> tuple[float, float]:
    """Cooke's calibration and information of an expert by seed questions, on a log scale.

    Calibration is the probability that an expert whose ranges are right does as badly by chance (chi-square of the
    relative information of how often the parts hold what is known). Information is the mean relative information of the
    expert's distribution to an even one over the range of all answers and what is known, a tenth wider on each side.
    """
    from scipy.stats import chi2

    counts, information, everybody = np.zeros(len(PARTS)), [], list(of_all)
    for key, (_, _, value) in seed_questions().items():
        ends, real = np.log(given[key]), math.log(value)
        counts[int(np.searchsorted(ends, real))] += 1
        among = np.log([end for one in everybody for end in (one[key][0], one[key][2])] + [value])
        wider = 0.1 * (among.max() - among.min())
        edges = np.concatenate(([among.min() - wider], ends, [among.max() + wider]))
        widths = np.maximum(np.diff(edges), 1e-12) / max(edges[-1] - edges[0], 1e-12)
        information.append(float(np.sum(np.array(PARTS) * np.log(np.array(PARTS) / widths))))
    share = counts / counts.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(share > 0.0, share * np.log(share / np.array(PARTS)), 0.0)
    held = float(chi2.sf(2.0 * counts.sum() * parts.sum(), len(PARTS) - 1))
    return held, float(np.mean(information))


def form_text(choice: DrawnChoice, answers: Mapping[str, Sequence[object]] | None = None, expert: str = "") -> str:
    """Form of an open choice as YAML text: empty, or with quantiles by parameter."""
    axes = axes_of_choices()
    lines = [
        f"# {choice.title[0].upper()}{choice.title[1:]}?",
        "# Give for each question the value that you think the truth lies below with 5, 50 and 95 % probability.",
        "# Answer alone, before you talk to others. Leave empty what you cannot judge.",
        f"choice: {choice.key}",
        f"expert: {expert or chr(34) * 2}  # name or pseudonym",
        'date: ""',
        "answers:",
    ]
    meanings = {key: (meaning, unit, source) for key, meaning, unit, source in _described()}
    for name in (name.removeprefix("-") for name in choice.parameters):
        if name not in axes:
            continue
        axis, (meaning, unit, source) = axes[name], meanings[name]
        values = list(answers[name]) if answers and name in answers else ["", "", ""]
        lines += [
            f"  {name}:",
            f"    # {meaning}; unit: {unit}; plausible: {axis.low:g} to {axis.high:g}",
            f"    # known: {source}",
            *(f"    {quantile}: {value}".rstrip() for quantile, value in zip(QUANTILES, values, strict=True)),
            '    reason: ""',
        ]
    return "\n".join(lines) + "\n"


def _described() -> Iterable[tuple[str, str, str, str]]:
    """Yields dotted name, meaning, unit and source of every parameter, each on one line."""
    from sim.world.parameters import declarations

    for name, _, one in declarations():
        meaning, unit, source = (" ".join(text.split()) for text in (one.meaning, one.unit, one.source))
        yield name, meaning, unit, source


def seeds_text() -> str:
    """Form with the seed questions as YAML text."""
    lines = [
        "# Seed questions: figures that somebody has published. Look nothing up.",
        "# They show how well ranges hold, and weigh experts where all have answered.",
        f"choice: {SEEDS}",
        'expert: ""',
        'date: ""',
        "answers:",
    ]
    for key, (title, unit, _) in seed_questions().items():
        lines += [f"  {key}:", f"    # {title}; unit: {unit}", *(f"    {quantile}:" for quantile in QUANTILES)]
    return "\n".join(lines) + "\n"


def write_forms(folder: Path) -> list[Path]:
    """Writes an empty form for each open choice, and the seed questions; existing files stay."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {one.key: form_text(one) for one in open_choices() if one.parameters} | {SEEDS: seeds_text()}
    written = []
    for name, text in texts.items():
        path = folder / f"{name}.yaml"
        if path.exists():
            fix = "Name a new folder: one for each expert."
            raise mistake("a form is there already", "FOLDER", path, fix)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def of_prior(choice: DrawnChoice) -> dict[str, list[float]]:
    """Quantiles of today's prior for each parameter of a choice: even over its plausible range, on its scale."""
    axes = axes_of_choices()
    names = (name.removeprefix("-") for name in choice.parameters)
    return {name: [float(axes[name].at(at).value) for at in np.cumsum(PARTS)[:-1]] for name in names if name in axes}
