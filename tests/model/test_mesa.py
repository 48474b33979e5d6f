"""The Mesa door: the same tables, agents that are views on their rows, and docs/mesa.md, which runs as it is."""

import multiprocessing
import re
from pathlib import Path

import mesa
import numpy as np
import pandas as pd
import pytest

from sim.law.order import LegalOrder
from sim.model import CentralAuthority, CooperationModel, CriminalGroup, LiaisonBody, NationalAgency, ServiceProvider
from sim.world.baseline import body_persons
from sim.world.parameters import Parameters
from sim.world.records import GroupStatus, Growing
from tests.tiny import POLICY, TINY, digests, ended


def model(law: LegalOrder, period_days: float = 1.0) -> CooperationModel:
    return CooperationModel(TINY, Parameters(), POLICY, seed=5, period_days=period_days, law=law)


@pytest.fixture(scope="module")
def stepped(law: LegalOrder) -> CooperationModel:
    """A model stepped to its end, a fortnight at a time."""
    made = model(law, period_days=14.0)
    while made.running:
        made.step()
    return made


@pytest.mark.parametrize("days", [1.0, 30.0])
def test_both_doors_give_the_same_tables(law: LegalOrder, days: float) -> None:
    made = model(law, days)
    while made.running:
        made.step()
    assert made.simulation.day == made.simulation.end
    assert digests(made.world) == digests(ended(5, timeline=POLICY))


def test_mesa_counts_steps_and_collects(stepped: CooperationModel) -> None:
    assert isinstance(stepped, mesa.Model)
    frame = stepped.datacollector.get_model_vars_dataframe()
    assert len(frame) == 66  # the first day, 64 fortnights, and what is left of 909 days
    assert frame["date"].is_monotonic_increasing
    world = stepped.world
    assert frame["active_groups"].iloc[-1] == (world.group["status"][: world.used[Growing.GROUP]] == 0).sum()
    assert frame["takedown_actions"].is_monotonic_increasing


def test_every_row_has_its_agent_and_sets_of_agents_select_and_reduce(stepped: CooperationModel) -> None:
    states = len(stepped.law.states)
    kinds = stepped.agents_by_type
    assert len(kinds[NationalAgency]) == len(kinds[CentralAuthority]) == states
    assert len(kinds[ServiceProvider]) == len(stepped.world.provider)
    assert len(kinds[CriminalGroup]) == stepped.world.used[Growing.GROUP]
    assert len(kinds[LiaisonBody]) == 6
    groups = stepped.agents_by_type[CriminalGroup]
    active = groups.select(lambda group: group.status is GroupStatus.ACTIVE)
    assert 0 < len(active) < len(groups)
    assert max(active.get("capability")) == 1.0
    bodies = {body.name: body.members for body in stepped.agents_by_type[LiaisonBody]}
    assert "DEU" in bodies["Europol"]
    assert "BRA" not in bodies["Europol"]
    assert len(bodies["INTERPOL"]) > 150


def test_agents_are_views_on_rows(stepped: CooperationModel) -> None:
    world = stepped.world
    for row, group in enumerate(stepped.agents_by_type[CriminalGroup]):
        assert group.row == row
        assert group.status is GroupStatus(world.group[row].status)
        assert group.capability == world.group[row].capability
        assert group.home == stepped.law.states[world.group[row].home]
    germany = stepped.law.index("DEU")
    authority = stepped.agents_by_type[CentralAuthority][germany]
    assert authority.state == "DEU"
    assert authority.staff == world.desk["servers"][len(stepped.law.states) + germany]
    authority.record.servers += 1
    assert authority.staff == world.desk["servers"][len(stepped.law.states) + germany]
    agency = stepped.agents_by_type[NationalAgency][germany]
    open_cases = np.isnan(world.case["closed"][: world.used[Growing.CASE]])
    inside = world.case["state"][: world.used[Growing.CASE]] == germany
    assert agency.open_cases == (open_cases & inside).sum()


def test_liaison_bodies_are_views_on_their_rows_and_desks(stepped: CooperationModel) -> None:
    world, bodies = stepped.world, {body.name: body for body in stepped.agents_by_type[LiaisonBody]}
    europol, points = bodies["Europol"], bodies["24/7 network"]
    assert europol.staff == world.desk[europol.desks[0]].servers == body_persons(Parameters().liaison)[1]
    assert len(points.desks) == len(stepped.law.states)
    assert points.staff == Parameters().liaison.contact_point_staff * len(points.desks)
    assert world.desk[points.desks[stepped.law.index("DEU")]].state == stepped.law.index("DEU")
    assert europol.recent_wait >= 0 and europol.backlog >= 0
    assert bodies["capacity builders"].desks == ()
    desk, before = world.desk[europol.desks[0]], europol.backlog
    desk["work"] += 3 * desk["file_hours"]
    assert europol.backlog == before + 3
    desk["work"] -= 3 * desk["file_hours"]


PAGE = (Path(__file__).parents[1] / "docs" / "mesa.md").read_text("utf-8")
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def names() -> dict[str, object]:
    """The names that the example leaves behind."""
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
