"""`comity analyse STUDY`: numbers, figures and a page in plain words, all within the study's folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from sim.data.influence import write_influence
from sim.experiments import store
from sim.experiments.analyse.cases import Cases, known_outcomes
from sim.experiments.analyse.discover import discover
from sim.experiments.analyse.influence import FILE, Influence, find_influence
from sim.experiments.analyse.question import read_condition, read_money
from sim.experiments.analyse.sensitivity import Method, sensitivity
from sim.experiments.analyse.tradeoff import tradeoff
from sim.experiments.axis import AxisKind
from sim.experiments.foreign import check_folders, check_outputs, damaged, read_json
from sim.policy.problem import InputError
from sim.report.page.parts import Chapter, Exhibit, write_page
from sim.report.style import save, styled
from sim.report.sweep import pages
from sim.report.sweep.analysis_figures import box_figure, front_figure, index_figure
from sim.results.codebook import write_csv

PAGE, REPORT, TABLES = "analysis.md", "analysis.html", "analysis"
#: Where the cases of interest lie when nobody has said what is of interest: its worst tenth.
INTEREST = "groups_brought_down"


@dataclass(frozen=True)
class AnalysisOptions:
    """What is asked for, as typed.

    Attributes:
        parts: sensitivity, discover, tradeoff; none for all that the study allows.
        y: outcomes of the sensitivity; none for the headline.
        interest: condition of the discovery.
        budget, require: of the trade-off.
    """

    parts: tuple[str, ...] = ()
    y: tuple[str, ...] = ()
    interest: str = ""
    budget: str = ""
    require: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Analysis:
    """What every part works with."""

    cases: Cases
    options: AnalysisOptions
    command: str

    @property
    def tables(self) -> Path:
        """Folder of tables and sections."""
        return self.cases.study.folder / TABLES

    @property
    def figures(self) -> Path:
        """Folder of figures."""
        return self.cases.study.folder / store.FIGURES


def analyse(folder: Path, options: AnalysisOptions, command: str, console: Console) -> Path:
    """Analyses a study; parts that were found before stay on the page until they are found again.

    Args:
        folder: of the study.
        options: which parts, and how.
        command: the command line, for the small print.
        console: where the page is named.

    Returns:
        The page.

    Raises:
        InputError: no study, or a part that was asked for is not possible with it.
    """
    analysis = _Analysis(Cases.read(folder), options, command)
    check_folders(analysis.tables)
    store.check_writable(analysis.tables, "STUDY", "Copy the study to where you may write, or change its permissions.")
    check_outputs(analysis.tables, analysis.figures, folder / PAGE, folder / REPORT)
    for name, part in _PARTS.items():
        if options.parts and name not in options.parts:
            continue
        try:
            section = part(analysis)
        except InputError as problem:
            if options.parts:
                raise
            section = pages.impossible(name, problem)
        (analysis.tables / f"{name}.json").write_text(json.dumps(asdict(section)), encoding="utf-8")
    kept = {name: analysis.tables / f"{name}.json" for name in _PARTS}
    page = pages.page(analysis.cases, {name: _read(path) for name, path in kept.items() if path.exists()}, command)
    report = write_page(page, folder, PAGE, REPORT)
    console.print(Text("\n".join(page.answer)))
    console.print(f"Analysis: {folder / PAGE}", soft_wrap=True)
    console.print(f"Report: {report}", soft_wrap=True)
    return folder / PAGE


def _read(path: Path) -> Chapter:
    """A part of the page as it was kept.

    Raises:
        InputError: it is damaged.
    """
    found = read_json(path)
    try:
        figures = tuple(Exhibit(str(figure["title"]), Path(figure["name"]).name) for figure in found["figures"])
        return Chapter(str(found["title"]), str(found["markdown"]), figures, answer=str(found["answer"]))
    except (KeyError, TypeError) as error:
        raise damaged(path, error, "Take it away, and give the command again.") from None


def _sensitivity(analysis: _Analysis) -> Chapter:
    """Which axes matter."""
    cases = analysis.cases
    outcomes = known_outcomes(analysis.options.y)
    contrasts = cases.contrasts()
    found = sensitivity(cases, [outcome.key for outcome in outcomes], contrasts)
    write_csv(found.table, analysis.tables / "sensitivity.csv")
    figures = []
    with styled():
        for number, contrast in enumerate(contrasts):
            if (found.table["contrast"] == contrast.label).any():
                name = "sensitivity" if number == 0 else f"sensitivity-{number + 1}"
                drawn = index_figure(cases, found, outcomes, contrast, analysis.command).draw()
                save(drawn, analysis.figures, name)
                figures.append(name)
    named = []
    if found.method is Method.MORRIS and any(axis.kind is AxisKind.UNCERTAINTY for axis in cases.axes):
        named = find_influence(cases, contrasts[0], [outcome.key for outcome in outcomes])
        write_influence(named, Influence, analysis.tables / FILE)
    return pages.sensitivity(found, outcomes, contrasts, figures, named)


def _discover(analysis: _Analysis) -> Chapter:
    """Where cases of interest lie."""
    found = discover(analysis.cases, read_condition(analysis.options.interest or INTEREST, "--interest"))
    write_csv(pages.box_table(found), analysis.tables / "boxes.csv")
    write_csv(found.trajectory, analysis.tables / "boxes_steps.csv")
    with styled():
        save(box_figure(analysis.cases, found, analysis.command).draw(), analysis.figures, "discovery")
    return pages.discovery(found)


def _tradeoff(analysis: _Analysis) -> Chapter:
    """What a budget buys."""
    options = analysis.options
    budget = read_money(options.budget) if options.budget else float("inf")
    required = [read_condition(written, "--require", bounded=True) for written in options.require]
    found = tradeoff(analysis.cases, budget, required)
    write_csv(found.table.reset_index(), analysis.tables / "portfolios.csv")
    write_csv(found.by_state, analysis.tables / "portfolios_by_world.csv")
    with styled():
        save(front_figure(found, analysis.command).draw(), analysis.figures, "tradeoff")
    return pages.tradeoff(found)


_PARTS: dict[str, Callable[[_Analysis], Chapter]] = {
    "sensitivity": _sensitivity,
    "discover": _discover,
    "tradeoff": _tradeoff,
}
