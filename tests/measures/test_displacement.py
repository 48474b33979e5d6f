"""Activity and action by dimension, and the outcomes of adaptation, on a few rows counted by hand."""

import numpy as np
import pytest

from sim.measures.displacement import Dimension, activity
from sim.measures.history import Window
from sim.world.parameters import GROUP_KINDS
from sim.world.records import GroupStatus, SpellCause
from tests.measures.worlds import START, WINDOW, check, observation, spell

YEAR = 365.25


def arm():
    """Two groups of one kind; group 0 is taken down after a year and half of its users go to group 1."""
    group = [
        {"key": 2**64 - 5, "kind": 2, "entered": START - 50, "status": GroupStatus.DOWN},
        {"key": 7, "kind": 2, "entered": START + 10, "status": GroupStatus.ACTIVE},
    ]
    spells = [
        spell(-50, 1.0, SpellCause.ENTRY, scale=2.0),
        spell(YEAR, 0.0, SpellCause.TAKEDOWN, scale=2.0),
        spell(0, 1.0, SpellCause.ENTRY, group=1),
        spell(YEAR, 1.0, SpellCause.USERS_JOINED, group=1, scale=2.0),
    ]
    node = [
        {"group": 0, "state": 3, "lost_in": 2, "lost_at": START + YEAR},
        {"group": 1, "state": 1, "lost_in": -1},
        {"group": 1, "state": 1, "lost_in": 2, "lost_at": START - 1},
    ]
    return observation(
        group=group,
        spell=spells,
        node=node,
        case=[{"state": 3, "group": 0, "opened": START + 5}, {"state": 0, "group": 0, "opened": START - 5}],
        action=[{"case": 1, "group": 0, "day": START + YEAR, "down": 1}],
        migration=[{"group": 0, "rival": 1, "day": START + YEAR, "amount": 1.0}],
    )


def rows(dimension: Dimension) -> dict[int, tuple[float, float]]:
    table = activity(arm())
    mine = table["dimension"] == dimension
    return {
        int(place): (float(amount), float(events))
        for place, amount, events in zip(*(table[c][mine] for c in ("place", "activity", "enforcement")), strict=True)
        if amount or events
    }


def test_activity_by_state_kind_group_and_half_year() -> None:
    assert rows(Dimension.SERVERS) == {1: (2.0, 0.0), 2: (0.0, 1.0)}
    assert rows(Dimension.VICTIMS) == {0: (0.0, 1.0), 3: (1.0, 0.0)}
    alone = 2.0 * (WINDOW.years - 1.0) + 1.0
    assert rows(Dimension.METHOD) == {2: (pytest.approx(2.0 + alone), 1.0)}
    assert rows(Dimension.GROUP) == {-5: (pytest.approx(2.0), 1.0), 7: (pytest.approx(alone), 0.0)}
    periods = rows(Dimension.TIME)
    assert periods[0] == (pytest.approx(1.5), 0.0)
    assert periods[2] == (pytest.approx(1.0), 1.0)
    assert sum(amount for amount, _ in periods.values()) == pytest.approx(2.0 + alone)
    check(arm(), entries_per_year=1 / WINDOW.years)


def test_weakened_groups_and_those_that_are_down_count_by_what_they_can_do_and_what_is_done() -> None:
    """A group of size three at half its capability for a window of two years: three years, in four half-years."""
    window = Window(START, START + 2 * YEAR, START + 2 * YEAR + 180.0)
    spells = [spell(-50, 0.5, SpellCause.ENTRY, scale=3.0)]
    group = [{"key": 9, "kind": 4, "entered": START - 50, "status": GroupStatus.ACTIVE}]
    table = activity(observation(window, group=group, spell=spells))
    amounts = {part: table["activity"][table["dimension"] == part] for part in Dimension}
    assert amounts[Dimension.GROUP] == pytest.approx([3.0])
    assert amounts[Dimension.METHOD] == pytest.approx(3.0 * (np.arange(len(GROUP_KINDS)) == 4))
    assert amounts[Dimension.TIME] == pytest.approx([0.75] * 4)
    seen = observation(
        group=[{"key": 3, "kind": 1, "entered": START - 50, "status": GroupStatus.DOWN}],
        node=[{"group": 0, "state": 2, "lost_in": 0, "lost_at": START + 5}],
        case=[{"state": 1, "group": 0, "opened": START}],
        action=[{"case": 0, "group": 0, "day": START + 5, "down": 1}],
    )
    table = activity(seen)
    assert table["enforcement"][table["dimension"] == Dimension.SERVERS].tolist() == [1, 0, 0, 0]
    groups = table["dimension"] == Dimension.GROUP
    assert (table["place"][groups].tolist(), table["enforcement"][groups].tolist()) == ([3], [1])
