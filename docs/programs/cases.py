"""Writes docs/cases.md and its figures: `python -m docs.programs.cases`, half an hour of one core."""

from rich.console import Console

from docs.programs import DOCS, KEPT, asked
from sim.cases.command import CaseOptions, all_figures, case_figures, own_error, placed, simulated
from sim.cases.page import TEXTS, all_page, case_chapter
from sim.cases.real_case import case_files, load_case, operations
from sim.cases.run import Law
from sim.report.page.parts import Chapter, markdown_of
from sim.report.style import save, styled

COMMAND = "python -m docs.programs.cases"


if __name__ == "__main__":
    wanted = asked(COMMAND, seeds=50, seeds_of_all=50)  # no seeds leave out cases with a file
    console, record = Console(stderr=True), operations()
    options = CaseOptions(wanted.seeds_of_all, 1, wanted.workers, KEPT, COMMAND)
    results = simulated(placed(record), (Law.AS_IT_WAS,), options, console)
    figures, sections = all_figures(results, record, COMMAND), []
    options = CaseOptions(wanted.seeds, 1, wanted.workers, KEPT, COMMAND)
    for key in case_files() if wanted.seeds else ():
        case = load_case(key)
        found = simulated((case,), tuple(Law), options, console)
        sections.append(case_chapter(found, case))
        figures |= {f"case_{key}_{name}": figure for name, figure in case_figures(found, case, COMMAND).items()}
    more = [*sections, Chapter("Other law", TEXTS["laws"])] if sections else []
    text = markdown_of(all_page(results, record, COMMAND, own_error(), more))
    (DOCS / "cases.md").write_text(text, encoding="utf-8")
    with styled():
        for name, figure in figures.items():
            save(figure, DOCS / "figures", name)
