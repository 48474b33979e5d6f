"""`python -m sim.hydra`: a Hydra program that runs a study as `comity sweep` does.

    python -m sim.hydra --multirun scenario=status_quo,faster_mlat levers.court.staff=1,2 world=tiny

All of Hydra works: --multirun, --cfg job, --info, --config-dir, and its launchers (joblib, submitit). Each job runs one
point of the factorial design that was typed, under all seeds; what is there already is not run again. Levers stand
under `levers.`, parameters under `uncertainty.`.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf
from rich.console import Console

from sim.api import studies
from sim.api.entry_point import declared
from sim.experiments.conduct import Options
from sim.experiments.plan import Kind
from sim.experiments.settings import SweepSettings
from sim.experiments.sweep import prepare, sweep
from sim.policy.levers import LEVERS
from sim.policy.problem import INPUT_ERROR, INTERRUPTED, OF_PARAMETERS, InputError, mistake, one_error
from sim.policy.well_known import BASELINE, resource_folder
from sim.world.parameters import names as parameter_names

if TYPE_CHECKING:
    from omegaconf import DictConfig

UNDER_LEVERS = "levers."
#: Options of `comity sweep` by the keys that they are here.
_OPTIONS = {entry.typed[-1]: entry.key or entry.name for entry in declared(studies.sweep)}


class RefusedError(BaseException):
    """Carries an InputError through Hydra, without a traceback."""


@dataclass
class ProgramSettings(SweepSettings):
    """Configuration of the Hydra program: a sweep's, plus scenario, study and levers."""

    scenario: str = BASELINE
    study: str = ""
    levers: Any = field(default_factory=lambda: OmegaConf.from_dotlist([f"{name}=null" for name in LEVERS]))


def main() -> int:
    """Runs the Hydra program; returns its exit code."""
    try:
        _program(sys.argv[1:])
    except (InputError, RefusedError) as found:
        problem = found.args[0] if isinstance(found, RefusedError) else found
        shown = one_error([_as_typed(one, sys.argv[1:]) for one in problem.problems])
        print(f"sim.hydra: error: {shown}", file=sys.stderr)
        return INPUT_ERROR
    except KeyboardInterrupt as interrupt:
        print(f"\nsim.hydra: {interrupt or 'stopped'}", file=sys.stderr)
        return INTERRUPTED
    return 0


def _as_typed(problem: InputError, words: Sequence[str]) -> InputError:
    """Copy of an error with keys as Hydra users write them."""
    key, text, fix = _OPTIONS.get(problem.key, problem.key), problem.problem, problem.fix
    for above, names in ((UNDER_LEVERS, LEVERS), (OF_PARAMETERS, parameter_names())):
        if key in names or any(word.startswith(f"{above}{key}=") for word in words):
            key = f"{above}{key}"
        one = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        text, fix = (re.sub(rf"(?<![\w.])({one})(?!\.?\w)", rf"{above}\1", part) for part in (text, fix))
    return InputError(text, where=problem.where, key=key, value=problem.value, fix=fix)


def _program(words: Sequence[str]) -> None:
    """Checks the whole command as a sweep, then lets Hydra run each design point as a job."""
    import hydra
    from hydra.core.config_store import ConfigStore

    typed = [word for word in words if "=" in word and not word.startswith(("-", "hydra.", "hydra/", "study="))]
    for word in typed:
        if word.partition("=")[0] in {*LEVERS, *parameter_names()}:
            raise mistake("Hydra takes keys in full", value=word, fix=f"Write {word}.")  # `_as_typed` makes it full
    scenario = [] if any(word.startswith("scenario=") for word in typed) else [f"scenario={BASELINE}"]
    varied = [*(word.removeprefix(UNDER_LEVERS) for word in typed), *scenario]
    prepared = prepare((), varied, (), shlex.join(["python", "-m", "sim.hydra", *words]))
    if prepared.plan.kind is not Kind.FACTORIAL:
        fix = "Use `comity sweep` for other designs; both write the same studies."
        raise mistake("Hydra's jobs make a factorial design", "sweep.design", fix=fix)

    def job(config: DictConfig) -> None:
        """Simulates the design point of one Hydra job."""
        try:
            point, parallel = _point()
            options = Options(point=point, apart=len(prepared.plan.points) if parallel else 0)
            sweep(prepared, config.study, options, Console(stderr=True))
        except InputError as problem:
            raise RefusedError(problem) from None

    ConfigStore.instance().store(name="schema", node=ProgramSettings)
    hydra.main(version_base="1.3", config_path=str(resource_folder("conf")), config_name="multirun")(job)()


def _point() -> tuple[int, bool]:
    """Returns the number of the present job, and True if jobs run at the same time."""
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    settings = HydraConfig.get()
    if settings.mode is not RunMode.MULTIRUN:
        return 0, False
    sweeper = settings.sweeper["_target_"]
    if not sweeper.endswith("BasicSweeper"):
        fix = "Leave hydra/sweeper out; for other designs use `comity sweep`."
        raise mistake("only Hydra's own sweeper can be used", "hydra/sweeper", sweeper, fix)
    return int(settings.job.num), not settings.launcher["_target_"].endswith("BasicLauncher")


if __name__ == "__main__":
    sys.exit(main())
