"""A process in which rules are not compiled: the same sources run as Python, the debugger's door."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def told_by_python(*words: str) -> Any:
    """What such a process prints as JSON; a warning is an error in it.

    Args:
        words: behind the name of the interpreter.
    """
    told = subprocess.run(
        [sys.executable, "-W", "error", *words],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)
