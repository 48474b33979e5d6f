"""`comity calibrate` and `comity validate` once their words are read: where results go, and what is printed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from math import isfinite
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

from sim.calibration import ensemble, prior, waves
from sim.calibration.calibrate import WITHOUT_COUNTS, calibrate, of_wave, spread
from sim.calibration.ensemble import DATA
from sim.calibration.page import (
    ENDS,
    FACTS_FIGURE,
    MOVED_FIGURE,
    calibration_page,
    manifest,
    meeting_all,
    movements,
    table,
)
from sim.calibration.targets import Role, of_role
from sim.calibration.validate import before, find, own_error, print_findings, validation_page
from sim.calibration.waves import CalibrationSetting
from sim.data.influence import FILE as INFLUENCE
from sim.data.influence import PlausibleInfluence, write_influence
from sim.data.spreadsheet import as_csv
from sim.experiments.store import FIGURES, REPORT, beside, check_writable, run_name, writing
from sim.report.figures.rows import Panel, Rows
from sim.report.page.parts import markdown_of, write_page
from sim.report.style import BLACK, BLUE, GREY, Caption, plain, save, styled
from sim.results.words import per_cent
from sim.world.parameters import Parameters, WorldSpec

DOCS = Path(__file__).parents[2] / "docs"
CALIBRATION, VALIDATION = "calibration.md", "validation.md"
FULL = "full"
_LOOKS = {"prior": (GREY, "-", "s"), "sets": (BLUE, "-", "o"), "fact": (BLACK, "-", "|")}
_NAMES = {
    "prior": "draws of the prior: median and 90 %",
    "sets": "the ensemble: median and 90 %",
    "fact": "published, with two errors of measurement",
}
#: Ends of the axis of facts, as ratios to what was published.
_SPAN = (0.02, 50.0)


def carry_out(setting: CalibrationSetting, size_name: str, *, publish: bool) -> list[Path]:
    """Carries a calibration out, or resumes it, and writes what comes of it; returns the files that were written.

    With `publish`, a full calibration of the default world renews the ensemble of the package and the pages of docs/.
    Any other leaves its results in its own folder.
    """
    found, folder = calibrate(setting), setting.folder
    frame, about = table(found), manifest(found, setting, size_name)
    met = per_cent(meeting_all(frame, found.informative))
    summary = f"{about['made']}, {len(frame)} sets, {met} of which meet all {len(found.informative)} informative facts"
    about = ensemble.versioned(about, summary, DATA / ensemble.MANIFEST)
    second = spread(found, setting)
    (folder / WITHOUT_COUNTS).write_text(as_csv(second.sets), encoding="utf-8")
    page = markdown_of(calibration_page(found, frame, about, second))
    kept_apart = [find(ensemble.Ensemble(frame, about), target) for target in of_role(Role.VALIDATION)]
    own_errors = zip(ensemble.OWN_ERRORS, own_error(kept_apart)._replace(counts=second.of_logs), strict=True)
    about |= {name: round(one, 3) for name, one in own_errors if isfinite(one)}
    ensemble.write(frame, about, folder / ensemble.FILE)
    made = ensemble.load(folder / ensemble.FILE)
    (folder / CALIBRATION).write_text(page, encoding="utf-8")
    figures = _drawn(made, folder)
    report = write_page(validation_page(made, setting.command), folder, VALIDATION)
    written = [folder / ensemble.FILE, *figures, folder / CALIBRATION, folder / VALIDATION, report]
    is_default = setting.world == WorldSpec() and setting.parameters == Parameters()
    if publish and size_name == FULL and is_default and setting.evaluate is waves.run:
        written += _publish(made, folder, of_wave(found.waves[0]))
    print_findings(made, setting.console)
    for path in written:
        setting.console.print(f"Written: {path}", soft_wrap=True, highlight=False)
    return written


def _drawn(made: ensemble.Ensemble, folder: Path) -> list[Path]:
    """Both figures, where a page in a folder finds them."""
    figures = {FACTS_FIGURE: facts_figure(made), MOVED_FIGURE: moved_figure(made)}
    with styled():  # text of drawings stays text
        for name, rows in figures.items():
            save(rows.draw(), folder / FIGURES, name)
    return [folder / FIGURES / f"{name}.svg" for name in figures]


def _publish(made: ensemble.Ensemble, folder: Path, moving: Sequence[PlausibleInfluence]) -> list[Path]:
    """Renews the ensemble and the influence of the package, and the pages where this is a checkout."""
    write_influence(moving, PlausibleInfluence, DATA / INFLUENCE)
    places = [DATA / ensemble.FILE, DATA / ensemble.MANIFEST]
    for place in places:
        with beside(place) as part:
            shutil.copyfile(folder / place.name, part)
    if DOCS.is_dir():
        shutil.copyfile(folder / CALIBRATION, DOCS / CALIBRATION)
        (DOCS / VALIDATION).write_text(markdown_of(validation_page(made)), encoding="utf-8")
        places += [DOCS / CALIBRATION, DOCS / VALIDATION, *_drawn(made, DOCS)]
    return places


def run_validation(path: str, results: Path, command: str, console: Console) -> list[Path]:
    """Prints every fact beside the ensemble and reports it; of the package's own, renews docs/validation.md as well.

    Without a path it is that of the package. Returns the folder of the report.
    """
    check_writable(results, "--results")
    made = ensemble.load(Path(path) if path else None)
    print_findings(made, console)
    with writing(results, run_name("validation")) as run:
        write_page(validation_page(made, command), run.folder)
    if not path and DOCS.is_dir():
        (DOCS / VALIDATION).write_text(markdown_of(validation_page(made)), encoding="utf-8")
    console.print(f"Report: {run.place / REPORT}", soft_wrap=True, highlight=False)
    return [run.place]


def facts_figure(made: ensemble.Ensemble) -> Rows:
    """Each fact with the prior and the ensemble beside it, as ratios to what was published."""
    panels = []
    for role, title in ((Role.FIT, "facts that chose sets"), (Role.VALIDATION, "facts kept apart")):
        marks, chosen = [], of_role(role)
        for row, target in enumerate(chosen):
            found, (low, high) = find(made, target), target.scaled_band
            fact = np.array([low, target.middle, high])
            shown = [("prior", one.ends) for one in before(made, [found])]
            for series, ends in (*shown, ("sets", found.ends), ("fact", fact)):
                marks.append((row, series, *np.clip(np.exp(ends - target.middle), *_SPAN)))
        table = pd.DataFrame(marks, columns=["row", "series", "start", "value", "end"])
        line, names = ((1.0, "black", "-"),), [target.title for target in chosen]
        panels.append(Panel(title, "model over published", table, _SPAN, line, ticks=plain, scale="log", rows=names))
    size = 12.0, 2.2 + 0.36 * max(len(panel.rows) for panel in panels)
    return Rows(Caption.of("calibration", "facts", ensemble.COMMAND), panels, panels[0].rows, _LOOKS, _NAMES, size)


def moved_figure(made: ensemble.Ensemble) -> Rows:
    """The parameters that moved or narrowed, as shares of the way through their plausible range."""
    cube, marks = prior.shares(made.frame), []
    known = (
        movements(cube).query("identified").sort_values("shift", key=lambda shift: -shift.abs(), kind="stable").index
    )
    for row, name in enumerate(known):
        ends = np.quantile(cube[:, prior.names().index(name)], ENDS)
        marks += [(row, series, *three) for series, three in (("prior", ENDS), ("sets", ends))]
    table = pd.DataFrame(marks, columns=["row", "series", "start", "value", "end"])
    panel = Panel("", "share of the way through the plausible range", table, (0.0, 1.0), (), ticks=plain)
    caption = Caption.of("calibration", "moved", ensemble.COMMAND, known=len(known), every=len(cube.T), sets=made.size)
    looks, names = {key: _LOOKS[key] for key in ("prior", "sets")}, {key: _NAMES[key] for key in ("prior", "sets")}
    return Rows(caption, [panel], list(known), looks, names, (9.0, 2.0 + 0.34 * len(known)))
