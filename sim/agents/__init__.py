"""Compiled rules of the agents (states, providers, bodies, criminal groups), one file per subject.

Three packages, each with a face that names what others may import: `crime` ← `assistance` ← `investigation`. All of
them post events (`events.py`) and read cases (`cases.py`); `first_day.py` begins them.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from warnings import warn

_PACKAGES = ("crime", "assistance", "investigation")
_RENAMED = {"leaks": "exposure"}


class _Moved(MetaPathFinder, Loader):
    """Import finder for moved modules; an old name such as `sim.agents.court` still works for one release."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - each module has one place
        target: ModuleType | None = None,  # noqa: ARG002 - likewise
    ) -> ModuleSpec | None:
        """Finds the new module for an old module name; Python calls this last, after all other finders."""
        above, _, name = fullname.rpartition(".")
        places = [f"{__name__}.{package}.{_RENAMED.get(name, name)}" for package in _PACKAGES]
        if above != __name__ or name in _PACKAGES:
            return None
        return next((ModuleSpec(fullname, self, loader_state=place) for place in places if find_spec(place)), None)

    def exec_module(self, module: ModuleType) -> None:
        """Copies all content of the new module into the module with the old name."""
        moved = str(module.__spec__ and module.__spec__.loader_state)
        warn(f"{module.__name__} is {moved} now; the old name goes with the next release", FutureWarning, stacklevel=2)
        vars(module).update({key: value for key, value in vars(import_module(moved)).items() if key[:2] != "__"})


sys.meta_path.append(_Moved())
