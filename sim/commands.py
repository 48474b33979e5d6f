"""Every command: what it takes stands in its signature, from which the command line is made (`sim/options.py`).

Heavy modules are imported inside the command that needs them. Values of the configuration stay texts until it is
composed, which checks them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sim.options import Command
from sim.policy.problem import mistake

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from sim.api.asked import Asked

EPILOG = """\
Any value of the configuration can be changed as key=value:
  comity run faster_mlat world.groups=100 execution.replicates=20
  comity compare harmonised_law uncertainty=overloaded_courts
"""
_ABLATE_EPILOG = """\
Any value of the configuration can be changed as key=value:
  comity ablate
  comity ablate faster_mlat --mechanism queues --mechanism hop_chain execution.replicates=50
  comity ablate --all uncertainty=overloaded_courts
"""
_SWEEP_EPILOG = """\
What varies is written as key=values; a key with one value is set for all points. Keys are levers (`comity levers`),
uncertainty.…, world.…, uncertainty or world themselves (files of conf/), and scenario.
  1,1.5,2                       a list
  range(1,2,0.25)               numbers from 1 in steps of 0.25, 2 left out
  interval(1,3)                 for --design lhs, sobol or morris
  tag(log,interval(0.1,10))     the same, even in the logarithm

Designs: factorial (every combination), zipped (the n-th values together), lhs (--samples points), sobol (--samples ×
(axes + 2) points, a power of two), morris (--samples × (axes + 1) points), csv (--points FILE: one column per key, one
row per point). Every point is run under every scenario that is named and under the same seeds, so in the same random
worlds.
  comity sweep central_authority.staff=1,1.5,2 uncertainty.desk.court_wait_days=5,60,150
  comity sweep faster_mlat harmonised_law --vary judgement --design morris --samples 20 --dry-run
  comity sweep scenario=status_quo,faster_mlat world.groups=100,300 --design zipped
  comity sweep status_quo faster_mlat --points points.csv --replicates 20
A lever that the scenario moves takes the value in the scenario's own time and place; any other acts everywhere at once.

The same command again does only what is missing, after Ctrl-C, a kill or a full disk; more --replicates add seeds.
On a cluster: --shard $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT in a job array from 0, or
  comity sweep … --executor dask execution.scheduler=slurm --workers 40
  comity sweep … --executor dask execution.scheduler=tls://host:8786
See docs/sweeps.md for the rest.
"""
_LEAST_BUDGET = 1e6


class Common(NamedTuple):
    """Options of all commands that simulate; each but `quiet` is short for a key of the configuration.

    Attributes:
        typed: the command line.
        results (DIR): folder for results (execution.results)
        replicates (N): number of seeds (execution.replicates)
        workers (N): worker processes, 0 for one per core (execution.workers)
        seed (N): first seed (execution.first_seed)
        events: keep the event tables (execution.events)
        quiet: print nothing but the folder of the results
    """

    typed: str
    results: str | None = None
    replicates: str | None = None
    workers: str | None = None
    seed: str | None = None
    events: bool = False
    quiet: bool = False

    def split(self, words: list[str]) -> tuple[list[str], list[str]]:
        """Scenarios, and overrides with those that options stand for."""
        from sim.api.keywords import quoted
        from sim.experiments.overrides import is_override

        names = [word for word in words if not is_override(word)]
        overrides = [word for word in words if word not in names]
        given = {"replicates": self.replicates, "workers": self.workers, "first_seed": self.seed}
        overrides += [f"execution.{key}={written}" for key, written in given.items() if written is not None]
        if self.results is not None:
            overrides.append(f"execution.results={quoted(self.results)}")
        if self.events:
            overrides.append("execution.events=true")
        return names, overrides

    def asked(self, words: list[str], own: Own | Worlds | None = None) -> Asked:
        """What the words ask for."""
        from sim.api.asked import Asked

        names, overrides = self.split(words)
        rules, ensemble, quiet = own.rules if own else "", own.ensemble if own else "", self.quiet
        return Asked(names, overrides, self.typed, console(quiet), quiet=quiet, rules=rules, ensemble=ensemble)

    def study(self, kind: str, words: list[str], own: Own | Worlds | None = None, **more: Any) -> None:
        """Conducts a study that ends in a report; `sim.api.asked` has a function of its kind, which takes the rest."""
        from sim.api import asked
        from sim.experiments.plan import Kind
        from sim.report.studies import report

        experiment = getattr(asked, kind)(self.asked(words, own), **more)
        print_places(self.quiet, report(experiment, Kind(kind), console(self.quiet)))


class Own(NamedTuple):
    """Rules and parameter sets that worlds have instead of the model's.

    Attributes:
        rules (FILE): Python file of rules that replace rules of the model; it is a program: run only what you trust
        ensemble (SETS): parameter sets that seeds take in turn: package, none, or a file or folder of sets (default:
            none)
    """

    rules: str = ""
    ensemble: str = ""


class Worlds(NamedTuple):
    """What policies are compared with, and in which worlds.

    Attributes:
        against (SCENARIO): baseline that continues under every scenario, such as current_trends (default: status_quo)
        point: one world with every parameter at its default, instead of a plausible parameter set for each seed
            (--ensemble none)
        ensemble (SETS): parameter sets that seeds take in turn: package, none, or a file or folder of sets (default:
            package)
        rules (FILE): Python file of rules that replace rules of the model; it is a program: run only what you trust
    """

    against: str = ""
    point: bool = False
    ensemble: str = ""
    rules: str = ""


def run(words: list[str], *, common: Common, own: Own) -> None:
    """Simulate one scenario.

    Args:
        words (SCENARIO|KEY=VALUE): the scenario; overrides
    """
    common.study("run", words, own)


def compare(
    words: list[str],
    *,
    common: Common,
    worlds: Worlds,
    for_: str = "",
    by_change: bool = False,
    horizon: int | None = None,
    until: str = "",
) -> None:
    """Compare scenarios in paired replicates.

    Compares scenarios in the same random worlds. The answer by the first 20 worlds is shown as soon as they are
    there, and becomes firmer up to --replicates (100 by default). A report of the first worlds is written where
    the others take longer than half a minute, and renewed at the end.

    Args:
        words (SCENARIO|KEY=VALUE): scenarios (default: the six of the question); overrides
        for_ (STATES): states or groups whose own side is reported, such as BRA,ASEAN: what they gain, give and pay
        by_change: take each policy apart: run each of its changes alone, and each left out; of a package, each of its
            policies
        horizon (YEARS): years of policy (10 by default; law takes 20)
        until (OUTCOME=WIDTH): add worlds until the 95 % interval of each policy's effect on OUTCOME reaches no further
            than WIDTH, in the outcome's unit: after 30 worlds at least, and after --replicates (here 400 by default) at
            the latest
    """
    options = {"places": for_, "by_change": by_change, "horizon": horizon, "until": until}
    common.study("compare", words, worlds, against=worlds.against, point=worlds.point, **options)


def league(words: list[str], *, common: Common, worlds: Worlds) -> None:
    """Rank every policy of the catalogue in the same worlds.

    Which policy is worth it? Every scenario of the catalogue is run in the same random worlds (50 by default)
    and ranked by the takedowns that are to be expected, beside waits, rights and prices. Policies that cannot
    be distinguished form a group. The same command again does only what is missing.

    Args:
        words (SCENARIO|KEY=VALUE): further scenarios that take part, such as your own files; overrides
    """
    common.study("league", words, worlds, against=worlds.against, point=worlds.point)


def portfolio(words: list[str], *, budget: str, common: Common) -> None:
    """Find which measures buy most together under a budget.

    Which measures buy most together? Random doses of every measure of the catalogue that has a price are run in
    the same worlds, an emulator learns from them, and the best portfolios that the budget pays are run in other
    worlds. The same command again does only what is missing.

    Args:
        words (KEY=VALUE): overrides
        budget (AMOUNT): what all measures together may cost over the policy years, discounted: '1 billion euros', '300
            M€'
    """
    from sim.api import asked
    from sim.experiments.analyse.cases import read_money

    amount = 1e6 * read_money(budget)
    if amount < _LEAST_BUDGET:
        fix = "Write a million euros or more: it is for all states and policy years."
        raise mistake("less than most measures cost", "--budget", budget, fix)
    experiment = asked.portfolio(common.asked(words))
    from sim.report.portfolio import report

    print_places(common.quiet, report(experiment, amount, console(common.quiet)))


def ablate(
    words: list[str],
    *,
    mechanism: list[str] | None = None,
    all_: bool = False,
    list_: bool = False,
    common: Common,
    own: Own,
) -> None:
    """Compare with one mechanism left out at a time.

    Which conclusions rest on which mechanism? The comparison is made again in the same random worlds with one
    mechanism left out at a time, from the first day on.

    Args:
        words (SCENARIO|KEY=VALUE): scenarios (default: harmonised law, faster assistance, and both); overrides
        mechanism (NAME): leave this one out (ablation.mechanisms); again for another (default: the decisive ones)
        all_: leave each out that has a switch, in turn
        list_: list the mechanisms and exit
    """
    from sim.experiments.settings import mechanisms

    if list_:
        from sim.report.ablation import print_mechanisms

        print_mechanisms()
        return
    keys = [entry.key for entry in mechanisms()] if all_ else mechanism
    common.study("ablate", words, own, mechanisms=keys)


def regret(words: list[str], *, common: Common) -> None:
    """Judge a policymaker who reviews.

    Does it pay to review and adapt? A scenario with a policymaker is compared with the same measures begun
    without reviews, by lot, and by every fixed plan that the budget covers; the best of those is known in
    hindsight, chosen on one half of the replicates and measured on the other, so four are the fewest.

    Args:
        words (SCENARIO|KEY=VALUE): a scenario with a `monitor` section (default: monitor_and_update); overrides
    """
    common.study("regret", words)


def sweep(
    words: list[str],
    *,
    vary: list[str] | None = None,
    design: str | None = None,
    samples: str | None = None,
    points: str | None = None,
    seeds: str | None = None,
    study: str = "",
    executor: str | None = None,
    shard: str = "",
    dry_run: bool = False,
    retry_failed: bool = False,
    allow_other_code: bool = False,
    common: Common,
    own: Own,
) -> None:
    """Run a design of many points, or resume it.

    Runs every point of a design under every scenario and seed. The same command again does only what is missing.

    Args:
        words (SCENARIO|KEY=VALUES): scenarios (default: status_quo); levers or keys with the values that they take;
            overrides
        vary (NAME): vary a parameter or theme over its plausible range, or allowed:NAME over all that the model allows
        design (KIND): factorial, zipped, lhs, sobol, morris or csv (sweep.design)
        samples (N): size of a sampled design (sweep.samples)
        points (FILE): CSV file of points (sweep.points)
        seeds (HOW): common to all points, or own: one seed per point (sweep.seeds)
        study (NAME): folder of the study (default: named after its design)
        executor (KIND): serial, processes or dask (execution.executor)
        shard (I/N): run only part I of N, from 0: for job arrays
        dry_run: show how many runs there would be, and run none
        retry_failed: run failed runs again
        allow_other_code: resume a study of another version
    """
    from dataclasses import replace

    from sim.api import asked
    from sim.api.keywords import quoted
    from sim.experiments.conduct import Options
    from sim.experiments.sweep import read_shard, show
    from sim.experiments.sweep import sweep as conduct_sweep

    keys = {"sweep.design": design, "sweep.samples": samples, "sweep.seeds": seeds, "execution.executor": executor}
    more = [f"{key}={written}" for key, written in keys.items() if written is not None]
    more += [f"sweep.points={quoted(points)}"] if points is not None else []
    options, screen = (
        Options(read_shard(shard) if shard else (0, 1), retry_failed, allow_other_code),
        console(common.quiet),
    )
    wanted = common.asked(words, own)
    prepared = asked.sweep(replace(wanted, words=[*wanted.words, *more]), vary or ())
    if dry_run:
        show(prepared, study, screen)
        return
    made, _ = conduct_sweep(prepared, study, options, screen)
    print_places(common.quiet, made.folder)


def calibrate(words: list[str], *, size: str = "full", study: str = "", finished: bool = False, common: Common) -> None:
    """Find parameter sets that agree with published facts.

    Finds parameter sets that agree with the published facts of sim/data/targets.yaml, by history matching, and
    renews sim/data/ensemble.parquet and the pages calibration.md and validation.md of docs/. It takes some 45
    minutes on two cores; the same command again does only what is missing.

    Args:
        words (KEY=VALUE): overrides; with any of world.… the ensemble stays in its own folder
        size (SIZE): full, or small to try it (default: full)
        study (DIR): its folder (default: named after the code)
        finished: all runs of --study are there, perhaps of other code: make only the results again
    """
    from sim.calibration.command import run_calibration

    names, overrides = common.split(words)
    if names:
        fix = "Leave it out: the calibration chooses its own."
        raise mistake("a calibration takes no scenario", "SCENARIO", names[0], fix)
    screen, quiet = console(common.quiet), common.quiet
    written = run_calibration(overrides, size, study, common.typed, screen, finished=finished, quiet=quiet)
    print_places(quiet, *written)


#: In the order of help.
STUDIES = (
    Command(run, EPILOG),
    Command(compare, EPILOG),
    Command(league, EPILOG),
    Command(portfolio, EPILOG),
    Command(ablate, _ABLATE_EPILOG, ("mechanism", "all_", "list_")),
    Command(regret, EPILOG),
    Command(sweep, _SWEEP_EPILOG),
    Command(calibrate, EPILOG),
)


def print_places(quiet: bool, *places: Path) -> None:
    """Prints where results are when nothing else is printed: scripts read it."""
    if quiet:
        print(*places, sep="\n")


def console(quiet: bool) -> Console:
    """Where progress and notes are printed: standard error, so that standard output holds the answer alone.

    The text holds paths, names and words of the user: nothing in it is markup.
    """
    from rich.console import Console

    return Console(stderr=True, quiet=quiet, markup=False, emoji=False)
