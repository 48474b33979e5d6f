"""Runs the code blocks of a page in order, as a reader would."""

import ast
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sim.cli import build_parser, main
from sim.experiments.config import compose
from sim.policy.places import places_named
from sim.policy.problem import InputError
from sim.policy.scenario import load
from tests.docs.blocks import Block, commands_of
from tests.docs.small import ADDED, FILES, LEFT_OUT, NAMED, ONCE, RUN_ELSEWHERE, reason_to_leave, stands_for

_TO_A_SHELL = re.compile(r"[|<>&$]")
_NEWEST = re.compile(r"results/(?P<kind>\w+)-…")
_HEAD = "title: T\nquestion: Q?\nauthor: A\n"


@dataclass
class Reader:
    """Runs the code blocks of a page in a folder."""

    folder: Path  # where everything is run; the process must be there
    names: dict[str, Any] = field(default_factory=dict)  # what blocks of Python have defined
    done: set[frozenset[str]] = field(default_factory=set)  # kinds of commands that were run before
    report: list[str] = field(default_factory=list)  # what was run, how, and what was not

    def __post_init__(self) -> None:
        for name, text in FILES.items():
            (self.folder / name).write_text(text, encoding="utf-8")

    def follow(self, block: Block) -> None:
        """Runs one code block."""
        match block.language:
            case "sh":
                for command in commands_of(block):
                    self._command(block.place, command)
            case "python":
                self._unless_left(block.place, block.text, self._python)
            case "yaml":
                self._unless_left(block.place, block.text, partial(self._scenario, block.saved_as or "block.yaml"))
            case "text":
                self.report.append(f"{block.place}: text")
            case language:
                assert language.startswith("{"), f"{block.place}: name the language behind the fence, or write text"
                self.report.append(f"{block.place}: {language}, which the site shows or runs")

    def _unless_left(self, place: str, text: str, run: Any) -> None:
        """Runs a text unless a table gives a reason against it."""
        reason = reason_to_leave(text)
        self.report.append(f"{place}: {'not run: ' + reason if reason else 'run'}")
        if not reason:
            run(place, text)

    def _command(self, place: str, command: str) -> None:
        """Runs a command: Comity's in this process, others by a shell."""
        reason = reason_to_leave(command)
        if reason:
            self.report.append(f"{place}: not run: {command}\n    {reason}")
            check_words(place, command)
            return
        meant = self._meant(command)
        if meant.startswith("comity ") and not _TO_A_SHELL.search(meant):
            self._comity(place, small(shlex.split(meant)[1:]))
        else:
            self.report.append(f"{place}: run by a shell: {meant}")
            self._shell(place, meant)

    def _comity(self, place: str, words: list[str]) -> None:
        """Runs a command of Comity unless a similar command has been run."""
        written, kind = shlex.join(words), kind_of(words)
        again = words[0] in ONCE and kind in self.done
        self.report.append(f"{place}: {'its kind was run before' if again else 'run'}: comity {written}")
        if again:
            check_names(place, words)
        else:
            assert main(words) == 0, f"{place}: comity {written}"
            self.done.add(kind)

    def _meant(self, command: str) -> str:
        """Command whose placeholders are replaced, such as `results/run-…` by the latest folder."""

        def newest(match: re.Match[str]) -> str:
            return max(map(str, Path("results").glob(f"{match['kind']}-*")))

        return _NEWEST.sub(newest, stands_for(command))

    def _shell(self, place: str, command: str) -> None:
        """Runs a command by bash, with the test's folder as home."""
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
        ended = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=os.environ | {"PATH": path, "HOME": str(self.folder), "XDG_CACHE_HOME": cache},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, f"{place}: {command}\n{ended.stderr}"

    def _python(self, place: str, text: str) -> None:
        """Runs a block of Python after earlier ones of the page."""
        body = ast.parse(stands_for(text), place).body
        shown = ast.Expression(body.pop().value) if body and isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), place, "exec"), self.names)  # noqa: S102
        if shown is not None:
            value = eval(compile(shown, place, "eval"), self.names)  # noqa: S307
            for way in ("__repr__", "_repr_html_", "_repr_png_"):  # as a notebook shows the last line of a cell
                getattr(value, way, str)()

    def _scenario(self, name: str, place: str, text: str) -> None:
        """Saves a scenario from a block, completed if it is partial, and reads it."""
        missing = "" if "changes:" in text else "changes:\n"
        whole = text if re.search(r"^title:", text, re.M) else f"{_HEAD}{missing}{text}"
        path = self.folder / name
        path.write_text(whole, encoding="utf-8")
        read = load(str(path))
        assert not read.mistakes, f"{place}: {[str(mistake) for mistake in read.mistakes]}"
        assert read.changes or read.monitor, f"{place}: nothing changes"


def small(words: list[str]) -> list[str]:
    """Arguments of a command, changed to make it small enough for a test."""
    command = words[0]
    if command not in ADDED or {"--help", "--list"} & set(words):
        return words
    named = [word for word in words[1:] if not word.startswith("-") and "=" not in word and not word.isdecimal()]
    scenario = [] if named or command not in NAMED else [NAMED[command]]
    return [*(word for word in words if word not in LEFT_OUT), *scenario, *ADDED[command]]


def kind_of(words: list[str]) -> frozenset[str]:
    """Options and keys of a command, which identify similar commands."""
    keys = {word.partition("=")[0] for word in words[1:] if word.startswith("-") or "=" in word}
    return frozenset((words[0], *keys - RUN_ELSEWHERE))


def check_names(place: str, words: list[str]) -> None:
    """Checks that the scenarios and keys in a command exist."""
    arguments, left = build_parser().parse_known_args(words)
    given = [*getattr(arguments, "words", []), *left]  # words that came after an option
    assert not [word for word in given if word.startswith("-")], f"{place}: {given}"
    for name in (*(word for word in given if "=" not in word), getattr(arguments, "against", None) or "status_quo"):
        assert not load(name).mistakes, f"{place}: {name}"
    if given:
        settings, _ = compose(words[0], [word for word in given if "=" in word])
        places_named(getattr(arguments, "places", None) or "BRA", "--for", settings.world.states)


def check_words(place: str, command: str) -> None:
    """Checks the name and options of a command that is not run."""
    words = shlex.split(command, comments=True) if command.count("'") % 2 == 0 else command.split()
    if words[:1] != ["comity"] or "COMMAND" in words or "--help" in words:
        return
    try:
        _, left = build_parser().parse_known_args(words[1:])
    except InputError as problem:
        assert "are required" in problem.problem, f"{place}: {command}: {problem}"  # a sentence may leave words out
        return
    unknown = [word for word in left if word.startswith("-")]
    assert not unknown, f"{place}: {command}: unknown {unknown}"
