"""Checked settings: the schema of the configuration for Hydra, and allowed ranges."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import entry_points

from sim.data.load import states
from sim.law.suggest import nearest
from sim.policy.places import load_atlas
from sim.policy.problem import COMMAND_LINE, Findings, InputError, mistake, read_each
from sim.policy.schema import FIRST_DAY, LAST_DAY
from sim.world.parameters import Parameters, WorldSpec, declarations, out_of_range, value_of

_SWITCH, _PREFIX = "switch", "with_"


@dataclass(frozen=True)
class Mechanism:
    """A mechanism of the model that can be switched off."""

    key: str  # as users write it, such as hop_chain
    switch: str  # dotted name of the switch among the parameters, such as mechanism.with_hop_chain
    meaning: str
    source: str

    @property
    def title(self) -> str:
        """Title of the mechanism."""
        return self.key.replace("_", " ")

    @property
    def block(self) -> str:
        """Name of the points at which this mechanism is left out."""
        return f"without {self.title}"


def mechanisms() -> tuple[Mechanism, ...]:
    """All mechanisms that can be switched off, in order of declaration."""
    return tuple(
        Mechanism(item.name.removeprefix(_PREFIX), name, declaration.meaning, declaration.source)
        for name, item, declaration in declarations()
        if declaration.unit == _SWITCH
    )


def chosen(keys: Iterable[str], key: str) -> tuple[Mechanism, ...]:
    """Finds mechanisms by name, in the given order; `key` names the option or key in error messages."""
    known = {mechanism.key: mechanism for mechanism in mechanisms()}
    found: dict[str, Mechanism] = {}
    for name in keys:
        if name not in known:
            fix = nearest(name, known) + " List them with `comity ablate --list`."
            raise mistake("unknown mechanism", key, name, fix)
        if name in found:
            raise mistake("named twice", key, name, "Name each once.")
        found[name] = known[name]
    if not found:
        fix = f"Name at least one of {', '.join(known)}."
        raise mistake("no mechanism to leave out", key, "", fix)
    return tuple(found.values())


def is_on(parameters: Parameters, mechanism: Mechanism) -> bool:
    """True if the mechanism is switched on in a world with these parameters."""
    return value_of(parameters, mechanism.switch) != 0.0


#: Entry points that open further executors: functions of `Execution`, whose context gives one of concurrent.futures,
#: and its tasks at a time (`sim/experiments/engines.py`).
GROUP = "comity.executors"
#: Executors of Comity itself: this process, or processes of its own.
KINDS = ("serial", "processes")
#: Keys of jobs of Slurm that earlier versions asked for through dask-jobqueue, and what does now what they did.
OF_SLURM = "execution.slurm"
INSTEAD_OF_SLURM = "Start workers with sbatch, as docs/howto/cluster.md shows; they find the scheduler by a file."


@dataclass
class Execution:
    """Settings for the execution of an experiment: workers, executor, results folder."""

    replicates: int = 100  # number of seeds; each seed is run under every scenario
    first_seed: int = 1  # replicate i has seed first_seed + i
    workers: int = 0  # worker processes; 0 for one a processor core; on an engine, tasks at a time
    results: str = "results"  # folder under which the run's own folder is made
    events: bool = False  # whether the event tables are kept
    executor: str = "processes"  # serial, processes, dask, or another that is installed
    scheduler: str = ""  # of an engine: tls://host:8786, or its scheduler file; empty for workers on this machine
    keys: str = ""  # folder with ca.pem, cert.pem and key.pem for tls://; empty for those of the engine's own settings
    encrypted: bool = True  # whether a scheduler that others can reach must be encrypted; false lets them run code


@dataclass
class Settings:
    """Schema of the whole configuration for Hydra, with keys and types."""

    world: WorldSpec = field(default_factory=WorldSpec)
    uncertainty: Parameters = field(default_factory=Parameters)
    execution: Execution = field(default_factory=Execution)


@dataclass
class Ablation:
    """Setting: the mechanisms that an ablation leaves out, one at a time."""

    mechanisms: list[str] = field(default_factory=list)  # keys of mechanisms


@dataclass
class AblationSettings(Settings):
    """Schema of the configuration of an ablation."""

    ablation: Ablation = field(default_factory=Ablation)


def check_ablation(ablation: Ablation, parameters: Parameters) -> tuple[Mechanism, ...]:
    """Mechanisms to leave out, all of which must be switched on in the world."""
    key = "ablation.mechanisms"
    found = chosen(ablation.mechanisms, key)
    for mechanism in found:
        if not is_on(parameters, mechanism):
            fix = f"Leave it off the list, or remove {mechanism.switch}=0."
            raise mistake("left out of this world already", key, mechanism.key, fix)
    return found


@dataclass
class Sweep:
    """Settings of a sweep: choice and number of its points, and the tables to keep."""

    design: str = "factorial"  # factorial, zipped, lhs, sobol, morris or csv
    samples: int = 0  # size of a sampled design: points, trajectories of Morris, base samples of Sobol
    design_seed: int = 1  # seed of the draws of a sampled design
    points: str = ""  # CSV file of points
    seeds: str = "common"  # common (every point under every seed) or own (each point under one seed of its own)
    paired: bool = False  # whether each point has worlds of its own, in each of which the baseline is run, too
    against: str = ""  # key of the baseline of a paired sweep; empty for today's law
    alone: float = 0.0  # share of the points of a sample at which one to three levers move and all others stay
    breakdowns: list[str] = field(default_factory=list)  # tables kept besides the outcomes
    most_runs: int = 1_000_000  # a study with more runs than this is taken for a slip


@dataclass
class SweepSettings(Settings):
    """Schema of the configuration of a sweep."""

    sweep: Sweep = field(default_factory=Sweep)


def check_execution(execution: Execution) -> None:
    """Raises an error for unknown words or values out of range in the settings for execution."""
    found = Findings()
    with found.gather():
        check_ranges(
            ("execution.replicates", execution.replicates, 1, 100_000),
            ("execution.first_seed", execution.first_seed, 0, 2**62),
            ("execution.workers", execution.workers, 0, 1024),
        )
    with found.gather():
        check_executor(execution)
    if not execution.results.strip():
        found.add(mistake("empty", "execution.results", "", "Name a folder."))
    found.raise_all()


def check_executor(execution: Execution) -> None:
    """Raises an error for an unknown executor, or for an address of workers that the executor cannot use."""
    kind = execution.executor
    if kind in KINDS:
        for key in ("scheduler", "keys"):
            if value := getattr(execution, key):
                fix = "Write execution=dask, or leave it out."
                raise mistake(f"the executor {kind} has none", f"execution.{key}", value, fix)
        return
    check_word("execution.executor", kind, (*KINDS, *sorted({entry.name for entry in entry_points(group=GROUP)})))


def check_parameters(parameters: Parameters, typed: Collection[str]) -> None:
    """Raises an error for parameters out of range; `typed` has the keys that the user typed."""
    found = Findings()
    for name, fault in out_of_range(parameters).items():
        key = f"uncertainty.{name}"
        found.add(InputError(fault, where=COMMAND_LINE if key in typed else "conf/uncertainty"))
    found.raise_all()


def check_world(world: WorldSpec) -> None:
    """Raises an error for a world's specification with values out of range or dates in the wrong order."""
    check_ranges_of(world)
    start, policy, end = (date.fromisoformat(day) for day in (world.start, world.policy_start, world.end))
    for key, later, earlier in (("world.policy_start", policy, start), ("world.end", end, policy)):
        if later <= earlier:
            raise mistake(f"not after {earlier}", key, later, f"Write a day after {earlier}.")


def check_ranges_of(world: WorldSpec) -> None:
    """Raises an error for values of a world's specification that are out of range."""
    found = Findings()
    with found.gather():
        check_ranges(("world.groups", world.groups, 1, 5000), ("world.follow_up_days", world.follow_up_days, 0, 3650))
    for key in ("world.start", "world.policy_start", "world.end"):
        with found.gather():
            day = calendar_day(key, getattr(world, key.removeprefix("world.")))
            if not FIRST_DAY <= day <= LAST_DAY:
                raise mistake("out of range", key, day, f"Choose a day from {FIRST_DAY} to {LAST_DAY}.")
    with found.gather():
        _check_states(world.states)
    found.raise_all()


def _check_states(named: list[str]) -> None:
    """Checks the participating states: all are known, none is repeated, and there are at least two."""
    key, enough = "world.states", "at least two states, or none for all."
    for place, state in enumerate(named):
        if state not in states():
            members = load_atlas().members(state)
            fix = nearest(state, states(), labels=load_atlas().names)
            if members:
                codes = ", ".join(members[:4])
                fix = f"Write {codes}." if len(members) == 1 else f"Write its states, such as {codes}."
            raise mistake("unknown state", key, state, fix)
        if state in named[:place]:
            fix = f"Name each once, and {enough}"
            raise mistake("this state is given twice", key, state, fix)
    if len(named) == 1:
        fix = f"Name {enough}"
        raise mistake("one state has nobody to ask", key, named[0], fix)


def check_sweep(sweep: Sweep) -> None:
    """Raises an error for unknown words or values out of range in the settings of a sweep."""
    from sim.measures.outcomes import BREAKDOWNS

    words = [
        ("sweep.design", sweep.design, ("factorial", "zipped", "lhs", "sobol", "morris", "csv")),
        ("sweep.seeds", sweep.seeds, ("common", "own")),
        *(("sweep.breakdowns", name, tuple(BREAKDOWNS)) for name in sweep.breakdowns),
    ]
    found = Findings()
    with found.gather():
        read_each(lambda word: check_word(*word), words)
    with found.gather():
        check_ranges(
            ("sweep.samples", sweep.samples, 0, 10_000_000),
            ("sweep.design_seed", sweep.design_seed, 0, 2**32 - 1),
            ("sweep.most_runs", sweep.most_runs, 1, 10**9),
            ("sweep.alone", sweep.alone, 0.0, 1.0),
        )
    if sweep.against and not sweep.paired:
        found.add(mistake("a baseline without pairs", "sweep.against", sweep.against, "Add --paired, or leave it out."))
    if sweep.paired and sweep.seeds == "own":
        fix = "Leave --seeds out: each point of a paired sweep has as many worlds of its own as --replicates says."
        found.add(mistake("said twice", "sweep.seeds", sweep.seeds, fix))
    found.raise_all()


def check_word(key: str, word: str, known: Iterable[str], problem: str = "no such choice") -> None:
    """Raises an error for a value that is none of the allowed words."""
    if word not in (words := list(known)):
        raise mistake(problem, key, word, nearest(word, words))


def check_ranges(*rows: tuple[str, float, float, float]) -> None:
    """Raises an error for a value out of range; each row is key, value, minimum and maximum."""
    found = Findings()
    for key, value, low, high in rows:
        if not low <= value <= high:
            found.add(mistake("out of range", key, value, f"Choose a value from {low:,} to {high:,}."))
    found.raise_all()


def calendar_day(key: str, written: str) -> date:
    """Parses a date that the user typed on the command line."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        problem, fix = "not a day of the calendar", "Write it as 2027-01-01."
        raise mistake(problem, key, written, fix) from None
