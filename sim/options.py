"""How the command line is read off the functions that the commands are: each option stands in one signature alone.

A parameter by position is a word, one by keyword an option of the same name; `Args:` holds what help says of it, with
the word for its value in brackets. A command of a study takes options from the function of Python that does the same
(`sim/api/studies.py`), too: those with such a word. All is standard library, so that help comes at once.
"""

from __future__ import annotations

import argparse
import inspect
import re
import shlex
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, NoReturn

from sim.law.suggest import nearest
from sim.policy.problem import EXIT_CODES, mistake

#: A parameter of this name is no option: it takes what was typed.
_TYPED = "typed"
#: Options that one letter stands for, too.
_SHORT = {"results": "-o", "quiet": "-q"}
#: Words by position that are folders, and how shells complete one; shtab reads it off the argument.
_FOLDERS, _COMPLETION = ("study",), {"bash": "_shtab_compgen_dirs", "zsh": "_files -/"}
#: What a docstring says of a parameter: its name, in brackets its option and the word for its value, and what it does.
_ENTRY = re.compile(r"^ {4}(\w+)(?: \((--[\w-]+ )?(.*?)\))?: (.*(?:\n {8}.*)*)", re.MULTILINE)
#: The key of the configuration that an option is short for.
_KEY = re.compile(r"\(((?:execution|sweep)\.\w+)\)")
#: Of an option that is given again for another.
_AGAIN = " …"


class Typed(NamedTuple):
    """What was typed.

    Attributes:
        command: the command line.
        quiet: whether nothing but the folder of the results is printed.
        keys: values of keys of the configuration for which options are short.
    """

    command: str
    quiet: bool
    keys: dict[str, Any]


class CommandParameter(NamedTuple):
    """A parameter of a command.

    Attributes:
        name: in Python; an underscore at its end keeps it from a name that Python has.
        kind: its annotation.
        default: ... where it has none.
        is_word: whether it is given by its place.
        option: how it is typed where that does not follow from its name.
        metavar: what stands for its value.
        words: what it does.
    """

    name: str
    kind: str
    default: Any
    is_word: bool
    option: str
    metavar: str
    words: str

    @property
    def typed(self) -> tuple[str, ...]:
        """How the option is typed."""
        long = self.option.strip() or f"--{self.name.rstrip('_').replace('_', '-')}"
        return (_SHORT[self.name], long) if self.name in _SHORT else (long,)

    @property
    def key(self) -> str:
        """The key of the configuration for which it is short; empty where there is none."""
        found = _KEY.search(self.words)
        return found[1] if found else ""

    def by_place(self) -> dict[str, Any]:
        """How it is read as a word."""
        shown = {"metavar": self.metavar, "help": self.words}
        if self.kind == "list[str]":
            return {"nargs": "*", **shown}
        return shown if self.default is ... else {"nargs": "?", "default": self.default, **shown}

    def by_name(self) -> dict[str, Any]:
        """How it is read as an option; what is short for a key stays a text, which the configuration checks."""
        kind, metavars = self.kind.removesuffix(" | None"), tuple(self.metavar.split())
        shown: dict[str, Any] = {"dest": self.name, "help": self.words}
        if kind == "bool":
            return {"action": "store_true", **shown}
        if kind == "list[str]" or self.metavar.endswith(_AGAIN):
            return {"action": "append", "metavar": metavars[0], **shown}
        shown |= {"required": True} if self.default is ... else {"default": self.default}
        if len(metavars) > 1:
            return {"nargs": len(metavars), "metavar": metavars, **shown}
        return {"metavar": self.metavar, **shown} | ({"type": int} if kind == "int" and not self.key else {})


class Command(NamedTuple):
    """A command.

    Attributes:
        function: what it does.
        epilog: what stands below its options.
        apart: options of which only one can be given.
        like: the function of Python that does the same, or its keywords: each that has a word for its value is an
            option, too, which the function gets where it was typed.
        but: those of them that the command does not take.
    """

    function: Callable[..., None]
    epilog: str = ""
    apart: tuple[str, ...] = ()
    like: Any = None
    but: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As it is typed."""
        return self.function.__name__

    @property
    def said(self) -> tuple[str, str]:
        """What it does, in a line and at length."""
        line, _, more = _docstring(self.function).partition("\n\n")
        return line[:1].lower() + line[1:].rstrip("."), more.partition("Args:\n")[0].rstrip()

    def parameters(self) -> Iterator[CommandParameter]:
        """Each parameter: words, what is its own, then what Python has, too."""
        own = list(_declared(self.function))
        yield from own
        for entry in _declared(self.like) if self.like else ():
            is_option = entry.metavar or entry.kind == "bool"
            if is_option and entry.name not in (*self.but, *(one.name for one in own)):
                yield entry._replace(default=None, is_word=False)

    def call(self, arguments: argparse.Namespace, typed: Sequence[str]) -> None:
        """Runs the command with what was read."""
        read = vars(arguments)
        there = [(entry, read[entry.name]) for entry in self.parameters()]
        typed_in = [(entry, value) for entry, value in there if value is not None and value is not False]
        given = {entry.name: value for entry, value in typed_in if not entry.key}
        if _TYPED in inspect.signature(self.function).parameters:
            keys = {entry.key: value for entry, value in typed_in if entry.key}
            given[_TYPED] = Typed(shlex.join(["comity", *typed]), bool(read.get("quiet")), keys)
        self.function(**given)


def _docstring(owner: Any) -> str:
    """Without the margin that it has in the source."""
    return inspect.getdoc(owner) or ""


def _declared(owner: Any) -> Iterator[CommandParameter]:
    """Parameters of a function, or keys of a class, of which its docstring says what they are."""
    said = {name: (option, metavar, words) for name, option, metavar, words in _ENTRY.findall(_docstring(owner))}
    if isinstance(owner, type):
        kinds: dict[str, Any] = {name: (kind, None, False) for name, kind in owner.__annotations__.items()}
    else:
        entries = inspect.signature(owner).parameters.values()
        kinds = {one.name: (one.annotation, one.default, one.kind is one.POSITIONAL_OR_KEYWORD) for one in entries}
    for name, (kind, default, is_word) in kinds.items():
        if name in said:
            option, metavar, words = said[name]
            words = " ".join(words.replace("%", "%%").split())
            usual = ... if default is inspect.Parameter.empty else default
            kind = getattr(kind, "__forward_arg__", kind)  # as a class keeps it
            yield CommandParameter(name, kind, usual, is_word, option, metavar, words)


class _Parser(argparse.ArgumentParser):
    """Reports a mistake as one message, like every other mistake."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Raises the problem instead of printing the usage and exiting."""
        raise mistake(message, fix=f"See `{self.prog} --help`.")


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from sim.policy.version import version_in_words

        print(f"comity {version_in_words()}")
        parser.exit()


def parser_of(commands: Sequence[Command], epilog: str, typed: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """The parser of all commands.

    Args:
        commands: in the order of help.
        epilog: what stands below them.
        typed: the command line, of whose command alone options are read: it begins sooner. All are where None.
    """
    parser = _Parser(
        prog="comity",
        description="What do harmonised law and faster legal assistance change in cybercrime takedowns?",
        epilog=f"{epilog}\nExit codes:\n" + "".join(f"  {code:<4} {words}\n" for code, words in EXIT_CODES.items()),
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    words = "have the shell complete words: bash, zsh or fish; yours where none is named"
    parser.add_argument("--install-completion", nargs="?", const="", metavar="SHELL", help=words)
    parser.add_argument("--print-completion", metavar="SHELL", help="print the script for bash, zsh or fish")
    added = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    for command in commands:
        _add(added, command, whole=typed is None or command.name in typed)
    return parser


def _add(parsers: Any, command: Command, *, whole: bool) -> None:
    """The parser of one command, or only what help says of it."""
    line, more = command.said
    shown = "\n\n".join(textwrap.fill(part, 79) for part in more.split("\n\n"))
    parser = parsers.add_parser(command.name, help=line, description=shown or None, epilog=command.epilog or None)
    parser.set_defaults(command=command)
    words = "show what is done, line by line, on standard error; twice for details"
    parser.add_argument("-v", "--verbose", action="count", default=0, help=words)
    words = "folder of outcomes, levers and data of your own; its Python files are programs: use what you trust"
    parser.add_argument("--parts", metavar="FOLDER", default="", help=words)
    if command.like:
        parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but where results are")
    one = parser.add_mutually_exclusive_group() if command.apart else parser
    for entry in command.parameters() if whole else ():
        if entry.is_word:
            action = parser.add_argument(entry.name, **entry.by_place())
            if entry.name in _FOLDERS and entry.default is ...:
                action.complete = _COMPLETION
        else:
            (one if entry.name in command.apart else parser).add_argument(*entry.typed, **entry.by_name())


def usage(command: Command) -> str:
    """The words that a command takes, for somebody who has given it more."""
    words = [entry.metavar for entry in command.parameters() if entry.is_word]
    shown = " ".join(("comity", command.name, *words))
    return f"Write `{shown}`; options begin with -- (`comity {command.name} --help`)."


def nearest_option(word: str, parser: argparse.ArgumentParser) -> str:
    """The option that was meant, of any command."""
    options: set[str] = set()
    waiting = [parser]
    while waiting:
        for action in waiting.pop()._actions:
            options.update(action.option_strings)
            if isinstance(action, argparse._SubParsersAction):
                waiting.extend(action.choices.values())
    if word.casefold().endswith((".yaml", ".yml", ".csv")):
        return f"A file whose name begins with - is written ./{word}."
    return nearest(word.partition("=")[0], options, what="one of the options")
