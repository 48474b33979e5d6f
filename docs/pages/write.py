"""Writes all generated pages of the site."""

from pathlib import Path

from docs.pages import answer, commands, configuration, levers, results, scenario_file
from docs.pages.links import GENERATED, copies


def pages() -> dict[Path, str]:
    """Text of every generated page, by its path."""
    made = {
        "commands": commands.page(),
        "configuration": configuration.page(),
        "levers": levers.levers(),
        "outcomes": levers.outcomes(),
        "results": results.page(),
        "scenario_file": scenario_file.page(),
    }
    included = {GENERATED / "short_answer.txt": answer.page()}  # no page of its own
    return copies() | included | {GENERATED / f"{name}.md": text for name, text in made.items()}


def write_all() -> None:
    """Writes all generated pages; an unchanged one is not touched, so that Sphinx does not read it again."""
    GENERATED.mkdir(exist_ok=True)
    for place, text in pages().items():
        if not place.exists() or place.read_text(encoding="utf-8") != text:
            place.write_text(text, encoding="utf-8")
