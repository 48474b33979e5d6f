"""The table of all runs of a calibration: runs.parquet, one row per run, with the parameters and all that was measured.

Others can weigh these runs by facts of their own, without simulating anything. Sets of the prior (wave 0) were drawn
with equal probability; later waves lean to sets that agree with the published facts, so that they are no sample of the
prior.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.calibration import prior, waves
from sim.policy.problem import mistake

if TYPE_CHECKING:
    import pandas as pd

    from sim.calibration.calibrate import Calibration

FILE = "runs.parquet"
#: Columns that say which run a row is.
ABOUT = ("wave", "set", "kept", "seed", "failed", "code")
#: What names of measures of published facts, and of relative waits at desks, begin with.
FACT, WAIT = "fact.", "wait."
_MISSING = "comity calibrate writes it into its folder; the release has it as comity-runs-VERSION.parquet"


def table(calibration: Calibration) -> pd.DataFrame:
    """Table of all runs of a calibration, one row per run.

    Sets are numbered over all waves, so that a set that ran again has its number again.
    """
    import numpy as np
    import pandas as pd

    every = (*calibration.waves, calibration.confirmed)
    cube = np.concatenate([wave.cube[wave.runs["set"]] for wave in every])
    _, first, number = np.unique(cube, axis=0, return_index=True, return_inverse=True)
    in_order = np.argsort(np.argsort(first))[number]  # numbers rise with first appearance
    measured = pd.concat([wave.runs for wave in every], ignore_index=True)
    kept = np.isin(in_order, in_order[-len(calibration.confirmed.runs) :])
    wave_of = np.repeat(np.arange(len(every)), [len(wave.runs) for wave in every])
    about: dict[str, Any] = {"wave": wave_of, "set": in_order, "kept": kept}
    about |= {name: measured[name] for name in ("seed", "failed", "code")}
    parameters = prior.frame_of(cube[first]).iloc[number].reset_index(drop=True)
    values = measured.drop(columns=["set", "seed", "failed", "code"]).rename(columns=named)
    return pd.concat([pd.DataFrame(about), parameters, values], axis=1)


def named(key: str) -> str:
    """Name of a measure of a run in the table: waits and facts have names of their own, outcomes their key."""
    return _names().get(key, key)


@cache
def _names() -> dict[str, str]:
    """Names of measures in the table, where they differ from those in runs."""
    from sim.measures.facts import FactKey

    waits = {waves.desk_key(kind): f"{WAIT}{kind.name.lower()}" for kind in waves.KINDS}
    return waits | {fact.name.lower(): f"{FACT}{fact.name.lower()}" for fact in FactKey}


def write(calibration: Calibration, path: Path) -> None:
    """Writes the table of all runs."""
    from sim.experiments.store import beside, write_table

    with beside(path) as writing:
        write_table(table(calibration), writing)


def read(source: str | Path) -> pd.DataFrame:
    """Reads the table of all runs from its file, or from the folder of a calibration; InputError if it is none."""
    import pandas as pd

    path = Path(source)
    path = path / FILE if path.is_dir() else path
    try:
        frame: pd.DataFrame = pd.read_parquet(path)
    except FileNotFoundError:
        raise mistake("no table of runs", "source", source, f"Name its file or folder: {_MISSING}.") from None
    except (OSError, ValueError) as error:  # what is no Parquet file is a ValueError of pyarrow
        kind = type(error).__name__
        raise mistake(f"no table of runs ({kind})", "source", source, f"Restore it: {_MISSING}.") from None
    if lacking := [name for name in ABOUT if name not in frame]:
        raise mistake(f"no table of runs: column {lacking[0]} is missing", "source", source, f"Restore it: {_MISSING}.")
    return frame
