"""Tests that the Mesa model gives the same tables and outcomes, with agents as views on rows."""

import copy
import inspect
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest

import sim
from sim.law.order import LegalOrder
from sim.model import (
    CentralAuthority,
    CooperationModel,
    CriminalGroup,
    LiaisonBody,
    NationalAgency,
    ReadOnlyError,
    ServiceProvider,
)
from sim.model.view import curves, state_map, view
from sim.policy.problem import InputError
from sim.world.baseline import body_persons
from sim.world.parameters import Parameters
from sim.world.records import GroupStatus, Growing
from tests.tiny import POLICY, TINY, digests, ended

HAS_EVENTS = hasattr(mesa.Model, "schedule_event")  # from Mesa 3.5 on
events = pytest.mark.skipif(not HAS_EVENTS, reason="this version of Mesa has no schedule of events")

PRICED = """\
title: Priced
question: What does it cost?
author: A test
based_on: [faster_mlat]
costs:
  - {what: a secretariat, yearly: 3 M€ a year, from: 2027-06-01}
"""


def tiny(scenario: str | Path = "status_quo", seed: int = 5, period_days: float = 14.0) -> CooperationModel:
    return sim.mesa_model(scenario, seed=seed, world="tiny", period_days=period_days)


@pytest.fixture(scope="module")
def stepped() -> CooperationModel:
    """A model that was stepped to its end, fourteen days at a time."""
    made = tiny()
    made.run_model()
    return made


def member(model: CooperationModel, kind: type, state: str) -> Any:
    """The agent of a kind in a given state."""
    return next(agent for agent in model.agents_by_type[kind] if agent.state == state)


@pytest.mark.parametrize("days", [1.0, 30.0])
def test_steps_of_any_length_give_the_tables_of_a_run_in_one_go(law: LegalOrder, days: float) -> None:
    with pytest.warns(
        DeprecationWarning, match=r"spec=, parameters=, timeline=, law=.*scenario=, world= and values="
    ) as heard:
        made = CooperationModel(TINY, parameters=Parameters(), timeline=POLICY, seed=5, period_days=days, law=law)
    assert heard[0].filename == __file__, "Python shows it only if it names the line of the caller"
    made.run_model()
    assert made.simulation.day == made.simulation.end
    assert digests(made.world) == digests(ended(5, timeline=POLICY))


@pytest.mark.parametrize("scenario", ["status_quo", "faster_mlat", "monitor_and_update", "priced"])
def test_every_outcome_is_that_of_a_run_with_the_same_seed(scenario: str | Path, tmp_path: Path) -> None:
    if scenario == "priced":  # names an amount of its own
        scenario = tmp_path / "priced.yaml"
        scenario.write_text(PRICED)
    model = tiny(scenario, seed=3, period_days=45)
    model.run_model()
    run = sim.run(scenario, seed=3, replicates=1, set={"world": "tiny", "execution.executor": "serial"}, progress=None)
    stored = run.outcomes.iloc[0]
    outcomes = model.outcomes()
    assert set(outcomes) == set(sim.outcomes()["outcome"])
    assert dict(outcomes) == pytest.approx({key: stored[key] for key in outcomes}, rel=0, abs=0, nan_ok=True)
    assert (outcomes["policy_cost"] > 0) == (scenario != "status_quo")


def test_an_ensemble_and_values_hold_as_in_simulate() -> None:
    model = sim.mesa_model(
        seed=2, world="tiny", values={"court.staff": 2, "desk.court_wait_days": 40.0}, period_days=200
    )
    model.run_model()
    alone = sim.simulate({"court.staff": 2, "desk.court_wait_days": 40.0}, seed=2, world="tiny")
    assert dict(model.outcomes()) == pytest.approx(dict(alone), rel=0, abs=0, nan_ok=True)


def test_on_the_way_a_world_is_measured_as_if_it_ended_today() -> None:
    model = sim.mesa_model("faster_mlat", seed=3, world="tiny", period_days=30)
    with pytest.raises(InputError, match="nothing to measure yet"):
        model.outcomes()
    while model.today < date(2028, 12, 31):
        model.step()
    before = digests(model.world)
    short = {"world.end": str(model.today), "world.follow_up_days": 0}
    cut = sim.simulate(short, seed=3, scenario="faster_mlat", world="tiny")
    assert dict(model.outcomes()) == pytest.approx(dict(cut), rel=0, abs=0, nan_ok=True)
    assert digests(model.world) == before


def test_time_is_in_days_and_stops_with_the_world(stepped: CooperationModel) -> None:
    frame = stepped.datacollector.get_model_vars_dataframe()
    assert len(frame) == 145 == stepped.steps + 1  # the first day, 143 fortnights, and what is left of 2,005 days
    assert frame["date"].is_monotonic_increasing and frame["takedown_actions"].is_monotonic_increasing
    world = stepped.world
    assert frame["active_groups"].iloc[-1] == (world.group["status"][: world.used[Growing.GROUP]] == 0).sum()
    assert (date(2025, 1, 1) - stepped.today).days == -stepped.time == -stepped.end
    assert not stepped.running
    stepped.step()
    assert stepped.time == stepped.end
    assert len(stepped.datacollector.get_model_vars_dataframe()) == len(frame)


def test_one_step_longer_than_the_world_ends_with_it() -> None:
    model = tiny(period_days=10_000)
    model.step()
    assert (model.time, model.running) == (model.end, False)


@events
def test_events_of_mesa_happen_at_their_day_and_steps_are_events() -> None:
    model, seen = tiny(period_days=10), []

    def look() -> None:
        seen.append((model.time, model.simulation.day - first, float(model.world.now[0]) - first))

    first = model.simulation.day
    model.schedule_event(look, after=2.5)
    model.step()
    assert seen[0][0] == seen[0][2] == 2.5
    assert (model.time, model.steps) == (10, 1)
    model.run_for(25)
    assert (model.time, model.steps) == (35, 3)
    model.run_until(model.end + 10)
    assert model.today == date(2030, 6, 29) and not model.running


def test_agents_are_of_the_worlds_own_states(stepped: CooperationModel) -> None:
    codes = {stepped.law.states[row] for row in stepped.rows}
    kinds = stepped.agents_by_type
    assert len(codes) == 12 < len(stepped.law.states)
    for kind in (NationalAgency, CentralAuthority):
        assert [agent.state for agent in kinds[kind]] == sorted(codes)
    assert {group.home for group in kinds[CriminalGroup]} <= codes
    for agent in kinds[ServiceProvider]:
        assert agent.state in codes or agent.provider.kind == 0
    assert len(kinds[ServiceProvider]) < 60 < len(stepped.world.provider)
    assert all(set(body.members) <= codes for body in kinds[LiaisonBody])
    assert len(kinds[CriminalGroup]) == stepped.world.used[Growing.GROUP]
    active = kinds[CriminalGroup].select(lambda group: group.status is GroupStatus.ACTIVE)
    assert 0 < len(active) < len(kinds[CriminalGroup])


def test_agents_are_views_on_rows(stepped: CooperationModel) -> None:
    world, germany = stepped.world, stepped.law.index("DEU")
    for row, group in enumerate(stepped.agents_by_type[CriminalGroup]):
        assert group.row == row
        assert group.status is GroupStatus(world.group[row].status)
        assert group.home == stepped.law.states[world.group[row].home]
    authority, agency = member(stepped, CentralAuthority, "DEU"), member(stepped, NationalAgency, "DEU")
    assert authority.staff == world.desk["servers"][len(stepped.law.states) + germany]
    open_cases = np.isnan(world.case["closed"][: world.used[Growing.CASE]])
    assert agency.open_cases == (open_cases & (world.case["state"][: world.used[Growing.CASE]] == germany)).sum()
    bodies = {body.name: body for body in stepped.agents_by_type[LiaisonBody]}
    assert len(bodies["24/7 network"].desks) == 12
    assert world.desk[bodies["24/7 network"].desks[0]].state == stepped.rows[0]
    assert "DEU" in bodies["Europol"].members and "BRA" not in bodies["Europol"].members
    assert bodies["Europol"].staff == world.desk[bodies["Europol"].desks[0]].servers > 0
    desk, before = world.desk[bodies["Europol"].desks[0]], bodies["Europol"].backlog
    desk["work"] += 3 * desk["file_hours"]
    assert bodies["Europol"].backlog == before + 3
    desk["work"] -= 3 * desk["file_hours"]
    assert bodies["capacity builders"].desks == ()


def test_people_are_set_by_their_lever_and_paid() -> None:
    model = tiny(period_days=731)
    model.step()
    assert [body.staff for body in model.agents_by_type[LiaisonBody]][1] == body_persons(Parameters().liaison)[1]
    authority = member(model, CentralAuthority, "DEU")
    others = [agent.posts for agent in model.agents_by_type[CentralAuthority] if agent is not authority]
    was, persons = authority.posts, authority.staff
    assert was >= persons > 0
    authority.posts += 40
    assert authority.posts == was + 40
    assert [agent.posts for agent in model.agents_by_type[CentralAuthority] if agent is not authority] == others
    for body in model.agents_by_type[LiaisonBody]:
        if body.name in ("J-CAT", "24/7 network"):
            with pytest.raises(ReadOnlyError, match=r"model\.apply\("):
                body.staff = 3
        else:
            body.staff = before = body.staff + 5
            assert body.staff == before, body.name
    model.run_model()
    assert authority.staff > persons
    assert model.outcomes()["policy_cost"] > 0


def settable() -> Iterator[tuple[type, str]]:
    """Yields the settable properties of agents that stand for levers."""
    for kind in (NationalAgency, CentralAuthority, ServiceProvider, CriminalGroup, LiaisonBody):
        for name, entry in inspect.getmembers(kind):
            if hasattr(type(entry), "__set__") and hasattr(entry, "moved_by"):
                yield kind, name


@pytest.mark.parametrize(("kind", "name"), list(settable()), ids=lambda given: getattr(given, "__name__", given))
def test_what_follows_from_the_rules_says_what_moves_it(stepped: CooperationModel, kind: type, name: str) -> None:
    before = digests(stepped.world)
    with pytest.raises(AttributeError, match=rf"{kind.__name__}\.{name} = '0'.*cannot be set\. \w") as caught:
        stepped.agents_by_type[kind].set(name, 0)
    assert isinstance(caught.value, InputError)
    assert digests(stepped.world) == before


def test_states_are_a_network_whose_edges_follow_the_law() -> None:
    model = tiny(period_days=731)
    space = model.space
    assert {space.G.nodes[node]["state"] for node in space.G} == {model.law.states[row] for row in model.rows}
    place = {code: model.law.index(code) for code in ("DEU", "FRA", "IND", "BRA", "CHN", "USA")}
    assert "eio" in space.G.edges[place["DEU"], place["FRA"]]["instruments"]
    assert 12 < space.G.number_of_edges() < 66
    assert not space.G.has_edge(place["IND"], place["NGA"] if "NGA" in place else model.law.index("NGA"))
    authority = member(model, CentralAuthority, "DEU")
    assert authority.pos == authority.cell.coordinate == place["DEU"]
    assert authority in authority.cell.agents
    neighbours = {cell.coordinate for cell in authority.cell.neighborhood}
    assert neighbours == set(space.G.neighbors(place["DEU"]))
    assert all(group.cell.coordinate == group.record.home for group in model.agents_by_type[CriminalGroup])
    model.step()
    model.apply("law.join", "budapest", states=["IND", "NGA"])
    edge = space.G.edges[place["IND"], model.law.index("NGA")]
    assert "budapest_247" in edge["instruments"]
    assert model.law.index("NGA") in {
        cell.coordinate for cell in member(model, NationalAgency, "IND").cell.neighborhood
    }


@pytest.mark.parametrize("again", [lambda model: pickle.loads(pickle.dumps(model)), copy.deepcopy])  # noqa: S301
def test_a_pickled_or_copied_model_goes_on_as_the_model_itself(again: Any) -> None:
    model = tiny("faster_mlat", period_days=300)
    for _ in range(3):
        model.step()
    other = again(model)
    for one in (model, other):
        one.apply("court.staff", 1.5)
        one.run_model()
    assert digests(other.world) == digests(model.world)
    assert dict(other.outcomes()) == pytest.approx(dict(model.outcomes()), rel=0, abs=0, nan_ok=True)
    frames = [one.datacollector.get_model_vars_dataframe() for one in (model, other)]
    pd.testing.assert_frame_equal(*frames)


def test_seed_and_rng_are_one_thing_and_none_is_a_fresh_seed() -> None:
    fresh = {sim.mesa_model(world="tiny").seed for _ in range(3)}  # two of three are the same once in 700 million tests
    assert len(fresh) == 3
    assert sim.mesa_model(world="tiny", rng=7).seed == sim.mesa_model(world="tiny", seed=7).seed == 7
    drawn = {sim.mesa_model(world="tiny", rng=np.random.default_rng(4)).seed for _ in range(2)}
    assert len(drawn) == 1
    for given in ({"seed": 1, "rng": 1}, {"rng": "x"}, {"seed": -1}, {"rng": True}):
        with pytest.raises(InputError):
            sim.mesa_model(world="tiny", **given)


@pytest.mark.skipif(not hasattr(mesa, "batch_run"), reason="Mesa 4 has no batch_run")
@pytest.mark.parametrize("model_class", [sim.mesa_model, CooperationModel])
@pytest.mark.filterwarnings("ignore:The `iterations` keyword:DeprecationWarning")  # Mesa's own, from 3.5 on
def test_batches_take_iterations_and_rng(model_class: Any) -> None:
    import multiprocessing

    before = multiprocessing.get_start_method(allow_none=True)
    asked = {"parameters": {"scenario": ["status_quo", "faster_mlat"], "world": "tiny", "period_days": 400}}
    asked |= {"max_steps": 3, "display_progress": False}
    fresh = pd.DataFrame(mesa.batch_run(model_class, iterations=2, **asked))
    assert fresh["seed"].nunique() == len(fresh) == 4
    if "rng" in inspect.signature(mesa.batch_run).parameters:
        runs = pd.DataFrame(mesa.batch_run(model_class, rng=[1, 2], **asked))
        found = sorted(zip(runs["scenario"], runs["seed"], strict=True))
        assert found == [("faster_mlat", 1), ("faster_mlat", 2), ("status_quo", 1), ("status_quo", 2)]
        alone = tiny("faster_mlat", seed=2, period_days=400)
        for _ in range(3):
            alone.step()
        (same,) = runs[(runs["seed"] == 2) & (runs["scenario"] == "faster_mlat")].to_dict("records")
        last = alone.datacollector.get_model_vars_dataframe().iloc[-1]
        assert {key: same[key] for key in last.index} == last.to_dict()
    multiprocessing.set_start_method(before, force=True)  # batch_run sets it for the whole process


def test_a_collector_of_ones_own_has_outcomes_and_agents() -> None:
    model = tiny("faster_mlat", period_days=500)
    own = mesa.DataCollector(
        model_reporters={"price": lambda one: one.outcomes()["policy_cost"]},
        agenttype_reporters={CentralAuthority: {"backlog": "backlog"}},
    )
    model.step()
    for _ in range(2):
        model.step()
        own.collect(model)
    assert own.get_model_vars_dataframe()["price"].is_monotonic_increasing
    assert len(own.get_agenttype_vars_dataframe(CentralAuthority)) == 24


PAGE = (Path(__file__).parents[2] / "docs" / "mesa.md").read_text("utf-8")


def test_the_page_runs_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = [block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "# watch.py" not in block]
    assert len(blocks) == 5
    if "rng" not in inspect.signature(getattr(mesa, "batch_run", None) or (lambda: None)).parameters:
        blocks = blocks[:-1]  # Mesa before 3.5 has no `rng` there, and Mesa 4 no batches
    monkeypatch.setattr("multiprocessing.set_start_method", lambda *_given, **_more: None)  # of the whole process
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "docs/mesa.md", "exec"), names)  # noqa: S102 - our own page
        if "capable" in names and "outcomes" not in names:
            assert (names["model"].time, names["model"].steps) == (360, 12)
            assert all(group.capability > 0.5 for group in names["capable"])
    assert sum(names["trials"].values()) == 6 and all(names["trials"].values())
    assert [run["seed"] for run in names.get("runs", ())] in ([1, 1, 2, 2], [])


def test_a_page_needs_its_extra_and_its_map_shows_every_state(
    stepped: CooperationModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = {text.get_text() for text in state_map(stepped).axes[0].texts}
    assert shown == {stepped.law.states[row] for row in stepped.rows}
    rows, figure = stepped.datacollector.get_model_vars_dataframe(), curves(stepped)
    drawn = [line.get_ydata() for axes in figure.axes for line in axes.lines]
    for name, line in zip(("open_requests", "active_groups", "takedown_actions"), drawn, strict=True):
        assert list(line) == rows[name].tolist(), name
    monkeypatch.setitem(sys.modules, "solara", None)
    with pytest.raises(InputError, match=r'pip install "\.\[viz\]"'):
        view()


def test_nothing_else_imports_mesa() -> None:
    code = "import sys, sim; sim.simulate(world='tiny'); sys.exit('mesa' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("again", [lambda model: pickle.loads(pickle.dumps(model)), copy.deepcopy])  # noqa: S301
def test_a_pickled_or_copied_world_has_the_types_that_rules_are_compiled_for(again: Any) -> None:
    """Read-only and writeable arrays are two types to Numba: a world of others would compile all rules once more."""
    model = tiny()
    model.step()
    assert [part.flags.writeable for part in again(model).world] == [part.flags.writeable for part in model.world]
