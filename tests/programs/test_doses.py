"""Tests of the table of doses, against simulated worlds and against the page."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from docs.programs import DOCS, doses, rendered
from sim.agents.first_day import begin_world
from sim.data.costs import unit_costs
from sim.law.order import legal_order
from sim.policy.levers import LEVERS, apply_assignments
from sim.policy.listing import dose_of, states_of
from sim.policy.scenario import catalogue, load
from sim.policy.scenario_timeline import timeline_of
from sim.policy.timeline import Assignment
from sim.world.parameters import Parameters, WorldSpec
from sim.world.records import DeskKind
from sim.world.world import World, duplicate

KINDS = {
    "authorities": (DeskKind.OUTGOING, DeskKind.INCOMING),
    "courts": (DeskKind.COURT,),
    "laboratories": (DeskKind.FORENSIC,),
    "24/7 points": (DeskKind.CONTACT_POINT,),
}


@pytest.fixture(scope="module")
def today() -> World:
    """A world of all states with fully staffed desks and no delay in hiring."""
    made = begin_world(WorldSpec(groups=3, background=False), Parameters(), legal_order(), 1)
    made.setting.with_turnover = 0.0
    apply_assignments(made, [Assignment(name, 1.0) for name, lever in LEVERS.items() if lever.count])
    return made


def counted(world: World) -> dict[str, float]:
    """Persons and posts in a world, by column of the table of doses."""
    in_network = LEVERS["contact_point.staff"].count.each() > 0.0  # type: ignore[union-attr]
    found = {}
    for column, kinds in KINDS.items():
        rows = np.isin(world.desk["kind"], kinds)
        rows &= (column != "24/7 points") | in_network[world.desk["state"]]
        found[column] = float(world.desk["servers"][rows].sum())
    found["investigators"] = float(world.state["slots"].sum()) * unit_costs()["investigators_per_case"].central
    people = world.desk["staff_base"][world.provider["desk"]]
    found["providers"] = float((np.rint(people) * world.provider["staff"]).sum())
    body = world.liaison_body
    return found | {"bodies": float(body["staff"].sum()), "posts abroad": float(world.state["posts_abroad"].sum())}


@pytest.mark.parametrize("key", [key for key in catalogue() if dose_of(load(key))])
def test_doses_are_what_a_world_has_more_once_a_policy_is_complete(key: str, today: World) -> None:
    world = duplicate(today)
    for step in timeline_of(load(key), legal_order(), date(2027, 1, 1), date(2036, 12, 31)).steps:
        apply_assignments(world, step.assignments)
    before, after, row = counted(today), counted(world), doses.row_of(key)
    for column in before:
        off = 0.5 if column == "investigators" else 1e-6  # of cases, not of whole persons
        assert row[column] == pytest.approx(after[column] - before[column], abs=off), column
    assert row["persons"] == sum(row[column] for column in (*doses.COLUMNS.values(), doses.BODIES))


def test_the_page_is_that_of_today() -> None:
    text = Path(DOCS / "doses.md").read_text("utf-8")
    table = doses.rows()
    made = {"table": doses.shown(table), "states": text.split("-->\n")[1].split("<!--")[0].strip()}
    assert rendered(text, made, doses.COMMAND) == text, f"run `{doses.COMMAND}`"
    assert table["policy"].tolist() == list(catalogue())
    assert states_of(load("status_quo")) == 0 and states_of(load("faster_mlat")) == 196
