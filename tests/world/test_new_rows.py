"""New rows are neutral: no other row is meant and no day has come, unless a rule says so."""

import math

import numpy as np

from sim.engine.compiling import kernel
from sim.engine.growable import empty
from sim.engine.rows import new_row
from sim.world.growth import DONE, with_room
from sim.world.records import ENTITIES, FIXED, GROWING, NONE, Growing
from sim.world.world import TABLE_NAMES, World, duplicate, records
from sim.world.world_pointer import attach
from tests.tiny import begun

GROWING_ENTITIES = [entity for entity in ENTITIES if entity not in FIXED]
#: Fields for which something else than their unit says what they begin with.
OTHERWISE = {
    ("job", "returned_on"): math.inf,
    ("evidence", "moves_at"): math.inf,
    ("partner", "shown"): -math.inf,
    ("member", "shown"): -math.inf,
    ("request", "deadline_days"): math.nan,
    ("request", "trust"): math.nan,
    ("spell", "lasting"): math.nan,
}


@kernel
def one_more_of_each(world: World) -> int:
    """Adds a request, a job and a migration: long, short and middling rows."""
    attached = attach(world)
    new_row(attached, attached.request, Growing.REQUEST.value)
    new_row(attached, attached.job, Growing.JOB.value)
    new_row(attached, attached.migration, Growing.MIGRATION.value)
    return DONE


def expected(table: str, name: str, unit: object) -> float:
    if (table, name) in OTHERWISE:
        return OTHERWISE[table, name]
    if str(unit).startswith("row"):
        return NONE
    return math.nan if unit == "day" else 0


def test_the_places_of_tables_are_those_of_their_declarations() -> None:
    """`Growing` numbers the tables: rules would write the template of one into another."""
    assert [table.name.lower() for table in Growing] == list(GROWING) == [entity.name for entity in GROWING_ENTITIES]


def test_a_new_row_means_no_other_row_and_no_day() -> None:
    for entity in GROWING_ENTITIES:
        for item in entity.fields:
            wanted = expected(entity.name, item.name, item.unit)
            np.testing.assert_array_equal(entity.neutral[item.name], wanted, f"{entity.name}.{item.name}")


def test_rules_take_such_rows_wherever_an_earlier_run_has_left_its_own() -> None:
    world = begun(1).world
    for name in GROWING:
        getattr(world, name)[int(world.used[list(GROWING).index(name)]) :].view(np.uint8)[:] = 7
    world = with_room(world, one_more_of_each)
    for entity in GROWING_ENTITIES:
        if entity.name in ("request", "job", "migration"):
            assert records(world, entity.name)[-1].tobytes() == entity.neutral.tobytes()


def test_a_copy_holds_the_same_rows_and_shares_nothing_that_can_be_written() -> None:
    """Or one arm of a comparison would write into another; a world that is done with lends its tables."""
    world = World(**{name: empty(4, GROWING.get(name, np.dtype(float))) for name in World._fields})
    world = world._replace(used=np.arange(len(GROWING)) % 4, terms=np.zeros(2))
    world.terms.flags.writeable = False  # as the law's arrays are
    for name in TABLE_NAMES:
        getattr(world, name).view(np.uint8)[:] = 7
    for over in (None, duplicate(world), world._replace(**{name: empty(1, GROWING[name]) for name in TABLE_NAMES})):
        made = duplicate(world, over)
        for name in World._fields:
            kept, own = getattr(world, name), getattr(made, name)
            assert np.shares_memory(kept, own) == (name == "terms"), name
            assert name in TABLE_NAMES or kept.tobytes() == own.tobytes(), name
        assert all(records(made, name).tobytes() == records(world, name).tobytes() for name in TABLE_NAMES)
        for name in TABLE_NAMES:
            lent = over is not None and len(getattr(over, name)) == 4
            assert lent == (over is not None and getattr(made, name) is getattr(over, name)), name
