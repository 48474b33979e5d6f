"""`sim.use`: outcomes, levers and rows of data of one's own, tried out before anything rests on them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sim.api.door import in_python
from sim.data import own
from sim.policy.problem import InputError, mistake


@in_python
def use(folder: str | Path) -> None:
    """Adds outcomes, levers and rows of data from a folder to the model, for this process and its workers.

    Call it directly after `import sim`. The folder holds one or more of `outcomes.py`, `levers.py`, and `data/` with
    files named as in `sim/data`. Python files of it are programs: use only folders that you trust.

    Args:
        folder: of the parts.

    Raises:
        InputError: a part cannot be used, or this process has read the model already.
    """
    place = Path(folder).resolve()
    if own.texts.cache_info().currsize:
        if place != own.folder() or own.read(place) != own.texts():
            fix = "Write sim.use directly after import sim, and start Python again."
            raise mistake("this process has read the model already, without these parts", "folder", folder, fix)
        return
    os.environ[own.PLACE], before = str(place), set(sys.modules)
    os.environ.pop(own.SEEN, None)
    try:
        _check()
    except BaseException:  # what was read of the model is read again, and the next call may be right
        for name in set(sys.modules) - before:
            if name.startswith(("sim.", "comity_")):
                del sys.modules[name]
        own.texts.cache_clear()
        own.MADE.clear()
        for variable in (own.PLACE, own.SEEN):
            os.environ.pop(variable, None)
        raise


def _check() -> None:
    """Reads and tries all parts.

    Raises:
        InputError: one of them cannot be used.
    """
    from sim.data.load import DataError, check_files

    try:
        os.environ[own.SEEN] = own.hashed(own.texts())
        from sim.experiments.rules import try_out
        from sim.law.order import legal_order
        from sim.measures.outcomes import OUTCOMES
        from sim.policy.lever import OwnStage
        from sim.policy.levers import LEVERS

        check_files()
        legal_order()
    except own.OwnPartError as error:
        raise InputError(**error.words) from None
    except (DataError, ValueError, LookupError) as error:
        raise InputError(str(error), where=str(own.folder()), fix="Correct the rows of data/.") from None
    keys = {entry.key for entry in OUTCOMES}
    for lever in LEVERS.values():
        if isinstance(lever.stage, OwnStage) and lever.stage.outcome not in keys:
            problem, where = "its stage names no outcome", f"{own.folder()}/{own.LEVERS}"
            raise InputError(problem, where=where, key=lever.name, value=lever.stage.outcome)
    try_out()
