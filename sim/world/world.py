"""The state of a run (World): a named tuple of the arrays that compiled rules read and write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.engine.growable import copied, empty, fill
from sim.world.records import FIXED, GROWING

if TYPE_CHECKING:
    from sim.world.records import typed

Table = np.recarray[Any, np.dtype[np.void]]
Float = npt.NDArray[np.float64]
Single = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.int8]
Masks = npt.NDArray[np.uint16]
Bytes = npt.NDArray[np.uint8]
TABLE_NAMES = tuple(GROWING)
FIXED_NAMES = (*(entity.name for entity in FIXED), "setting")


class World(NamedTuple):
    """The whole state of a run, as one named tuple of arrays."""

    setting: Table  # one-row record of parameters and levers (parameters.SETTING)
    # The event queue, see engine/clock.py.
    event: typed.EventTable
    agenda: npt.NDArray[np.int32]
    due: typed.DueTable
    counters: Integers
    now: Float
    # The law of the day, see LawArrays for shapes and meanings.
    terms: Table
    instrument: Flags
    opened: Single
    offence: Flags
    penalty_years: Single
    elements: Bytes
    power: Flags
    implementation: Single
    nationals_bar: Flags
    affinity: Single
    shared_language: Flags
    conflict: Flags
    police_body: Flags
    bodies: Masks
    conducts: npt.NDArray[np.int32]
    place_home: Float  # [kind of group, state] cumulative, where core members live
    place_hosting: Float  # [state] cumulative, where servers stand (M15)
    place_victims: Float  # [state] cumulative, who reports
    place_majors: Float  # [major provider] cumulative share of hops that pass a named provider
    place_kind: Float  # [kind of group] cumulative
    place_abuse: Float  # [state] cumulative, who asks without a genuine case (part H)
    place_refuge: Float  # [state] cumulative, where those live whom it concerns
    place_registry: Float  # [state] cumulative, under whose law the registry of a domain is
    domestic_share: Float  # [kind of group] share of groups all of whose victims live in their home state
    domain_share: Float  # [kind of group] share of its control nodes that depend on a domain
    clients: Float  # [kind of group] affiliates and customers of a mean group, persons
    sells: Flags  # [kind of group] 1 where its clients are customers, 0 where they are affiliates
    buys_services: Flags  # [kind of group] 1 where its work rests in part on a group of technical services
    electronic: Bytes  # [requesting, requested] the pair transmits electronically
    proof: Single  # [state, data kind] standard of proof, 0–1; 0 where no court is asked
    template: Single  # [requesting] adoption of the request template, 0–1
    deadline_days: Single  # [requested] policy deadline for central authorities, NaN none
    deadline_enforceable: Bytes  # [requested] whether missing it has a cost for the state
    # [major provider, state] day since which it is published to answer the state, −inf always, inf not at the end of
    # 2021, NaN not published
    door_since: Float
    door_share: Float  # [major provider, state] published share of requests answered, NaN none
    channel_days: Float  # [channel] usual turnaround of a formal channel
    channel_success: Float  # [channel] share executed of requests that law and relations let through
    # [who asked, requested, formal channel] answers that investigators have heard of; the last row is everybody. An
    # answer weighs the more the later it came, 1 on the first day of policies
    answers_heard: Single
    success_heard: Single  # the same, answers that served
    days_heard: Single  # the same, days to an answer, summed
    # [Concern, kind of group, state] what groups of a kind have heard of action there (M16), see crime/risk.py. The
    # last kind stands for news that reach all kinds, the last state for anywhere
    news: Float
    news_day: Float  # the same shape: day of that value, which fades from then on
    sanction_delay: Float  # [kind of group] years until a sanction that groups of a kind expect
    feed: Float  # [body, state] how well a state feeds a liaison body, 0: it does not (M20)
    traffic: Float  # [requesting, requested] requests to authorities and police, fading by half a year
    posting_of: Integers  # [sending, host] row of the newest officer posted there, NONE: nobody
    posting_set: Bytes  # [sending, host] a policy posts an officer there, without regard to traffic
    # Fixed tables.
    state: typed.StateTable
    desk: typed.DeskTable
    provider: typed.ProviderTable
    unit: typed.UnitTable
    bond: typed.BondTable
    liaison_body: typed.LiaisonBodyTable
    ordinary: typed.OrdinaryTable
    used: Integers  # rows in use of each growing table, in the order of records.Growing
    neutral: Table  # the same order, the bytes of a new row of each growing table
    # the same order, then events: rows that may be in use before the table must grow; kept by `growth.with_room`
    room: Integers
    # Growing tables. What lies behind the rows in use is of no meaning: it may be another run's.
    job: typed.JobTable
    group: typed.GroupTable
    node: typed.NodeTable
    case: typed.CaseTable
    chain: typed.ChainTable
    request: typed.RequestTable
    evidence: typed.EvidenceTable
    partner: typed.PartnerTable
    action: typed.ActionTable
    spell: typed.SpellTable
    member: typed.MemberTable
    milestone: typed.MilestoneTable
    migration: typed.MigrationTable
    headcount: typed.HeadcountTable
    vacancy: typed.VacancyTable
    recipient: typed.RecipientTable
    leak: typed.LeakTable
    trust: typed.TrustTable
    referral: typed.ReferralTable
    posting: typed.PostingTable
    sighting: typed.SightingTable
    freeze: typed.FreezeTable

    def __reduce__(self) -> tuple[Any, ...]:
        """Says how `pickle` and `copy` make the world again; NumPy alone would forget which arrays are read-only."""
        return _restored, (tuple(self), tuple(part.flags.writeable for part in self))


def _restored(parts: Sequence[Any], writeable: Sequence[bool]) -> World:
    """World of arrays that a pickle held; rules are compiled for read-only arrays, and others would need a minute."""
    for part, flag in zip(parts, writeable, strict=True):
        if not flag:
            part.flags.writeable = False
    return World(*parts)


def records(world: World, name: str) -> Table:
    """View of the rows in use of one of the world's tables."""
    if name in TABLE_NAMES:
        rows: Table = getattr(world, name)[: world.used[TABLE_NAMES.index(name)]]
        return rows
    if name in FIXED_NAMES:
        fixed: Table = getattr(world, name)
        return fixed
    raise KeyError(f"no table {name!r}; there are {', '.join((*TABLE_NAMES, *FIXED_NAMES))}")


def duplicate(world: World, over: World | None = None) -> World:
    """Copy of a world for another scenario run; reuses the memory of the world `over` if given.

    The law's arrays are read-only and stay shared. Tables of a world that nobody needs any more are written over:
    memory that a process has held before, and tables that need not grow again, are much faster than new ones. Behind
    the rows in use its own rows stay, until `new_row` clears them.
    """
    parts: dict[str, Any] = {}
    for name in World._fields:
        part: Any = getattr(world, name)
        parts[name] = copied(part) if part.flags.writeable and name not in TABLE_NAMES else part
    for name in TABLE_NAMES:
        rows = records(world, name)
        parts[name] = table(name, len(getattr(world, name)), rows.dtype, over)
        fill(parts[name], rows)
    return World(**parts)


def table(name: str, rows: int, kind: npt.DTypeLike, over: World | None = None) -> Table:
    """Growing table with room for `rows` rows: that of the world `over`, not cleared, if long enough; or a new one."""
    old: Table | None = getattr(over, name) if over else None
    return old if old is not None and len(old) >= rows else empty(rows, kind)
