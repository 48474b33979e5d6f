"""World: one named tuple of the arrays that compiled rules read and write."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.engine.growable import copied, empty
from sim.world.records import FIXED, GROWING

Table = np.recarray[Any, np.dtype[np.void]]
TABLE_NAMES = tuple(GROWING)
FIXED_NAMES = (*(entity.name for entity in FIXED), "setting")


class World(NamedTuple):
    """All that a run is: one flat tuple, whose fields compiled rules address by name.

    Attributes:
        setting: one-row record of parameters and levers (parameters.SETTING).
        event, agenda, due, counters, now: the event queue, see engine/clock.py.
        terms … conducts: the law of the day, see LawArrays for shapes and meanings.
        place_home: float64 [kind of group, state], cumulative weights of where core members live.
        place_hosting: float64 [state], cumulative, where servers stand (M15).
        place_victims: float64 [state], cumulative, who reports.
        place_majors: float64 [major provider], cumulative share of hops that pass a named provider.
        place_kind: float64 [kind of group], cumulative.
        place_abuse: float64 [state], cumulative, who asks without a genuine case (part H).
        place_refuge: float64 [state], cumulative, where those live whom it concerns.
        place_registry: float64 [state], cumulative, under whose law the registry of a domain is.
        domestic_share: float64 [kind of group], share of groups all of whose victims live in their home state.
        domain_share: float64 [kind of group], share of its control nodes that depend on a domain.
        clients: float64 [kind of group], affiliates and customers of a mean group, persons.
        sells: int8 [kind of group], 1 where its clients are customers, 0 where they are affiliates.
        buys_services: int8 [kind of group], 1 where its work rests in part on a group of technical services.
        electronic: uint8 [requesting, requested], the pair transmits electronically.
        proof: float32 [state, data kind], standard of proof, 0–1; 0 where no court is asked.
        template: float32 [requesting], adoption of the request template, 0–1.
        deadline_days: float32 [requested], policy deadline for central authorities, NaN none.
        deadline_enforceable: uint8 [requested].
        door_since: float64 [major provider, state], day since which it is published to answer the state, −inf always,
            inf not at the end of 2021, NaN not published.
        door_share: float64 [major provider, state], published share of requests answered, NaN none.
        channel_days: float64 [channel], usual turnaround of a formal channel.
        channel_success: float64 [channel], share executed of requests that law and relations let through.
        answers_heard: float32 [who asked, requested, formal channel], answers that investigators have heard of; the
            last row is everybody. An answer weighs the more the later it came, 1 on the first day of policies.
        success_heard: the same, answers that served.
        days_heard: the same, days to an answer, summed.
        news: float64 [Concern, kind of group, state], what groups of a kind have heard of action there (M16), see
            agents/risk.py. The last kind stands for news that reach all kinds, the last state for anywhere.
        news_day: float64, the same shape: day of that value, which fades from then on.
        sanction_delay: float64 [kind of group], years until a sanction that groups of a kind expect.
        feed: float64 [body, state], how well a state feeds a liaison body, 0: it does not (M20).
        traffic: float64 [requesting, requested], requests to authorities and police, fading by half a year.
        posting_of: int64 [sending, host], row of the newest officer posted there, NONE: nobody.
        posting_set: uint8 [sending, host], a policy posts an officer there, without regard to traffic.
        state, desk, provider, unit, bond, liaison_body, ordinary: fixed tables.
        used: int64 rows in use of each growing table, in the order of records.Growing.
        neutral: the same order, the bytes of a new row of each growing table.
        room: int64, the same order, then events: rows that may be in use before the table must grow; kept by
            `growth.with_room`.
        job … freeze: growing tables. What lies behind the rows in use is of no meaning: it may be another run's.
    """

    setting: Table
    event: Table
    agenda: npt.NDArray[np.int32]
    due: Table
    counters: npt.NDArray[np.int64]
    now: npt.NDArray[np.float64]
    terms: Table
    instrument: npt.NDArray[np.int8]
    opened: npt.NDArray[np.float32]
    offence: npt.NDArray[np.int8]
    penalty_years: npt.NDArray[np.float32]
    elements: npt.NDArray[np.uint8]
    power: npt.NDArray[np.int8]
    implementation: npt.NDArray[np.float32]
    nationals_bar: npt.NDArray[np.int8]
    affinity: npt.NDArray[np.float32]
    shared_language: npt.NDArray[np.int8]
    conflict: npt.NDArray[np.int8]
    police_body: npt.NDArray[np.int8]
    eurojust: npt.NDArray[np.int8]
    conducts: npt.NDArray[np.int32]
    place_home: npt.NDArray[np.float64]
    place_hosting: npt.NDArray[np.float64]
    place_victims: npt.NDArray[np.float64]
    place_majors: npt.NDArray[np.float64]
    place_kind: npt.NDArray[np.float64]
    place_abuse: npt.NDArray[np.float64]
    place_refuge: npt.NDArray[np.float64]
    place_registry: npt.NDArray[np.float64]
    domestic_share: npt.NDArray[np.float64]
    domain_share: npt.NDArray[np.float64]
    clients: npt.NDArray[np.float64]
    sells: npt.NDArray[np.int8]
    buys_services: npt.NDArray[np.int8]
    electronic: npt.NDArray[np.uint8]
    proof: npt.NDArray[np.float32]
    template: npt.NDArray[np.float32]
    deadline_days: npt.NDArray[np.float32]
    deadline_enforceable: npt.NDArray[np.uint8]
    door_since: npt.NDArray[np.float64]
    door_share: npt.NDArray[np.float64]
    channel_days: npt.NDArray[np.float64]
    channel_success: npt.NDArray[np.float64]
    answers_heard: npt.NDArray[np.float32]
    success_heard: npt.NDArray[np.float32]
    days_heard: npt.NDArray[np.float32]
    news: npt.NDArray[np.float64]
    news_day: npt.NDArray[np.float64]
    sanction_delay: npt.NDArray[np.float64]
    feed: npt.NDArray[np.float64]
    traffic: npt.NDArray[np.float64]
    posting_of: npt.NDArray[np.int64]
    posting_set: npt.NDArray[np.uint8]
    state: Table
    desk: Table
    provider: Table
    unit: Table
    bond: Table
    liaison_body: Table
    ordinary: Table
    used: npt.NDArray[np.int64]
    neutral: Table
    room: npt.NDArray[np.int64]
    job: Table
    group: Table
    node: Table
    case: Table
    chain: Table
    request: Table
    evidence: Table
    partner: Table
    action: Table
    spell: Table
    member: Table
    milestone: Table
    migration: Table
    headcount: Table
    vacancy: Table
    recipient: Table
    leak: Table
    trust: Table
    referral: Table
    posting: Table
    sighting: Table
    freeze: Table


def records(world: World, name: str) -> Table:
    """Rows in use of a table, as a structured array (a view, not a copy).

    Raises:
        KeyError: no table of that name.
    """
    if name in TABLE_NAMES:
        rows: Table = getattr(world, name)[: world.used[TABLE_NAMES.index(name)]]
        return rows
    if name in FIXED_NAMES:
        fixed: Table = getattr(world, name)
        return fixed
    raise KeyError(f"no table {name!r}; there are {', '.join((*TABLE_NAMES, *FIXED_NAMES))}")


def duplicate(world: World, over: World | None = None) -> World:
    """A copy that shares nothing writable: the fork of a run into an arm of a comparison.

    The law's arrays are read-only and stay shared.

    Args:
        world: what is copied.
        over: a world that nobody needs any more, whose tables are written over: memory that a process has held
            before, and tables that need not grow again, are much faster than new ones. Behind the rows in use its own
            rows stay, until `new_row` clears them.
    """
    parts: dict[str, Any] = {}
    for name in World._fields:
        part: Any = getattr(world, name)
        parts[name] = copied(part) if part.flags.writeable and name not in TABLE_NAMES else part
    for name in TABLE_NAMES:
        rows, room = records(world, name), len(getattr(world, name))
        old = getattr(over, name) if over else rows[:0]
        parts[name] = old if len(old) >= room else empty(room, rows.dtype)
        parts[name][: len(rows)].view(np.uint8)[:] = rows.view(np.uint8)  # NumPy copies records one by one
    return World(**parts)
