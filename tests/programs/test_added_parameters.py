"""Tests of adding parameters: missing ones are drawn from their ranges, and existing ones stay."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from docs.programs import added_parameters as program
from sim.calibration import ensemble, prior
from sim.policy.problem import InputError

NEW = ["desk.court_elasticity", "desk.latent_need"]


def test_what_is_lacking_is_drawn_evenly_and_what_was_there_stays() -> None:
    frame = ensemble.load().frame
    added = program.added_to(frame.drop(columns=NEW))
    assert added.names == tuple(NEW) and [*added.frame] == [*frame]
    kept = [name for name in frame if name not in NEW]
    assert added.frame[kept].equals(frame[kept])
    for name in NEW:
        axis = prior.axes()[prior.names().index(name)]
        parts = np.sort(prior.share(axis, added.frame[name].to_numpy()))
        assert (np.floor(parts * len(frame)) == np.arange(len(frame))).all(), "one from each equal part"
    alone = program.added_to(frame.drop(columns=NEW[:1])).frame
    assert (alone[NEW[0]] == added.frame[NEW[0]]).all(), "draws follow from the name"
    assert abs(np.corrcoef(added.frame[NEW[0]], added.frame[NEW[1]])[0, 1]) < 0.3


def test_a_set_outside_a_range_of_today_is_refused() -> None:
    frame = ensemble.load().frame.copy()
    frame[NEW[0]] = 7.0
    with pytest.raises(InputError, match=r"desk\.court_elasticity.*comity calibrate"):
        program.added_to(frame)


def test_the_log_names_what_was_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log of parameter sets names the parameters that were drawn, and a second call adds none."""
    shipped = ensemble.load()
    path = tmp_path / ensemble.FILE
    before = {"command": "comity calibrate", "version": 3, "versions": ["3: before"]}
    ensemble.write(shipped.frame.drop(columns=NEW[:1]), before, path)
    monkeypatch.setattr(prior, "fingerprint", lambda *_: "of today")
    assert program.extend(path) == (NEW[0],)
    extended = ensemble.load(path)
    assert extended.manifest["drawn_since"] == NEW[:1] and list(extended.frame) == list(shipped.frame)
    assert extended.frame.drop(columns=NEW[:1]).equals(shipped.frame.drop(columns=NEW[:1]))
    assert extended.frame[NEW[0]].tolist() == pytest.approx([*program.drawn_for(NEW[0], shipped.size)])
    entry = extended.manifest["versions"][-1]
    assert entry.startswith("2: ") and "1 new parameter drawn" in entry
    assert program.extend(path) == ()


def test_the_ranking_of_parameters_says_that_some_came_later(tmp_path: Path) -> None:
    path = tmp_path / "influence.csv"
    shutil.copy(ensemble.DATA / "influence.csv", path)
    first = path.read_text("utf-8").splitlines()
    program.note(path, 2)
    rows = path.read_text("utf-8").splitlines()
    assert rows[0] == first[0] and all("; 2 parameters were added later" in row for row in rows[1:])
    assert [row.split(",")[:9] for row in rows] == [row.split(",")[:9] for row in first]
