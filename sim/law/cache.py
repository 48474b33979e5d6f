"""A bounded cache of results; the one that was used longest ago is dropped first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Cache(Generic[Result]):
    """Keeps up to `size` results by key."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._results: OrderedDict[Hashable, Result] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """The result kept under a key, made if it is not there."""
        if key not in self._results:
            self._results[key] = make()
            if len(self._results) > self._size:
                self._results.popitem(last=False)
        self._results.move_to_end(key)
        return self._results[key]
