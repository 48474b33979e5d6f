"""What each command does once its words are read; heavy modules are imported inside the command."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING, TypeVar

from sim.law.suggest import nearest
from sim.policy.problem import COMMAND_LINE, mistake
from sim.policy.well_known import BASELINE, LOWER_BOUND, UPPER_BOUND

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from _typeshed import DataclassInstance
    from rich.console import Console

    from sim.experiments.config import Experiment
    from sim.policy.places import Place
    from sim.policy.scenario import Scenario

OptionsT = TypeVar("OptionsT", bound="DataclassInstance")
#: Scenarios of a comparison that names none, in the order in which they are shown.
DEFAULT_COMPARISON = (
    BASELINE,
    "harmonised_law",
    "faster_mlat",
    "harmonised_and_faster",
    LOWER_BOUND,
    UPPER_BOUND,
)
#: Scenarios of an ablation that names none: the policies without the bounds.
DEFAULT_ABLATION = DEFAULT_COMPARISON[:4]
#: The policymaker that is judged when none is named.
DEFAULT_REVIEWER = "monitor_and_update"
FEWEST_TO_JUDGE = 4


def run(arguments: argparse.Namespace) -> None:
    """`comity run`."""
    names, overrides = _split(arguments)
    if len(names) != 1:
        raise mistake(
            "one scenario is needed" if not names else "more than one scenario",
            "SCENARIO",
            " ".join(names) or None,
            f"Write `comity compare {' '.join(names)}`, or name one." if names else "`comity scenarios` lists them.",
        )
    from sim.policy.scenario import load

    experiment = _experiment("run", (load(names[0]),), overrides, arguments)
    _report("run", experiment, arguments)


def compare(arguments: argparse.Namespace) -> None:
    """`comity compare`: scenarios against the baseline, which always comes first; the status quo if none is named."""
    from dataclasses import replace

    names, overrides = _split(arguments)
    scenarios = _compared(names, DEFAULT_COMPARISON, arguments.against or BASELINE)
    experiment = _experiment("compare", scenarios, overrides, arguments)
    if arguments.against:
        experiment = replace(experiment, baseline=scenarios[0].key)
    if not arguments.point:
        from sim.calibration.ensemble import parameter_sets

        experiment = replace(experiment, sets=parameter_sets(experiment.first_seed))
    if arguments.places:
        experiment = replace(experiment, places=_places(arguments.places, experiment))
    _report("compare", experiment, arguments)


def ablate(arguments: argparse.Namespace) -> None:
    """`comity ablate`: the comparison again with each mechanism left out in turn."""
    from sim.experiments.mechanisms import chosen, mechanisms

    if arguments.list:
        from sim.report.ablation import print_mechanisms

        print_mechanisms()
        return
    names, overrides = _split(arguments)
    keys = [mechanism.key for mechanism in mechanisms()] if arguments.all else arguments.mechanism
    if keys is not None:
        chosen(keys, COMMAND_LINE, "--mechanism")
        overrides.append(f"ablation.mechanisms=[{','.join(keys)}]")
    experiment = _experiment("ablate", _compared(names, DEFAULT_ABLATION), overrides, arguments)
    _report("ablate", experiment, arguments)


def regret(arguments: argparse.Namespace) -> None:
    """`comity regret`: a policymaker who reviews, compared with others who spend the same budget."""
    from sim.law.order import LegalOrder
    from sim.policy.alternatives import alternatives
    from sim.policy.scenario import load
    from sim.policy.scenario_timeline import policy_days

    names, overrides = _split(arguments)
    if len(names) > 1:
        fix = "Name the one whose policymaker is to be judged."
        raise mistake("more than one scenario", "SCENARIO", " ".join(names), fix)
    judged = load(names[0] if names else DEFAULT_REVIEWER)
    world = _experiment("regret", (judged,), list(overrides), arguments).world
    arms = alternatives(judged, LegalOrder.load(), *policy_days(world), world.states)
    experiment = _experiment("regret", (load(BASELINE), *arms), overrides, arguments)
    if experiment.replicates < FEWEST_TO_JUDGE:
        fix = f"Take {FEWEST_TO_JUDGE} at least: the best plan is chosen on one half and measured on the other."
        key, value = "execution.replicates", experiment.replicates
        raise mistake("too few replicates", key, value, fix)
    _report("regret", experiment, arguments)


def _report(kind: str, experiment: Experiment, arguments: argparse.Namespace) -> None:
    """Conducts a study that ends in a report."""
    from sim.experiments.plan import Kind
    from sim.report.studies import report

    _print_places(arguments, report(experiment, Kind(kind), _console(arguments)))


def _places(words: str, experiment: Experiment) -> tuple[Place, ...]:
    """The states and groups whose own side is wanted."""
    from sim.policy.places import places_named

    return places_named(words, "--for", experiment.world.states)


def _compared(names: list[str], default: tuple[str, ...], baseline: str = BASELINE) -> tuple[Scenario, ...]:
    """The scenarios to compare, the baseline first; another baseline than today's law continues under all of them."""
    from sim.policy.scenario import load_all, over

    base, *others = load_all([baseline, *(name for name in names or default if name != baseline)])
    scenarios = (base, *(over(scenario, base) for scenario in others))
    for number, scenario in enumerate(scenarios):
        if scenario.key in {other.key for other in scenarios[:number]}:
            raise mistake(
                "two scenarios of this name", "SCENARIO", scenario.key, "Name each once, or rename your file."
            )
    if len(scenarios) == 1:
        raise mistake(
            "nothing to compare with", "SCENARIO", baseline, f"Name another scenario, or none for {', '.join(default)}."
        )
    return scenarios


def sweep(arguments: argparse.Namespace) -> None:
    """`comity sweep`: many points of a design, each under every scenario and seed."""
    names, words = _split(arguments)
    from sim.experiments.conduct import Options
    from sim.experiments.prepare import prepare
    from sim.experiments.sweep import read_shard, show
    from sim.experiments.sweep import sweep as conduct_sweep

    for option in ("design", "samples", "seeds", "executor"):
        if (written := getattr(arguments, option)) is not None:
            words.append(f"{'execution' if option == 'executor' else 'sweep'}.{option}={written}")
    if arguments.points is not None:
        words.append(f"sweep.points={_quoted(arguments.points)}")
    shard = read_shard(arguments.shard) if arguments.shard else (0, 1)
    options, study = Options(shard, arguments.retry_failed, arguments.allow_other_code), arguments.study or ""
    command = _typed(arguments)
    prepared = prepare(names, words, arguments.vary or (), command, quiet=arguments.quiet)
    if arguments.dry_run:
        show(prepared, study, _console(arguments))
        return
    made, _ = conduct_sweep(prepared, study, options, _console(arguments))
    _print_places(arguments, made.folder)


def calibrate(arguments: argparse.Namespace) -> None:
    """`comity calibrate`: parameter sets that agree with published facts."""
    from sim.calibration.command import run_calibration

    names, overrides = _split(arguments)
    if names:
        raise mistake(
            "a calibration takes no scenario", "SCENARIO", names[0], "Leave it out: the calibration chooses its own."
        )
    options = {"finished": arguments.finished, "quiet": arguments.quiet}
    size, study = arguments.size, arguments.study
    written = run_calibration(overrides, size, study, _typed(arguments), _console(arguments), **options)
    _print_places(arguments, *written)


def validate(arguments: argparse.Namespace) -> None:
    """`comity validate`: published facts beside the calibrated sets."""
    from pathlib import Path

    from sim.calibration.command import run_validation

    results, command = Path(arguments.results), _typed(arguments)
    _print_places(arguments, *run_validation(arguments.ensemble, results, command, _console(arguments)))


def status(arguments: argparse.Namespace) -> None:
    """`comity status STUDY`."""
    from pathlib import Path

    from rich.console import Console

    from sim.experiments.status import print_folder

    print_folder(Path(arguments.study), Console(markup=False, emoji=False))


def plot(arguments: argparse.Namespace) -> None:
    """`comity plot STUDY`."""
    from pathlib import Path

    from sim.report.sweep.plot import PlotOptions
    from sim.report.sweep.plot import plot as draw

    options = _options(PlotOptions, arguments)
    written = draw(Path(arguments.study), options, _typed(arguments), _console(arguments))
    _print_places(arguments, *written)


def analyse(arguments: argparse.Namespace) -> None:
    """`comity analyse STUDY`."""
    from pathlib import Path

    from sim.report.sweep.analyse import AnalysisOptions
    from sim.report.sweep.analyse import analyse as find

    options = _options(AnalysisOptions, arguments)
    page = find(Path(arguments.study), options, _typed(arguments), _console(arguments))
    _print_places(arguments, page)


def _options(kind: type[OptionsT], arguments: argparse.Namespace) -> OptionsT:
    """Options as a command takes them; those that were not typed keep their default."""
    from dataclasses import fields

    typed = {item.name: getattr(arguments, item.name) for item in fields(kind)}
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in typed.items() if value}
    return kind(**given)


def _typed(arguments: argparse.Namespace) -> str:
    """The command line as it would be typed again."""
    return shlex.join(["comity", *arguments.typed])


def _print_places(arguments: argparse.Namespace, *places: Path) -> None:
    """Prints where results are when nothing else is printed: scripts read it."""
    if arguments.quiet:
        print(*places, sep="\n")


def _quoted(path: str) -> str:
    """A path as the grammar of overrides takes it."""
    quoted = path.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{quoted}'"


def _split(arguments: argparse.Namespace) -> tuple[list[str], list[str]]:
    """Words without `=` are scenarios; the others, and options, are overrides."""
    names = [word for word in arguments.words if "=" not in word and not word.startswith(("+", "~"))]
    overrides = [word for word in arguments.words if word not in names]
    for option, key in (("replicates", "replicates"), ("workers", "workers"), ("seed", "first_seed")):
        if (written := getattr(arguments, option)) is not None:
            overrides.append(f"execution.{key}={written}")
    if arguments.results is not None:
        overrides.append(f"execution.results={_quoted(arguments.results)}")
    if arguments.events:
        overrides.append("execution.events=true")
    return names, overrides


def _experiment(
    primary: str,
    scenarios: tuple[Scenario, ...],
    overrides: list[str],
    arguments: argparse.Namespace,
) -> Experiment:
    """Everything checked, before any work starts: configuration, scenarios on their days, results folder."""
    from sim.data.load import check_files
    from sim.experiments.config import compose, experiment_of
    from sim.experiments.store import check_writable
    from sim.law.order import legal_order
    from sim.policy.problem import read_each
    from sim.policy.scenario_timeline import policy_days, timeline_of

    command = _typed(arguments)
    settings, resolved = compose(primary, overrides)
    experiment = experiment_of(settings, resolved, scenarios, overrides, command, quiet=arguments.quiet)
    check_files()
    law = legal_order()
    days = policy_days(experiment.world)
    read_each(lambda scenario: timeline_of(scenario, law, *days), scenarios)
    check_writable(experiment.results)
    return experiment


def _console(arguments: argparse.Namespace) -> Console:
    """Where progress and results are printed: standard error, so that standard output stays free for pipes.

    The text holds paths, names and words of the user: nothing in it is markup.
    """
    from rich.console import Console

    return Console(stderr=True, quiet=arguments.quiet, markup=False, emoji=False)


def scenarios(_arguments: argparse.Namespace) -> None:
    """`comity scenarios`."""
    from sim.policy.listing import print_scenarios

    print_scenarios()


def levers(_arguments: argparse.Namespace) -> None:
    """`comity levers`."""
    from sim.policy.listing import print_levers

    print_levers()


def explain(arguments: argparse.Namespace) -> None:
    """`comity explain`: the life of a case, a request or a group, or a list of cases."""
    from pathlib import Path

    from sim.report.explain.command import explain as explain_run

    ids = {kind: getattr(arguments, kind) for kind in ("case", "request", "group")}
    explain_run(
        Path(arguments.run),
        {kind: written for kind, written in ids.items() if written is not None},
        scenario=arguments.scenario,
        seed=arguments.seed,
        full=arguments.full,
        markdown=Path(arguments.markdown) if arguments.markdown else None,
    )


def case(arguments: argparse.Namespace) -> None:
    """`comity case`: an operation on record, or all of them."""
    from pathlib import Path

    from sim.cases.command import SEEDS, SEEDS_OF_ALL, CaseOptions, all_cases, one_case
    from sim.data.load import check_files
    from sim.experiments.config import cores
    from sim.experiments.store import check_writable

    if (arguments.case is None) != arguments.all:
        problem = "a case and --all" if arguments.all else "a case is needed"
        fix = "Write `comity case avalanche`, `comity case emotet`, or `comity case --all`."
        raise mistake(problem, "CASE", arguments.case, fix)
    default = SEEDS_OF_ALL if arguments.all else SEEDS
    workers = _whole(arguments.workers, "--workers", 0, 1024)
    options = CaseOptions(
        seeds=default if arguments.replicates is None else _whole(arguments.replicates, "--replicates", 1, 100_000),
        first_seed=_whole(arguments.seed, "--seed", 0, 2**62),
        workers=workers or cores(),
        results=Path(arguments.results),
        command=_typed(arguments),
        quiet=arguments.quiet,
    )
    check_files()
    check_writable(options.results, "--results")
    console = _console(arguments)
    place = all_cases(options, console) if arguments.all else one_case(arguments.case, options, console)
    _print_places(arguments, place)


def _whole(written: str, key: str, low: int, high: int) -> int:
    """A whole number of the command line within a range."""
    if not (written.isascii() and written.isdigit() and low <= int(written) <= high):
        raise mistake("out of range", key, written, f"Choose a whole number from {low:,} to {high:,}.")
    return int(written)


def dashboard(arguments: argparse.Namespace) -> None:
    """`comity dashboard`: the what-if page."""
    from sim.web.command import dashboard as serve

    serve(arguments.words, arguments.port, arguments.workers, opens=not arguments.no_open)


def law(arguments: argparse.Namespace) -> None:
    """`comity law`."""
    from datetime import date

    from rich.console import Console

    from sim.law.explain import answer, render
    from sim.law.order import LegalOrder
    from sim.law.vocabulary import DataKind, Offence

    order = LegalOrder.load()
    states = [_state(getattr(arguments, side), side.upper(), order.states) for side in ("requesting", "requested")]
    if states[0] == states[1]:
        raise mistake("a state cannot ask itself", "REQUESTED", states[1], "Name two different states.")
    kind = DataKind[_word(arguments.data, "DATA", tuple(DataKind.__members__))]
    offence = Offence[_word(arguments.offence, "--offence", tuple(Offence.__members__))]
    on = date.today() if arguments.on is None else _day(arguments.on)
    found = answer(order, states[0], states[1], kind, on, offence)
    Console().print(render(found, dict(order.names)))


def _state(written: str, key: str, states: tuple[str, ...]) -> str:
    """A state by its code or its English name."""
    from sim.policy.places import load_atlas

    if written.upper() in states:
        return written.upper()
    atlas = load_atlas()
    members = atlas.members(written)
    if len(members) == 1:
        return members[0]
    if members:
        fix = f"Ask about one of them, such as {', '.join(members[:4])}."
        problem = f"a group of {len(members)} states, not a state"
        raise mistake(problem, key, written, fix)
    fix = (
        nearest(written, states, what="", labels=atlas.names)
        or "Use a code of three letters, such as DEU, or the English name."
    )
    raise mistake("unknown state", key, written, fix)


def _word(written: str, key: str, known: tuple[str, ...]) -> str:
    """A word of the law's vocabulary, in any case, with spaces, hyphens or underscores."""
    word = written.upper().replace("-", "_").replace(" ", "_")
    if word not in known:
        words = [name.lower() for name in known]
        raise mistake("unknown", key, written, nearest(written.lower(), words))
    return word


def _day(written: str) -> date:
    """The day of a legal question."""
    from sim.data.load import UNDATED
    from sim.experiments.settings import calendar_day

    day = calendar_day("--on", written)
    if day < UNDATED:
        fix = f"Choose a day from {UNDATED} on: the data say nothing of days before."
        raise mistake("too early", "--on", written, fix)
    return day
