"""Settings that make the documentation's examples small, and reasons for not running some.

These tables are all that stands between what a page says and what is run.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from tests.docs.blocks import ROOT

_TINY = ("world=tiny", "execution.executor=serial", "--quiet")
#: Words that are added to a command of Comity.
ADDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "run": (*_TINY, "--replicates", "1"),
        "compare": (*_TINY, "--replicates", "2", "--point"),
        "ablate": (*_TINY, "--replicates", "2", "--mechanism", "queues"),
        "regret": (*_TINY, "--replicates", "4"),
        "sweep": (*_TINY, "--replicates", "2"),
    }
)
#: What a command gets that names no scenario: one instead of the six of the question.
NAMED: Mapping[str, str] = MappingProxyType({"compare": "faster_mlat", "ablate": "faster_mlat"})
#: Commands that are run once of each kind, on any page: of others with the same options and keys it is only
#: checked that scenarios, places and keys can be used. What follows on a page seldom needs their results.
ONCE = frozenset(("compare", "regret", "ablate", "scenarios", "levers"))
#: Options and keys that make no kind of their own: tests/api/test_studies.py, tests/experiments/test_by_change.py and
#: tests/test_cli.py run such comparisons, and other parameters are no other way to compare.
RUN_ELSEWHERE = frozenset(("--for", "--by-change", "--against", "uncertainty"))
#: Words that are left out of a command of Comity, since a word that was added contradicts them.
LEFT_OUT = frozenset(("--all",))
#: Texts that stand for something else, in commands and in Python.
STANDS_FOR: Mapping[str, str] = MappingProxyType(
    {
        "comity sweep …": "comity sweep central_authority.staff=1,2",
        "replicates=20": 'replicates=2, point=True, set={"world": "tiny", "execution.executor": "serial"}',
        "study=results/court": "study=results/court execution.replicates=2 execution.executor=serial",
        " --until takedown_rate=0.02": "",  # which asks for 30 worlds
        "--for BRA,ASEAN": "--for BRA,USA",  # states of the tiny world
        "replicates=6": "replicates=2",
        "replicates=8": "replicates=2",
        "replicates=12": "replicates=2",
        "range(1, 25)": "range(1, 4)",  # worlds of the page on randomness
        "../../results/reference": f"{ROOT}/results/reference",  # from where the site runs its cells
        "range(24)": "range(2)",  # steps of the Mesa model
        "CooperationModel(seed=1, period_days=30)": "CooperationModel(seed=1, period_days=1)",
    }
)
_SCENARIO = """\
title: {title}
question: What if Germany doubled the staff of its central authority?
author: A test
changes:
  - lever: central_authority.staff
    value: 2 times
    date: 2027-07-01
    states: DEU
"""
#: Files that a reader has written by the time a page names them.
FILES: Mapping[str, str] = MappingProxyType(
    {
        "my_reform.yaml": _SCENARIO.format(title="My reform"),
        "policy.yaml": _SCENARIO.format(title="A policy that the what-if page saved"),
        "my_scenario.yaml": _SCENARIO.format(title="My scenario"),
    }
)


class Left(NamedTuple):
    """An example that is not run, with the reason."""

    # regular expression that begins to match at the start of a command, of the text of a block of Python or YAML, or
    # anywhere in a block where it begins with `(?s).*`
    pattern: str
    reason: str  # why


LEFT = (
    Left(r"make ", "sets up and runs the whole; the gate (.ci/run) runs `make lint` and `make test`"),
    Left(r"\. \.venv/bin/activate", "the tests run inside what it activates"),
    Left(r"git clone ", "needs the address of a repository"),
    Left(r"pip install |\.venv/bin/pip |python3 -m venv ", "installs packages; tests/test_wheel.py installs Comity"),
    Left(r"sbatch ", "needs Slurm; `make cluster-test` starts one"),
    Left(
        r"comity .*execution=dask|DASK_CONFIG=|(?s:.*import ray)", "needs a cluster; tests/experiments/test_engines.py"
    ),
    Left(r"(?s).*from mpi4py", "needs MPI; tests/experiments/test_engines.py installs such a package"),
    Left(r"python -m sim.experiments.on_dask", "writes keys; tests/experiments/test_engines.py does it"),
    Left(r"comity status results/sweep1", "shows the study of a job array, which is not run"),
    Left(r"comity case ", "runs hundreds of years of the default world; tests/cases runs single ones"),
    Left(r"comity (league|portfolio)", "runs the whole catalogue; tests/report runs both on fake replicates"),
    Left(r"comity calibrate", "takes 45 minutes; tests/calibration runs small ones"),
    Left(r"comity validate", "writes docs/validation.md of the checkout; tests/calibration runs it elsewhere"),
    Left(r"comity .*--rules ", "compiles all rules again, a minute; tests/rules runs the page's example"),
    Left(r"import sim\n\nsim\.compare\(.*rules=", "likewise"),
    Left(r"comity .*--parts ", "needs a folder; tests/test_wheel.py does it"),
    Left(r"(?s).*sim\.Model\(", "needs folders; tests/api/test_own_model.py lays those of the page out, and runs it"),
    Left(r"(?s).*levers\.liaison import .*Body\[", "needs the folder of its body, with which tests/api tries it"),
    Left(r"(?s).*sim\.calibrate\(targets=", "takes 1,600 runs; tests/api/test_ensembles.py runs a small one"),
    Left(r"(?s).*(rules=rules|usual, \"#)", "likewise; the site runs it"),
    Left(r"grep -rn", "is done in the folder of Comity"),
    Left(r"comity --install-completion", "writes into the home folder; tests/test_habits.py installs it elsewhere"),
    Left(r"# watch\.py", "needs the extra `viz`; tests/browser/test_watch.py opens it where that is installed"),
    Left(r"comity dashboard", "a server does not end; its own tests start it"),
    Left(r"(?s)apiVersion: ", "a job of Kubernetes, which the tests do not cover; the page says so"),
)


def reason_to_leave(text: str) -> str:
    """Reason for not running a text; empty if it is run."""
    return next((left.reason for left in LEFT if re.match(left.pattern, text)), "")


def stands_for(text: str) -> str:
    """Text with placeholders replaced by real values."""
    for written, meant in STANDS_FOR.items():
        text = text.replace(written, meant)
    return text
