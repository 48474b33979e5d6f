"""Comity: an agent-based simulator of international cooperation against cybercrime.

>>> import sim
>>> found = sim.compare("faster_mlat", replicates=20)
>>> print(found.headline)

The names below are public and described in docs/python.md; what they need is imported at the first use of each, so
that `import sim` itself takes no time. All else in the package may change with any version.
"""

import sys

TYPE_CHECKING = False  # as in `typing`, which takes longer to import than all that is here
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from sim.api.answers import (
        LegalAnswer,
        ensemble,
        files,
        law,
        levers,
        outcomes,
        parameters,
        scenarios,
        states,
        treaties,
    )
    from sim.api.calibrations import CalibrationFolder, CaseReplay, calibrate, case, runs
    from sim.api.figures import OwnFacts, evidence, facts
    from sim.api.own_model import Model
    from sim.api.problems import to_ema, to_salib
    from sim.api.results import StudyResult, SweepResult
    from sim.api.scenario import Scenario, use
    from sim.api.simulating import Outcomes, simulate
    from sim.api.studies import (
        ablate,
        compare,
        demo,
        league,
        open,  # noqa: A004 - never a bare `open`
        portfolio,
        regret,
        run,
        sweep,
    )
    from sim.model import mesa_model
    from sim.policy.problem import InputError

    __version__: str
else:
    ModuleType = type(sys)

#: Public names by the module in which they stand.
_MODULES = {
    "sim.api.answers": "LegalAnswer ensemble files law levers outcomes parameters scenarios states treaties",
    "sim.api.calibrations": "CalibrationFolder CaseReplay calibrate case runs",
    "sim.api.figures": "OwnFacts evidence facts",
    "sim.api.own_model": "Model",
    "sim.api.problems": "to_ema to_salib",
    "sim.api.results": "StudyResult SweepResult",
    "sim.api.scenario": "Scenario use",
    "sim.api.simulating": "Outcomes simulate",
    "sim.api.studies": "ablate compare demo league open portfolio regret run sweep",
    "sim.model": "mesa_model",
    "sim.policy.problem": "InputError",
}

#: Public functions that are a package or a module, too.
_CALLABLE = ("law", "simulate")

# fmt: off
__all__ = [
    "CalibrationFolder", "CaseReplay", "InputError", "LegalAnswer", "Model", "Outcomes", "OwnFacts", "Scenario",
    "StudyResult", "SweepResult", "__version__", "ablate", "calibrate", "case", "compare", "demo", "ensemble",
    "evidence", "facts", "files", "law", "league", "levers", "mesa_model", "open", "outcomes", "parameters",
    "portfolio", "regret", "run", "runs", "scenarios", "simulate", "states", "sweep", "to_ema", "to_salib", "treaties",
    "use",
]
# fmt: on


def _public(name: str) -> "Any":
    """Imports the object behind a public name, and returns it."""
    from importlib import import_module

    for module, names in _MODULES.items():
        if name in names.split():
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'sim' has no attribute {name!r}{_hint(name)}", name=name)


def _hint(wrong: str) -> str:
    """Text that suggests a public name similar to a wrong one."""
    import difflib

    near = [] if wrong.startswith("_") else difflib.get_close_matches(wrong, __all__, n=1)
    return f". Did you mean {near[0]}?" if near else ""


class _Callable(ModuleType):
    """Module that can be called like the function of its name: `sim.law("DEU", "USA", "content")`."""

    def __call__(self, *given: "Any", **more: "Any") -> "Any":
        """Calls the public function that has the module's name."""
        return _public(self.__name__.removeprefix("sim."))(*given, **more)

    # What `help` shows: the text of the function, as it is the function that people ask for.
    __doc__ = property(lambda self: _public(self.__name__.removeprefix("sim.")).__doc__)

    @property
    def __signature__(self) -> "Any":
        """Signature of the public function that has the module's name, for `help` and editors."""
        import inspect

        return inspect.signature(_public(self.__name__.removeprefix("sim.")))


class _Comity(ModuleType):
    """Type of the package `sim`, which makes some of its submodules callable."""

    def __setattr__(self, name: str, value: "Any") -> None:
        """Sets an attribute; some submodules become callable, as the function of the same name."""
        if name in _CALLABLE:
            value.__class__ = _Callable
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Comity


def __getattr__(name: str) -> "Any":
    """Imports a public object at the first use of its name."""
    from importlib import import_module

    if name == "__version__":
        from sim.policy.version import release

        return release()
    return import_module(f"sim.{name}") if name in _CALLABLE else _public(name)


def __dir__() -> list[str]:
    return __all__
