"""Writes the results of `comity calibrate` and `comity validate`: the ensemble, pages and figures.

The page of a calibration says what was done, how far sets agree with the facts, and what stays unknown.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from scipy.stats import spearmanr

from sim.calibration import calibrate as steps
from sim.calibration import ensemble, prior, runs, validate, waves
from sim.calibration.calibrate import Calibration, meets_at_first
from sim.calibration.ensemble import COMMAND, DATA
from sim.calibration.targets import DISCREPANCY, CalibrationTarget, Role
from sim.calibration.validate import ENDS, band, code_of, judged, meeting_all, meets, movements, said
from sim.calibration.waves import CalibrationSetting
from sim.data.influence import FILE as INFLUENCE
from sim.data.influence import PlausibleInfluence, write_influence
from sim.experiments import seal
from sim.experiments.analyse.cases import means_of
from sim.experiments.durable import flush
from sim.experiments.manifest import code_version
from sim.experiments.store import FIGURES, REPORT, check_writable, run_name, writing
from sim.measures.arrays import Floats
from sim.measures.outcomes import HEADLINES
from sim.policy.problem import InputError
from sim.report.figures.rows import Panel, Rows
from sim.report.marking import markdown_table
from sim.report.page.parts import Chapter, Page, markdown_of, write_page
from sim.report.style import BLACK, BLUE, GREY, Caption, plain, save, styled
from sim.results.words import counted, per_cent
from sim.world.parameters import Parameters, WorldSpec

DOCS = Path(__file__).parents[2] / "docs"
CALIBRATION, VALIDATION = "calibration.md", "validation.md"
FACTS_FIGURE, MOVED_FIGURE = "calibration_facts", "calibration_moved"
_LOOKS = {"prior": (GREY, "-", "s"), "sets": (BLUE, "-", "o"), "fact": (BLACK, "-", "|")}
_NAMES = {
    "prior": "draws of the prior: median and 90 %",
    "sets": "the ensemble: median and 90 %",
    "fact": "published, with two errors of measurement",
}
#: Parameters that a record of operations fixes only together, and the part of the sets that is shown of each.
_GROUPS, _SHARE, _MOST_SETS = "criminal.active_groups", "record.recorded_share", (0.05, 0.95)
#: Ends of the axis of facts, as ratios to what was published.
_SPAN = (0.02, 50.0)


def carry_out(setting: CalibrationSetting, size_name: str, *, publish: bool) -> list[Path]:
    """Runs or resumes a calibration and writes its results; returns the paths of the written files.

    With `publish`, a full calibration of the default world renews the ensemble of the package and the pages of docs/.
    Any other leaves its results in its own folder.
    """
    folder = setting.folder
    if changed := seal.changed(folder, derived=False):
        fix = "Restore them; the same command makes waves again whose folders are taken away."
        raise InputError(seal.named(changed), where=str(folder), fix=fix)
    found = steps.calibrate(setting)
    seal.unseal(folder)
    frame, about = table(found), manifest(found, setting, size_name)
    met = per_cent(meeting_all(frame, found.informative))
    summary = f"{about['made']}, {len(frame)} sets, {met} of which meet all {len(found.informative)} informative facts"
    about = ensemble.versioned(about, summary, DATA / ensemble.MANIFEST)
    runs.write(found, folder / runs.FILE)
    page = markdown_of(calibration_page(found, frame, about))
    kept_apart = judged(ensemble.Ensemble(frame, about), Role.VALIDATION)
    own_errors = zip(ensemble.OWN_ERRORS, validate.own_error(kept_apart), strict=True)
    about |= {name: round(one, 3) for name, one in own_errors if math.isfinite(one)}
    ensemble.write(frame, about, folder / ensemble.FILE)
    made = ensemble.load(folder / ensemble.FILE)
    (folder / CALIBRATION).write_text(page, encoding="utf-8")
    figures = _drawn(made, folder)
    report = write_page(validate.validation_page(made, setting.command), folder, VALIDATION)
    seal.seal(folder)
    written = [folder / ensemble.FILE, folder / runs.FILE, *figures, folder / CALIBRATION, folder / VALIDATION, report]
    is_default = setting.world == WorldSpec() and setting.parameters == Parameters()
    if publish and size_name == "full" and is_default and setting.evaluate is waves.run:
        written += [DATA / INFLUENCE, DATA / ensemble.FILE, DATA / ensemble.MANIFEST]
        write_influence(steps.of_wave(found.waves[0]), PlausibleInfluence, DATA / INFLUENCE)
        ensemble.write(frame, about, DATA / ensemble.FILE)
        if DOCS.is_dir():
            shutil.copyfile(folder / CALIBRATION, DOCS / CALIBRATION)
            (DOCS / VALIDATION).write_text(markdown_of(validate.validation_page(made)), encoding="utf-8")
            written += [DOCS / CALIBRATION, DOCS / VALIDATION, *_drawn(made, DOCS)]
    for place in dict.fromkeys([*written, *(path.parent for path in written)]):  # those elsewhere have no sums
        flush(place)
    validate.print_findings(made, setting.console)
    for path in written:
        setting.console.print(f"Written: {path}", soft_wrap=True, highlight=False)
    return written


def _drawn(made: ensemble.Ensemble, folder: Path) -> list[Path]:
    """Draws both figures of a calibration into the folder of its page; returns their paths."""
    drawings = {FACTS_FIGURE: facts_figure(made), MOVED_FIGURE: moved_figure(made)}
    with styled():  # text of drawings stays text
        for name, drawing in drawings.items():
            save(drawing.draw(), folder / FIGURES, name, png=folder != DOCS)
    return [folder / FIGURES / f"{name}.svg" for name in (FACTS_FIGURE, MOVED_FIGURE)]


def run_validation(path: str, results: Path, command: str, console: Console) -> list[Path]:
    """Compares all published facts with an ensemble, prints a summary, and writes the page.

    Without a path it is that of the package. Returns the folder of the report.
    """
    check_writable(results, "--results")
    made = ensemble.load(Path(path) if path else None)
    validate.print_findings(made, console)
    with writing(results, run_name("validation")) as run:
        write_page(validate.validation_page(made, command), run.folder)
    if not path and DOCS.is_dir():
        (DOCS / VALIDATION).write_text(markdown_of(validate.validation_page(made)), encoding="utf-8")
    console.print(f"Report: {run.place / REPORT}", soft_wrap=True, highlight=False)
    return [run.place]


def table(found: Calibration) -> pd.DataFrame:
    """Table of the ensemble, a row per parameter set: parameters, distances from facts, outcomes."""
    runs = (validate.columns_of(target, found.confirmed.of_sets(target.outcome)) for target in validate.with_outcome())
    return pd.concat([prior.frame_of(found.confirmed.cube), *map(pd.DataFrame, runs)], axis=1)


def manifest(found: Calibration, setting: CalibrationSetting, size: str) -> dict[str, Any]:
    """Manifest of the ensemble (a record of how it was made), as plain values."""
    prior_runs, after, runs = found.waves[0], found.confirmed, found.runs
    levels = {key: (prior_runs.of_sets(key)[:, 0], means_of(after.of_sets(key))) for key in HEADLINES}
    left = [wave.left for wave in found.waves if wave.left]
    about = {"made": datetime.now(UTC).date().isoformat(), "command": COMMAND, "size": size, "seed": setting.seed}
    about |= {"sizes": asdict(setting.size) | {"waves": list(setting.size.waves)}, "world": asdict(setting.world)}
    about |= {"runs": len(runs), "runs_failed": int(runs["failed"].notna().sum()), "sets": len(found.confirmed.cube)}
    about |= {"runs_of_each_set": setting.size.confirm, "code": code_version(), "discrepancy": DISCREPANCY}
    about |= {"sources_of_waves": [list(wave.code) for wave in (*found.waves, after)]}
    about |= {"share_of_prior_not_ruled_out": [float(f"{plausible:.3g}") for plausible, _ in left]}
    about |= {"share_of_prior_that_should_meet_all": [float(f"{meeting:.2g}") for _, meeting in left]}
    about |= {"parameters_varied": len(prior.axes()), "candidates_that_keep_promises": found.promised}
    by_experts = {"judgement": setting.judgement.plain()} if setting.judgement else {}
    about |= by_experts | {"inputs": [prior.names()[place] for place in found.inputs]}
    facts = {"beyond_reach": found.beyond, "informative": found.informative}
    about |= {name: [target.key for target in targets] for name, targets in facts.items()}
    about["levels"] = {  # 5 %, median and 95 % of first runs of the prior, and of sets' mean runs
        key: [[float(f"{end:.4g}") for end in np.nanquantile(values, ENDS)] for values in both]
        for key, both in levels.items()
    }
    return about | {
        "prior": {
            one.key: validate.ends_of(one, prior_runs.of_sets(one.outcome)[:, 0]) for one in validate.with_outcome()
        }
    }


def calibration_page(found: Calibration, frame: pd.DataFrame, about: Mapping[str, Any]) -> Page:
    """Makes the page on a calibration."""
    sections = (
        Chapter("What was done", _summary(found, frame, about)),
        Chapter("Facts", _targets(found, frame)),
        Chapter("What the prior meets, and what the sets meet", _before_and_after(found)),
        Chapter("What the facts say of parameters", _parameters(found)),
    )
    return Page("Calibration", (), sections=sections, manifest={"command": COMMAND, "code": code_of(about)})


def _summary(found: Calibration, frame: pd.DataFrame, about: Mapping[str, Any]) -> str:
    """Text on the steps of a calibration and on the shares of parameter sets that agree with facts."""
    main, every, size = found.informative, found.targets, about["sizes"]
    before = meets_at_first(found.waves[0], main).all(axis=1).mean()
    left = (wave.left for wave in found.waves if wave.left)
    own_world = about["world"] == asdict(WorldSpec())
    gaps = {**about, **size, "version": about.get("version", 1), "command": COMMAND, "code": code_of(about)}
    gaps |= {"left": "; ".join(f"{100 * plausible:.2g} and {100 * meeting:.1g} %" for plausible, meeting in left)}
    gaps |= {"world": "of the default world" if own_world else "of another world than the default"}
    gaps |= {"waves": ", ".join(map(str, size["waves"])), "last": min(steps.LAST, len(size["waves"]))}
    gaps |= {"promised": per_cent(float(steps.promise_kept(found.confirmed).mean())), "found": found, "steps": steps}
    gaps |= {"confirm": counted(size["confirm"], "more run"), "outcomes": len({target.outcome for target in main})}
    gaps |= {"by_prior": per_cent(steps.BY_PRIOR), "near": per_cent(steps.LEAST_NEAR), "inputs": len(found.inputs)}
    gaps |= {"main": len(main), "every": len(every)}
    gaps |= {"all_main": per_cent(meeting_all(frame, main)), "all_every": per_cent(meeting_all(frame, every))}
    gaps |= {"prior_all": per_cent(before), "beyond": ", ".join(one.title for one in found.beyond) or "there is none"}
    every_run = [target.inside(found.confirmed.of_sets(target.outcome)) for target in main]
    gaps["single_main"] = per_cent(float(np.all(every_run, axis=0).mean())) if main else "–"
    groups, share = (frame[name].to_numpy(np.float64) for name in (_GROUPS, _SHARE))
    fewest, most = np.quantile(groups, _MOST_SETS) * about["world"]["groups"]
    gaps |= {"tied": spearmanr(groups, share).statistic, "fewest": fewest, "most": most}
    gaps |= dict(
        zip(("least_share", "most_share"), map(per_cent, np.quantile(share, _MOST_SETS).tolist()), strict=True)
    )
    return "\n\n".join(said(name, **gaps) for name in ("made", "chosen", "ruled_out", "met", "record", "beyond"))


def _targets(found: Calibration, frame: pd.DataFrame) -> str:
    """Markdown table of facts, with the share of sets that agree before and after calibration."""
    rows, less = [], 0
    met_first, met = meets_at_first(found.waves[0], found.targets).mean(), meets(frame, found.targets).mean()
    for target, first, last in zip(found.targets, found.first.parts, found.last.parts, strict=False):
        effects, width = first.emulator.main_effects, target.half_width * target.slope
        strongest = f"`{prior.names()[int(effects.argmax())]}` ({per_cent(float(effects.max()))})"
        inside = (per_cent(float(share[target.key])) for share in (met_first, met))
        errors = (math.sqrt(variance) / width for variance in (last.own_error, last.chance))
        numbers = (first.emulator.explained, last.emulator.explained, *errors)
        quality = ("–" if math.isnan(number) else f"{number:.2f}" for number in numbers)
        rows.append([target.title, band(target), target.unit, *inside, strongest, *quality, str(target.flag)])
        less += last.own_error < last.chance
    head = ["fact", "within", "unit", "prior inside", "sets inside", "strongest parameter"]
    table = markdown_table([*head, "prior R²", "last R²", "error", "chance", "fact is"], rows, {3, 4, 6, 7, 8, 9})
    shown = f"![Published facts beside the model](figures/{FACTS_FIGURE}.svg)"
    words = said("facts", sets=len(found.waves[0].cube)), said("emulators", less=less, facts=len(rows))
    return "\n\n".join((shown, *words, table))


#: Sorts of facts, by the role and by whether the value is only a bound.
_SORTS = (
    ("informative", lambda one: one.informative),
    ("others that fit, two-sided", lambda one: one.role is Role.FIT and not one.informative and not one.bound),
    ("others that fit, one-sided", lambda one: one.role is Role.FIT and not one.informative and bool(one.bound)),
    ("kept apart, two-sided", lambda one: one.role is Role.VALIDATION and not one.bound),
    ("kept apart, one-sided", lambda one: one.role is Role.VALIDATION and bool(one.bound)),
)


def _before_and_after(found: Calibration) -> str:
    """Markdown table of how many facts of each sort the prior meets, and how many the sets meet.

    Medians agree with a fact, or runs do: single ones, or the mean of all fresh runs of a set.
    """
    rows, each = [], f"mean of {found.confirmed.number.max()}"
    for title, belongs in _SORTS:
        if not (facts := [one for one in validate.with_outcome() if belongs(one)]):
            continue
        single = [found.confirmed.of_sets(one.outcome) for one in facts]
        ways = [found.waves[0].of_sets(one.outcome)[:, 0] for one in facts], single, list(map(means_of, single))
        medians = [sum(map(_median_agrees, facts, values)) for values in (ways[0], ways[2])]
        inside = [np.array([one.inside(of_fact) for one, of_fact in zip(facts, way, strict=True)]) for way in ways]
        shares = [per_cent(float(share)) for way in inside for share in (way.mean(), way.all(axis=0).mean())]
        rows.append([title, str(len(facts)), *map(str, medians), *shares])
    ways_named = ("prior", "single runs", each)
    head = ["facts", "number", "median agrees, prior", "median agrees, sets"]
    head += [f"{what}, {way}" for way in ways_named for what in ("met", "all met")]
    return "\n\n".join((said("before_and_after", each=each), markdown_table(head, rows, set(range(1, len(head))))))


def _median_agrees(target: CalibrationTarget, values: Floats) -> bool:
    """True if the median of some outcomes agrees with a fact."""
    known = values[~np.isnan(values)]
    return bool(known.size and target.low <= np.median(known) <= target.high)


def _parameters(found: Calibration) -> str:
    """Markdown table of the parameters that the calibration changed, and a list of the others."""
    every = movements(found.confirmed.cube)
    known = every.query("identified").sort_values("ratio", kind="stable")
    rows = [[f"`{one.Index}`", f"{one.ratio:.2f}", f"{one.shift:+.2f}"] for one in known.itertuples()]
    inputs = ", ".join(f"`{prior.names()[place]}`" for place in found.inputs) or "none"
    rest = [f"`{name}`" for name in every.index[~every["identified"]]]
    parts = (
        said("moved", every=len(every), known=len(known)),
        f"![Parameters that moved or narrowed](figures/{MOVED_FIGURE}.svg)",
        markdown_table(["parameter", "ratio", "shift"], rows) if rows else "None.",
        said("inputs", number=len(found.inputs), inputs=inputs),
        "### Not identified",
        validate.paragraph(
            f"The facts say nothing of these {len(rest)} one by one: the ensemble holds their whole prior."
        ),
        validate.paragraph(", ".join(rest)),
    )
    return "\n\n".join(parts)


def facts_figure(made: ensemble.Ensemble) -> Rows:
    """Figure of model values relative to each published fact, before and after calibration."""
    panels = []
    for role, title in ((Role.FIT, "facts that chose sets"), (Role.VALIDATION, "facts kept apart")):
        marks, chosen = [], judged(made, role)
        for row, found in enumerate(chosen):
            target, (low, high) = found.target, found.target.scaled_band
            fact = np.array([low, target.middle, high])
            shown = [("prior", one.ends) for one in validate.before(made, [found])]
            for series, ends in (*shown, ("sets", found.ends), ("fact", fact)):
                marks.append((row, series, *np.clip(np.exp(ends - target.middle), *_SPAN)))
        table = pd.DataFrame(marks, columns=["row", "series", "start", "value", "end"])
        line, names = ((1.0, "black", "-"),), [found.target.title for found in chosen]
        panels.append(Panel(title, "model over published", table, _SPAN, line, ticks=plain, scale="log", rows=names))
    size = 12.0, 2.2 + 0.36 * max(len(panel.rows) for panel in panels)
    return Rows(Caption.of("calibration", "facts", ensemble.COMMAND), panels, panels[0].rows, _LOOKS, _NAMES, size)


def moved_figure(made: ensemble.Ensemble) -> Rows:
    """Figure of the parameters that calibration shifted or narrowed, as shares of their plausible ranges."""
    cube, marks = prior.shares(made.frame), []
    moved = movements(cube).query("identified")
    known = moved.sort_values("shift", key=lambda shift: -shift.abs(), kind="stable").index
    for row, name in enumerate(known):
        ends = np.quantile(cube[:, prior.names().index(name)], ENDS)
        marks += [(row, series, *three) for series, three in (("prior", ENDS), ("sets", ends))]
    table = pd.DataFrame(marks, columns=["row", "series", "start", "value", "end"])
    panel = Panel("", "share of the way through the plausible range", table, (0.0, 1.0), (), ticks=plain)
    caption = Caption.of("calibration", "moved", ensemble.COMMAND, known=len(known), every=len(cube.T), sets=made.size)
    looks, names = {key: _LOOKS[key] for key in ("prior", "sets")}, {key: _NAMES[key] for key in ("prior", "sets")}
    return Rows(caption, [panel], list(known), looks, names, (9.0, 2.0 + 0.34 * len(known)))
