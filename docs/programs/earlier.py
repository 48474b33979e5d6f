"""Adds a note to pages whose numbers come from an earlier model: `python -m docs.programs.earlier`.

A change of the model makes numbers of stored pages old before somebody measures them again. Until then each such page
says so at its top. A program that renews its page takes the note away.
"""

import re
import sys

from docs.programs import DOCS, NOTE, ROOT
from sim.experiments import store
from sim.experiments.manifest import read_manifest

#: Pages of numbers that the model of today has not made yet.
PAGES = (
    *("ablation", "calibration", "cases", "coverage", "forecasts", "natural_experiment", "pairing"),
    *("statements", "strongest"),
)
REFERENCE, LEAGUE = (ROOT / "results" / name for name in ("reference", "league"))


def is_of_the_reference() -> bool:
    """True if the stored league and comparison come from the same version of the code."""
    one, other = (read_manifest(folder / store.MANIFEST)["code"]["sources"] for folder in (REFERENCE, LEAGUE))
    return bool(one == other)


def noted(text: str) -> str:
    """Text of a Markdown page with the note below its first heading."""
    return (
        text
        if NOTE in text
        else re.sub(r"\A(.*?^# [^\n]*\n)", lambda top: f"{top[1]}\n{NOTE}", text, flags=re.M | re.S)
    )


def noted_page(text: str) -> str:
    """Text of an HTML page with the note at its top."""
    note = f'<p class="earlier">{NOTE.strip()}</p>'
    return text if note in text else text.replace("<header>", f"<header>\n{note}", 1)


if __name__ == "__main__":
    for page in (DOCS / f"{name}.md" for name in PAGES):
        page.write_text(noted(page.read_text("utf-8")), "utf-8")
    if not is_of_the_reference():
        for name, change in ((store.SUMMARY, noted), (store.REPORT, noted_page)):
            (LEAGUE / name).write_text(change((LEAGUE / name).read_text("utf-8")), "utf-8")
    sys.stdout.write("Pages of an earlier model say so.\n")
