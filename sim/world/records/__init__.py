"""Record types of the world's tables, one per kind of entity, declared in entities.csv and fields.csv.

The same array is what compiled rules read and write, what Mesa agents show, and what becomes a DataFrame.
All times are days since 2022-01-01 as float64; a time that has not come is NaN. Row numbers are -1 for "none".
A new row begins with these values: see `Field.neutral`.
"""

import numpy as np

from sim.engine.growable import row_templates
from sim.world.records.codes import *  # noqa: F403 - all of them are there for others
from sim.world.records.codes import Growing
from sim.world.records.field import Entity, read_entities

_TABLES = read_entities()
_GROWING: tuple[Entity, ...] = tuple(_TABLES.pop(table.name.lower()) for table in Growing)
#: Entities whose tables keep their length during a run.
FIXED: tuple[Entity, ...] = tuple(_TABLES.values())
#: Every entity of the world.
ENTITIES: tuple[Entity, ...] = (*FIXED, *_GROWING)
# A name for each, in the same order.
STATE, DESK, PROVIDER, UNIT, BOND, LIAISON_BODY, ORDINARY = FIXED
JOB, GROUP, NODE, CASE, CHAIN, REQUEST, EVIDENCE, PARTNER, ACTION, SPELL, MEMBER, *_OTHERS = _GROWING
MILESTONE, MIGRATION, HEADCOUNT, VACANCY, RECIPIENT, LEAK, TRUST, REFERRAL, POSTING, SIGHTING, FREEZE = _OTHERS
#: Record type of each growing table, by name, in the order of `Growing`.
GROWING: dict[str, np.dtype[np.void]] = {entity.name: entity.dtype for entity in _GROWING}
#: New rows of the growing tables in the same order, for `engine.rows.new_row`.
NEUTRAL_ROWS = row_templates([entity.neutral for entity in _GROWING])
