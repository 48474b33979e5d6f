"""docs/mesa.md: its example runs as it stands there, and what it says of Mesa is so."""

import multiprocessing
import re
from pathlib import Path

import mesa
import pandas as pd
import pytest

from sim.model import CooperationModel
from tests.tiny import TINY

PAGE = (Path(__file__).parents[1] / "docs" / "mesa.md").read_text("utf-8")
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def names() -> dict[str, object]:
    """What the example leaves behind."""
    before = multiprocessing.get_start_method(allow_none=True)
    found: dict[str, object] = {}
    exec(compile(EXAMPLE, "docs/mesa.md", "exec"), found)  # noqa: S102 - our own page
    multiprocessing.set_start_method(before, force=True)  # batch_run sets it for the whole process
    return found


def test_the_example_and_a_collector_of_ones_own_run_without_solara(names: dict[str, object]) -> None:
    model = names["model"]
    assert isinstance(model, CooperationModel)
    assert model.steps == 12
    assert len(model.datacollector.get_model_vars_dataframe()) == 13
    assert names["backlogs"] >= 0
    assert all(group.capability > 0.5 for group in names["capable"])
    assert 0 < len(names["capable"]) < len(model.agents)
    model = CooperationModel(TINY, seed=1, period_days=30)
    own = mesa.DataCollector(model_reporters={"rows": lambda one: int(one.world.used.sum())})
    for _ in range(2):
        model.step()
        own.collect(model)
    assert own.get_model_vars_dataframe()["rows"].is_monotonic_increasing
    assert len(own.get_model_vars_dataframe()) == 2
    lock = (Path(__file__).parents[1] / "requirements.lock").read_text("utf-8")
    assert re.search(r"^mesa==", lock, re.MULTILINE)
    assert not re.search(r"^solara", lock, re.MULTILINE)


def test_a_batch_gives_each_period_and_seed_its_run(names: dict[str, object]) -> None:
    runs = pd.DataFrame(names["runs"])
    assert sorted(zip(runs["period_days"], runs["seed"], strict=True)) == [(30, 1), (30, 2), (90, 1), (90, 2)]
    assert runs["date"].nunique() == 2
    alone = CooperationModel(names["small"], seed=2, period_days=30)
    for _ in range(6):
        alone.step()
    (same,) = runs[(runs["seed"] == 2) & (runs["period_days"] == 30)].to_dict("records")
    last = alone.datacollector.get_model_vars_dataframe().iloc[-1]
    assert {key: same[key] for key in last.index} == last.to_dict()
