"""An ensemble that is missing, of other parameters, or damaged is one message with the command that rebuilds it."""

import numpy as np
import pandas as pd
import pytest

from sim import cli
from sim.calibration import ensemble, prior, runs
from sim.calibration.calibrate import promise_kept
from sim.calibration.command import facts_figure
from sim.calibration.targets import fingerprint
from sim.calibration.waves import Wave
from sim.experiments.grammar import parameters
from sim.experiments.sets import ChosenBy
from sim.policy.problem import InputError
from sim.world.parameters import declarations
from sim.world.records import DeskKind


def frame(sets: int = 5) -> pd.DataFrame:
    return prior.frame_of(np.random.default_rng(1).random((sets, len(prior.axes()))))


def test_an_ensemble_is_read_and_its_versions_are_numbered(tmp_path):
    path, about = tmp_path / "ensemble.parquet", {"made": "today", "sets": 5}
    place = path.with_suffix(".yaml")
    first = ensemble.versioned(about, "all new", place)
    assert (first["version"], first["versions"]) == (1, ["1: all new"])
    ensemble.write(frame(), about, path)
    assert ensemble.versioned(about, "more runs", place)["versions"] == ["1: today, 5 sets", "2: more runs"]
    ensemble.write(frame(), first, path)
    assert ensemble.versioned(about, "more runs", place)["versions"] == ["1: all new", "2: more runs"]
    ensemble.write(frame(), {"made": "today"}, path)
    loaded = ensemble.load(path)
    assert loaded.size == 5 and loaded.manifest["made"] == "today"
    whole = [axis.key.removeprefix(prior.PREFIX) for axis in prior.axes() if axis.whole]
    assert all(isinstance(loaded.values[0][name], int) for name in whole)


def test_the_figure_of_facts_has_a_third_of_an_inch_for_each() -> None:
    drawn = facts_figure(ensemble.load(), "comity calibrate")
    most = max(len(panel.rows) for panel in drawn.panels)
    assert most > 3 and 0.33 * most < drawn.size[1] - 2.0 < 0.5 * most


def test_sets_of_the_package_are_of_todays_parameters_or_the_prior_is_taken(monkeypatch):
    """Shipped ones are many, and each is inside its plausible range."""
    assert ensemble.load().manifest["targets"] == fingerprint()
    sets = ensemble.sets_of_today(3)
    assert (sets.first_seed, sets.standing) == (3, ChosenBy.CALIBRATED) and len(sets.values) >= 100
    for name, value in sets.values[7].items():
        about, _ = parameters()[f"{prior.PREFIX}{name}"]
        assert about.plausible.low <= value <= about.plausible.high, name
    monkeypatch.setattr(prior, "declarations", lambda: iter(list(declarations())[:-1]))
    sets = ensemble.sets_of_today(1)
    assert sets.standing == ChosenBy.PRIOR and len(sets.values) >= 100
    assert sets.values[0] == prior.values_of(prior.FIRST) != sets.values[1]
    before, kept = prior.fingerprint(), list(prior.declarations())
    monkeypatch.setattr(prior, "declarations", lambda: iter(kept[:-1]))
    assert prior.fingerprint() != before


def test_a_draw_is_kept_where_desks_keep_their_promise():
    """A run may lie outside by what chance brings, which is more at courts than at incoming authorities."""
    court, incoming = DeskKind.COURT, DeskKind.INCOMING
    for kind, ratio, times, kept in (  # nine runs leave less to chance
        *((court, 0.7, 1, True), (court, 0.3, 1, False), (court, 1.5, 1, True), (court, 1.8, 1, False)),
        *((incoming, 1.5, 1, False), (incoming, np.nan, 1, True), (court, 1.5, 9, False)),
    ):
        ratios = {runs.desk_key(one): [ratio if one is kind else 1.0] * times for one in runs.KINDS}
        usual = {runs.desk_key(one): [1.0] for one in runs.KINDS}
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
    empty = frame().assign(**{"desk.rebound": np.nan})
    for table, words in ((empty.drop(columns="desk.rebound"), "lacks desk.rebound"), (empty, "empty cells")):
        ensemble.write(table, {}, path)
        refused(words)


def test_mistakes_on_the_command_line(capsys):
    for words, part in (
        *(("calibrate --size huge", "Choose one of full, small"), ("calibrate faster_mlat", "takes no scenario")),
        *(("calibrate world.group=3", "world.groups"), ("validate --ensembl x", "--ensemble")),
    ):
        assert cli.main(words.split()) == 2
        assert part in (said := capsys.readouterr().err) and "Traceback" not in said
