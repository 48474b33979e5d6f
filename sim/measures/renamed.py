"""Former names of attributes in users' measures, which still work with a warning for one release."""

import warnings
from typing import Any


class Renamed:
    """Descriptor for the former name of an attribute: warns, and returns the value under the new name."""

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
