"""Parts that users add: a scenario made in Python, or a folder with outcomes, levers and data.

Nothing here reads the model before it is asked to.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from sim.api.entry_point import TemporaryFolder, in_python
from sim.data import own
from sim.policy.problem import InputError, mistake, one_error


@in_python
class DraftScenario:
    """A scenario made of dated changes of levers by `from_changes` or `from_file`; the class is `sim.Scenario`.

    All mistakes in it are one `InputError`, each with its place.

    Attributes:
        key: its name, which is that of its file.
        text: the content of its file.
        file: where it is; in a temporary folder until it is saved.
        is_saved: whether it is in a file of the user's.

    Examples:
        >>> policy = sim.Scenario.from_changes(
        ...     "more_courts",
        ...     [{"lever": "court.staff", "value": "+50 %", "date": "2027-01-01"}],
        ...     title="Half more court staff",
        ...     question="What do courts alone change?",
        ...     author="an example",
        ... )

        >>> policy
        Scenario more_courts: Half more court staff
        >>> sim.compare(policy, world="tiny", replicates=2, point=True, progress=None).scenarios["more_courts"]
        'Half more court staff'

        Examples of its methods are about this one.
    """

    def __init__(self, key: str, text: str) -> None:
        from sim.policy.scenario import catalogue, load

        if not key or Path(key).name != key or key.startswith("."):
            raise mistake("not a name of a scenario", "key", key, "Write a plain word, such as more_staff.")
        if key in catalogue():
            raise mistake("Comity has a scenario of this name", "key", key, "Choose another name.")
        self.key, self.text, self.is_saved = key, text, False
        self._folder = TemporaryFolder()
        self.file = self._folder.path / f"{key}.yaml"
        self.file.write_text(text, encoding="utf-8")
        if (loaded := load(str(self.file))).mistakes:
            raise one_error(loaded.mistakes)
        self.title = loaded.title

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
        """Makes a scenario from a list of changes, each a lever, its new value and a date.

        Args:
            key: a plain word; its file will be called KEY.yaml.
            changes: what changes, each with the keys of a change in a scenario file: `lever`, `value` (with its unit,
                such as "+50 %"), `date`, `ramp`, `states`, …
            title: a few words.
            question: what it asks, in plain words.
            author: who wrote it.
            based_on: scenarios whose changes come first.
            sources: where its numbers come from.

        Returns:
            The scenario, which has been checked and is in no file of yours yet.

        Raises:
            InputError: all mistakes in it, each with its place.

        Examples:
            >>> policy = sim.Scenario.from_changes(
            ...     "more_courts",
            ...     [{"lever": "court.staff", "value": "+50 %", "date": "2027-01-01"}],
            ...     title="Half more court staff",
            ...     question="What do courts alone change?",
            ...     author="an example",
            ... )

            >>> policy.is_saved
            False
        """
        from sim.experiments.store import yaml_text

        if isinstance(changes, str | Mapping) or not all(isinstance(change, Mapping) for change in changes):
            fix = 'Write a list of changes: [{"lever": "court.staff", "value": "+50 %", "date": "2027-01-01"}].'
            raise mistake("not a list of changes", "changes", fix=fix)
        content: dict[str, Any] = {"title": title, "question": question, "author": author}
        content |= {name: list(words) for name, words in (("sources", sources), ("based_on", based_on)) if words}
        content["changes"] = [{name: plain(value) for name, value in change.items()} for change in changes]
        return cls(key, yaml_text(content))

    @classmethod
    def from_file(cls, path: str | Path) -> DraftScenario:
        """Reads a scenario from its file.

        Args:
            path: of a YAML file; its name without its ending is the key.

        Returns:
            The scenario, which has been checked.

        Raises:
            InputError: all mistakes in it, each with its place.

        Examples:
            >>> sim.Scenario.from_file(policy.save("courts.yaml")).key
            'courts'
        """
        from sim.policy.scenario import load

        load(str(path))  # says what is wrong with a file that cannot be read
        draft = cls(Path(path).stem, Path(path).read_text("utf-8-sig"))
        draft.file, draft.is_saved = Path(path), True
        return draft

    def save(self, path: str | Path = "") -> Path:
        """Saves the scenario to a path, by default KEY.yaml in the current folder; returns the path.

        Args:
            path: of the file, whose name becomes the key.

        Returns:
            The path.

        Raises:
            InputError: a path that does not end in .yaml.

        Examples:
            >>> policy.save().name
            'courts.yaml'
        """
        written = Path(path or f"{self.key}.yaml")
        if written.suffix.lower() not in (".yaml", ".yml"):
            raise mistake("not the name of a scenario file", "path", written, "It ends in .yaml.")
        written.write_text(self.text, encoding="utf-8")
        self.key, self.file, self.is_saved = written.stem, written, True
        return written

    def __fspath__(self) -> str:
        return str(self.file)

    def __repr__(self) -> str:
        return f"Scenario {self.key}: {self.title}"


def plain(value: Any) -> Any:
    """Converts the value of a change to the form that scenario files use: texts, lists and mappings."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


#: The name under which `import sim` offers it.
Scenario = DraftScenario


@in_python
def use(folder: str | Path) -> None:
    """Adds parts from a folder to the model, for this process and its workers; deprecated: write `sim.Model(folder)`.

    Call it directly after `import sim`. Python files of the folder are programs: use only folders that you trust.

    Args:
        folder: of the parts.

    Returns:
        Nothing: the model of this process has the parts from then on.

    Raises:
        InputError: a part that cannot be used, or a model that has been read already.

    Examples:
        `mine = sim.Model("my_parts")` takes its place, and needs no process of its own:

        >>> sim.Model("my_parts").parts[0].name
        'my_parts'
    """
    use_all([folder], "folder")
    words = "sim.use goes with the next version: write mine = sim.Model(folder), and model=mine in each call."
    warnings.warn(words, DeprecationWarning, stacklevel=4)  # past the wrapper, or nobody sees it


def use_all(folders: Iterable[str | Path], key: str) -> None:
    """Adds the parts in some folders to the model of this process, before any part of the model is read."""
    given = {Path(os.path.realpath(folder)): folder for folder in folders}
    places = list(given)
    for place in places:
        if not place.is_dir() and not (place.suffix == ".py" and place.is_file()):
            raise mistake("no such folder", key, given[place], "Name a folder with parts of your own.")
    if own.texts.cache_info().currsize:
        if tuple(places) != own.places() or own.contents(places) != own.texts():
            fix = "Write sim.Model(folder) for another model in one process."
            raise mistake("this process has read the model already, without these parts", key, given[places[0]], fix)
        return
    os.environ[own.PLACE], before = own.joined(places), set(sys.modules)
    os.environ.pop(own.SEEN, None)
    try:
        try_out()
    except BaseException:  # what was read of the model is read again, and the next call may be right
        for name in set(sys.modules) - before:
            if name.startswith(("sim.", "comity_")):
                del sys.modules[name]
        own.texts.cache_clear()
        own.MADE.clear()
        for variable in (own.PLACE, own.SEEN):
            os.environ.pop(variable, None)
        raise


def try_out() -> None:
    """Reads all parts that the user has added and tests them in a tiny world."""
    from sim.data.load import DataError, check_files

    try:
        os.environ[own.SEEN] = own.hashed(own.texts())
        from sim.data.bodies import FILE as BODIES
        from sim.experiments import rules
        from sim.law.order import legal_order
        from sim.measures.outcomes import OUTCOMES
        from sim.policy.lever import OwnStage

        import_module("sim.policy.levers")
        from sim.policy.scenario import catalogue
        from sim.world.baseline import check_own_bodies
        from sim.world.parameters import Parameters

        check_files()
        legal_order()
        catalogue()
        if own.data(BODIES):
            check_own_bodies(Parameters())
        if own.files(own.RULES) or own.data(own.EVENTS):
            import_module("sim.simulate")  # where rules of parts are put in place
    except own.OwnPartError as error:
        raise InputError(**error.words) from None
    except InputError:
        raise
    except (DataError, ValueError, LookupError) as error:
        places = [str(place) for place in own.places()]
        where = "" if any(place in str(error) for place in places) else ", ".join(places)  # many name the file
        text = str(error).rstrip(".")
        says_how = "; " in text or text != str(error) or text.endswith("?")
        raise InputError(text, where=where, fix="" if says_how else "Correct the rows of data/.") from None
    keys = {entry.key for entry in OUTCOMES}
    for name, _ in own.files(own.LEVERS):
        for lever in own.MADE[name]:
            if isinstance(lever.stage, OwnStage) and lever.stage.outcome not in keys:
                problem, value = "its stage names no outcome", lever.stage.outcome
                raise InputError(problem, where=own.where(name), key=lever.name, value=value)
    if own.places():
        rules.try_out()
