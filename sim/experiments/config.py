"""The configuration of an experiment: composed by Hydra, and checked before any work starts.

Overrides as they are typed, such as `world.groups=100` or `uncertainty=overloaded_courts`, are checked one by one
before Hydra sees them: each mistake names the nearest valid key.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from sim.experiments.settings import (
    INSTEAD_OF_SLURM,
    KINDS,
    OF_SLURM,
    AblationSettings,
    Settings,
    SweepSettings,
    check_ablation,
    check_execution,
    check_parameters,
    check_sweep,
    check_word,
    check_world,
)
from sim.law.suggest import nearest
from sim.policy.levers import LEVERS
from sim.policy.problem import OF_PARAMETERS, Findings, InputError, mistake, one_error, shorten
from sim.policy.well_known import resource_folder
from sim.world.parameters import REPLACED
from sim.world.parameters import names as parameter_names

if TYPE_CHECKING:
    import concurrent.futures

    from hydra.core.override_parser.types import Override

    from sim.experiments.engines import Engine
    from sim.experiments.rules import OwnRules
    from sim.experiments.sets import ParameterSets
    from sim.experiments.settings import Execution, Mechanism
    from sim.experiments.statistics import Until
    from sim.policy.places import Place
    from sim.policy.scenario import Scenario
    from sim.world.parameters import Parameters, WorldSpec

GROUPS = ("world", "uncertainty", "execution")
#: Schema of each primary file.
_SCHEMAS: Mapping[str, type[Settings]] = {
    **dict.fromkeys(("run", "compare", "league", "portfolio", "regret"), Settings),
    **{"ablate": AblationSettings, "sweep": SweepSettings},
}
#: An example of each value that is a list.
_LISTS = {"world.states": "[DEU,FRA]", "ablation.mechanisms": "[hop_chain,queues]", "sweep.breakdowns": "[open_by_age]"}
_HYDRA = Lock()  # Hydra composes one configuration at a time in a process


@dataclass(frozen=True)
class Experiment:
    """Checked settings of a study: its scenarios, world, parameters and seeds, and how runs are executed."""

    command: str
    scenarios: tuple[Scenario, ...]
    world: WorldSpec
    parameters: Parameters
    replicates: int  # number of seeds; each seed is run under every scenario
    first_seed: int  # replicate i has seed first_seed + i
    workers: int
    results: Path
    events: bool
    resolved: dict[str, Any]
    overrides: tuple[str, ...]  # what the user changed from the default, as typed
    quiet: bool = False
    progress: Callable[[int, int], None] | None = None  # see `control.OnProgress`
    rules: OwnRules | None = None
    mechanisms: tuple[Mechanism, ...] = ()
    executor: str = "processes"
    engine: Engine | None = None  # what carries out runs elsewhere than in processes of this machine
    baseline: str = ""  # key of the scenario that others are set on top of and compared with; empty for today's law
    # plausible parameter sets, which seeds take in turn; None for one world of `parameters`
    sets: ParameterSets | None = None
    places: tuple[Place, ...] = ()
    by_change: bool = False  # whether policies of a comparison are taken apart, change by change
    until: Until | None = None  # when a comparison has enough worlds; None for all that were asked for
    by_policy: bool = False  # whether each policy has worlds only until it is clear; see `sim.experiments.doubt`


def experiment_of(
    settings: Settings,
    resolved: dict[str, Any],
    scenarios: tuple[Scenario, ...],
    overrides: Sequence[str],
    command: str,
) -> Experiment:
    """Makes an experiment from both results of `compose`: checked settings and plain values."""
    left_out: tuple[Mechanism, ...] = ()
    if isinstance(settings, AblationSettings):
        left_out = check_ablation(settings.ablation, settings.uncertainty)
    execution = settings.execution
    how = {name: getattr(execution, name) for name in ("replicates", "first_seed", "events", "executor")}
    how |= {"workers": execution.workers or cores(), "results": Path(execution.results), "engine": engine_of(execution)}
    words, worlds = tuple(overrides), (settings.world, settings.uncertainty)
    return Experiment(command, scenarios, *worlds, resolved=resolved, overrides=words, mechanisms=left_out, **how)


def engine_of(execution: Execution, given: concurrent.futures.Executor | None = None) -> Engine | None:
    """Engine for tasks, from the given executor or the one in the settings; None if there is neither."""
    if given is None and execution.executor in KINDS:
        return None
    from sim.experiments.engines import Engine

    return Engine(execution, given)


@dataclass(frozen=True)
class Known:
    """Configuration keys that can be overridden, and the options of each Hydra config group."""

    keys: frozenset[str]
    groups: Mapping[str, tuple[str, ...]]


def is_override(word: str) -> bool:
    """True if a command-line word overrides a key; false for a scenario, even for a path that contains `=`.

    So a file whose name holds `=` can be given as a path, such as `./a=b.yaml`.
    """
    key, equals, _ = word.partition("=")
    return word.startswith(("+", "~")) or bool(equals and "/" not in key)


def in_full(word: str) -> str:
    """Adds the prefix of parameters to a word whose key is the short name of one, such as `desk.rebound=0.4`."""
    return f"{OF_PARAMETERS}{word}" if word.partition("=")[0] in parameter_names() else word


def read_word(word: str, known: Known, *, several: bool = False) -> Override:
    """Parses a command-line word as an override of a known key, or as several values for a sweep."""
    from hydra.core.override_parser.overrides_parser import OverridesParser  # which workers can do without
    from hydra.errors import HydraException

    key, _, written = word.partition("=")
    value, bare = written.strip("'\""), key.lstrip("+~")
    name = bare.removeprefix(OF_PARAMETERS)
    if word.startswith(("+", "~")):
        there = bare in known.keys or bare in known.groups
        problem = "keys cannot be added or removed" + ("" if there else f", and there is no key {shorten(name)}")
        raise mistake(problem, key, value or None, f"Write {name}=VALUE." if there else nearest_key(bare, known))
    if "${" in word or "_target_" in word or "oc.env" in word:
        problem = "values that create things or are looked up elsewhere are not allowed"
        raise mistake(problem, key, written, "Write the value.")
    if key not in known.keys and key not in known.groups:
        raise mistake("unknown key", key, value, nearest_key(key, known))
    try:
        override = OverridesParser.create().parse_override(word)
    except (HydraException, ValueError):
        one = f"values as {name}=1,2,3" if several else "one value"
        fix = f"Write {one}, or quote what has spaces: \"{name}='…'\"."
        raise mistake("no value that can be read", key, written, fix) from None
    if not several and override.is_sweep_override():
        raise mistake("several values", key, written, "Write one value.")
    if not several and key in known.groups:
        check_word(key, value, known.groups[key])
    return override


def nearest_key(key: str, known: Known) -> str:
    """Text that suggests a valid key for an unknown one, or names the successor of an old key.

    Parameters are suggested by their names.
    """
    if (key := key.removeprefix(OF_PARAMETERS)) in REPLACED:
        return f"It was replaced by {REPLACED[key]}."
    if key.startswith(OF_SLURM):
        return INSTEAD_OF_SLURM
    last = key.rpartition(".")[2]
    names = {name.removeprefix(OF_PARAMETERS) for name in known.keys}
    same = sorted(candidate for candidate in names if candidate.rpartition(".")[2] == last)
    if len(same) == 1:
        return f"Did you mean {same[0]}?"
    hint = nearest(key, names if "." in key else {*names, *known.groups}, what="")
    of_theme = [name for name in known.keys & set(LEVERS) if name.startswith(f"{key.partition('.')[0]}.")]
    if hint or of_theme:
        return hint or nearest(key, of_theme)
    themes = sorted({name.partition(".")[0] for name in known.keys - set(LEVERS) if "." in name})
    levers = ", or are levers (`comity levers` lists them)" if known.keys & set(LEVERS) else ""
    return f"Keys begin with {', '.join(themes)}{levers}."


def compose(primary: str, overrides: Sequence[str]) -> tuple[Settings, dict[str, Any]]:
    """Composes the configuration; returns checked objects and plain values, or reports all mistakes."""
    from omegaconf import OmegaConf

    found, known, readable = Findings(), known_keys(primary), []
    overrides = [in_full(word) for word in overrides]
    for word in overrides:
        with found.gather():
            readable.append(read_word(word, known))
    config = _compose(primary, readable, found)
    settings: Any = OmegaConf.to_object(config)
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
    return settings, cast("dict[str, Any]", OmegaConf.to_container(config))


def settings_of(primary: str, resolved: dict[str, Any]) -> Settings:
    """Rebuilds checked settings from a stored study's plain values; ValueError if no longer valid."""
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    execution = resolved.get("execution", {})  # which named all of its keys, also where nothing used them
    known = {key: value for key, value in execution.items() if f"execution.{key}" != OF_SLURM}
    try:
        schema: Any = OmegaConf.structured(_SCHEMAS[primary])
        made = OmegaConf.to_object(OmegaConf.merge(schema, resolved | {"execution": known}))
    except OmegaConfBaseException as error:
        raise ValueError(f"configuration of another version: {_first_line(error)}") from None
    return cast("Settings", made)


def known_keys(primary: str = "run") -> Known:
    """All keys that a configuration file can set, and the options of every Hydra config group."""
    folder = resource_folder("conf")
    options = {group: tuple(sorted(path.stem for path in (folder / group).glob("*.yaml"))) for group in GROUPS}
    return Known(frozenset(_keys(_SCHEMAS[primary]())), options)


def _keys(node: Any, prefix: str = "") -> Iterator[str]:
    """Yields the dotted keys of a nested dataclass."""
    for item in dataclasses.fields(node):
        value = getattr(node, item.name)
        if dataclasses.is_dataclass(value):
            yield from _keys(value, f"{prefix}{item.name}.")
        else:
            yield f"{prefix}{item.name}"


def _compose(primary: str, overrides: Sequence[Override], found: Findings) -> Any:
    """Applies overrides to the composed configuration; overrides of a wrong type are noted and left out.

    Values that do not have their key's type are noted and left out.
    """
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    chosen = tuple(str(one.input_line) for one in overrides if one.key_or_group in GROUPS)
    try:
        config = deepcopy(_composed(primary, chosen, resource_folder("conf")))
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        found.add(_file_mistake(primary, error))
        raise one_error(found.problems) from None
    for one in overrides:
        if one.key_or_group not in GROUPS:
            try:
                OmegaConf.update(config, one.key_or_group, one.value(), merge=True)
            except OmegaConfBaseException as error:
                found.add(_type_mistake(primary, str(one.input_line), error))
    return config


def _file_mistake(primary: str, error: Exception) -> InputError:
    """Error for an unreadable file of conf/, or for a file with a key that no longer exists."""
    from omegaconf.errors import ConfigKeyError

    cause = error.__context__  # by which Hydra says which key it is
    if isinstance(cause, ConfigKeyError):
        key = str(cause.full_key)
        return InputError("unknown key", where="conf", key=key, fix=nearest_key(key, known_keys(primary)))
    place = getattr(error, "problem_mark", None)  # of a file that is not YAML
    where = f"{Path(place.name).name}, line {place.line + 1}" if place else "conf"
    return InputError(
        str(getattr(error, "problem", "")) or _first_line(error), where=where, fix="Check the files in conf/."
    )


@cache
def _composed(primary: str, chosen: tuple[str, ...], folder: Path) -> Any:
    """Composes configuration files with Hydra, under a lock because Hydra keeps its state in a global variable."""
    from hydra import compose, initialize_config_dir
    from hydra.core.config_store import ConfigStore

    with _HYDRA:
        ConfigStore.instance().store(name="schema", node=_SCHEMAS[primary])
        with initialize_config_dir(str(folder), version_base="1.3"):
            return compose(primary, overrides=list(chosen))


def _type_mistake(primary: str, word: str, error: Exception) -> InputError:
    """Error for a value that has the wrong type for its key."""
    key, _, value = word.partition("=")
    default = attrgetter(key)(_SCHEMAS[primary]())
    kinds = {bool: "true or false", int: "a whole number", float: "a number", str: "a word", list: "a list [A,B]"}
    kind = kinds.get(type(default))
    problem = f"{kind} is needed" if kind else _first_line(error.__cause__ or error)
    example = _LISTS[key] if isinstance(default, list) else str(default).lower()
    return mistake(problem, key, value, f"Write for example {key.removeprefix(OF_PARAMETERS)}={example}.")


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0].strip() if str(error) else type(error).__name__


def cores() -> int:
    """Number of processor cores available to this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
