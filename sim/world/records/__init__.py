"""The record types of the world: one per entity, declared once.

The same array is what compiled rules read and write, what Mesa agents show, and what becomes a DataFrame.
All times are days since 2022-01-01 as float64; a time that has not come is NaN. Row numbers are -1 for "none".
A new row begins with these values: see `Field.neutral`.
"""

import numpy as np

from sim.engine.growable import row_templates
from sim.world.records.cases import ACTION, CASE, CHAIN, FREEZE, MILESTONE, PARTNER
from sim.world.records.codes import (
    NONE,
    STAGES,
    Abuse,
    ActionType,
    Addressee,
    AlertCause,
    Body,
    CaseStatus,
    ChainStatus,
    ChainTarget,
    Concern,
    DeskKind,
    EvidenceStatus,
    FrozenBy,
    GroupStatus,
    Growing,
    JobStatus,
    MemberStatus,
    MilestoneKind,
    NodeDiscovery,
    Ordinary,
    ProviderPolicy,
    ReferralTask,
    RequestPurpose,
    RequestStatus,
    SpellCause,
    Stage,
    TaskResult,
    UnitKind,
    WhyNotAsked,
)
from sim.world.records.field import Entity
from sim.world.records.groups import GROUP, MEMBER, MIGRATION, NODE, SIGHTING, SPELL
from sim.world.records.liaison import BOND, LIAISON_BODY, POSTING, REFERRAL, TRUST
from sim.world.records.requests import EVIDENCE, REQUEST
from sim.world.records.staff import DESK, HEADCOUNT, JOB, LEAK, ORDINARY, PROVIDER, RECIPIENT, STATE, UNIT, VACANCY

#: Entities whose tables keep their length during a run.
FIXED: tuple[Entity, ...] = (STATE, DESK, PROVIDER, UNIT, BOND, LIAISON_BODY, ORDINARY)
_IMPORTED = {entity.name: entity for entity in tuple(globals().values()) if isinstance(entity, Entity)}
_GROWING = tuple(_IMPORTED[table.name.lower()] for table in Growing)
#: Every entity of the world.
ENTITIES: tuple[Entity, ...] = (*FIXED, *_GROWING)
#: Record type of each growing table, by name, in the order of `Growing`.
GROWING: dict[str, np.dtype[np.void]] = {entity.name: entity.dtype for entity in _GROWING}
#: New rows of the growing tables in the same order, for `engine.rows.new_row`.
NEUTRAL_ROWS = row_templates([entity.neutral for entity in _GROWING])
