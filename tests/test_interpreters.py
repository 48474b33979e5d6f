"""Tests that another Python version gives the same numbers bit for bit, with its locked packages.

Python 3.12 and later add floats with compensation, so that `sum` of a list differs in the last bit from that of 3.11:
what the model adds up, it adds by `math.fsum` or NumPy.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_architecture import ROOT

OTHERS = [f"python3.{minor}" for minor in (11, 12, 13, 14) if minor != sys.version_info.minor]
#: Two worlds under two scenarios; numbers in hexadecimal, so that nothing is rounded.
CODE = """
import json, sim
found = {}
for seed in (1, 2):
    for scenario in ("status_quo", "all_three"):
        outcomes = sim.simulate(seed=seed, scenario=scenario, world="tiny")
        found[f"{seed} {scenario}"] = {key: value.hex() for key, value in outcomes.items()}
print(json.dumps(found))
"""


def other_python() -> str:
    """Path of another supported Python interpreter; empty if there is none."""
    return next(filter(None, map(shutil.which, OTHERS)), "")


def installer() -> str:
    """Path of the installer that the Makefile uses; empty if there is none."""
    own = ROOT / ".uv" / "bin" / "uv"
    return shutil.which("uv") or (str(own) if own.is_file() else "")


@pytest.mark.slow
@pytest.mark.skipif(not other_python() or not installer(), reason="needs another Python from 3.11 up, and uv")
def test_two_interpreters_give_the_same_numbers_to_the_last_bit(tmp_path: Path) -> None:
    uv, place = installer(), tmp_path / "env"
    for words in (
        ("venv", "-q", "--python", other_python(), str(place)),
        ("pip", "sync", "-q", "--python", str(place), "--require-hashes", str(ROOT / "requirements.lock")),
    ):
        subprocess.run([uv, *words], check=True, cwd=tmp_path)
    found = []
    for python in (Path(sys.executable), place / "bin" / "python"):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        ran = subprocess.run(
            [str(python), "-c", CODE], check=True, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        found.append(json.loads(ran.stdout))
    differing = {
        (run, key): (value, found[1][run][key])
        for run, outcomes in found[0].items()
        for key, value in outcomes.items()
        if value != found[1][run][key]
    }
    assert len(found[0]) == 4 and not differing
