"""Every command: what it takes stands in its signature, or in that of the function of Python that does the same.

`sim/options.py` makes the command line of both. Heavy modules are imported inside the command that needs them. Values
of the configuration stay texts until it is composed, which checks them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.api import studies
from sim.api.keywords import StudyKeywords
from sim.options import Command, Typed
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


def run(words: list[str], *, typed: Typed, **options: Any) -> None:
    """Simulate one scenario.

    Args:
        words (SCENARIO|KEY=VALUE): the scenario; overrides
    """
    _study("run", words, typed, options)


def compare(words: list[str], *, typed: Typed, **options: Any) -> None:
    """Compare scenarios in paired replicates.

    Compares scenarios in the same random worlds. The answer by the first 20 worlds is shown as soon as they are
    there, and becomes firmer up to --replicates (100 by default). A report of the first worlds is written where
    the others take longer than half a minute, and renewed at the end.

    Args:
        words (SCENARIO|KEY=VALUE): scenarios (default: the six of the question); overrides
    """
    _study("compare", words, typed, options)


def league(words: list[str], *, typed: Typed, **options: Any) -> None:
    """Rank every policy of the catalogue in the same worlds.

    Which policy is worth it? Every scenario of the catalogue is run in the same random worlds (50 by default)
    and ranked by the takedowns that are to be expected, beside waits, rights and prices. Policies that cannot
    be distinguished form a group. The same command again does only what is missing.

    Args:
        words (SCENARIO|KEY=VALUE): further scenarios that take part, such as your own files; overrides
    """
    _study("league", words, typed, options)


def portfolio(words: list[str], *, budget: str, typed: Typed) -> None:
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
    experiment = asked.portfolio(_asked(words, typed))
    from sim.report.portfolio import report

    print_places(typed.quiet, report(experiment, amount, console(typed.quiet)))


def ablate(words: list[str], *, all_: bool = False, list_: bool = False, typed: Typed, **options: Any) -> None:
    """Compare with one mechanism left out at a time.

    Which conclusions rest on which mechanism? The comparison is made again in the same random worlds with one
    mechanism left out at a time, from the first day on.

    Args:
        words (SCENARIO|KEY=VALUE): scenarios (default: harmonised law, faster assistance, and both); overrides
        all_: leave each out that has a switch, in turn
        list_: list the mechanisms and exit
    """
    from sim.experiments.settings import mechanisms

    if list_:
        from sim.report.ablation import print_mechanisms

        print_mechanisms()
        return
    every = {"mechanisms": [entry.key for entry in mechanisms()]} if all_ else {}
    _study("ablate", words, typed, options | every)


def regret(words: list[str], *, typed: Typed) -> None:
    """Judge a policymaker who reviews.

    Does it pay to review and adapt? A scenario with a policymaker is compared with the same measures begun
    without reviews, by lot, and by every fixed plan that the budget covers; the best of those is known in
    hindsight, chosen on one half of the replicates and measured on the other, so four are the fewest.

    Args:
        words (SCENARIO|KEY=VALUE): a scenario with a `monitor` section (default: monitor_and_update); overrides
    """
    _study("regret", words, typed, {})


def sweep(
    words: list[str],
    *,
    shard: str = "",
    dry_run: bool = False,
    retry_failed: bool = False,
    allow_other_code: bool = False,
    vary: list[str] | None = None,
    study: str = "",
    typed: Typed,
    **options: Any,
) -> None:
    """Run a design of many points, or resume it.

    Runs every point of a design under every scenario and seed. The same command again does only what is missing.

    Args:
        words (SCENARIO|KEY=VALUES): scenarios (default: status_quo); levers or keys with the values that they take;
            overrides
        shard (I/N): run only part I of N, from 0: for job arrays
        dry_run: show how many runs there would be, and run none
        retry_failed: run failed runs again
        allow_other_code: resume a study of another version
    """
    from sim.api import asked
    from sim.experiments.conduct import Options
    from sim.experiments.sweep import read_shard, show
    from sim.experiments.sweep import sweep as conduct_sweep

    how = Options(read_shard(shard) if shard else (0, 1), retry_failed, allow_other_code)
    prepared, screen = asked.sweep(_asked(words, typed, **options), vary or ()), console(typed.quiet)
    if dry_run:
        show(prepared, study, screen)
        return
    made, _ = conduct_sweep(prepared, study, how, screen)
    print_places(typed.quiet, made.folder)


def calibrate(words: list[str], *, size: str = "full", study: str = "", finished: bool = False, typed: Typed) -> None:
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

    made = _asked(words, typed)
    if made.names:
        fix = "Leave it out: the calibration chooses its own."
        raise mistake("a calibration takes no scenario", "SCENARIO", made.names[0], fix)
    where = study, typed.command, made.console
    print_places(typed.quiet, *run_calibration(made.words, size, *where, finished=finished, quiet=typed.quiet))


def split(words: list[str]) -> tuple[list[str], list[str]]:
    """Scenarios, and overrides of the configuration."""
    from sim.experiments.overrides import is_override

    names = [word for word in words if not is_override(word)]
    return names, [word for word in words if word not in names]


def _asked(words: list[str], typed: Typed, rules: str = "", ensemble: str = "") -> Asked:
    """What was typed, as scenarios and overrides; options that are short for a key come last."""
    from sim.api.asked import Asked
    from sim.api.keywords import written

    names, overrides = split(words)
    overrides += [f"{key}={written(value)}" for key, value in typed.keys.items()]
    return Asked(names, overrides, typed.command, console(typed.quiet), typed.quiet, rules=rules, ensemble=ensemble)


def _study(kind: str, words: list[str], typed: Typed, options: dict[str, Any]) -> None:
    """Conducts a study that ends in a report; `sim.api.asked` has a function of its kind, which takes the options."""
    from sim.api import asked
    from sim.experiments.plan import Kind
    from sim.report.studies import report

    worlds = {name: options.pop(name) for name in ("rules", "ensemble") if name in options}
    experiment = getattr(asked, kind)(_asked(words, typed, **worlds), **options)
    print_places(typed.quiet, report(experiment, Kind(kind), console(typed.quiet)))


#: In the order of help.
STUDIES = (
    Command(run, EPILOG, like=studies.run),
    Command(compare, EPILOG, like=studies.compare),
    Command(league, EPILOG, like=studies.league),
    Command(portfolio, EPILOG, like=StudyKeywords, but=("rules",)),
    Command(ablate, _ABLATE_EPILOG, ("mechanisms", "all_", "list_"), studies.ablate),
    Command(regret, EPILOG, like=StudyKeywords, but=("rules",)),
    Command(sweep, _SWEEP_EPILOG, like=studies.sweep),
    Command(calibrate, EPILOG, like=StudyKeywords, but=("rules",)),
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
