"""Tests that titles are shown as written, with any content, in figures, terminals and Markdown."""

import html
import re
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from io import StringIO
from itertools import product
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest
from markdown_it import MarkdownIt
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.cli import INPUT_ERROR, main
from sim.experiments import conduct
from sim.experiments.analyse.cases import Cases
from sim.experiments.sweep import Prepared
from sim.policy.scenario import load
from sim.report import comparison, pages, publish
from sim.report.draw import FIGURES
from sim.report.figures.rows import marks_of
from sim.report.headline import sentences
from sim.report.marking import code, drawn, marked
from sim.report.page.parts import markdown_of
from sim.report.pages import page_of
from sim.report.phrases import named
from sim.report.style import styled
from sim.report.sweep.plot import PlotOptions, plots
from sim.report.sweep.shown import show
from sim.report.view import View
from tests.experiments.replicates import SPEED, fake_replicate
from tests.experiments.sweep.studies import carried_out, ready
from tests.report.conftest import TITLES, six_scenarios

CHANGES = MappingProxyType(
    {
        "dollars": "- {lever: central_authority.staff, value: +100 %, date: 2027-01-01}",
        "caret": "- {lever: law.join, value: budapest, date: 2028-01-01, states: [CHN, IND, RUS]}",
        "brackets": "- {lever: central_authority.deadline, value: 400 days, date: 2029-12-31, states: AND}",
        "links": "- {lever: court.staff, value: -20 %, date: 2027-01-01}",
        "marks": "[]",
    }
)


#: What would stand in a page if a title's marks were taken for marks.
_LIVE = r"<(script|a|s)\b|href|<em>stars|<em>under|<code>code"


def written(folder: Path) -> list[str]:
    """Scenario files, one for each title, with the same special characters in all texts."""
    for key, title in TITLES.items():
        quoted = "'" + title.replace("'", "''") + "'"
        head = f"title: {quoted}\nquestion: {quoted}\nauthor: {quoted}\nsources: [{quoted}, {quoted}]\n"
        changes = "changes: []\n" if CHANGES[key] == "[]" else f"changes:\n  {CHANGES[key]}\n"
        (folder / f"{key}.yaml").write_text(head + changes, "utf-8")
    return [str(folder / f"{key}.yaml") for key in TITLES]


def rendered(text: str) -> str:
    """Markdown rendered by a converter that allows HTML."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)


def seen(page: str) -> str:
    """Visible text of a page, as one line."""
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", page)).split())


def assert_inert(text: str, without: str = "") -> None:
    """Checks that titles appear as written in Markdown, without formatting or broken tables.

    Args:
        text: the page.
        without: key of a title that the page need not show.
    """
    page = rendered(text)
    assert not re.search(_LIVE, page)
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1, table
    for key, title in TITLES.items():
        assert title in seen(page) or key == without, title


def test_a_text_in_markdown_is_seen_as_it_was_written_and_a_command_in_markdown_is_one_span_of_code() -> None:
    frames = ("{}", "# {}", "- {}: 1", "**{}**\n\n- x", "| {} | 1 |\n| --- | --- |\n| {} | 2 |")
    titles = (*TITLES.values(), "# x #", "- x", "1. x", "> x", "| |", "www.a.example a@b.example")
    for frame, title in product(frames, titles):
        page = rendered(frame.format(*[marked(title)] * frame.count("{}")))
        assert seen(page).count(title) == frame.count("{}"), title
        assert not re.search(r"<(script|a|s|em|ul><li><ul|blockquote|ol)\b|href", page), title
    for text in ("comity run x", "comity run `x`", "a ``b`` c", "`"):
        assert rendered(code(text)) == f"<p><code>{html.escape(text)}</code></p>\n"


def words(figure: Figure) -> list[str]:
    """All text of a figure, once drawn."""
    return [text.get_text() for text in figure.findobj(Text)]


def test_no_interval_falls_below_what_an_outcome_can_be(view: View) -> None:
    """No interval goes below the minimum of its outcome, such as −100 % for counts."""
    for key, floor in (("without_criminality_per_year", -1.0), ("trust_reciprocity", -5.0)):
        entry = next(entry for entry in view.differences["main"] if entry.outcome == key)
        mark = 0, "", replace(entry, baseline_mean=0.25)
        assert marks_of([mark], relative=True)["least"][0] == floor


def test_a_key_leaves_no_scenario_out_and_the_summary_of_fake_replicates_is_inert(hostile: View) -> None:
    with styled():
        figure = FIGURES["turnaround_distribution"].draw(hostile)
    names = " ".join(" ".join(words(figure)).split())
    assert all(" ".join(hostile.title[key].split()) in names for key in hostile.asking), names
    assert_inert(markdown_of(page_of(hostile, FIGURES)), without="marks")  # the lower bound is in no sentence
    assert drawn("word " * 24).count("\n") == 1 and max(map(len, drawn("x" * 120).splitlines())) <= 60


@pytest.fixture
def faked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fixture: replaces the runs of commands by stand-ins."""
    monkeypatch.setattr(conduct, "run_replicate", fake_replicate)
    monkeypatch.setattr(conduct, "compile_rules", lambda *_: None)


def squeezed(text: str) -> str:
    """Terminal output without table borders and line breaks."""
    return re.sub(r"[│┃\s]+", "", text)


@pytest.mark.slow
@pytest.mark.usefixtures("faked")
def test_ablate_and_regret_show_titles_as_written(tmp_path, capsys, monkeypatch):
    given = [*GIVEN, "-o", str(tmp_path / "results"), "--replicates"]
    assert main(["ablate", *written(tmp_path), "--mechanism", "queues", *given, "2"]) == 0
    (page,) = (tmp_path / "results").glob("*/summary.md")
    assert_inert(page.read_text("utf-8"))
    capsys.readouterr()
    monkeypatch.setenv("COLUMNS", "400")
    text = Path(load("monitor_and_update").file).read_text("utf-8")
    title = f"{TITLES['brackets']} {TITLES['links']}"  # the others take the same way as in a comparison
    path = tmp_path / "reviewer.yaml"
    path.write_text(re.sub(r"(?m)^title:.*$", lambda _: f"title: '{title}'", text, count=1), "utf-8")
    assert main(["regret", str(path), *given, "4"]) == 0
    assert squeezed(title) in squeezed(capsys.readouterr().out)
    (page,) = (tmp_path / "results").glob("regret-*/summary.md")
    shown = rendered(page.read_text("utf-8"))
    assert title in seen(shown) and not re.search(_LIVE, shown)


def test_a_sweep_shows_names_as_written(tmp_path: Path) -> None:
    name = "Raise $5^ to $10 [bold]"
    path = tmp_path / f"{name}.yaml"
    path.write_text("title: x\nquestion: x\nauthor: x\n", "utf-8")
    asked = ready(tmp_path, "court.staff=1,2", "execution.replicates=2", names=("status_quo", str(path)))
    for what in (PlotOptions(), PlotOptions(scatter=("harm", "takedown_rate"))):
        for figure in swept(asked, what):
            assert name in words(figure)


def swept(asked: Prepared, what: PlotOptions) -> list[Figure]:
    """Figures of a sweep, laid out."""
    made, _ = carried_out(asked)
    with styled():
        figures = [drawing.figure for drawing in plots(show(Cases.read(made.folder), (), "", (), "comity plot"), what)]
        for figure in figures:
            figure.draw_without_rendering()
    return figures


def test_titles_of_a_sweep_say_what_varies(tmp_path: Path) -> None:
    asked = ready(tmp_path, "court.staff=1,2", "central_authority.staff=1,2", "execution.replicates=2")
    (figure,) = swept(asked, PlotOptions(by="central_authority.staff"))
    seen_text = " ".join(" ".join(words(figure)).split())
    assert "court.staff" not in seen_text and "central_authority.staff" not in seen_text
    assert figure.texts[0].get_text() == "Staff of the courts that order execution: what does it change?"


def test_a_logarithmic_axis_has_plain_numbers(tmp_path: Path) -> None:
    values = "uncertainty.desk.court_wait_days=tag(log,interval(5,150))"
    asked = ready(tmp_path, values, "sweep.design=lhs", "sweep.samples=30", "execution.replicates=1")
    (figure,) = swept(asked, PlotOptions())
    assert figure.axes[0].get_xscale() == "log"
    seen_text = words(figure)
    assert not [text for text in seen_text if "$" in text or "mathdefault" in text]
    assert "10" in seen_text and "100" in seen_text


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Folder and terminal output of a comparison of scenarios with difficult titles."""
    folder, said = tmp_path_factory.mktemp("made"), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stderr(said), redirect_stdout(said):
        patch.setenv("COLUMNS", "200")
        patch.setattr(pages, "FIGURES", {name: FIGURES[name] for name in ("forest", "turnaround_distribution")})
        patch.setattr(conduct, "run_replicate", fake_replicate)
        patch.setattr(conduct, "compile_rules", lambda *_: None)
        for key in ("dollars", "caret", "links"):
            patch.setitem(SPEED, key, 1.5)
        assert main(["compare", *written(folder), *GIVEN, "--replicates", "2", "-o", str(folder / "results")]) == 0
    (place,) = (folder / "results").iterdir()
    return place, said.getvalue()


GIVEN = ["world=tiny", "execution.executor=serial"]


def test_a_comparison_shows_titles_as_written(made: tuple[Path, str]) -> None:
    folder, said = made
    assert "\x1b" not in said
    assert_inert((folder / "summary.md").read_text("utf-8"))
    page = (folder / "report.html").read_text("utf-8")
    assert not re.search(r"<script|<s>|<em>stars|<em>under|<code>code|https?://(?!www\.w3\.org/)a\.example\"", page)
    asked = seen(page.split("<summary>What each scenario asks</summary>")[1].split("</details>")[0])
    for title in TITLES.values():
        wanted = f"{title}: {title} ({title}; sources: {title}; {title})"
        assert wanted.replace(" :", ":") in asked.replace(" :", ":")
    assert {path.suffix for path in (folder / "figures").iterdir()} == {".svg", ".png"}
    curves = html.unescape((folder / "figures" / "turnaround_distribution.svg").read_text("utf-8"))
    for title in TITLES.values():
        assert all(line in curves for line in drawn(title).splitlines()), "matplotlib notes what it draws"


def test_a_comparison_says_how_many_have_joined_and_what_moved_nothing(made: tuple[Path, str]) -> None:
    folder, said = made
    table = pd.read_parquet(folder / "breakdowns" / "instruments_in_force.parquet")
    assert set(table["scenario"]) == {"caret"} and sorted(table["seed"].unique()) == [1, 2]
    assert table.groupby("year")["in_force"].first().to_dict() == {2027: 0, 2028: 3, 2029: 3}
    page = (folder / "report.html").read_text("utf-8")
    row = next(part for part in page.split("<tr>") if "budapest, CHN, IND" in part)
    assert seen(row).split("(3)")[1].split()[:3] == ["0", "3", "3"]
    text = (folder / "summary.md").read_text("utf-8")
    still = {key for key in TITLES if f"“{marked(TITLES[key])}” moved no outcome in any of 2 replicates" in text}
    assert still == {"brackets", "marks"}
    assert squeezed("moved no outcome in any of 2 replicates") in squeezed(said)


def test_a_title_with_escape_sequences_is_refused_before_anything_is_run(tmp_path, capsys):
    path = tmp_path / "escape.yaml"
    path.write_text('title: "x \\e]0;pwn\\a \\e[31mred"\nquestion: q\nauthor: a\n', "utf-8")
    assert main(["compare", str(path), "world=tiny", "-o", str(tmp_path / "results")]) == INPUT_ERROR
    assert r"escape.yaml:1: title = 'x \x1b]0;pwn\x07 \x1b[31mred': holds a control" in capsys.readouterr().err
    assert not (tmp_path / "results").exists()


def test_no_two_policies_look_alike(tmp_path: Path) -> None:
    start = "ASEAN joins the Budapest Convention and its Second Protocol"
    titles = [f"{start}, {many} officers each" for many in ("ten", "twenty", "ten")]
    view = six_scenarios(tmp_path, [*titles, start, "Today", f"{start}, ten officers each, and more courts"])
    for names in (view.title.values(), [named(view, key) for key in view.scenarios]):
        assert len(set(names)) == len(names)
    assert named(view, view.scenarios[4]) == "“Today”" and named(view, view.scenarios[5]).endswith("courts”")


def test_a_title_is_never_cut_and_a_file_may_have_a_shorter_one(tmp_path: Path) -> None:
    title = "ASEAN joins the Budapest Convention and its Second Protocol"
    view = six_scenarios(tmp_path, [title, *"abcde"])
    assert named(view, view.scenarios[0]) == f"“{title}”"
    for short, problem in (("ASEAN joins both", ""), ("x" * 45, "too long"), ("''", "")):
        path = tmp_path / "mine.yaml"
        path.write_text(f"title: {title}\nshort: {short}\nquestion: q\nauthor: a\n", "utf-8")
        scenario = load(str(path))
        assert len(scenario.mistakes) == (short != "ASEAN joins both")
        assert problem in str(scenario.mistakes or "")
        if not scenario.mistakes:
            shown, key = replace(view, design=replace(view.design, scenarios=(scenario,))), scenario.key
            assert (shown.title[key], shown.short[key]) == (title, short)


def test_the_answer_on_a_terminal_is_whole(hostile: View, capsys: pytest.CaptureFixture[str]) -> None:
    publish.print_answer(Path("results"), False, *comparison.answer_in_short(hostile))
    seen_text = "".join(capsys.readouterr().out.split())
    for sentence in sentences(hostile):
        assert "".join(sentence.split()) in seen_text
