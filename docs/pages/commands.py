"""Generates the page of commands from the parser of the command line."""

import argparse
from collections.abc import Iterator

from sim.cli import build_parser
from sim.report.marking import markdown_table, marked

_INTRODUCTION = """\
# Commands

This page is written from the parser of the command line, so it says the same as `comity --help` and
`comity COMMAND --help`. Words may be given in any order.
"""
_EXIT_CODES = """\
## Exit codes

| code | means |
| ---: | --- |
| 0 | done |
| 2 | a mistake in what was given (one message says where it is and what to write instead), a full disk, damaged \
results, or no run that its process survived |
| 130 | interrupted: the same command resumes what it began |
| 143 | ended by a polite kill while rules were compiled |

Any other code comes with a traceback and is an error of Comity: please report the command.
"""


def page() -> str:
    """Text of the page of commands, in Markdown."""
    parser = build_parser()
    parts = [_INTRODUCTION, _options(parser)]
    parts += [_command(name, words, found) for name, words, found in _commands(parser)]
    return "\n\n".join([*parts, _EXIT_CODES])


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Yields name, short help and parser of each command."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, found in action.choices.items():
                yield name, helps.get(name, ""), found


def _command(name: str, words: str, parser: argparse.ArgumentParser) -> str:
    """Section on one command: purpose, usage, and options."""
    says = marked(parser.description or f"{words[:1].upper()}{words[1:]}.")
    written = " ".join(["comity", name, "[OPTIONS]", *(_placeholder(action) for action in _words(parser))])
    parts = [f"(comity-{name})=\n## comity {name}", says, f"```text\n{written}\n```", _options(parser)]
    if parser.epilog:
        parts.append(f"```text\n{parser.epilog.rstrip()}\n```")
    return "\n\n".join(part for part in parts if part)


def _words(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Positional arguments of a command."""
    return [action for action in parser._actions if not action.option_strings]


def _placeholder(action: argparse.Action) -> str:
    """Text of an argument in the usage of a command."""
    name = str(action.metavar or action.dest)
    return {"*": f"[{name} …]", "?": f"[{name}]"}.get(str(action.nargs), name)


def _options(parser: argparse.ArgumentParser) -> str:
    """Table of a command's arguments and options; empty if it only has `--help`."""
    rows = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction | argparse._HelpAction):
            continue
        value = f" {action.metavar or action.dest.upper()}" if action.option_strings and action.nargs != 0 else ""
        name = ", ".join(action.option_strings) + value if action.option_strings else _placeholder(action)
        rows.append((f"`{name}`".replace("|", "\\|"), marked(action.help or "")))
    return markdown_table(("word or option", "what it does"), rows, ()) if rows else ""
