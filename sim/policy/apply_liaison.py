"""Assignments to liaison bodies, officers abroad and the action day, written in place (M20, M13)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from sim.policy.timeline import Assignment
from sim.policy.writing import Writer, selected_states
from sim.world.records import Body, DeskKind

if TYPE_CHECKING:
    from sim.world.world import World


def _body_staff(*bodies: Body) -> Writer:
    """Multiplies the people of bodies; with none left, a body does nothing."""

    def write(world: World, assignment: Assignment) -> None:
        """Rounded from the base, so that repeated steps do not drift."""
        rows = list(bodies)
        world.liaison_body["staff"][rows] = np.rint(world.liaison_body["staff_base"][rows] * assignment.value)
        desks = world.liaison_body["desk"][rows]
        if (desks >= 0).all():
            world.desk["servers"][desks] = world.liaison_body["staff"][rows].astype(np.int64)

    return write


def _feed(body: Body) -> Writer:
    """Raises what states give a body."""

    def write(world: World, assignment: Assignment) -> None:
        """What law does not open for them they cannot give, whatever stands here."""
        feed = world.feed[body]
        rows = selected_states(world, assignment)
        feed[rows] = np.maximum(feed[rows], assignment.value)

    return write


def _contact_points(world: World, assignment: Assignment) -> None:
    """Multiplies the people of 24/7 points in the selected states."""
    rows = (world.desk["kind"] == DeskKind.CONTACT_POINT) & selected_states(world, assignment)[world.desk["state"]]
    world.desk["servers"][rows] = np.rint(world.desk["staff_base"][rows] * assignment.value).astype(np.int64)


def _posts(world: World, assignment: Assignment) -> None:
    """Multiplies the officers that states can pay for."""
    rows = selected_states(world, assignment)
    world.state["posts_abroad"][rows] = np.rint(world.state["posts_abroad_base"][rows] * assignment.value)


def _posting(world: World, assignment: Assignment) -> None:
    """Says of pairs that an officer is posted there, or no longer."""
    pairs = ~np.eye(len(world.state), dtype=np.bool_) if assignment.pairs is None else assignment.pairs
    world.posting_set[pairs] = int(assignment.value)


def _grants(world: World, assignment: Assignment) -> None:
    """Multiplies the joint teams that Eurojust can pay for in a year; what is left of this year's follows."""
    body = world.liaison_body[Body.EUROJUST]
    before, base = float(body["grants_a_year"]), float(world.setting["team_grants"][0])
    world.liaison_body["grants_a_year"][Body.EUROJUST] = base * assignment.value
    left = float(body["grants"]) + base * assignment.value - before
    world.liaison_body["grants"][Body.EUROJUST] = max(left, 0.0)


def _setting(field: str) -> Writer:
    """Sets a value that holds for the whole world."""

    def write(world: World, assignment: Assignment) -> None:
        """The value as it stands."""
        world.setting[field] = assignment.value

    return write


LIAISON_WRITERS: Mapping[str, Writer] = MappingProxyType(
    {
        "interpol.staff": _body_staff(Body.INTERPOL),
        "interpol.feed": _feed(Body.INTERPOL),
        "interpol.reply": _setting("interpol_scale"),
        "europol.staff": _body_staff(Body.EUROPOL, Body.JCAT),
        "europol.feed": _feed(Body.EUROPOL),
        "jcat.join": _feed(Body.JCAT),
        "europol.analysis": _setting("analysis_share"),
        "eurojust.staff": _body_staff(Body.EUROJUST),
        "eurojust.use": _setting("eurojust_share"),
        "joint_team.money": _grants,
        "liaison.posts": _posts,
        "liaison.posting": _posting,
        "contact_point.staff": _contact_points,
        "capacity_builders.trainers": _body_staff(Body.BUILDERS),
        "action.hosted": _setting("hosted_share"),
        "action.least_ready": _setting("least_ready"),
    }
)
