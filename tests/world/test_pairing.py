"""Tests of paired worlds: no draw is used twice, and unaffected rows stay bit for bit the same."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.agents.crime.criminals import found_group
from sim.agents.events import Purpose
from sim.engine.compiling import kernel
from sim.simulate import Simulation
from sim.world.records import Growing, RequestPurpose
from sim.world.world import World
from sim.world.world_pointer import attach
from tests.interpreted import AS_PYTHON, printed_by
from tests.tiny import POLICY, TINY, UNCOUPLED, begun, to_frame
from tests.world.test_invariants import REFERENCES

#: Draws that are made again on purpose, each by one rule only.
MADE_AGAIN = set(pd.read_csv(Path(__file__).parent / "made_again.csv")["purpose"])


@pytest.mark.slow  # in plain Python: the first day alone makes 80,000 draws
def test_no_draw_is_made_twice_and_no_two_events_share_a_moment_and_a_tie_breaker() -> None:
    """No random draw is made twice, and no two events share both their time and their tie-breaker."""
    recorded: list[dict[str, Any]] = printed_by(AS_PYTHON, "-m", "tests.recorded_draws")
    for report in recorded:
        assert report["posted twice at one time"] == []
        repeated = {name: entry for name, entry in report["purposes"].items() if entry["repeated"]}
        assert set(repeated) <= MADE_AGAIN, repeated
        for name, entry in repeated.items():
            assert len(entry["places"]) == 1, name
            assert " " not in entry["places"][0], f"{name} is drawn by two rules: {entry['places']}"
    seen = {name for report in recorded for name in report["purposes"]}
    assert len(set(Purpose.__members__) - seen) <= 5, set(Purpose.__members__) - seen
    assert sum(entry["draws"] for report in recorded for entry in report["purposes"].values()) > 20_000


#: Tables in which a row is recognised by its key, and what distinguishes rows of one key; then those without a key.
KEYED = (
    *("group", "node", "member", "case", "chain", "request"),
    *("evidence", "partner", "migration", "freeze", "sighting"),
)
#: Rows of files, which everybody shares; rows of recipients, which case and state distinguish.
SCARS = ("job", "first_recipient", "next_recipient")


def named(world: World, name: str) -> pd.DataFrame:
    """A table with keys in place of row numbers, sorted by key."""
    frame = to_frame(world, name)
    for table, field, other in REFERENCES:
        if table == name and other in KEYED:
            keys = np.append(getattr(world, other)["key"][: world.used[Growing[other.upper()]]], np.uint64(0))
            frame[field] = keys[frame[field].to_numpy()]
    frame = frame.drop(columns=[column for column in SCARS if column in frame])
    order = [column for column in ("key", "group", "case", "state", "arrived", "day", "desk") if column in frame]
    return frame.sort_values(order, kind="stable").reset_index(drop=True)


def without(frame: pd.DataFrame, world: World, name: str, group: int) -> pd.DataFrame:
    """A table without the rows that descend from a group."""
    if name == "group":
        mine = frame["key"] == group
    elif "group" in frame:
        mine = frame["group"] == group
    else:
        cases = to_frame(world, "case")
        keys = set(cases.loc[world.group["key"][cases["group"]] == group, "key"])
        mine = frame["case"].isin(keys)
    return frame[~mine].reset_index(drop=True)


STRANGER = 10**9  # a potential arrival that never comes by itself


@kernel
def one_more_group(world, number):
    """Lets one more group enter today."""
    found_group(attach(world), number)


def pair(changes: dict[str, float], **spec: Any) -> tuple[World, World, int]:
    """A world without and with an additional group, and the key of that group."""
    runs: list[Simulation] = [begun(6, replace(TINY, **spec), changes, POLICY) for _ in range(2)]
    row = int(runs[1].world.used[Growing.GROUP])
    with np.errstate(over="ignore"):
        one_more_group(runs[1].world, STRANGER)
    for run in runs:
        run.advance(run.end)
    return runs[0].world, runs[1].world, int(runs[1].world.group["key"][row])


def test_one_more_group_changes_no_other_row_when_nothing_couples_them() -> None:
    """An additional group changes no other row if nothing couples groups."""
    alone, joined, stranger = pair(UNCOUPLED, infinite_servers=True, background=False)
    for name in (*KEYED, "action", "spell", "recipient"):
        mine, theirs = named(alone, name), without(named(joined, name), joined, name, stranger)
        pd.testing.assert_frame_equal(mine, theirs, check_exact=True, obj=name)
    assert len(named(joined, "request")) > len(named(alone, "request")) > 100


#: What of each table is drawn under the row's own key, without regard to others.
DRAWN = MappingProxyType(
    {
        "group": ["key", "kind", "home", "members", "nodes", "facts", "scale", "lineage_until", "entered"],
        "member": ["key", "group", "slot"],
    }
)
#: Of entities that both runs contain; which those are may differ with the couplings on.
SHARED = MappingProxyType(
    {
        "case": ["key", "group", "state", "ordinal", "quality", "opened"],
        "chain": ["key", "case", "ordinal", "hops"],
        "request": ["key", "case", "requesting", "requested", "urgent", "purpose", "hop"],
        "evidence": ["key", "case", "data_kind", "hop"],
    }
)


def shared(world: World, name: str) -> pd.DataFrame:
    """Rows by key, for a comparison of worlds.

    These ask for what others have left to be found, at a server that may have moved.
    """
    rows = named(world, name).set_index("key")
    if name not in ("evidence", "request"):
        return rows
    hops = named(world, "chain").set_index("key")["hops"]
    of_trail = rows["chain"] != 0
    if name == "request":  # a hop may be preserved before it is asked for
        of_trail &= rows["purpose"] != RequestPurpose.PRESERVATION
    before_last = rows["hop"] < rows["chain"].map(hops) - 1
    return rows[of_trail & before_last]


def test_one_more_group_changes_no_draw_of_others_when_they_are_coupled() -> None:
    """An additional group changes no random draw of others, even if the groups are coupled."""
    alone, joined, stranger = pair({})
    for name, columns in DRAWN.items():
        mine, theirs = named(alone, name), without(named(joined, name), joined, name, stranger)
        pd.testing.assert_frame_equal(mine[columns], theirs[columns], check_exact=True, obj=name)
    for name, columns in SHARED.items():
        mine, theirs = shared(alone, name), shared(joined, name)
        both = mine.index.intersection(theirs.index)
        assert len(both) > 0.2 * len(mine), name
        columns = [column for column in columns if column != "key"]
        pd.testing.assert_frame_equal(mine.loc[both, columns], theirs.loc[both, columns], check_exact=True, obj=name)
    job = [to_frame(world, "job")["started"].sum() for world in (alone, joined)]
    assert job[0] != job[1]  # they are coupled indeed


def test_node_places_do_not_depend_on_others() -> None:
    """Without learning, places of control nodes do not depend on other groups."""
    alone, joined, _ = pair({"mechanism.with_learning": 0.0})
    mine, theirs = (named(world, "node").set_index(["key", "moves"]) for world in (alone, joined))
    both = mine.index.intersection(theirs.index)
    assert len(both) > 0.7 * len(mine) and (mine.loc[both, "state"] == theirs.loc[both, "state"]).all()
