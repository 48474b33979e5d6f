"""Comity: an agent-based simulator of international cooperation against cybercrime.

>>> import sim
>>> found = sim.compare("faster_mlat", replicates=20)
>>> print(found.headline)

The names below are public and described in docs/python.md; what they need is imported at the first use of each, so
that `import sim` itself takes no time. All else in the package may change with any version.
"""

import sys

TYPE_CHECKING = False  # as in `typing`, which takes longer to import than all that stands here
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from sim.api.answers import LegalAnswer
    from sim.api.answers import law as law
    from sim.api.calibrations import CalibrationFolder, calibrate
    from sim.api.operations import CaseReplay, case
    from sim.api.results import StudyResult
    from sim.api.scenario import Scenario
    from sim.api.studies import ablate, compare, demo, league, open, run  # noqa: A004 - `sim.open`, never a bare `open`
    from sim.api.sweeps import SweepResult, sweep
    from sim.policy.problem import InputError
else:
    ModuleType = type(sys)

#: Public names by the module in which they stand.
_MODULES = {
    "sim.api.calibrations": ("CalibrationFolder", "calibrate"),
    "sim.api.operations": ("CaseReplay", "case"),
    "sim.api.results": ("StudyResult",),
    "sim.api.answers": ("LegalAnswer",),
    "sim.api.scenario": ("Scenario",),
    "sim.api.studies": ("ablate", "compare", "demo", "league", "open", "run"),
    "sim.api.sweeps": ("SweepResult", "sweep"),
    "sim.policy.problem": ("InputError",),
}


__all__ = [
    "CalibrationFolder",
    "CaseReplay",
    "InputError",
    "LegalAnswer",
    "Scenario",
    "StudyResult",
    "SweepResult",
    "ablate",
    "calibrate",
    "case",
    "compare",
    "demo",
    "law",
    "league",
    "open",
    "run",
    "sweep",
]


class _Law(ModuleType):
    """The package `sim.law`, which answers a legal question when it is called: `sim.law("DEU", "USA", "content")`."""

    def __call__(self, *question: "Any", **more: "Any") -> "Any":
        """See `sim.api.answers.law`."""
        from sim.api.answers import law

        return law(*question, **more)


class _Comity(ModuleType):
    """This package, in which `law` is both a function and a package whose modules are imported from everywhere."""

    def __setattr__(self, name: str, value: "Any") -> None:
        """Makes the package `sim.law` callable as soon as it is imported."""
        if name == "law":
            value.__class__ = _Law
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Comity


def __getattr__(name: str) -> "Any":
    """A public name, imported now."""
    from importlib import import_module

    if name == "law":
        return import_module("sim.law")
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'sim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
