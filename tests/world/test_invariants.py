"""What holds in every world, checked in random small ones: rows, codes, keys and events."""

import numpy as np

from sim.engine.clock import EVENT_COUNTS, Count
from sim.law.vocabulary import Channel
from sim.world.records import ENTITIES, GROWING, CaseStatus, ChainStatus, EvidenceStatus, GroupStatus, JobStatus
from sim.world.records.codes import MemberStatus, RequestPurpose, RequestStatus, SpellCause
from sim.world.world import World, records
from tests.tiny import waiting_events
from tests.world.worlds import CHANGES, STRAINS, in_any_world, world_at

#: Fields that hold rows of another table, and the table.
REFERENCES = [
    (entity.name, item.name, item.unit.removeprefix("row of "))
    for entity in ENTITIES
    for item in entity.fields
    if isinstance(item.unit, str) and item.unit.startswith("row of ") and item.unit != "row of terms.yaml"
]
#: Fields that hold codes, and their enumeration.
CODED = [
    (entity.name, item.name, item.unit)
    for entity in ENTITIES
    for item in entity.fields
    if not isinstance(item.unit, str) and entity.name != "ordinary"  # kinds of one way follow its first
]


@in_any_world
def test_rows_keys_and_codes_are_those_that_exist_and_events_lie_ahead(world: World) -> None:
    for table, field, other in REFERENCES:
        rows = records(world, table)[field]
        assert ((rows >= -1) & (rows < len(records(world, other)))).all(), (table, field)
    group = records(world, "group")
    assert (group["first_node"] + group["nodes"] <= len(records(world, "node"))).all()
    assert (group["first_member"] + group["members"] <= len(records(world, "member"))).all()
    # Or 0, which is also what a stage is before there is any.
    for table, field, codes in CODED:
        assert set(records(world, table)[field].tolist()) <= {0} | {code.value for code in codes}, (table, field)
    # A lineage key belongs to one row, else two rows would share their fate.
    for table in GROWING:
        rows = records(world, table)
        if "key" in rows.dtype.names and table != "job":  # files bear the key of their request
            assert len(np.unique(rows["key"])) == len(rows), table
    waiting = waiting_events(world)
    assert len(waiting) == world.counters[Count.WAITING]
    assert (waiting["time"] >= world.now[0]).all()
    assert world.counters[Count.HANDLED] == world.counters[EVENT_COUNTS:].sum()


def test_the_random_worlds_reach_what_they_should_test() -> None:
    """Over a fixed set of worlds every status of every kind occurs, so that the checks above are not empty."""
    worlds = [
        world_at(seed, strain, changes, 20, 2.4) for strain in STRAINS for changes in CHANGES for seed in (0, 1, 13)
    ]

    def seen(table: str, field: str = "status") -> set[int]:
        return {int(value) for world in worlds for value in np.unique(records(world, table)[field])}

    assert seen("request") == set(RequestStatus)
    assert seen("evidence") == set(EvidenceStatus)
    assert seen("case") >= set(CaseStatus) - {CaseStatus.NO_OFFENCE}
    assert seen("group") == set(GroupStatus)
    assert seen("chain") == set(ChainStatus)
    assert seen("job") == set(JobStatus)
    assert seen("spell", "cause") == set(SpellCause)
    assert seen("request", "purpose") == set(RequestPurpose)
    assert seen("request", "channel") == set(Channel) - {Channel.SURRENDER, Channel.UN_CONVENTION}  # not in force
    assert seen("member") == set(MemberStatus)
    assert [name for name in GROWING if not any(len(records(world, name)) for world in worlds)] == []
