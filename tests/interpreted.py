"""Runs Python processes with rules uncompiled or compiled by plain Numba."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

AS_PYTHON = {"NUMBA_DISABLE_JIT": "1"}
BY_PLAIN_NUMBA = {"COMITY_PLAIN_NUMBA": "1"}


def python(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Result of a new Python process in the project's folder."""
    options = {"cwd": Path(__file__).parents[1], "timeout": 1_800} | options
    return subprocess.run((sys.executable, *words), capture_output=True, text=True, check=False, **options)


def printed_by(environment: dict[str, str], *words: str) -> Any:
    """Output of a Python process, parsed as JSON; a warning is an error."""
    ended = python("-W", "error", *words, env=os.environ | environment)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return json.loads(ended.stdout)
