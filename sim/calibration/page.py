"""docs/calibration.md: what a calibration did, how far sets agree with the facts, and what stays unknown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.calibration import prior
from sim.calibration.calibrate import (
    BY_PRIOR,
    LAST,
    LEAST_NEAR,
    LOOKED_AT,
    SHARPENED,
    Calibration,
    TwoEnsembles,
    meets_at_first,
    promise_kept,
)
from sim.calibration.ensemble import COMMAND
from sim.calibration.matching import CUT, DISCREPANCY
from sim.calibration.results import meeting_all, meets, movements
from sim.calibration.targets import ERRORS, Bound, CalibrationTarget
from sim.calibration.waves import Size
from sim.report.marking import markdown_table
from sim.report.page.parts import Chapter, Page
from sim.results.words import counted, per_cent
from sim.world.parameters import WorldSpec

if TYPE_CHECKING:
    import pandas as pd

#: Names of the figures.
FACTS_FIGURE, MOVED_FIGURE = "calibration_facts", "calibration_moved"
#: Where less of the prior meets a fact, prior, mechanism or fact is in doubt.
LEAST_PRIOR = 0.2
#: A fact to which one parameter of this part of the linear variance leads says little of the rest.
OF_ONE = 0.7
WIDTH = 120


def calibration_page(
    found: Calibration, size: Size, frame: pd.DataFrame, about: Mapping[str, Any], second: TwoEnsembles
) -> Page:
    """The page of a calibration, its ensemble and manifest, and another ensemble beside it."""
    sections = (
        Chapter("What was done", _summary(found, size, frame, about)),
        Chapter("Facts", _targets(found, frame)),
        Chapter("Emulators", _emulators(found)),
        Chapter("What the facts say of parameters", _parameters(found)),
        Chapter("A second ensemble, which no count chose", _second(second)),
    )
    return Page("Calibration", (), sections=sections, manifest={"command": COMMAND, "code": code_of(about)})


def paragraph(text: str) -> str:
    """A paragraph, broken into lines."""
    return fill(" ".join(text.split()), WIDTH, break_long_words=False, break_on_hyphens=False)


def code_of(about: Mapping[str, Any]) -> str:
    """Date and code version of an ensemble in words."""
    code = about.get("code") or {}
    commit = f", commit {str(code['commit'])[:10]}" if code.get("commit") else ""
    changed = " with changes" if code.get("dirty") else ""
    version = f"Comity {code.get('version', '')}{commit}{changed}"
    return f"{about.get('made', '')}, {version}, sources {str(code.get('sources'))[:10]}"


def _summary(found: Calibration, size: Size, frame: pd.DataFrame, about: Mapping[str, Any]) -> str:
    """What was done, and the shares of sets that agree."""
    main, every, sets = found.informative, found.targets, len(frame)
    met, before = meets(frame, every), meets_at_first(found.waves[0], every)
    keys = [target.key for target in main]
    medians = meets(frame.median().to_frame().T, main).iloc[0].sum()
    left = "; ".join(f"{100 * part.plausible:.2g} and {100 * part.meets:.1g} %" for part in found.left)
    waves, outcomes = ", ".join(map(str, size.waves)), len({target.outcome for target in main})
    promised = per_cent(float(promise_kept(found.confirmed).mean()))
    world = "of the default world" if about.get("world") == asdict(WorldSpec()) else "of another world than the default"
    parts = [
        f"Version {about.get('version', 1)} of the ensemble, made by `{COMMAND}` ({code_of(about)}; size "
        f"{about['size']}). {found.runs:,} runs {world} under "
        f"today's law, {about['runs_failed']} of them failed. {about['parameters_varied']} parameters vary: all with a "
        f"plausible range that are not verified. {len(found.inputs)} of them are inputs of emulators; the others vary "
        "over their prior in every set, since nobody knows them, and what they do is part of an emulator's error.",
        f"{size.prior} sets come from the prior ({size.repeats} of them run twice, to know chance), then waves of "
        f"{waves} sets, each drawn from the prior by how probable emulators of all runs so far make it that a set "
        f"meets all facts and promises; the last {min(LAST, len(size.waves))} by that probability to the power of "
        f"{SHARPENED:g}, so that more of their sets meet all for sure. The best {size.candidates} of all these, "
        f"emulator and own runs weighed together, were run {size.tries} times more. Of {found.promised} whose desks "
        "take as long as they should, the "
        f"best {sets} by the mean of their runs are the ensemble. Each had {counted(size.confirm, 'more run')}, with "
        "fresh seeds, and all that is said of it here rests on that alone: the runs by which sets were chosen flatter "
        f"them. By these fresh runs {promised} keep their desks' promise.",
        f"{_codes(found)}To rule out sets that are implausible for any fact would have left most of the prior: a set "
        f"is where an emulated outcome lies more than {CUT:g} standard deviations from the fact, and the variance is "
        "that of the emulator, of chance in one run, of the measurement of the fact, and of the model's own "
        "discrepancy, declared "
        f"as {DISCREPANCY:g} in logs or logits. Share of the prior that is not ruled out, and chance that a set of it "
        f"meets all, before each wave: {left}.",
        f"**{per_cent(meeting_all(frame, main))} of the {sets} sets meet all {len(main)} informative facts** (of "
        f"{outcomes} outcomes; less than {per_cent(BY_PRIOR)} of the prior meets each) within {ERRORS:g} errors of "
        "their measurement, in the mean of their fresh runs, and "
        f"{per_cent(meeting_all(frame, every))} all {len(every)} that can be reached. "
        f"{_hardest(met[keys], main)}The mean set meets {met[keys].sum(axis=1).mean():.1f} and "
        f"{met.sum(axis=1).mean():.1f}; the median of the sets meets {medians} of the informative "
        f"ones. Of the sets from the prior, by one run each, {per_cent(before[keys].all(axis=1).mean())} meet all "
        f"informative facts, and the mean set meets {before[keys].sum(axis=1).mean():.1f}.",
        f"A fact that fewer than {per_cent(LEAST_NEAR)} of the prior's runs come near ({CUT:g} standard deviations of "
        "measurement, chance and discrepancy), and that the emulator comes near in none of "
        f"{LOOKED_AT:,} sets, is a miss of the model and chooses nothing: "
        f"{', '.join(target.title for target in found.beyond) or 'there is none'}.",
    ]
    return "\n\n".join(map(paragraph, parts))


def _second(second: TwoEnsembles) -> str:
    """How far the two ensembles differ."""
    number = len(second.sets)
    return paragraph(
        f"{number} sets were chosen by the same emulators, without facts that count requests or operations, by one run "
        f"each. In {number} worlds of each ensemble faster assistance brings down {second.first:.1f} groups more with "
        f"the shipped sets, and {second.second:.1f} with the others. Two that differ so have a standard deviation of "
        f"{second.of_logs:.2g} in logs, which widens intervals of groups, takedowns and losses. It rests on two "
        "ensembles alone, and is as rough as that."
    )


def _codes(found: Calibration) -> str:
    """Which waves other versions of the code have run; empty where none have."""
    others = [str(number) for number, wave in enumerate(found.waves) if wave.code != found.confirmed.code]
    if not others:
        return ""
    return (
        f"Waves {', '.join(others)} were run by earlier versions of the code, whose hashes ensemble.yaml has, and the "
        "fresh runs by the last. "
    )


def _hardest(met: pd.DataFrame, targets: Sequence[CalibrationTarget]) -> str:
    """The fact that fewest sets meet, and how many meet all others."""
    if len(targets) < 2:
        return ""
    worst = str(met.mean().idxmin())
    title = next(target.title for target in targets if target.key == worst)
    others = per_cent(float(met.drop(columns=worst).all(axis=1).mean()))
    return f"Fewest meet “{title}”: {per_cent(float(met[worst].mean()))}; {others} meet all others. "


def _targets(found: Calibration, frame: pd.DataFrame) -> str:
    """Shares that meet each fact, before and after."""
    rows, notes = [], []
    first, met = meets_at_first(found.waves[0], found.targets).mean(), meets(frame, found.targets).mean()
    for place, target in enumerate(found.targets):  # those that are promised come behind them
        before, effects = float(first[target.key]), found.first.parts[place].emulator.main_effects
        top = int(np.argmax(effects))
        name, effect = f"`{prior.names()[top]}`", float(effects[top])
        cells = target.title, band(target), target.unit, per_cent(before), per_cent(float(met[target.key]))
        rows.append([*cells, f"{name} ({per_cent(effect)})", str(target.flag)])
        notes += _notes(target, before, name, effect, found.last.parts[place].missing)
    head = ["fact", "within", "unit", "prior inside", "sets inside", "strongest parameter", "fact is"]
    text = (
        "Facts stand in sim/data/targets.yaml, with definitions, errors and sources. Within: two errors of "
        f"measurement. Prior inside: share of {len(found.waves[0].cube)} sets from the prior whose one run lies "
        "within. Sets inside: of the ensemble, by the mean of fresh runs. Strongest parameter: its part of the linear "
        "variance that the emulator explains over the prior."
    )
    shown = markdown_table(head, rows, right={3, 4})
    listed = (
        "\n".join(f"- {note}" for note in notes)
        or "- No fact is met by nearly all of the prior or nearly none, or decided by one parameter."
    )
    return f"{_picture('Published facts beside the model', FACTS_FIGURE)}\n\n{paragraph(text)}\n\n{shown}\n\n{listed}"


def _notes(target: CalibrationTarget, before: float, name: str, effect: float, missing: float) -> list[str]:
    """Where a fact says little, or much."""
    title, found = target.title, []
    if before < LEAST_PRIOR:
        found.append(f"{title}: less than a fifth of the prior lies inside: prior, mechanism or fact is in doubt.")
    if before >= BY_PRIOR:
        found.append(f"{title}: {per_cent(before)} of the prior meets it.")
    if effect >= OF_ONE:
        found.append(f"{title}: {name} has {per_cent(effect)} of its variance.")
    if missing > 0.01:
        found.append(f"{title}: missing in {per_cent(missing)} of the sets; such a set does not count as inside.")
    return found


def band(target: CalibrationTarget) -> str:
    """Between which an outcome meets the fact, in words."""
    if target.bound is Bound.LOWER:
        return f"≥ {figure(target.low)}"
    high = figure(target.high)
    return f"≤ {high}" if target.bound is Bound.UPPER else f"{figure(target.low)} to {high}"


def figure(value: float) -> str:
    """A number of three digits, or a whole one."""
    return f"{float(f'{value:.3g}'):,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _emulators(found: Calibration) -> str:
    """Quality of the emulators."""
    rows, less = [], 0
    for first, part in zip(found.first.parts, found.last.parts[: len(found.targets)], strict=False):
        width, last = part.target.half_width * part.target.slope, part.emulator.explained
        most = 1.0 - part.chance * (1.0 - last) / part.emulator.error
        less += part.own_error < part.chance
        errors = math.sqrt(part.own_error) / width, math.sqrt(part.chance) / width
        numbers = first.emulator.explained, last, most, *errors
        rows.append([part.target.title, *("–" if math.isnan(number) else f"{number:.2f}" for number in numbers)])
    head = ["target", "prior R²", "last R²", "at most", "error", "chance"]
    text = (
        "Share of variance explained in sets not seen (five folds, the same for all), by emulators of the "
        "prior alone and of all sets. At most: what chance in single runs leaves to be explained. Error and chance: "
        "standard deviations, of the emulator about the mean of a set and of one run about it, over two errors of "
        f"measurement; for {less} of {len(rows)} facts the emulator errs less than chance."
    )
    return f"{paragraph(text)}\n\n{markdown_table(head, rows)}"


def _picture(title: str, name: str) -> str:
    """A figure as a page shows it."""
    return f"![{title}](figures/{name}.png)"


def _parameters(found: Calibration) -> str:
    """Parameters that moved, and the list of those that did not."""
    every = movements(found.kept)
    known = every[every["identified"]].sort_values("shift", key=lambda shift: -shift.abs(), kind="stable")
    known = known.sort_values("ratio", kind="stable")
    text = (
        f"Of {len(every)} parameters {len(known)} move or narrow by more than chance gives among so many (four "
        "standard errors). Ratio: standard deviation among the sets over that of the prior. Shift: of the mean, in "
        "standard deviations of the prior, on the scale of its plausible range."
    )
    rows = [[f"`{one.Index}`", f"{one.ratio:.2f}", f"{one.shift:+.2f}"] for one in known.itertuples()]
    inputs = ", ".join(f"`{prior.names()[place]}`" for place in found.inputs) or "none"
    few = (
        f"Inputs of emulators are the {len(found.inputs)} that move a fact, a headline or a wait at desks over the "
        f"runs by more than chance gives, the strongest first: {inputs}."
    )
    rest = [f"`{name}`" for name in every.index[~every["identified"]]]
    parts = (
        paragraph(text),
        _picture("Parameters that moved or narrowed", MOVED_FIGURE),
        markdown_table(["parameter", "ratio", "shift"], rows) if rows else "None.",
        paragraph(few),
        "### Not identified",
        paragraph(f"The facts say nothing of these {len(rest)} one by one: the ensemble holds their whole prior."),
        paragraph(", ".join(rest)),
    )
    return "\n\n".join(parts)
