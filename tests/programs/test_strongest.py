"""The parameters that move takedowns most: found where they were planted, and measured on worlds of their own."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from docs.programs import strongest
from docs.programs.strongest import KEPT, Strength, measured, named, parts
from sim.calibration import prior
from sim.calibration.waves import Wave
from sim.world.parameters import WorldSpec
from tests.tiny import TINY


def test_planted_parameters_are_named_first() -> None:
    """Two of all parameters move the rate: among 400 sets their correlations are far from those of chance (.05)."""
    rng = np.random.default_rng(3)
    cube = rng.random((400, len(prior.names())))
    rate = np.exp(1.5 * cube[:, 7] - cube[:, 40] + 0.3 * rng.standard_normal(400))
    found = named(Wave(cube, np.arange(400), pd.DataFrame({"takedown_rate": rate}), 0, {}))
    assert list(found)[:2] == [prior.names()[7], prior.names()[40]]
    assert found[prior.names()[7]] > 0.6
    assert found[prior.names()[40]] < -0.4
    assert len(found) == KEPT


@pytest.mark.slow
def test_each_end_is_set_beside_the_default_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strongest, "WorldSpec", lambda: replace(TINY, groups=300))
    name = "criminal.control_nodes"
    low, high = measured({name: -0.4}, range(5, 9), 1)
    axis = prior.axes()[prior.names().index(name)]
    assert (low.value, high.value) == (axis.low, axis.high)
    assert low.low < low.ratio < low.high
    assert low.ratio > high.ratio  # a group with few control nodes comes down more easily
    assert WorldSpec() != TINY


def test_the_page_says_which_exceed_a_factor_of_two() -> None:
    rows = [Strength("one.thing", 2.0, 0.3, 1.5, 1.2, 1.8), Strength("other.thing", 4.0, -0.2, 0.4, 0.3, 0.5)]
    text = parts(rows)["strongest"]
    assert {Strength("a", 1.0, 0.0, ratio, 0.0, 3.0).factor for ratio in (0.5, 2.0)} == {2.0}
    assert "The largest factor is 2.5. More than a factor of two: `other.thing`." in text
    assert text.index("| `other.thing`") < text.index("| `one.thing`")
    assert "None exceeds two." in parts(rows[:1])["strongest"]


def test_a_folder_without_a_calibration_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        strongest.main([str(tmp_path)])
    assert ended.value.code == 2
    assert "no calibration" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
