"""How the command line is read off the functions that the commands are: each option stands in one signature alone.

A parameter by position is a word, one by keyword an option of the same name; `Args:` holds what help says of it, with
the word for its value in brackets. Parameters of several commands are fields of a NamedTuple. All is standard library,
so that help comes at once.
"""

from __future__ import annotations

import argparse
import re
import shlex
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, NoReturn

from sim.law.suggest import nearest
from sim.policy.problem import EXIT_CODES, mistake

#: The command line as it was typed: a parameter or field of this name is no option.
_TYPED = "typed"
#: Options that one letter stands for, too.
_SHORT = {"results": "-o", "quiet": "-q"}
#: Words by position that are folders, and how shells complete one; shtab reads it off the argument.
_FOLDERS, _COMPLETION = ("study",), {"bash": "_shtab_compgen_dirs", "zsh": "_files -/"}
_ENTRY = re.compile(r"^ {4}(\w+)(?: \((.*?)\))?: (.*(?:\n {8}.*)*)", re.MULTILINE)


class CommandParameter(NamedTuple):
    """A parameter of a command.

    Attributes:
        name: in Python; an underscore at its end keeps it from a name that Python has.
        kind: its annotation.
        default: ... where it has none.
        metavar: what stands for its value.
        words: what it does.
    """

    name: str
    kind: str
    default: Any
    metavar: str
    words: str

    @property
    def typed(self) -> tuple[str, ...]:
        """How the option is typed."""
        long = f"--{self.name.rstrip('_').replace('_', '-')}"
        return (_SHORT[self.name], long) if self.name in _SHORT else (long,)

    def by_place(self) -> dict[str, Any]:
        """How it is read as a word."""
        shown = {"metavar": self.metavar, "help": self.words}
        if self.kind == "list[str]":
            return {"nargs": "*", **shown}
        return shown if self.default is ... else {"nargs": "?", "default": self.default, **shown}

    def by_name(self) -> dict[str, Any]:
        """How it is read as an option."""
        kind, metavars = self.kind.removesuffix(" | None"), tuple(self.metavar.split())
        shown: dict[str, Any] = {"dest": self.name, "help": self.words}
        if kind == "bool":
            return {"action": "store_true", **shown}
        shown["metavar"] = metavars if len(metavars) > 1 else self.metavar
        if kind == "list[str]":
            return {"action": "append", **shown}
        shown |= {"required": True} if self.default is ... else {"default": self.default}
        return shown | ({"type": int} if kind == "int" else {}) | ({"nargs": len(metavars)} if "tuple" in kind else {})


class Command(NamedTuple):
    """A command.

    Attributes:
        function: what it does.
        epilog: what stands below its options.
        apart: options of which only one can be given.
    """

    function: Callable[..., None]
    epilog: str = ""
    apart: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As it is typed."""
        return self.function.__name__

    @property
    def places(self) -> tuple[str, ...]:
        """Names of its words."""
        return self.function.__code__.co_varnames[: self.function.__code__.co_argcount]

    @property
    def said(self) -> tuple[str, str]:
        """What it does, in a line and at length."""
        line, _, more = _docstring(self.function).partition("\n\n")
        return line[:1].lower() + line[1:].rstrip("."), more.partition("Args:\n")[0].rstrip()

    def groups(self) -> Iterator[tuple[str, Any]]:
        """Name of each parameter, with its class where it is a group of options."""
        for name, kind in self.function.__annotations__.items():
            if name != "return":
                yield name, self.function.__globals__.get(kind)

    def parameters(self) -> Iterator[CommandParameter]:
        """Each parameter, fields of groups in their place."""
        function, places = self.function, self.function.__defaults__ or ()
        given = dict(zip(self.places[len(self.places) - len(places) :], places, strict=True))
        for name, group in self.groups():
            if group is not None:
                yield from _declared(group, group.__annotations__, group._field_defaults, group._fields)
            elif name != _TYPED:
                yield from _declared(
                    function, function.__annotations__, given | (function.__kwdefaults__ or {}), [name]
                )

    def call(self, arguments: argparse.Namespace, typed: Sequence[str]) -> None:
        """Runs the command with what was read."""
        read = vars(arguments) | {_TYPED: shlex.join(["comity", *typed])}
        given = {
            name: read[name] if group is None else group(*(read[field] for field in group._fields))
            for name, group in self.groups()
        }
        self.function(**given)


def _docstring(owner: Any) -> str:
    """As it stands in the source, without the margin that Python before 3.13 leaves."""
    text = owner.__doc__ or ""
    return re.sub("^ {4}", "", text, flags=re.MULTILINE) if re.search("^ {4}(Args|Attributes):", text, re.M) else text


def _declared(
    owner: Any, kinds: dict[str, Any], defaults: dict[str, Any], names: Sequence[str]
) -> Iterator[CommandParameter]:
    """Parameters of a function or fields of a group, with what its docstring says of them.

    Raises:
        KeyError: it says nothing of one.
    """
    said = {
        name: (metavar, " ".join(words.replace("%", "%%").split()))
        for name, metavar, words in _ENTRY.findall(_docstring(owner))
    }
    for name in names:
        if name != _TYPED:
            kind = getattr(kinds[name], "__forward_arg__", kinds[name])  # as a NamedTuple keeps it
            yield CommandParameter(name, kind, defaults.get(name, ...), *said[name])


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
    one = parser.add_mutually_exclusive_group() if command.apart else parser
    for entry in command.parameters() if whole else ():
        if entry.name in command.places:
            action = parser.add_argument(entry.name, **entry.by_place())
            if entry.name in _FOLDERS and entry.default is ...:
                action.complete = _COMPLETION
        else:
            (one if entry.name in command.apart else parser).add_argument(*entry.typed, **entry.by_name())


def usage(command: Command) -> str:
    """The words that a command takes, for somebody who has given it more."""
    words = [entry.metavar for entry in command.parameters() if entry.name in command.places]
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
