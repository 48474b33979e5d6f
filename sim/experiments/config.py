"""One experiment, composed from Hydra's configuration and checked before any work starts."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sim.experiments.overrides import Known, check_override, parsed
from sim.experiments.settings import (
    AblationSettings,
    Cluster,
    Settings,
    SweepSettings,
    check_ablation,
    check_execution,
    check_parameters,
    check_sweep,
    check_world,
)
from sim.law.suggest import nearest
from sim.measures.outcomes import OUTCOMES, outcome
from sim.policy.problem import Findings, InputError, mistake, one_error
from sim.policy.well_known import resource_folder

if TYPE_CHECKING:
    from sim.experiments.control import OnProgress
    from sim.experiments.rules import OwnRules
    from sim.experiments.sets import ParameterSets
    from sim.experiments.settings import Mechanism
    from sim.policy.places import Place
    from sim.policy.scenario import Scenario
    from sim.world.parameters import Parameters, WorldSpec

#: Minimum number of pairs: of fewer, the width of an interval is itself chance.
FEWEST_PAIRS = 30
#: Maximum number of worlds where the user names none.
MOST_WORLDS = 400
_UNTIL = "--until"


@dataclass(frozen=True)
class Until:
    """When a comparison has enough worlds: when the interval of an effect is narrow, never when it is significant.

    A study that stops when an effect is significant finds effects where there are none. One that stops when an interval
    is narrow does not, as far as the width of an interval says little about its middle.

    Attributes:
        outcome: key of the outcome whose effect is to be known.
        half_width: half of the widest interval allowed, in the outcome's unit.
    """

    outcome: str
    half_width: float

    @classmethod
    def read(cls, written: str) -> Until:
        """From words such as `takedown_rate=0.02`.

        Raises:
            InputError: an unknown outcome, or no positive number.
        """
        key, _, number = written.partition("=")
        known = [entry.key for entry in OUTCOMES]
        if key not in known:
            raise mistake("no such outcome", _UNTIL, key, nearest(key, known))
        fix = f"Write half of the interval's width in {outcome(key).unit}, such as {_UNTIL} {key}=0.05."
        try:
            width = float(number)
        except ValueError:
            raise mistake("a number is needed", _UNTIL, written, fix) from None
        if not 0.0 < width < float("inf"):
            raise mistake("not above zero", _UNTIL, written, fix)
        return cls(key, width)

    def __str__(self) -> str:
        return f"{self.outcome}={self.half_width:g}"


GROUPS = ("world", "uncertainty", "execution")
#: Schema of each primary file.
_SCHEMAS: Mapping[str, type[Settings]] = MappingProxyType(
    dict.fromkeys(("run", "compare", "league", "portfolio", "regret"), Settings)
    | {"ablate": AblationSettings, "sweep": SweepSettings}
)
#: An example of each value that is a list.
_LISTS = MappingProxyType(
    {
        "world.states": "[DEU,FRA]",
        "ablation.mechanisms": "[hop_chain,queues]",
        "sweep.breakdowns": "[open_by_age]",
        "execution.slurm.options": "['--constraint=avx2']",
        "execution.slurm.prologue": "['module load python']",
    }
)
_HYDRA = Lock()  # Hydra composes one configuration at a time in a process


@dataclass(frozen=True)
class Experiment:
    """Everything that a run or a comparison needs, and all that its manifest records.

    Attributes:
        command: the command line as it would be typed again.
        scenarios: the arms, in the order in which they are shown.
        world: which world, from when to when.
        parameters: every uncertainty at its chosen value.
        replicates: number of seeds; each seed is run under every scenario.
        first_seed: replicate i has seed first_seed + i.
        workers: worker processes, 1 or more.
        results: folder under which the run's own folder is made.
        events: whether the event tables are kept.
        resolved: the whole configuration as plain values, for the manifest.
        overrides: what the user changed from the default, as typed.
        quiet: no progress bar.
        progress: called with the number of runs that are done and of all runs; None for nobody.
        rules: rules of the user's own, in the place of the model's; None for the model as it is.
        mechanisms: what an ablation leaves out, one at a time.
        executor: how tasks are carried out.
        cluster: where Dask finds its workers.
        baseline: key of the scenario that others are set on top of and compared with; empty for today's law.
        sets: plausible parameter sets, which seeds take in turn; None for one world of `parameters`.
        places: states and groups of states whose own side is reported.
        by_change: whether policies of a comparison are taken apart, change by change.
        until: when a comparison has enough worlds; None for all that were asked for.
    """

    command: str
    scenarios: tuple[Scenario, ...]
    world: WorldSpec
    parameters: Parameters
    replicates: int
    first_seed: int
    workers: int
    results: Path
    events: bool
    resolved: dict[str, Any]
    overrides: tuple[str, ...]
    quiet: bool = False
    progress: OnProgress | None = None
    rules: OwnRules | None = None
    mechanisms: tuple[Mechanism, ...] = ()
    executor: str = "processes"
    cluster: Cluster = field(default_factory=Cluster)
    baseline: str = ""
    sets: ParameterSets | None = None
    places: tuple[Place, ...] = ()
    by_change: bool = False
    until: Until | None = None


def experiment_of(
    settings: Settings,
    resolved: dict[str, Any],
    scenarios: tuple[Scenario, ...],
    overrides: Sequence[str],
    command: str,
    *,
    quiet: bool = False,
) -> Experiment:
    """An experiment from settings that are checked.

    Args:
        settings: as `compose` gives them.
        resolved: the same as plain values.
        scenarios: the arms.
        overrides: `key=value` as typed.
        command: the command line, for the manifest.
        quiet: no progress bar.

    Raises:
        InputError: a mechanism to leave out that is not there.
    """
    execution = settings.execution
    left_out: tuple[Mechanism, ...] = ()
    if isinstance(settings, AblationSettings):
        left_out = check_ablation(settings.ablation, settings.uncertainty)
    return Experiment(
        command=command,
        scenarios=scenarios,
        world=settings.world,
        parameters=settings.uncertainty,
        replicates=execution.replicates,
        first_seed=execution.first_seed,
        workers=execution.workers or cores(),
        results=Path(execution.results),
        events=execution.events,
        resolved=resolved,
        overrides=tuple(overrides),
        quiet=quiet,
        mechanisms=left_out,
        executor=execution.executor,
        cluster=Cluster(execution.scheduler, execution.slurm),
    )


def compose(primary: str, overrides: Sequence[str]) -> tuple[Settings, dict[str, Any]]:
    """The configuration as checked objects, and as plain values.

    Raises:
        InputError: all overrides and values that cannot be.
    """
    from omegaconf import OmegaConf

    found, known, readable = Findings(), known_keys(primary), []
    for word in overrides:
        with found.gather():
            check_override(word, known)
            readable.append(word)
    config = _compose(primary, readable, found)
    settings = OmegaConf.to_object(config)
    resolved = OmegaConf.to_container(config)
    if not isinstance(settings, Settings) or not isinstance(resolved, dict):
        raise TypeError(type(settings))
    with found.gather():
        check_execution(settings.execution)
    with found.gather():
        check_world(settings.world)
    with found.gather():
        check_parameters(settings.uncertainty, {word.partition("=")[0] for word in overrides})
    if isinstance(settings, SweepSettings):
        with found.gather():
            check_sweep(settings.sweep)
    found.raise_all()
    return settings, {str(key): value for key, value in resolved.items()}


def settings_of(primary: str, resolved: dict[str, Any]) -> Settings:
    """The configuration of a study as it was written down.

    Args:
        primary: the kind of its command.
        resolved: as `compose` gives it.

    Raises:
        ValueError: it does not fit this version.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        settings = OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(_SCHEMAS[primary]), resolved))
    except OmegaConfBaseException as error:
        raise ValueError(f"configuration of another version: {_first_line(error)}") from None
    if not isinstance(settings, Settings):
        raise TypeError(type(settings))
    return settings


def known_keys(primary: str = "run") -> Known:
    """Every key of a primary file's schema, and the options of every group."""
    folder = resource_folder("conf")
    options = {group: tuple(sorted(path.stem for path in (folder / group).glob("*.yaml"))) for group in GROUPS}
    return Known(frozenset(_keys(_SCHEMAS[primary]())), options)


def _keys(node: Any, prefix: str = "") -> Iterator[str]:
    """Dotted keys of a nested dataclass."""
    for item in dataclasses.fields(node):
        value = getattr(node, item.name)
        if dataclasses.is_dataclass(value):
            yield from _keys(value, f"{prefix}{item.name}.")
        else:
            yield f"{prefix}{item.name}"


def _compose(primary: str, overrides: Sequence[str], found: Findings) -> Any:
    """The chosen files by Hydra, once in a process, and values on top of them as Hydra sets them.

    Values that do not have their key's type are noted and left out.
    """
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    chosen = tuple(word for word in overrides if word.partition("=")[0] in GROUPS)
    try:
        config = deepcopy(_composed(primary, chosen, resource_folder("conf")))
    except (HydraException, OmegaConfBaseException) as error:
        found.add(InputError(_first_line(error), where="conf", fix="Check the files in conf/."))
        raise one_error(found.problems) from None
    for word in overrides:
        if word not in chosen:
            override = parsed(word, "not an override that can be read", "Write KEY=VALUE.")
            try:
                OmegaConf.update(config, override.key_or_group, override.value(), merge=True)
            except OmegaConfBaseException as error:
                found.add(_type_mistake(primary, word, error))
    return config


@cache
def _composed(primary: str, chosen: tuple[str, ...], folder: Path) -> Any:
    """Hydra's composition of files, under a lock: it keeps its state in a global."""
    from hydra import compose, initialize_config_dir
    from hydra.core.config_store import ConfigStore

    with _HYDRA:
        ConfigStore.instance().store(name="schema", node=_SCHEMAS[primary])
        with initialize_config_dir(str(folder), version_base="1.3"):
            return compose(primary, overrides=list(chosen))


def _type_mistake(primary: str, word: str, error: Exception) -> InputError:
    """A value that does not have its key's type."""
    key, _, value = word.partition("=")
    default: Any = _SCHEMAS[primary]()
    for part in key.split("."):
        default = getattr(default, part, None)
    kinds = {bool: "true or false", int: "a whole number", float: "a number", str: "a word", list: "a list [A,B]"}
    kind = kinds.get(type(default))
    problem = f"{kind} is needed" if kind else _first_line(error.__cause__ or error)
    example = _LISTS[key] if isinstance(default, list) else str(default)
    example = example.lower() if isinstance(default, bool) else example
    return mistake(problem, key, value, f"Write for example {key}={example}.")


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0].strip() if str(error) else type(error).__name__


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
