"""How the command line is read off the functions that the commands are: each option stands in one signature alone.

A parameter by position is a word, one by keyword an option of the same name; `Args:` holds what help says of it, with
the word for its value in brackets (`sim.api.door.declared`). A command takes words and options from the function of
Python that does the same, too: those with such a word. All is standard library, so that help comes at once.
"""

from __future__ import annotations

import argparse
import inspect
import shlex
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, NoReturn

from sim.api.door import AGAIN, Declared, declared, docstring
from sim.api.keywords import Asked, conducted, console, overrides
from sim.law.suggest import nearest
from sim.policy.problem import EXIT_CODES, mistake

#: A parameter of this name is no option: it takes what was asked for.
_ASKED = "asked"
#: Words by position that are folders, and how shells complete one; shtab reads it off the argument.
_FOLDERS, _COMPLETION = ("study",), {"bash": "_shtab_compgen_dirs", "zsh": "_files -/"}


class Command(NamedTuple):
    """A command.

    Attributes:
        function: what it does; gives the places of results, if any, which are printed where nothing else is. One that
            Python has as it is (`study`): what is not typed is as usual there.
        epilog: what stands below its options.
        apart: options of which only one can be given.
        like: functions of Python that do the same, or their keywords: what each declares for the command line, too, the
            function gets where it was typed; what help says of the command stands there, too, where not here.
    """

    function: Callable[..., Any]
    epilog: str = ""
    apart: tuple[str, ...] = ()
    like: tuple[Any, ...] = ()

    @property
    def name(self) -> str:
        """As it is typed."""
        return self.function.__name__

    @property
    def said(self) -> tuple[str, str]:
        """What it does, in a line and at length."""
        heads = [docstring(owner).partition("Args:\n")[0].partition("\n\n") for owner in (self.function, *self.like)]
        line, more = (next((head[part].strip() for head in heads if head[part].strip()), "") for part in (0, 2))
        return line[:1].lower() + line[1:].rstrip("."), more

    def parameters(self) -> Iterator[Declared]:
        """Each parameter once: words, what is its own, then what Python has, too."""
        seen = set[str]()
        for owner in (self.function, *self.like):
            of_python = owner is not inspect.unwrap(self.function)
            for entry in declared(owner):
                if entry.name not in seen and entry.is_typed:
                    seen.add(entry.name)
                    if entry.is_word and "KEY=VALUE" in entry.metavar:
                        yield entry._replace(name="words", kind="list[str]")
                    else:
                        usual = of_python and not entry.is_word and entry.default is not ...
                        yield entry._replace(default=None) if usual else entry

    def call(self, arguments: argparse.Namespace, typed: Sequence[str]) -> None:
        """Runs the command with what was read; values of keys for which options are short come last."""
        read = vars(arguments)
        there = [(entry, read[entry.name]) for entry in self.parameters()]
        typed_in = [(entry, value) for entry, value in there if value is not None and value is not False]
        given = {entry.name: value for entry, value in typed_in if not entry.key}
        if self.is_asked:
            names, words = split(given.pop("words", []))
            words += overrides({entry.key: value for entry, value in typed_in if entry.key})
            command, quiet = shlex.join(["comity", *typed]), bool(read["quiet"])
            worlds = {name: given[name] for name in ("rules", "ensemble") if name in given}
            given[_ASKED] = Asked(self.name, names, words, command, console(quiet=quiet), quiet, **worlds)
        is_study = hasattr(self.function, "finish")
        made = conducted(self.function, **given) if is_study else inspect.unwrap(self.function)(**given)
        places = getattr(made, "folder", made)
        if places and read.get("quiet"):
            print(*(places if isinstance(places, list) else [places]), sep="\n")  # scripts read it

    @property
    def is_asked(self) -> bool:
        """Whether its function takes what was asked for."""
        return _ASKED in inspect.signature(inspect.unwrap(self.function)).parameters


def split(words: list[str]) -> tuple[list[str], list[str]]:
    """Scenarios, and overrides of the configuration."""
    from sim.experiments.config import is_override

    names = [word for word in words if not is_override(word)]
    return names, [word for word in words if word not in names]


def _by_place(entry: Declared) -> dict[str, Any]:
    """How a word is read."""
    shown = {"metavar": entry.metavar, "help": entry.words.replace("%", "%%")}
    if entry.kind == "list[str]":
        return {"nargs": "*", **shown}
    return shown if entry.default is ... else {"nargs": "?", "default": entry.default, **shown}


def _by_name(entry: Declared) -> dict[str, Any]:
    """How an option is read; what is short for a key stays a text, which the configuration checks."""
    kind, metavars = entry.kind.removesuffix(" | None"), tuple(entry.metavar.split())
    shown: dict[str, Any] = {"dest": entry.name, "help": entry.words.replace("%", "%%")}
    if kind == "bool":
        return {"action": "store_true", **shown}
    if kind == "list[str]" or entry.metavar.endswith(AGAIN):
        return {"action": "append", "metavar": metavars[0], **shown}
    shown |= {"required": True} if entry.default is ... else {"default": entry.default}
    if len(metavars) > 1:
        return {"nargs": len(metavars), "metavar": metavars, **shown}
    return {"metavar": entry.metavar, **shown} | ({"type": int} if kind == "int" and not entry.key else {})


class _Parser(argparse.ArgumentParser):
    """Reports a mistake as one message, like every other mistake."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Raises the problem instead of printing the usage and exiting."""
        raise mistake(message, fix=f"See `{self.prog} --help`.")


def parser_of(commands: Sequence[Command], epilog: str, typed: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """The parser of all commands; of options only those of the command that was typed, since it begins sooner."""
    parser = _Parser(
        prog="comity",
        description="What do harmonised law and faster legal assistance change in cybercrime takedowns?",
        epilog=f"{epilog}\nExit codes:\n" + "".join(f"  {code:<4} {words}\n" for code, words in EXIT_CODES.items()),
    )
    parser.add_argument("--version", action="store_true", help="show the version and exit")
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
    if command.is_asked:
        parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but where results are")
    one = parser.add_mutually_exclusive_group() if command.apart else parser
    for entry in command.parameters() if whole else ():
        if entry.is_word:
            action = parser.add_argument(entry.name, **_by_place(entry))
            if entry.name in _FOLDERS and entry.default is ...:
                action.complete = _COMPLETION
        else:
            (one if entry.name in command.apart else parser).add_argument(*entry.typed, **_by_name(entry))


def usage(command: Command) -> str:
    """The words that a command takes, for somebody who has given it more."""
    words = [entry.metavar for entry in command.parameters() if entry.is_word]
    shown = " ".join(("comity", command.name, *words))
    return f"Write `{shown}`; options begin with -- (`comity {command.name} --help`)."


def nearest_option(word: str, commands: Sequence[Command]) -> str:
    """The option that was meant, of any command."""
    own = {option for one in commands for entry in one.parameters() if not entry.is_word for option in entry.typed}
    common = "help verbose parts quiet version install-completion print-completion"
    options = own.union(f"--{name}" for name in common.split())
    if word.casefold().endswith((".yaml", ".yml", ".csv")):
        return f"A file whose name begins with - is written ./{word}."
    name = word.partition("=")[0]
    if name in options:
        return "Other commands have it; `comity COMMAND --help` lists what one takes."
    return nearest(name, options, what="one of the options")
