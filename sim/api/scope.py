"""Several models in one process: each has its own modules, which are in `sys.modules` while the model is at work.

Law, outcomes, levers and records of a model are read when its modules are imported. Another model is therefore another
import of this package under the same names: `entered` puts the modules of a model into `sys.modules`, and its parts
into the environment, which worker processes inherit. What has no part of a model stays one for all: this module, the
engine, and the error for mistakes. As long as a process has one model, nothing is changed and nothing is locked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from threading import RLock
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
FoundT = TypeVar("FoundT")

#: What is one for all models.
_SHARED = ("sim.engine", "sim.policy.problem", __name__)
#: Variables that name the parts of a model (sim/data/own.py).
_VARIABLES = ("COMITY_PARTS", "COMITY_PARTS_SHA256")


class ModelModules:
    """The modules of one model, and the environment variables that list the model's parts."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables, self.modules = dict(variables), dict[str, ModuleType]()

    def _leave(self) -> None:
        self.modules = {name: sys.modules.pop(name) for name in list(sys.modules) if _is_of_a_model(name)}
        self.variables = {name: os.environ.pop(name) for name in _VARIABLES if name in os.environ}

    def _return(self) -> None:
        sys.modules.update(self.modules)
        os.environ.update(self.variables)


def _is_of_a_model(name: str) -> bool:
    """True for the name of a module that each model has its own copy of."""
    return name.partition(".")[0] == "sim" and not any(f"{name}.".startswith(f"{one}.") for one in _SHARED)


#: The model of this process, whose parts are those of its environment; and those besides, by their parts.
FIRST = ModelModules({})
_OTHERS: dict[str, ModelModules] = {}
_PRESENT = [FIRST]
_LOCK = RLock()  # one model is at work at a time


def present() -> ModelModules:
    """The model whose code is running now; during an import, the model that the imported module belongs to."""
    return _PRESENT[-1]


@contextmanager
def entered(model: ModelModules) -> Iterator[None]:
    """Context manager: in the block, the modules of one model replace those of the model used before."""
    if not _OTHERS:
        yield
        return
    with _LOCK:
        before = present()
        if before is model:
            yield
            return
        _change(before, model)
        try:
            yield
        finally:
            _change(model, before)


def _change(before: ModelModules, after: ModelModules) -> None:
    before._leave()
    after._return()
    _PRESENT[-1] = after


def modules_of(identity: str, variables: Mapping[str, str], try_out: str) -> ModelModules:
    """Modules of the model whose parts have this hash; a new model's parts are first tested by `try_out`."""
    with _LOCK:
        if identity in _OTHERS:
            return _OTHERS[identity]
        modules = ModelModules(variables)
        _OTHERS[identity] = modules
        try:
            with entered(modules):
                root = import_module("sim")
                vars(root)["engine"] = import_module("sim.engine")
                module, _, name = try_out.partition(":")
                getattr(import_module(module), name)()
        except BaseException:
            del _OTHERS[identity]
            raise
        return modules


def remade(module: str, name: str, given: tuple[Any, ...]) -> Any:
    """Makes an object of the present model, given module and name of its class and the arguments.

    Pickle takes it in the place of a class of which each model has its own copy.
    """
    return getattr(import_module(module), name)(*given)


def stays(function: Callable[P, FoundT]) -> Callable[P, FoundT]:
    """Decorator: the function always runs in the model that its module belongs to."""
    mine = present()

    @wraps(function)
    def called(*given: P.args, **more: P.kwargs) -> FoundT:
        """Calls the function in the model that its module belongs to."""
        with entered(mine):
            return function(*given, **more)

    return called
