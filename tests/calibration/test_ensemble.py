"""Tests of messages about an ensemble that is missing, outdated or damaged."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim import cli
from sim.calibration import ensemble, prior, waves
from sim.calibration.calibrate import promise_kept
from sim.calibration.command import facts_figure, moved_figure
from sim.calibration.targets import Bound, CalibrationTarget, Role, fingerprint, of_role
from sim.calibration.validate import movements, validation_page
from sim.calibration.waves import Wave
from sim.experiments.grammar import parameters
from sim.experiments.sets import ChosenBy
from sim.policy.problem import InputError
from sim.report.page.parts import markdown_of
from sim.simulate import desks_lived
from sim.world.growth import with_room
from sim.world.parameters import declarations
from sim.world.records import DeskKind
from sim.world.world import records
from tests.tiny import TINY, begun

ROOT = Path(__file__).parents[2]


def frame(sets: int = 5) -> pd.DataFrame:
    return prior.frame_of(np.random.default_rng(1).random((sets, len(prior.axes()))))


def test_an_ensemble_is_read_and_its_versions_are_numbered(tmp_path):
    path, about = tmp_path / "ensemble.parquet", {"made": "today", "sets": 5}
    place = path.with_suffix(".yaml")
    first = ensemble.versioned(about, "all new", place)
    assert (first["version"], first["versions"]) == (1, ["1: all new"])
    ensemble.write(frame(), first, path)
    assert ensemble.versioned(about, "more runs", place)["versions"] == ["1: all new", "2: more runs"]
    ensemble.write(frame(), {"made": "today"}, path)
    loaded = ensemble.load(path)
    assert loaded.size == 5 and loaded.manifest["made"] == "today"
    pd.testing.assert_frame_equal(pd.DataFrame(loaded.values), frame())


def ends_of(made: ensemble.Ensemble, target: CalibrationTarget) -> dict[str, np.ndarray]:
    """Low end, median and high end of a fact in sets, prior and record, relative to the record."""
    values, error = made.frame[f"value.{target.key}"].dropna(), np.exp(2.0 * target.error)
    shown = {"sets": np.quantile(values, (0.05, 0.5, 0.95)), "prior": np.array(made.manifest["prior"][target.key][1:4])}
    shown = {series: np.exp(target.scaled(ends) - target.middle) for series, ends in shown.items()}
    lower, upper = target.bound is Bound.LOWER, target.bound is Bound.UPPER
    shown["fact"] = np.array([0.0 if upper else 1.0 / error, 1.0, np.inf if lower else error])
    return {series: np.clip(ends, 0.02, 50.0) for series, ends in shown.items()}


def test_figures_show_facts_and_parameters_by_prior_and_sets_with_a_third_of_an_inch_for_each() -> None:
    made = ensemble.load()
    drawn = facts_figure(made)
    for panel, role in zip(drawn.panels, (Role.FIT, Role.VALIDATION), strict=True):
        marks = panel.marks.set_index(["row", "series"])[["start", "value", "end"]]
        measured = [target for target in of_role(role) if f"value.{target.key}" in made.frame]
        expected = [ends_of(made, target) for target in measured]
        assert len(marks) == 3 * len(expected) and list(panel.rows) == [target.title for target in measured]
        for row, ends in enumerate(expected):
            for series, three in ends.items():
                assert marks.loc[(row, series)].to_numpy() == pytest.approx(three, rel=1e-6), (panel.rows[row], series)
    most = max(len(panel.rows) for panel in drawn.panels)
    assert most > 3 and 0.33 * most < drawn.size[1] - 2.0 < 0.5 * most
    drawn = moved_figure(made)
    ratios = movements(prior.shares(made.frame))["ratio"]
    (panel,), named = drawn.panels, list(drawn.rows)
    marks = dict(list(panel.marks.groupby("series")))
    assert 0.3 * len(named) < drawn.size[1] - 1.5 < 0.5 * len(named)
    sets, before = marks["sets"], marks["prior"]
    assert (before[["start", "value", "end"]] == [0.05, 0.5, 0.95]).all(axis=None) and len(before) == len(named)
    assert sets["row"].tolist() == list(range(len(named)))
    narrow = (sets["end"] - sets["start"]).to_numpy()
    assert np.corrcoef(narrow, ratios[named])[0, 1] > 0.9 and ratios[named].min() < 0.9


def test_the_page_of_validation_is_what_the_code_writes_of_the_shipped_sets() -> None:
    """docs/validation.md equals what the code writes from the shipped sets; `comity validate` renews it."""
    made, stored = markdown_of(validation_page(ensemble.load())), (ROOT / "docs/validation.md").read_text("utf-8")
    for line, before in zip(*(text.partition("## Where each")[0].splitlines() for text in (made, stored)), strict=True):
        assert line == before
    other = replace(shipped := ensemble.load(), manifest=shipped.manifest | {"targets": "others"})
    assert "Facts that choose sets have changed" in markdown_of(validation_page(other)) and "have changed" not in made


def test_waits_are_realised_over_the_years_of_policy_weighted_by_files() -> None:
    """Realised waits are means over policy years, weighted by requests, as in plain loops."""
    spec = replace(TINY, end="2028-09-30")
    other, yearly = begun(spec=spec), list[np.ndarray]()
    found, seen = waves.realised(begun(spec=spec), yearly), []
    begin = float(other.world.setting["policy_start"][0])
    for day in (begin, begin + 365.25, begin + 730.5, other.end):
        other.advance(day)
        other.world = with_room(other.world, desks_lived)
        seen.append(other.world.desk[["wait_sum", "month"]].copy())
    mean = [
        [
            (row["wait_sum"] - first["wait_sum"]) / max(row["month"] - first["month"], 1)
            for first, row in zip(*pair, strict=True)
        ]
        for pair in (seen[:2], seen[1:3], seen[::3])
    ]
    assert len(yearly) == 2 and np.array(yearly) == pytest.approx(np.array(mean[:2]))
    desks, jobs = other.world.desk, records(other.world, "job")
    followed = Counter(
        desk for desk, day in zip(*(jobs[name].tolist() for name in ("desk", "arrived")), strict=True) if day >= begin
    )
    for kind in waves.KINDS:
        at = [row for row, desk in enumerate(desks) if desk["kind"] == kind]
        files = [followed[row] for row in at]
        ratios = [mean[2][row] / desks["target_wait"][row] for row in at]
        assert found[kind] == pytest.approx(np.average(ratios, weights=files) if sum(files) else np.nan, nan_ok=True)
    assert sum(not np.isnan(ratio) for ratio in found.values()) >= 3


def test_sets_of_the_package_are_of_todays_parameters_or_the_prior_is_taken(monkeypatch):
    """The package's parameter sets fit today's parameters and plausible ranges; else the prior is used."""
    assert ensemble.load().manifest["targets"] == fingerprint()
    sets = ensemble.sets_of_today()
    assert sets.standing == ChosenBy.CALIBRATED and len(sets.values) >= 100
    for name, value in sets.values[7].items():
        about, _ = parameters()[f"{prior.PREFIX}{name}"]
        assert about.plausible.low <= value <= about.plausible.high, name
    monkeypatch.setattr(prior, "declarations", lambda: iter(list(declarations())[:-1]))
    sets = ensemble.sets_of_today()
    assert sets.standing == ChosenBy.PRIOR and len(sets.values) >= 100
    assert sets.values[0] == prior.values_of(prior.FIRST) != sets.values[1]
    before, kept = prior.fingerprint(), list(prior.declarations())
    monkeypatch.setattr(prior, "declarations", lambda: iter(kept[:-1]))
    assert prior.fingerprint() != before


def test_a_draw_is_kept_where_desks_keep_their_promise():
    """A draw is kept if its desks meet their target waits, up to chance."""
    court, incoming = DeskKind.COURT, DeskKind.INCOMING
    for kind, ratio, times, kept in (  # nine runs leave less to chance
        *((court, 0.7, 1, True), (court, 0.3, 1, False), (court, 1.5, 1, True), (court, 1.8, 1, False)),
        *((incoming, 1.5, 1, False), (incoming, np.nan, 1, True), (court, 1.5, 9, False)),
    ):
        ratios = {waves.desk_key(one): [ratio if one is kind else 1.0] * times for one in waves.KINDS}
        usual = {waves.desk_key(one): [1.0] for one in waves.KINDS}
        made = pd.concat([pd.DataFrame(ratios).assign(set=0), pd.DataFrame(usual).assign(set=1)])
        assert promise_kept(Wave(np.zeros((2, 1)), made)).tolist() == [kept, True], (kind, ratio, times)


def test_what_is_missing_damaged_or_of_other_parameters_is_refused_in_one_line(tmp_path, capsys):
    path = tmp_path / "ensemble.parquet"

    def refused(part: str) -> None:
        with pytest.raises(InputError) as error:
            ensemble.load(path)
        assert part in str(error.value) and "comity calibrate" in str(error.value) and "\n" not in str(error.value)

    for name in ("ensemble.parquet", "ensemble.yaml"):
        ensemble.write(frame(), {}, path)
        (tmp_path / name).unlink()
        refused(name)
    ensemble.write(frame(), {}, path)
    path.write_bytes(path.read_bytes()[:-100])
    refused("damaged")
    assert cli.main(["validate", "--ensemble", str(path)]) == 2
    assert (said := capsys.readouterr().err).startswith("comity: error: ") and said.count("\n") == 1
    ensemble.write(frame(6), {}, path)
    of_six = (about := path.with_suffix(".yaml")).read_text("utf-8")
    ensemble.write(frame(), {}, path)
    changed = about.read_text("utf-8").replace(prior.fingerprint(), "0123456789abcdef")
    texts = {changed: "have changed since", of_six: "is of another"}
    for text in (*texts, "", "made: [", "- a list", "made: today"):
        about.write_text(text, encoding="utf-8")
        refused(texts.get(text, ""))


def test_mistakes_on_the_command_line(capsys):
    for words, part in (
        *(("calibrate --size huge", "Use one of: full, small"), ("calibrate faster_mlat", "takes no scenario")),
        *(("calibrate world.group=3", "world.groups"), ("validate --ensembl x", "--ensemble")),
    ):
        assert cli.main(words.split()) == 2
        assert part in (said := capsys.readouterr().err) and "Traceback" not in said
