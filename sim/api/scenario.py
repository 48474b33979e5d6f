"""A scenario made in Python: the same pure data as a scenario file, checked by the same reader."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.api.door import in_python
from sim.experiments.store import yaml_text
from sim.policy.problem import InputError, mistake, one_error
from sim.policy.scenario import SUFFIX, catalogue, load


class TemporaryFolder:
    """A folder of the system's, at its `path`, that is removed with this object."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="comity-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@in_python
class DraftScenario:
    """Dated changes of levers; `sim.Scenario` is this class. Use `from_changes` or `from_file`.

    All mistakes in it are one `InputError`, each with its place.

    Attributes:
        key: its name, which is that of its file.
        text: the content of its file.
        file: where it stands; in a temporary folder until it is saved.
        is_saved: whether it stands in a file of the user's.
    """

    def __init__(self, key: str, text: str) -> None:
        if not key or Path(key).name != key or key.startswith("."):
            raise mistake("not a name of a scenario", "key", key, "Write a plain word, such as more_staff.")
        if key in catalogue():
            raise mistake("Comity has a scenario of this name", "key", key, "Choose another name.")
        self.key, self.text, self.is_saved = key, text, False
        self._folder = TemporaryFolder()
        self.file = self._folder.path / f"{key}{SUFFIX}"
        self.file.write_text(text, encoding="utf-8")
        found = load(str(self.file))
        if found.mistakes:
            raise one_error([_without_folder(problem, self.file) for problem in found.mistakes])
        self.title = found.title

    @classmethod
    def from_changes(
        cls,
        key: str,
        changes: Iterable[Mapping[str, Any]],
        *,
        title: str,
        question: str,
        author: str,
        based_on: Iterable[str] = (),
        sources: Iterable[str] = (),
    ) -> DraftScenario:
        """A scenario from its changes.

        Args:
            key: a plain word; its file will be called KEY.yaml.
            changes: what changes, each with the keys of a change in a scenario file: `lever`, `value` (with its unit,
                such as "+50 %"), `date`, `ramp`, `states`, …
            title: a few words.
            question: what it asks, in plain words.
            author: who wrote it.
            based_on: scenarios whose changes come first.
            sources: where its numbers come from.
        """
        if isinstance(changes, str | Mapping) or not all(isinstance(change, Mapping) for change in changes):
            fix = 'Write a list of changes: [{"lever": "court.staff", "value": "+50 %", "date": "2027-01-01"}].'
            raise mistake("not a list of changes", "changes", fix=fix)
        content: dict[str, Any] = {"title": title, "question": question, "author": author}
        content |= {name: list(words) for name, words in (("sources", sources), ("based_on", based_on)) if words}
        content["changes"] = [{name: _plain(value) for name, value in change.items()} for change in changes]
        return cls(key, yaml_text(content))

    @classmethod
    def from_file(cls, path: str | Path) -> DraftScenario:
        """A scenario from its file."""
        load(str(path))  # which says what is wrong with a file that cannot be read
        made = cls(Path(path).stem, Path(path).read_text("utf-8-sig"))
        made.file, made.is_saved = Path(path), True
        return made

    def save(self, path: str | Path = "") -> Path:
        """Writes its file, KEY.yaml in this folder where no path is given; gives the path back."""
        written = Path(path or f"{self.key}{SUFFIX}")
        if written.suffix.lower() not in (SUFFIX, ".yml"):
            raise mistake("not the name of a scenario file", "path", written, f"It ends in {SUFFIX}.")
        written.write_text(self.text, encoding="utf-8")
        self.key, self.file, self.is_saved = written.stem, written, True
        return written

    def __fspath__(self) -> str:
        return str(self.file)

    def __repr__(self) -> str:
        return f"Scenario {self.key}: {self.title}"


def _without_folder(problem: InputError, file: Path) -> InputError:
    """The mistake with the name of the file alone: its folder is not the user's."""
    where = problem.where.replace(str(file), file.name)
    return InputError(problem.problem, where=where, key=problem.key, value=problem.value, fix=problem.fix)


def _plain(value: Any) -> Any:
    """A value as the reader of scenario files takes it: dates, numbers and words are texts there."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


#: The name under which `import sim` offers it.
Scenario = DraftScenario
