"""Tests of reports, from stand-in runs to figures, text and files, whose numbers agree."""

import json
import shutil
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from sim import cli
from sim.experiments import conduct
from sim.experiments.design import comparison, plain
from sim.experiments.manifest import code_version, file_hash
from sim.experiments.plan import Kind
from sim.experiments.run import AllFailedError, Failure, FailureStage, Replicate
from sim.policy.document import MOST_BYTES
from sim.policy.places import places_named
from sim.policy.problem import InputError
from sim.policy.scenario import catalogue, load
from sim.report import pages, publish, studies
from sim.report.comparison import head
from sim.report.draw import FIGURES, Picture, draw_all
from sim.report.folder import question
from sim.report.page.parts import markdown_of
from sim.report.pages import page_of
from sim.report.provenance import _worlds, data_tags, funded, in_words, notes, parameter_tags
from sim.report.studies import _may_be_scenario, _scenario
from sim.report.style import new_figure, styled
from sim.report.view import View
from sim.results.countries import COUNTRY_OUTCOMES
from sim.results.stored import check_other
from tests.experiments.fakes import experiment, view_of
from tests.experiments.replicates import fake_replicate
from tests.report.pages import report_text, with_results


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    """A comparison of a single scenario."""
    folder = tmp_path_factory.mktemp("single")
    asked = experiment(folder, ("faster_mlat",), replicates=2)
    return view_of(asked, plain(asked))


def test_one_scenario_has_fewer_figures(single):
    with styled():
        left_out = {name for name, picture in FIGURES.items() if picture.draw(single) is None}
    compared = {"forest", "by_change", "depends_on", "gain_against_rights", "ladder", "state_map"}
    assert left_out == compared
    words = [FIGURES[name].describe(single) for name in FIGURES if name not in left_out]
    assert not any("nan" in text or "policy changes it" in text for text in words)


def test_the_bar_comes_to_its_end_although_a_figure_has_nothing_to_show(view, tmp_path):
    advanced = []
    some = _picture(lambda _: new_figure(2.0, 2.0).subplots().figure)
    two = {"some": some, "none": Picture("none", lambda _: None, str)}
    assert draw_all(view, tmp_path, advanced.append, two) == ["some"]
    assert sum(advanced) == 2


def test_a_comparison_in_a_part_of_the_world_says_so_above_its_numbers(view):
    """A comparison in a tiny or partial world has a warning above its numbers."""
    assert not any("mean nothing" in note for note in notes(view))
    world = replace(view.experiment.world, states=["BRA", "DEU"], groups=20)
    part = View(replace(view.experiment, world=world), view.design, view.results)
    assert any("2 states of 196 and about 20 groups of 300" in note for note in notes(part))
    for places in ((), view.experiment.places):
        asked = [replace(one, experiment=replace(one.experiment, places=places)) for one in (view, part)]
        whole, small = (str(head(one, None)) for one in asked)
        assert "Worldwide" in whole and "states of this world" not in whole
        assert "The 2 states of this world, with" in small and "In the 2 states of this world" in small
        assert not any(words in small for words in ("Worldwide", "In the whole world", "The world, with"))


def _picture(draw):
    """A picture with a placeholder title, drawn by the given function."""
    return Picture("title", lambda view: SimpleNamespace(draw=lambda: draw(view)), lambda _: "what to see")


def test_takedown_curves_end_where_nobody_is_at_risk(view):
    curves = view.results.breakdowns["takedown_curve"].copy()
    curves["at_risk"] = np.where(curves["month"] <= 60, 0.25, 0.0)
    ending = with_results(view, takedown_curve=curves)
    panel = FIGURES["takedown_curves"].draw(ending).axes[0]
    assert {line.get_xdata()[-1] for line in panel.lines} == {60.0}
    assert set(FIGURES["takedown_curves"].specify(ending).table["at_risk"]) == {0.25}
    assert {line.get_xdata()[-1] for line in FIGURES["takedown_curves"].draw(view).axes[0].lines} == {96.0}


def test_intervals_of_levels_are_possible(single):
    outcomes = single.results.outcomes.copy()
    for key in ("impunity_share", "takedown_rate"):
        outcomes[key] = np.where(outcomes["seed"] == outcomes["seed"].min(), 0.1, 0.6)
    moved = with_results(single, outcomes)
    text = f"{markdown_of(page_of(moved, ()))}{report_text(moved)}"
    assert text.count("35.0 % (0.0 % to 100.0 %)") == 1 and text.count("0.35 (0.00 to 3.53)") >= 2
    assert text.startswith(f"# {single.title['faster_mlat']}") and "95 % interval of the mean" in text


def test_failures_are_reported_and_scenarios_without_requests_are_left_out_of_turnaround(view):
    failure = Failure.of(ValueError("out of room"), "main", 3, "full_cooperation", FailureStage.ARM)
    failing = View(view.experiment, view.design, replace(view.results, failures=(failure,)))
    said = "seed 3, full_cooperation: failed in simulating the policy decade: ValueError: out of room"
    assert said in markdown_of(page_of(failing, ()))
    outcomes = view.results.outcomes.copy()
    outcomes.loc[outcomes["scenario"] == "no_cooperation", "requests_per_year"] = 1.0
    closed = with_results(view, outcomes)
    assert "no_cooperation" not in closed.asking and view.title["no_cooperation"] in closed.left_out


def test_provenance_counts_the_data():
    assert parameter_tags()["judgement"] > parameter_tags()["verified"] > 0
    assert data_tags()["budapest_convention.csv"]["verified"] > 50 and "recalled" in in_words()
    assert "not filled" in funded([load("stronger_liaison")]) and not funded([load("faster_mlat")])


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A comparison by the command, from stand-in runs; tests must not change it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conduct, "run_replicate", fake_replicate)
        patch.setattr(conduct, "compile_rules", lambda *_: None)
        patch.setattr(pages, "FIGURES", {"forest": FIGURES["forest"]})  # `drawn` has all, which take long
        folder = tmp_path_factory.mktemp("published")
        asked = experiment(folder, ("status_quo", "faster_mlat"), replicates=3, events=True)
        console, out = Console(file=StringIO(), width=200), StringIO()
        with redirect_stdout(out):
            place = studies.report(asked, Kind.COMPARE, console)
        assert "to run by" in console.file.getvalue() and "report.html" not in console.file.getvalue()
        return place, asked, out.getvalue()


def test_a_run_folder_holds_everything_and_nothing_is_left_beside_it(published):
    place, asked, said = published
    assert [path.name for path in asked.results.iterdir()] == [place.name]
    files = "config.yaml manifest.json summary.md report.html levels.csv outcomes.parquet outcomes.csv differences.csv"
    files += " codebook.csv costs.csv countries.csv breakdowns events figures study.yaml log.txt runs SHA256SUMS"
    assert sorted(path.name for path in place.iterdir()) == sorted(files.split())
    assert not list(place.rglob("*.pkl")) + list(place.rglob(".*"))
    assert said.startswith("“Faster") and said.endswith(f"Report: {place / 'report.html'}\n"), "the answer and no more"
    outcomes = pd.read_csv(place / "outcomes.csv")
    pd.testing.assert_frame_equal(outcomes, pd.read_parquet(place / "outcomes.parquet"), check_dtype=False)
    main = outcomes[outcomes["block"] == "main"]
    runs = product(("status_quo", "faster_mlat"), (1, 2, 3))
    assert sorted(zip(main["scenario"], main["seed"], strict=True)) == sorted(runs)
    assert json.loads((place / "manifest.json").read_text("utf-8"))["command"] == asked.command
    assert "groups: 300" in (place / "config.yaml").read_text("utf-8")


def test_breakdowns_speak_in_words(published):
    place, *_ = published
    stages = pd.read_parquet(place / "breakdowns" / "turnaround_by_stage.parquet")
    assert "incoming_triage" in set(stages["stage"])
    by_channel = pd.read_parquet(place / "breakdowns" / "turnaround_by_channel.parquet")
    assert {"all", "content"} <= set(by_channel["data_kind"])
    countries = pd.read_csv(place / "countries.csv")
    assert countries["state"].str.len().eq(3).all()
    assert {"faster_mlat"} == set(countries["scenario"])
    assert set(countries["unit"]) == {entry.unit for entry in COUNTRY_OUTCOMES}
    country = pd.read_parquet(place / "breakdowns" / "country.parquet")
    assert set(country["state"]) - {"no state"} >= set(countries["state"])
    assert country.groupby(["block", "scenario", "seed"], observed=True).size().eq(197).all(), "every state, every run"
    assert "request" in {path.name for path in (place / "events").iterdir()}
    assert pq.read_table(place / "events" / "spell").num_rows > 0


def test_an_error_while_writing_keeps_the_replicates(monkeypatch, tmp_path):
    monkeypatch.setattr(conduct, "run_replicate", fake_replicate)
    monkeypatch.setattr(conduct, "compile_rules", lambda *_: None)
    monkeypatch.setattr(publish, "draw_all", lambda *_, **__: 1 / 0)
    asked = experiment(tmp_path, ("status_quo", "faster_mlat"), replicates=2)
    with pytest.raises(ZeroDivisionError):
        studies.report(asked, Kind.COMPARE, Console(file=StringIO()))
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".unfinished-"), "the work of the replicates is not lost"


def test_the_folder_of_a_comparison_is_a_study(published, capsys, tmp_path):
    place = shutil.copytree(published[0], tmp_path / published[0].name)
    assert cli.main(["status", str(place)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "design compare, 1 point scenarios status_quo" in said
    assert "done 6 of 6 (100%)" in said and "missing 0 running no" in said
    for words in (["plot"], ["plot", "--survival"], ["plot", "--x", "scenario", "--y", "harm"]):
        assert cli.main([words[0], str(place), *words[1:], "--quiet"]) == 0
    drawn = {path.name for path in (place / "figures").glob("*.png")}
    assert {"lines-scenario-harm.png", "survival-takedown-scenario.png", "survival-turnaround-scenario.png"} <= drawn


@pytest.mark.parametrize(
    ("keys", "places", "name"),
    [
        (("status_quo", "faster_mlat"), "", "compare-faster_mlat"),
        (("status_quo", "faster_mlat", "second_protocol"), "BRA", "compare-faster_mlat_and_1_more-for_Brazil"),
    ],
)
def test_a_folder_is_named_after_the_question(keys: tuple[str, ...], places: str, name: str, tmp_path: Path) -> None:
    asked = replace(experiment(tmp_path, keys, replicates=2), places=places_named(places, "--for") if places else ())
    assert question(asked, comparison(asked, ())) == name


def test_a_scenario_of_a_report_is_its_file_where_that_is_as_it_was_or_else_its_title(tmp_path: Path) -> None:
    own, shipped = tmp_path / "own.yaml", catalogue()["faster_mlat"]
    own.write_text("title: Mine\nquestion: q\nauthor: a\nchanges: []\n", "utf-8")
    title = load("faster_mlat").title
    for key, inputs, titles, expected, author in (
        *(("faster_mlat", {"x": file_hash(shipped)}, {}, title, True), ("faster_mlat", {"x": "0"}, {}, title, False)),
        *(("faster_mlat", {}, {"faster_mlat": "Old"}, "Old", False), ("gone", {}, {"gone": "T"}, "T", False)),
        *(("gone", {}, {}, "gone", False), ("own", {str(own): file_hash(own)}, {}, "Mine", True)),
        *(("own", {str(own): "0"}, {}, "own", False), ("other", {str(own): file_hash(own)}, {}, "other", False)),
    ):
        found = _scenario(key, {"inputs": inputs, "titles": titles})
        assert (found.key, found.title, bool(found.author)) == (key, expected, author)
    for size, ending, may in ((MOST_BYTES, "yaml", True), (MOST_BYTES + 1, "yaml", False), (9, "txt", False)):
        own.with_suffix(f".{ending}").write_bytes(b"x" * size)
        assert _may_be_scenario(own.with_suffix(f".{ending}")) == may
    assert not _may_be_scenario(own.with_name("none.yaml")) and not _may_be_scenario(tmp_path)


def test_what_worlds_a_report_rests_on_is_said_while_more_are_to_come_and_where_scenarios_have_fewer() -> None:
    width, many = SimpleNamespace(outcome="harm", half_width=3.0), {"a": 20, "b": 20, "c": 10, "d": 10, "e": 5}
    for planned, until, asked, keys, said in (
        (24, None, 24, "ab", "by 20 of 24 worlds."),
        (24, width, 24, "ab", "by 20 of at most 24 worlds."),
        (0, width, 21, "ab", "Worlds were added until the interval"),
        (0, width, 20, "ab", "these are all that were allowed."),
        (0, None, 20, "abcd", "“C” and “D” rest on 10 of these worlds"),
        (0, None, 20, "abe", "“E” rests on 5 of these worlds"),
        (0, None, 24, "ab", ""),
    ):
        plan, title = SimpleNamespace(replicates=20), {key: key.upper() for key in keys}
        design = SimpleNamespace(planned=planned, plan=plan, seeds_of=lambda key: [0] * many[key], worlds_of={})
        held = SimpleNamespace(design=design, scenarios=list(keys), title=title, baseline="a", replicates=many.get)
        held.experiment = SimpleNamespace(until=until, replicates=asked)
        found = list(_worlds(held))
        assert len(found) == bool(said) and said in " ".join(found), found


def test_a_study_of_which_no_folder_remains_has_its_view_unless_all_runs_failed(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(conduct, "run_replicate", fake_replicate)
    monkeypatch.setattr(conduct, "compile_rules", lambda *_: None)
    asked = experiment(tmp_path, ("status_quo", "faster_mlat"), replicates=2)
    made = studies.view(asked, Kind.COMPARE, Console(file=StringIO()))
    assert len(made.outcomes) == 4 and made.folder is None and not list(tmp_path.iterdir())
    lost = Failure.of(ValueError("no"), "main", 1, "", FailureStage.BURN_IN)
    monkeypatch.setattr(conduct, "run_replicate", lambda task: Replicate((lost,) * len(task.scenarios)))
    with pytest.raises(AllFailedError, match="ValueError: no"):
        studies.view(asked, Kind.COMPARE, Console(file=StringIO()))


def test_a_report_whose_runs_were_removed_says_what_it_is_and_who_made_it(tmp_path: Path) -> None:
    made = json.loads((Path(__file__).parents[2] / "results/reference/manifest.json").read_text("utf-8"))
    (tmp_path / "report.html").touch()
    for sources, by in (("0" * 64, "other code than here"), (code_version()["sources"], "the same code as here")):
        made["code"] |= {"version": "9.8", "sources": sources, "commit": "abcdef0123456789"}
        (tmp_path / "manifest.json").write_text(json.dumps(made), "utf-8")
        with pytest.raises(InputError, match=rf"Comity 9\.8, commit abcdef012345: {by}.*runs were removed"):
            check_other(tmp_path)
