"""Renews what sim/data/grounds.csv says of facts kept apart from docs/validation.md: `python -m tests.grounds`."""

from pathlib import Path

from sim.calibration.targets import Flag, targets
from sim.data.load import read_table
from sim.data.spreadsheet import write_rows

ROOT = Path(__file__).parents[1]
FILE = ROOT / "sim" / "data" / "grounds.csv"
_WAITS = ("times", "answers", "volumes")


def facts() -> list[list[str]]:
    """A row for each fact of the page's first table: what it is about, its title, whether the interval holds it."""
    text = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    part = text.split("## Held out")[1].split("\n## ")[0]
    known, found = {target.title: target for target in targets()}, []
    for line in part.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) > 6 and (target := known.get(cells[0])) is not None:
            about = "waits" if target.kind in _WAITS else "operations"
            status = "verified" if target.flag is Flag.READ else "recalled"
            found.append(["fact", "", "", about, cells[0], cells[6], "docs/validation.md", status])
    return found


if __name__ == "__main__":
    table = read_table(FILE.name)
    kept = [list(row.values()) for row in table.rows if row["ground"] != "fact"]
    write_rows([list(table.columns), *facts(), *kept], FILE)
