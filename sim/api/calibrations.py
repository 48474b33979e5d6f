"""`sim.calibrate`: parameter sets that agree with published facts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sim.api.keywords import Progress, Value, asked_for, overrides

if TYPE_CHECKING:
    import pandas as pd


class CalibrationFolder:
    """A finished calibration.

    Attributes:
        files: what was written.
        folder: where the ensemble of this calibration lies.
    """

    def __init__(self, files: list[Path]) -> None:
        self.files, self.folder = tuple(files), files[0].parent

    @property
    def ensemble(self) -> pd.DataFrame:
        """One row per parameter set: parameters by dotted name, and how far each is from every published fact."""
        from sim.calibration.ensemble import load

        return load(self.files[0]).frame

    @property
    def summary(self) -> str:
        """calibration.md: which facts the sets agree with, and what they leave open."""
        return next(path for path in self.files if path.name == "calibration.md").read_text("utf-8")

    def __repr__(self) -> str:
        return f"{len(self.ensemble)} parameter sets\nResults: {self.folder}"


def calibrate(
    *,
    size: str = "full",
    workers: int | None = None,
    set: Mapping[str, Value] | None = None,
    results: str | Path = "results",
    study: str | Path = "",
    progress: Progress = "bar",
) -> CalibrationFolder:
    """Finds parameter sets that agree with the published facts; some 45 minutes on two cores, and resumed if stopped.

    All that it finds stays in its folder, whose sets any study takes: `sim.compare(…, ensemble=found.folder)`. The
    package's own sets are renewed by `make calibrate` alone.

    Args:
        size: "full", or "small" to try it.
        workers: worker processes; 0 for one per core.
        set: values of the configuration by key.
        results: folder in which the calibration's folder is made.
        study: folder of the calibration; named after the code where empty.
        progress: see `sim.run`; a function is called with the runs of all steps together.

    Raises:
        InputError: a mistake in what was given; the message is that of the command line.
    """
    from sim.calibration.command import run_calibration

    words = overrides(set, {"workers": workers, "results": str(results)})
    options = ["--size", size, *(["--study", str(study)] if study else [])]
    asked = asked_for("calibrate", [], words, progress, options)
    files = run_calibration(
        words, size, str(study), asked.command, asked.console, quiet=asked.quiet, progress=asked.progress, publish=False
    )
    return CalibrationFolder(files)
