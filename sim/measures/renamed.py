"""Former attribute names in users' measures, which work for one more release, with a warning."""

import warnings
from typing import Any


class Renamed:
    """Descriptor for a former attribute name; warns, and returns the value of the new name."""

    def __init__(self, new: str) -> None:
        self.new = new

    def __set_name__(self, owner: type, name: str) -> None:
        self.old = name

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        message = f"`{self.old}` is now called `{self.new}`; the former name goes with the next release"
        warnings.warn(message, FutureWarning, stacklevel=2)
        return getattr(instance, self.new)
