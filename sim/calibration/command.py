"""`comity calibrate` and `comity validate` once their words are read: where results go, and what is printed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import resources
from math import isfinite
from pathlib import Path

from matplotlib.figure import Figure
from rich.console import Console

from sim.calibration import ensemble, runs
from sim.calibration.calibrate import calibrate, find_size, folder_of
from sim.calibration.figures import figures
from sim.calibration.page import calibration_page, share
from sim.calibration.ranking import of_wave
from sim.calibration.results import manifest, meeting_all, table
from sim.calibration.spread import FILE as SECOND
from sim.calibration.spread import spread
from sim.calibration.targets import Role, of_role
from sim.calibration.validate import find, own_error, print_findings, validation_page
from sim.calibration.waves import CalibrationSetting
from sim.data.influence import FILE as INFLUENCE
from sim.data.influence import PlausibleInfluence, write_influence
from sim.data.spreadsheet import as_csv
from sim.experiments.config import compose
from sim.experiments.control import OnProgress
from sim.experiments.store import FIGURES, REPORT, check_writable, run_name, writing
from sim.policy.problem import mistake
from sim.report.page.parts import markdown_of, write_page
from sim.report.style import save
from sim.world.parameters import Parameters, WorldSpec

DOCS = Path(__file__).parents[2] / "docs"
CALIBRATION, VALIDATION = "calibration.md", "validation.md"
FULL = "full"


def run_calibration(
    overrides: Sequence[str],
    size_name: str,
    study: str,
    command: str,
    console: Console,
    *,
    finished: bool = False,
    quiet: bool = False,
    progress: OnProgress | None = None,
    publish: bool = True,
) -> list[Path]:
    """Carries a calibration out, or resumes it, and writes what comes of it.

    The ensemble of the package and the pages of docs/ are renewed only by a full calibration of the default world. Any
    other leaves its results in its own folder.

    Args:
        overrides: key=value as typed.
        size_name: full or small.
        study: its folder; empty for one named after the code.
        command: the command line, for messages.
        console: where progress is reported.
        finished: all runs are there, of this code or another, and only the results are made again.
        quiet: no progress.
        progress: called with the number of runs that are done and of all runs; None for nobody.
        publish: whether a full calibration of the default world renews what the package ships.

    Returns:
        Files that were written.

    Raises:
        InputError: a mistake in any of it.
        KeyboardInterrupt: somebody asked to stop.
    """
    size = find_size(size_name)
    settings, _ = compose("sweep", overrides)
    folder = folder_of(Path(settings.execution.results), study)
    if finished and not folder.is_dir():
        raise mistake("no such folder", "--study", folder, "Name the folder of a calibration that has finished.")
    check_writable(folder, "--study")
    workers = settings.execution.workers or os.cpu_count() or 1
    setting = CalibrationSetting(
        folder,
        command,
        size,
        settings.world,
        settings.uncertainty,
        workers,
        finished=finished,
        progress=progress,
        console=Console(quiet=True) if quiet else console,
    )
    return _finish(setting, size_name, publish)


def _finish(setting: CalibrationSetting, size_name: str, publish: bool) -> list[Path]:
    """Runs a calibration and writes its results."""
    found = calibrate(setting)
    frame, about = table(found), manifest(found, setting, size_name)
    met = share(meeting_all(frame, found.informative))
    summary = f"{about['made']}, {len(frame)} sets, {met} of which meet all {len(found.informative)} informative facts"
    with resources.as_file(resources.files("sim.data")) as data:
        about = ensemble.versioned(about, summary, Path(data) / ensemble.MANIFEST)
    second = spread(found, setting)
    _write(setting.folder / SECOND, as_csv(second.sets))
    page = markdown_of(calibration_page(found, setting.size, frame, about, second))
    kept_apart = [find(ensemble.Ensemble(frame, about), target) for target in of_role(Role.VALIDATION)]
    own_errors = zip(ensemble.OWN_ERRORS, own_error(kept_apart)._replace(counts=second.of_logs), strict=True)
    about |= {name: round(one, 3) for name, one in own_errors if isfinite(one)}
    own = setting.folder / ensemble.FILE
    ensemble.write(frame, about, own)
    made = ensemble.load(own)
    validation = validation_page(made, setting.command)
    drawn = figures(made, ensemble.COMMAND)
    written = [
        own,
        *_save(drawn, setting.folder),
        _write(setting.folder / CALIBRATION, page),
        setting.folder / VALIDATION,
        write_page(validation, setting.folder, VALIDATION),
    ]
    is_default = setting.world == WorldSpec() and setting.parameters == Parameters()
    if publish and size_name == FULL and is_default and setting.evaluate is runs.run:
        written += _publish(own, page, markdown_of(validation_page(made)), of_wave(found.waves[0]), drawn)
    print_findings(made, setting.console)
    for path in written:
        setting.console.print(f"Written: {path}", soft_wrap=True, highlight=False)
    return written


def _save(drawn: Mapping[str, Figure], folder: Path) -> list[Path]:
    """Saves figures where a page in a folder finds them."""
    for name, figure in drawn.items():
        save(figure, folder / FIGURES, name)
    return [folder / FIGURES / f"{name}.svg" for name in drawn]


def _write(path: Path, text: str) -> Path:
    """Writes a page."""
    path.write_text(text, encoding="utf-8")
    return path


def _publish(
    own: Path,
    calibration: str,
    validation: str,
    moving: Sequence[PlausibleInfluence],
    drawn: Mapping[str, Figure],
) -> list[Path]:
    """Renews the ensemble and the influence of the package, and the pages where this is a checkout."""
    with resources.as_file(resources.files("sim.data")) as data:
        places = [Path(data) / ensemble.FILE, Path(data) / ensemble.MANIFEST]
        write_influence(moving, PlausibleInfluence, Path(data) / INFLUENCE)
    for source, place in zip((own, own.with_suffix(".yaml")), places, strict=True):
        writing = place.with_name(f".{place.name}")
        writing.write_bytes(source.read_bytes())
        writing.replace(place)
    if DOCS.is_dir():
        places += [_write(DOCS / CALIBRATION, calibration), _write(DOCS / VALIDATION, validation)]
        places += _save(drawn, DOCS)
    return places


def run_validation(path: str, results: Path, command: str, console: Console) -> list[Path]:
    """Prints every fact beside the ensemble and reports it; of the package's own, renews docs/validation.md as well.

    Args:
        path: another ensemble; empty for that of the package.
        results: where the folder of the report is made.
        command: the command line.
        console: where the table is printed.

    Returns:
        The folder of the report.

    Raises:
        InputError: there is no such ensemble, or it cannot be used, or the results folder cannot be written.
    """
    check_writable(results, "--results")
    made = ensemble.load(Path(path) if path else None)
    print_findings(made, console)
    with writing(results, run_name("validation")) as run:
        write_page(validation_page(made, command), run.folder)
    if not path and DOCS.is_dir():
        _write(DOCS / VALIDATION, markdown_of(validation_page(made)))
    console.print(f"Report: {run.place / REPORT}", soft_wrap=True, highlight=False)
    return [run.place]
