"""Tests that studies from Python give the same numbers and messages as commands."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from inspect import signature
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import sim
from sim.api import studies
from sim.api.results import StudyResult, SweepResult
from sim.calibration.waves import CalibrationSetting
from sim.cases.command import CaseOptions, tasks_of
from sim.cases.real_case import operations
from sim.cases.run import Law
from sim.cli import INPUT_ERROR, INTERRUPTED, main
from sim.experiments import conduct, seal
from sim.experiments.config import compose
from sim.report.provenance import FEW
from sim.report.tables import GAINS
from sim.world.parameters import WorldSpec
from tests.experiments.fakes import decided, experiment
from tests.experiments.replicates import fake_replicate
from tests.tiny import of_size

SMALL = {"world": "tiny", "execution.executor": "serial"}
WORDS = ["world=tiny", "execution.executor=serial", "--replicates", "3"]
HOSTILE = "<script>alert(1)</script> & *all*"


def said(text: str) -> list[str]:
    """Lines of a report's summary, without figures and package versions."""
    return [line for line in text.splitlines() if line and not line.startswith(("![", "- packages"))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fixture: results folder that a command wrote."""
    place = tmp_path_factory.mktemp("command")
    words = ["faster_mlat", "--point", "--for", "BRA,EU"]
    assert main(["compare", *words, *WORDS, "-o", str(place), "--quiet"]) == 0
    (found,) = place.iterdir()
    return found


@pytest.fixture(scope="module")
def counted() -> tuple[StudyResult, list[tuple[int, int]]]:
    """Fixture: a study run from Python, with its progress reports."""
    counts: list[tuple[int, int]] = []
    informed = {"progress": lambda done, total: counts.append((done, total))}
    request = {"point": True, "places": ["BRA", "EU"], "replicates": 3}
    return sim.compare("faster_mlat", set=SMALL, **request, **informed), counts


@pytest.fixture
def here(counted: tuple[StudyResult, list[tuple[int, int]]]) -> StudyResult:
    return counted[0]


def test_python_and_the_command_line_give_the_same_numbers(here: StudyResult, folder: Path) -> None:
    written = pd.read_parquet(folder / "outcomes.parquet").astype({"block": "str", "scenario": "str"})
    assert_frame_equal(here.all_outcomes, written, check_exact=True)
    opened = sim.open(folder)
    assert_frame_equal(here.differences, opened.differences, check_exact=True)
    assert here.headline == opened.headline and here.folder is None
    assert opened.folder == folder
    assert said(opened.summary) == said((folder / "summary.md").read_text("utf-8")), "its words can be made again"


def test_a_policy_taken_apart_is_opened_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conduct, "run_replicate", fake_replicate)
    monkeypatch.setattr(conduct, "compile_rules", lambda *_: None)
    words = ["compare", "harmonised_and_faster", "--point", "--by-change", *WORDS]
    assert main([*words, "-o", str(tmp_path), "--quiet"]) == 0
    (folder,) = tmp_path.iterdir()
    text = (folder / "summary.md").read_text("utf-8")
    assert "change by change" in text and said(sim.open(folder).summary) == said(text)


def test_outcomes_are_those_of_the_comparison(here: StudyResult) -> None:
    assert list(here.scenarios) == ["status_quo", "faster_mlat"]
    assert set(here.outcomes["scenario"]) == set(here.scenarios) and len(here.outcomes) == 6
    mean = here.outcomes.groupby("scenario")["harm"].mean()
    entry = here.differences.set_index("outcome").loc["harm"]
    assert entry["difference"] == pytest.approx(mean["faster_mlat"] - mean["status_quo"])
    assert entry["low"] <= entry["difference"] <= entry["high"]
    assert "**" not in here.headline and "\\" not in here.headline and here.headline in repr(here)
    assert "Only 3 paired worlds: intervals are rough." in here.headline
    many = [here._view.results.outcomes.assign(seed=lambda rows, n=n: rows["seed"] + 3 * n) for n in range(FEW)]
    for count, few in ((FEW - 1, True), (FEW, False)):
        rows = pd.concat(many)
        kept = replace(here._view.results, outcomes=rows[rows["seed"] <= count])
        view = replace(here._view, results=kept)
        assert ("intervals are rough" in StudyResult(lambda view=view: view, None).headline) == few


def test_progress_is_reported_from_the_first_to_the_last_run(
    counted: tuple[StudyResult, list[tuple[int, int]]],
) -> None:
    """Progress is reported from the first run to the last, for two scenarios under three seeds."""
    counts = counted[1]
    assert (counts[0], counts[-1]) == ((0, 6), (6, 6)) and counts == sorted(counts)


def test_a_breakdown_shows_states_and_words(here: StudyResult) -> None:
    assert "country" in here.breakdowns and "DEU" in set(here.breakdown("country")["state"])
    with pytest.raises(sim.InputError, match="Did you mean country"):
        here.breakdown("county")


def test_figures_can_be_changed_and_shown(here: StudyResult) -> None:
    assert "forest" in dir(here.plot)
    figure = here.plot.forest()
    figure.axes[0].set_title("mine")
    assert figure._repr_png_().startswith(b"\x89PNG")
    with pytest.raises(AttributeError, match="Did you mean forest"):
        here.plot.forrest()
    with pytest.raises(sim.InputError, match="no data for it"):
        here.plot.ladder()


def test_a_notebook_shows_titles_as_they_were_written(tmp_path: Path) -> None:
    changes = [{"lever": "central_authority.staff", "value": "+50 %", "date": "2027-01-01"}]
    mine = sim.Scenario.from_changes("mine", changes, title=HOSTILE, question="?", author="A")
    shown = sim.compare(mine, point=True, replicates=2, set=SMALL)
    page = shown._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;alert(1)&lt;/script&gt; &amp; *all*" in page
    assert page.count("<tr") == 1 + len(GAINS)
    with pytest.raises(sim.InputError, match="Save the scenario first"):
        sim.compare(mine, results=tmp_path)


def test_a_case_and_a_calibration_keep_somebody_informed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Case studies and calibrations report progress, here with stand-ins for the work."""
    informed: list[tuple[int, int]] = []
    folders: list[Path] = []

    def counted(setting: CalibrationSetting, _size: str, *, publish: bool) -> list[Path]:
        assert setting.progress and not publish
        setting.progress(1, 2)
        return [tmp_path / "ensemble.parquet"]

    def one_world(_cases: object, _laws: object, options: CaseOptions, _console: object) -> pd.DataFrame:
        assert options.progress
        options.progress(3, 4)
        folders.append(options.results)
        return pd.DataFrame()

    monkeypatch.setattr("sim.calibration.command.carry_out", counted)
    monkeypatch.setattr("sim.cases.command.simulated", one_world)
    sim.calibrate(results=tmp_path, progress=lambda done, total: informed.append((done, total)))
    sim.case("avalanche", progress=lambda done, total: informed.append((done, total)))
    assert informed == [(1, 2), (3, 4)]
    assert folders != [Path("results")] and not folders[0].exists(), "in Python nothing is kept of a case"


def test_a_case_is_set_in_the_world_that_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The world of a case is that of a keyword, of the model, or of words of the command line. None is simulated."""
    asked: list[CaseOptions] = []

    def one_world(_cases: object, _laws: object, options: CaseOptions, _console: object) -> pd.DataFrame:
        asked.append(options)
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.cases.command.simulated", one_world)
    for ask in (
        lambda: sim.case("emotet"),
        lambda: sim.case("emotet", world="tiny"),
        lambda: sim.Model(world="tiny").case("emotet"),
        lambda: sim.case("emotet", model=sim.Model(world="tiny")),
    ):
        with pytest.raises(KeyboardInterrupt):
            ask()
    assert main(["case", "emotet", "world=tiny", "world.groups=30", "-o", str(tmp_path)]) == INTERRUPTED
    usual, *tiny, typed = [one.spec for one in asked]
    assert usual == WorldSpec()
    assert tiny == [compose("run", ["world=tiny"])[0].world] * 3
    assert typed == replace(tiny[0], groups=30)
    (task,) = tasks_of(operations()[:1], (Law.AS_IT_WAS,), replace(asked[1], seeds=1))
    assert task.spec == tiny[0]
    assert asked[1].command == "comity case emotet world=tiny"


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["emotet", "world.states=[DEU,FRA]"], ("world.states", "NLD")),
        (["emotet", "desk.rebound=0.3"], ("desk.rebound", "world.groups")),
        (["emotet", "world.start=2020-01-01"], ("world.start", "days")),
        (["emotet", "world=tine"], ("world = 'tine'", "tiny")),
        (["emotet", "avalanche"], ("emotet avalanche", "for each")),
    ],
)
def test_words_that_no_case_takes(words: list[str], parts: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["case", *words]) == INPUT_ERROR
    message = capsys.readouterr().err
    assert len(message.splitlines()) == 1 and all(part in message for part in parts)


def test_every_study_names_its_world_by_the_same_word() -> None:
    functions = {name: getattr(sim, name) for name in sim.__all__ if not isinstance(getattr(sim, name), str | type)}
    taken = {name: signature(function).parameters for name, function in functions.items()}
    of_a_world = {name for name, words in taken.items() if {"executor", "seed"} & words.keys()}
    assert {"case", "calibrate", "simulate", "mesa_model"} < of_a_world
    assert {name for name, words in taken.items() if "world" in words} == of_a_world


def test_a_stop_says_how_to_keep_what_is_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(conduct, "run_replicate", stopped)
    monkeypatch.setattr("sim.cases.command.simulated", stopped)
    for study in (
        lambda: sim.run("status_quo", replicates=1, set=SMALL),
        lambda: sim.sweep(values={"court.staff": [1]}, replicates=1, set=SMALL),
        lambda: sim.case("avalanche"),
    ):
        with pytest.raises(KeyboardInterrupt, match="Name a folder for results"):
            study()
    with pytest.raises(KeyboardInterrupt):
        sim.run("status_quo", replicates=1, set=SMALL, results=tmp_path)
    assert [path.name.startswith(".unfinished-run") for path in tmp_path.iterdir()] == [True]


def test_what_is_simulated_sooner_than_workers_start_stays_in_this_process(tmp_path: Path) -> None:
    """A study that takes less time than starting workers runs in this process, unless workers are requested.

    Two scenarios in one world of two years: 2,000 years of 500 groups. Words that name workers are obeyed.
    """
    request = replace(experiment(tmp_path, ("status_quo", "faster_mlat"), 1), executor="processes")
    for groups, more, words, kept in (
        *((500, {}, "world=tiny", "serial"), (501, {}, "world=tiny", "processes")),
        *((250, {"replicates": 2}, "world=tiny", "serial"), (251, {"replicates": 2}, "world=tiny", "processes")),
        (500, {"rules": object()}, "world=tiny", "processes"),
        *((500, {}, f"execution{words}", "processes") for words in (".workers=2", ".executor=processes", "={}")),
    ):
        given = replace(request, world=of_size(groups), **more)
        assert studies._here(given, ["world=tiny", words]).executor == kept, (groups, more, words)


def test_a_damaged_or_unfinished_report_is_one_message(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A damaged or unfinished report gives one error message that names the file."""
    missing = BytesIO()
    pd.read_parquet(folder / "outcomes.parquet").drop(columns="seed").to_parquet(missing)
    damaged = {"damaged": b"PAR1", "seed: this column is missing": missing.getvalue()}
    for number, (said, content) in enumerate(damaged.items()):
        copy = shutil.copytree(folder, tmp_path / str(number))
        (copy / "outcomes.parquet").write_bytes(content)
        (copy / seal.FILE).unlink()  # with sums it is found before its content is read
        with pytest.raises(sim.InputError, match=r"outcomes\.parquet") as raised:
            sim.open(copy).headline  # noqa: B018
        for command in ("status", "plot", "analyse"):
            assert main([command, str(copy)]) == INPUT_ERROR
            assert said in str(raised.value) and str(raised.value) in capsys.readouterr().err, (command, said)
    shutil.copy(folder / "outcomes.parquet", copy)
    for content in ("{", "{}"):
        (copy / "manifest.json").write_text(content, encoding="utf-8")
        with pytest.raises(sim.InputError, match=r"manifest\.json"):
            sim.open(copy)
        assert main(["status", str(copy)]) == INPUT_ERROR and "manifest.json" in capsys.readouterr().err
    (copy / "manifest.json").unlink()
    with pytest.raises(sim.InputError, match=r"not finished.*comity compare"):
        sim.open(copy)


def test_a_folder_that_is_no_report_is_one_message(tmp_path: Path) -> None:
    for number, (held, message) in enumerate(
        (
            *(("", "no such folder"), ("text.txt", "holds study.yaml")),
            ("cases.csv manifest.json report.html", r"pandas.read_csv\(.*cases.csv"),
            *(("ensemble.parquet calibration.md", "read_parquet"), ("boxes.csv", "Open the study above it")),
            ("manifest.json report.html", "manifest.json: damaged"),
        )
    ):
        folder = tmp_path / str(number)
        for name in held.split():
            folder.mkdir(exist_ok=True)
            (folder / name).write_text("", encoding="utf-8")
        with pytest.raises(sim.InputError, match=message):
            sim.open(folder)


@pytest.fixture(scope="module")
def decided_folder(once: Callable[..., Path]) -> Path:
    """Fixture: folder of a comparison of decision rules, with made-up runs."""
    return next(once("decided", decided).glob("regret-*"))


def test_ways_to_decide_are_opened(decided_folder: Path, tmp_path: Path) -> None:
    found = sim.open(decided_folder)
    assert isinstance(found, StudyResult) and found.kind == "regret"
    assert "was set beside every fixed plan of 40 million euros a year." in found.headline
    assert_frame_equal(found.regrets, pd.read_csv(decided_folder / "regret.csv"), check_dtype=False)
    assert set(found.differences["baseline"]) == {"status_quo"}
    assert len(found.outcomes) == 4 * len(found.scenarios) and found.plot.decisions_compared().axes
    assert found.summary.startswith("# Does it pay to review and adapt?")
    assert "<h2>Gains and regret</h2>" in found.report(tmp_path / "report.html").read_text("utf-8")


def test_a_sweep_is_resumed_and_opened_with_its_analysis(tmp_path: Path) -> None:
    values = {"court.staff": [1, 2], "central_authority.staff": [1, 2]}
    request = {"values": values, "set": SMALL, "results": tmp_path, "study": "courts"}
    assert len(sim.sweep("status_quo", "faster_mlat", replicates=1, **request).outcomes) == 8
    counts: list[int] = []
    informed = {"progress": lambda done, _: counts.append(done)}
    made = sim.sweep("status_quo", "faster_mlat", replicates=2, **request, **informed)
    assert counts[0] == 8, "the first seed is not run again"
    found = sim.open(tmp_path / "courts")
    assert isinstance(found, SweepResult)
    assert_frame_equal(found.outcomes, made.outcomes)
    last = found.differences.query("outcome == 'harm'").iloc[-1]
    wide = found.outcomes.query("point == 3").pivot(index="seed", columns="scenario", values="harm")
    apart = wide["faster_mlat"] - wide["status_quo"]
    assert (last["scenario"], last["court.staff"], last["pairs"]) == ("faster_mlat", 2, 2)
    assert last["difference"] == pytest.approx(apart.mean())
    assert last["high"] - last["low"] == pytest.approx(2 * 12.7062 * apart.std() / 2**0.5, rel=1e-4)
    assert not found.analysis and "<h1" in found.report(tmp_path / "page.html").read_text("utf-8")
    assert len(found.analysis["portfolios"]) == 8
    (tmp_path / "courts" / "analysis" / "portfolios.csv").write_text("name\n\x1b[31mx\n", encoding="utf-8")
    seal.renew(tmp_path / "courts" / "analysis" / "portfolios.csv")
    assert list(found.analysis["portfolios"]["name"]) == [r"\x1b[31mx"], "what controls a terminal is shown"


def test_the_reference_comparison_is_read_back() -> None:
    """The reference comparison can be read, although its manifest is older than this interface."""
    found = sim.open(Path(__file__).parents[2] / "results" / "reference")
    assert isinstance(found, StudyResult) and "lasting takedowns" in found.headline
    assert set(found.differences.groupby("scenario").size()) == {found.differences["outcome"].nunique()}
    assert found.plot.ladder().axes


def test_a_sweep_gives_one_row_per_run_and_draws() -> None:
    found = sim.sweep(values={"central_authority.staff": [1, 2]}, replicates=2, set=SMALL)
    assert len(found.outcomes) == 4
    assert sorted(set(found.outcomes["central_authority.staff"])) == [1, 2] and found.folder is None
    assert found.plot("central_authority.staff", "harm").axes
    assert "2 points over central_authority.staff" in found.headline
    assert found.command.startswith("comity sweep central_authority.staff=1,2 world=tiny")
    with pytest.raises(sim.InputError, match=r"Use \.outcomes"):
        _ = found.differences
