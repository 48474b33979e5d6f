"""Tiny worlds that run in milliseconds once rules are compiled; their numbers mean nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from sim.engine.clock import Count
from sim.law.amendments import GrantPowers
from sim.law.order import legal_order
from sim.law.vocabulary import DataKind
from sim.policy.timeline import Assignment, Step, Timeline
from sim.simulate import Simulation, start
from sim.world.parameters import Parameters, WorldSpec, complete, setting
from sim.world.records import GROWING
from sim.world.world import Table, World, records

STATES = ["DEU", "FRA", "USA", "NLD", "RUS", "BRA"]
TINY = WorldSpec(groups=14, start="2026-01-01", policy_start="2026-07-01", end="2027-12-31", states=STATES)

POLICY_START = date.fromisoformat(TINY.policy_start)

#: A policy that acts on much: staff, law, retention, transmission.
POLICY = Timeline(
    (
        Step(
            POLICY_START,
            amendments=(GrantPowers(("RUS", "BRA"), (DataKind.CONTENT,), POLICY_START),),
            assignments=(
                Assignment("central_authority.staff", 2.0),
                Assignment("transmission.electronic_share", 0.9),
                Assignment("evidence.retention_floor", 400.0),
            ),
        ),
        Step(date(2027, 1, 1), assignments=(Assignment("court.staff", 0.4, ("DEU", "USA")),)),
    )
)

#: Every way in which one group's fate touches another's, switched off.
UNCOUPLED = {
    "desk.rebound": 0.0,
    "channel.experience_weight": 0.0,
    "case.load_threshold": 0.0,
    "mechanism.with_learning": 0.0,
    "mechanism.with_moving_users": 0.0,
    "mechanism.with_turnover": 0.0,
    "mechanism.with_trust": 0.0,
    "mechanism.with_liaison_desks": 0.0,
    "mechanism.with_waves": 0.0,
    "criminal.service_reliance": 0.0,
}


def parameters(changes: Mapping[str, float] | None = None) -> Parameters:
    """Default parameters with some changes, by dotted name."""
    made = Parameters()
    for name, value in (changes or {}).items():
        theme, field = name.split(".")
        assert hasattr(getattr(made, theme), field), name
        setattr(getattr(made, theme), field, value)
    return made


def row_of_settings(**changes: float) -> Any:
    """The one-row table of settings with some changes, by the kernel's names."""
    table = setting(Parameters(), 1).view(np.recarray)
    for finish in (complete, lambda _: None):  # what follows from others can be changed by itself, too
        for name, value in changes.items():
            table[name] = value
        finish(table)
    return table


def begun(
    seed: int = 1, spec: WorldSpec = TINY, changes: Mapping[str, float] | None = None, timeline: Timeline | None = None
) -> Simulation:
    """A tiny run on its first day."""
    return start(spec, parameters(changes), legal_order(), timeline or Timeline(), seed)


def ended(
    seed: int = 1, spec: WorldSpec = TINY, changes: Mapping[str, float] | None = None, timeline: Timeline | None = None
) -> World:
    """A tiny world after its last day."""
    simulation = begun(seed, spec, changes, timeline)
    simulation.advance(simulation.end)
    return simulation.world


def of_size(groups: int) -> WorldSpec:
    """The tiny specification with a different number of groups."""
    return replace(TINY, groups=groups)


def waiting_events(world: World) -> Table:
    """Scheduled events in no particular order: all rows ever used except free ones."""
    waits = np.ones(int(world.counters[Count.USED]), bool)
    row = int(world.counters[Count.FREE]) - 1
    while row >= 0:
        waits[row] = False
        row = int(world.event[row].behind) - 1
    return world.event[: len(waits)][waits]


def to_frame(world: World, name: str) -> pd.DataFrame:
    """A table as a DataFrame, with codes as integers and array fields in several columns."""
    rows = records(world, name)
    columns: dict[str, np.ndarray] = {}
    for column in rows.dtype.names or ():
        values = np.asarray(rows[column])
        if values.ndim == 2:
            stem = column.removesuffix("_days")
            columns.update({f"{stem}_{place + 1}": part.copy() for place, part in enumerate(values.T)})
        else:
            columns[column] = values.copy()
    return pd.DataFrame(columns)


def digests(world: World) -> Mapping[str, str]:
    """SHA-256 of the used rows of every table, to compare runs bit for bit."""
    return {name: hashlib.sha256(records(world, name).tobytes()).hexdigest() for name in GROWING}
