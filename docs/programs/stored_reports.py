"""Rewrites pages and figures of a finished report from its stored outcomes: `make rendered`.

Nothing is simulated: after a change of words, tables or figures, the numbers of `results/reference` are those of its
runs still. `python -m docs.programs.stored_reports FOLDER` does it for another folder.
"""

import sys
from pathlib import Path

from docs.programs import ROOT
from docs.programs.seal import sealed
from sim.experiments import seal, store
from sim.experiments.light import left_out
from sim.report.draw import draw_all
from sim.report.page.parts import for_phone
from sim.report.pages import publication
from sim.report.studies import read_report
from sim.results.codebook import write_csv

REFERENCE, WHOLE = ROOT / "results" / "reference", ROOT / "results" / "whole"


def rendered(folder: Path) -> None:
    """Writes every file derived from a report's outcomes and breakdowns, in place."""
    view, is_light = read_report(folder), bool(left_out(folder))
    reported = publication(view)
    outcomes = view.results.outcomes  # with columns that earlier versions did not write
    if not is_light:
        store.write_table(outcomes, folder / f"{store.OUTCOMES}.parquet")
    write_csv(outcomes, folder / f"{store.OUTCOMES}.csv")
    for name, find in reported.tables.items():
        if name.endswith(".csv") and (folder / name).exists():
            write_csv(find(view), folder / name)
    draw_all(view, folder / store.FIGURES, lambda _: None, reported.pictures(view), png=not is_light)
    sealed(folder)
    if is_light:  # its page has the drawings for phones inside
        for path in (folder / store.FIGURES).glob(f"{for_phone('*')}.svg"):
            path.unlink()
        seal.seal(folder)


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:] or [str(REFERENCE)]):
        rendered(path)
        sys.stdout.write(f"{path} is written\n")
