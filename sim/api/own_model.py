"""A user's own model as an object: parts, rules and a world; studies accept it as `model=`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

from sim.api import scope
from sim.data import own
from sim.policy.problem import InputError, mistake

PathLike = str | os.PathLike[str]


class Model:
    """Comity with a user's own parts: parameters, fields, events, rules, outcomes, levers, scenarios, bodies, law.

    Models stand side by side in one process, and a part that has changed is another model: no notebook starts again.
    `sim.compare("faster_mlat", model=mine)` and `mine.compare("faster_mlat")` are the same, for each public function:
    `mine.levers()` has its levers, `mine.Scenario` checks against them. Python files of parts are programs: use only
    what you trust. Rules are compiled once for a model that changes them or adds fields, and kept.

    Args:
        parts: folders of parts, or one (docs/howto/own_model.md).
        rules: a file of rules that is a part by itself.
        world: `default` or `tiny`, where a study does not say another.

    Attributes:
        parts: their paths, files of rules last.
        identity: SHA-256 of their content, which manifests of studies have as well; empty for none.

    Raises:
        InputError: a part that cannot be used.

    Examples:
        A folder `my_parts` has a file `outcomes.py` with an outcome of one's own, `came_back_share`.

        >>> mine = sim.Model("my_parts", world="tiny")
        >>> 0 <= mine.simulate()["came_back_share"] <= 1
        True
        >>> sim.run("status_quo", model=mine, replicates=1, progress=None).kind
        'run'
    """

    def __init__(self, parts: PathLike | Sequence[PathLike] = (), rules: PathLike = "", world: str = "default") -> None:
        listed = [parts] if isinstance(parts, str | os.PathLike) else [*parts]
        self.parts = tuple(Path(os.path.realpath(place)) for place in (*listed, *([rules] if rules else [])))
        if rules and Path(rules).suffix != ".py":
            raise mistake("not a Python file", "rules", rules, "Name a file of rules, such as my_rules.py.")
        self.world = world
        try:
            contents = own.contents(self.parts)
        except own.OwnPartError as error:
            raise InputError(**error.words) from None
        self.identity = own.hashed(contents) if contents else ""
        if contents == dict(own.texts()):
            self._modules = scope.present()
        else:
            variables = {own.PLACE: own.joined(self.parts), own.SEEN: self.identity} if contents else {}
            self._modules = scope.modules_of(self.identity, variables, "sim.api.scenario:try_out")

    def __getattr__(self, name: str) -> Any:
        """Public function or class of Comity with this name, bound to this model."""
        if name.startswith("_"):
            raise AttributeError(name)
        with scope.entered(self._modules):
            public = getattr(import_module("sim"), name)
        return _InWorld(self, name) if callable(public) and not isinstance(public, type) else public

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *import_module("sim").__all__]

    def __repr__(self) -> str:
        words = [str(self.parts[0] if len(self.parts) == 1 else list(map(str, self.parts)))] if self.parts else []
        words += [f"world={self.world!r}"] if self.world != "default" else []
        return f"Model({', '.join(words)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Model, (list(map(str, self.parts)), "", self.world)

    def call(self, name: str, given: Sequence[Any], more: Mapping[str, Any]) -> Any:
        """Calls a public function, given by name, with this model and its world.

        Args:
            name: of the function, such as `compare`.
            given: its arguments by place.
            more: its arguments by keyword.

        Returns:
            What the function returns.

        Raises:
            InputError: a mistake in what was given.

        Examples:
            >>> sim.Model(world="tiny").call("simulate", (), {"seed": 2}).seed
            2
        """
        with scope.entered(self._modules):
            function = getattr(import_module("sim"), name)
            if "world" in signature(function).parameters and self.world != "default":
                more = {"world": self.world, **more}
            return function(*given, **more)


class _InWorld:
    """Wrapper of a public function that always calls it with the same user-defined model."""

    def __init__(self, model: Model, name: str) -> None:
        self._model, self.__name__ = model, name
        with scope.entered(model._modules):
            self.__doc__ = getattr(import_module("sim"), name).__doc__

    def __call__(self, *given: Any, **more: Any) -> Any:
        """Calls the public function in the user-defined model."""
        return self._model.call(self.__name__, given, more)

    def __repr__(self) -> str:
        return f"{self._model!r}.{self.__name__}"
