"""Texts of a scenario are shown as written, no matter what they contain: in figures, on a terminal and in Markdown."""

import html
import re
from io import StringIO
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest
from markdown_it import MarkdownIt
from matplotlib.figure import Figure
from matplotlib.text import Text
from rich.console import Console

from sim.cli import INPUT_ERROR, main
from sim.experiments import conduct
from sim.experiments.analyse.cases import Cases
from sim.experiments.compare import Difference, Verdict
from sim.policy.scenario import load
from sim.report import publish, summary
from sim.report.draw import FIGURES
from sim.report.figures import rights
from sim.report.figures.forest import _floor
from sim.report.headline import sentences
from sim.report.marking import code, drawn, marked
from sim.report.story import Story
from sim.report.style import styled
from sim.report.sweep.plot import PlotOptions, plots
from sim.report.sweep.shown import show
from tests.experiments.fakes import fake_replicate
from tests.experiments.sweep.studies import carried_out, ready
from tests.report.conftest import TITLES

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
    """A file for each title; question, author and sources hold the same marks."""
    for key, title in TITLES.items():
        quoted = "'" + title.replace("'", "''") + "'"
        head = f"title: {quoted}\nquestion: {quoted}\nauthor: {quoted}\nsources: [{quoted}, {quoted}]\n"
        changes = "changes: []\n" if CHANGES[key] == "[]" else f"changes:\n  {CHANGES[key]}\n"
        (folder / f"{key}.yaml").write_text(head + changes, "utf-8")
    return [str(folder / f"{key}.yaml") for key in TITLES]


def rendered(text: str) -> str:
    """Markdown as a page that allows HTML."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)


def seen(page: str) -> str:
    """What a reader of a page sees, as one line."""
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", page)).split())


def assert_inert(text: str) -> None:
    """Titles stand in a Markdown page as they were written: nothing of them is a mark, and tables hold."""
    page = rendered(text)
    assert not re.search(_LIVE, page)
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1, table
    for title in TITLES.values():
        assert title in seen(page), title


@pytest.mark.parametrize("frame", ["{}", "# {}", "- {}: 1", "**{}**\n\n- x", "| {} | 1 |\n| --- | --- |\n| {} | 2 |"])
def test_a_text_in_markdown_is_seen_as_it_was_written(frame: str) -> None:
    for title in (*TITLES.values(), "# x #", "- x", "1. x", "> x", "| |", "www.a.example a@b.example"):
        page = rendered(frame.format(*[marked(title)] * frame.count("{}")))
        assert seen(page).count(title) == frame.count("{}"), title
        assert not re.search(r"<(script|a|s|em|ul><li><ul|blockquote|ol)\b|href", page), title


@pytest.mark.parametrize("text", ["comity run x", "comity run `x`", "a ``b`` c", "`"])
def test_a_command_in_markdown_is_one_span_of_code(text: str) -> None:
    assert rendered(code(text)) == f"<p><code>{html.escape(text)}</code></p>\n"


def words(figure: Figure) -> list[str]:
    """All that a figure says, once it is drawn."""
    return [text.get_text() for text in figure.findobj(Text)]


def test_no_figure_takes_a_title_for_a_formula(figures: dict[str, Figure]) -> None:
    assert len(figures) > 10
    for name, figure in figures.items():
        seen_text = words(figure)
        assert not [text.get_text() for text in figure.findobj(Text) if text.get_parse_math()], name
        assert not [text for text in seen_text if "mathdefault" in text], f"{name}: marks of formulas of our own"
        if name in ("turnaround_by_stage", "ladder"):
            assert {drawn(title) for title in TITLES.values()} <= set(seen_text), name


def assert_apart(figure: Figure) -> None:
    """Numbers at horizontal axes have room between them."""
    room = 0.04 * figure.dpi
    for axes in figure.axes:
        shown = [text for text in axes.get_xticklabels() if text.get_visible() and text.get_text()]
        boxes = sorted((text.get_window_extent() for text in shown), key=lambda box: box.x0)
        inside = [box for box in boxes if axes.bbox.x0 - 1 <= (box.x0 + box.x1) / 2 <= axes.bbox.x1 + 1]
        assert all(one.x1 + room < next_.x0 for one, next_ in pairwise(inside)), [text.get_text() for text in shown]


def test_numbers_at_an_axis_do_not_touch(figures: dict[str, Figure]) -> None:
    for figure in figures.values():
        assert_apart(figure)


@pytest.mark.parametrize("reach", [0.05, 0.095, 0.12, 0.3, 0.76, 1.5])
def test_numbers_of_small_panels_do_not_touch(hostile: Story, reach: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "_reach", lambda *_: reach)
    with styled():
        figure = rights.gain_against_rights(hostile)
        assert figure is not None
        figure.draw_without_rendering()
        assert_apart(figure)
        assert len(figure.axes[0].get_xticks()) >= 5


def test_no_interval_falls_below_what_an_outcome_can_be() -> None:
    """Drawn in per cent of the baseline's mean: a count falls by 100 % at most, a correlation by more."""
    rare = "without_criminality_per_year"
    for key, floor in ((rare, -1.0), ("trust_reciprocity", -5.0)):
        entry = Difference(
            "main",
            "policy",
            "status_quo",
            key,
            "",
            "",
            9,
            0.25,
            0.05,
            -0.2,
            -0.3,
            -0.1,
            -0.8,
            -0.9,
            -0.7,
            Verdict.DISTINGUISHABLE,
        )
        assert _floor(entry) == floor


def test_a_key_leaves_no_scenario_out(hostile: Story) -> None:
    with styled():
        figure = FIGURES["turnaround_distribution"].draw(hostile)
        labels = [text.get_text() for text in figure.legends[0].get_texts()]
    asking = [hostile.drawn[key].replace("\n", " ") for key in hostile.asking]  # a single column is wide
    assert [label.partition(" (never")[0] for label in labels] == asking
    assert "\u200b_hidden title" in asking


def test_a_long_title_is_put_on_more_lines() -> None:
    assert drawn("word " * 24).count("\n") == 1
    assert max(map(len, drawn("x" * 120).splitlines())) <= 60


def test_the_summary_of_fake_replicates_is_inert(hostile: Story) -> None:
    assert_inert(summary.comparison(hostile))


@pytest.fixture
def faked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run on fake replicates."""
    monkeypatch.setattr(conduct, "run_replicate", fake_replicate)
    monkeypatch.setattr(conduct, "compile_rules", lambda *_: None)


def squeezed(text: str) -> str:
    """A terminal's text without lines of tables and breaks of lines."""
    return re.sub(r"[│┃\s]+", "", text)


@pytest.mark.usefixtures("faked")
def test_ablate_shows_titles_as_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = written(tmp_path)
    given = ["--replicates", "2", "--workers", "1", "--mechanism", "queues", "-o", str(tmp_path / "results")]
    assert main(["ablate", *files, *given]) == 0
    (page,) = (tmp_path / "results").glob("*/summary.md")
    assert_inert(page.read_text("utf-8"))
    capsys.readouterr()


@pytest.mark.usefixtures("faked")
def test_regret_shows_titles_as_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    text = Path(load("monitor_and_update").file).read_text("utf-8")
    title = f"{TITLES['brackets']} {TITLES['links']}"  # the others take the same way as in a comparison
    path = tmp_path / "reviewer.yaml"
    path.write_text(re.sub(r"(?m)^title:.*$", lambda _: f"title: '{title}'", text, count=1), "utf-8")
    folder = tmp_path / "results"
    assert main(["regret", str(path), "world=tiny", "--replicates", "4", "--workers", "1", "-o", str(folder)]) == 0
    assert squeezed(title) in squeezed(capsys.readouterr().err)
    (page,) = folder.glob("*/summary.md")
    assert title in seen(rendered(page.read_text("utf-8")))
    assert not re.search(_LIVE, rendered(page.read_text("utf-8")))


def test_a_sweep_shows_names_as_written(tmp_path: Path) -> None:
    name = "Raise $5^ to $10 [bold]"
    path = tmp_path / f"{name}.yaml"
    path.write_text("title: x\nquestion: x\nauthor: x\n", "utf-8")
    asked = ready(tmp_path, "court.staff=1,2", "execution.replicates=2", names=("status_quo", str(path)))
    made, _ = carried_out(asked)
    for what in (PlotOptions(), PlotOptions(scatter=("harm", "takedown_rate"))):
        for drawing in plots(show(Cases.read(made.folder), (), "", (), "comity plot"), what):
            with styled():
                drawing.figure.draw_without_rendering()
                assert name in words(drawing.figure)


def test_titles_of_a_sweep_say_what_varies(tmp_path: Path) -> None:
    made, _ = carried_out(ready(tmp_path, "court.staff=1,2", "central_authority.staff=1,2", "execution.replicates=2"))
    cases = Cases.read(made.folder)
    with styled():
        (drawing,) = plots(show(cases, (), "", (), "comity plot"), PlotOptions(by="central_authority.staff"))
        drawing.figure.draw_without_rendering()
        seen_text = " ".join(" ".join(words(drawing.figure)).split())
    assert "court.staff" not in seen_text
    assert "central_authority.staff" not in seen_text
    assert drawing.figure.texts[0].get_text() == "Staff of the courts that order execution: what does it change?"


def test_a_logarithmic_axis_has_plain_numbers(tmp_path: Path) -> None:
    values = "uncertainty.desk.court_wait_days=tag(log,interval(5,150))"
    made, _ = carried_out(ready(tmp_path, values, "sweep.design=lhs", "sweep.samples=30", "execution.replicates=1"))
    with styled():
        (drawing,) = plots(show(Cases.read(made.folder), (), "", (), "comity plot"), PlotOptions())
        assert drawing.figure.axes[0].get_xscale() == "log"
        drawing.figure.draw_without_rendering()
        seen_text = words(drawing.figure)
    assert not [text for text in seen_text if "$" in text or "mathdefault" in text]
    assert "10" in seen_text and "100" in seen_text


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A real comparison of them in one run, and what it says on a terminal."""
    folder = tmp_path_factory.mktemp("real")
    with pytest.MonkeyPatch.context() as patch, pytest.MonkeyPatch.context() as said:
        patch.setenv("COLUMNS", "200")
        said_parts: list[str] = []
        said.setattr("sys.stderr", _Kept(said_parts))
        patch.setattr(publish, "FIGURES", {name: FIGURES[name] for name in ("forest", "turnaround_distribution")})
        given = ["world=tiny", "world.groups=8", "--replicates", "2", "--workers", "1", "-o", str(folder / "results")]
        assert main(["compare", *written(folder), *given]) == 0
    (made,) = (folder / "results").iterdir()
    return made, "".join(said_parts)


class _Kept:
    """A stream that keeps what is written to it."""

    def __init__(self, said_parts: list[str]) -> None:
        self._parts = said_parts

    def write(self, text: str) -> int:
        """Keeps it."""
        self._parts.append(text)
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""

    def isatty(self) -> bool:
        """No terminal: no colours."""
        return False


def test_a_real_comparison_shows_titles_as_written(real: tuple[Path, str]) -> None:
    folder, said = real
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


def test_a_real_comparison_says_how_many_have_joined(real: tuple[Path, str]) -> None:
    folder, _ = real
    table = pd.read_parquet(folder / "breakdowns" / "instruments_in_force.parquet")
    assert set(table["scenario"]) == {"caret"}
    assert sorted(table["seed"].unique()) == [1, 2]
    assert table.groupby("year")["in_force"].first().to_dict() == {2027: 0, 2028: 3, 2029: 3}
    page = (folder / "report.html").read_text("utf-8")
    row = next(part for part in page.split("<tr>") if "budapest, CHN, IND" in part)
    assert seen(row).split("(3)")[1].split()[:3] == ["0", "3", "3"]


def test_a_real_comparison_names_what_moved_nothing(real: tuple[Path, str]) -> None:
    folder, said = real
    text = (folder / "summary.md").read_text("utf-8")
    still = {key for key in TITLES if f"“{marked(TITLES[key])}” moved no outcome in any of 2 replicates" in text}
    assert still == {"brackets", "marks"}
    assert squeezed("moved no outcome in any of 2 replicates") in squeezed(said)
    assert squeezed("central_authority.deadline") in squeezed(said)
    assert "its file changes nothing" in text


def test_a_title_with_escape_sequences_is_refused_before_anything_is_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "escape.yaml"
    path.write_text('title: "x \\e]0;pwn\\a \\e[31mred"\nquestion: q\nauthor: a\n', "utf-8")
    assert main(["compare", str(path), "world=tiny", "-o", str(tmp_path / "results")]) == INPUT_ERROR
    seen_text = capsys.readouterr().err
    assert r"escape.yaml:1: title = 'x \x1b]0;pwn\x07 \x1b[31mred': holds a control character. Remove it" in seen_text
    assert "\x1b" not in seen_text
    assert not (tmp_path / "results").exists()


def test_the_answer_on_a_terminal_is_whole(hostile: Story) -> None:
    console = Console(file=StringIO(), width=60)
    console.print(publish.answer_in_short(hostile))
    seen_text = "".join(console.file.getvalue().split())
    for sentence in sentences(hostile):
        assert "".join(sentence.split()) in seen_text
