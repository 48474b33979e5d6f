"""Tables whose columns had other names a release ago."""

import warnings
from typing import Any

import pandas as pd


class RenamedFrame(pd.DataFrame):
    """Table that still finds its columns by their old names, with a warning that says the new ones.

    Frames that pandas makes from it are plain ones, with the new names alone.
    """

    _metadata = ["old_names"]  # noqa: RUF012 - so does pandas declare it
    old_names: dict[str, str]

    @classmethod
    def of(cls, frame: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
        """Renames columns of a frame, by new name of each old one; keeps its `attrs`. Plain where no name changes."""
        old_names = {old: new for old, new in names.items() if old != new and old in frame.columns}
        if not old_names:
            return frame
        renamed = cls(frame.rename(columns=old_names))
        renamed.attrs = frame.attrs
        renamed.old_names = old_names
        return renamed

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def __getitem__(self, key: Any) -> Any:
        """Column or columns by name; see `pandas.DataFrame`."""
        old = getattr(self, "old_names", {})
        if isinstance(key, str) and key in old:
            words = f"{key!r} goes with the next version: write {old[key]!r}."
            warnings.warn(words, DeprecationWarning, stacklevel=2)
            key = old[key]
        elif isinstance(key, list):
            key = [self[one].name if isinstance(one, str) and one in old else one for one in key]
        return super().__getitem__(key)
