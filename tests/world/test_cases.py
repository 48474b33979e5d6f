"""Invariants of cases, members, actions and groups in whole worlds."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from sim.world.parameters import WorldSpec
from sim.world.records import ActionType, CaseStatus, ChainStatus, GroupStatus, MemberStatus, SpellCause
from sim.world.world import World, records
from tests.tiny import begun
from tests.world.worlds import frame, in_any_world


@in_any_world
def test_cases_know_their_nodes_members_and_chains(world: World) -> None:
    case, sighting, chain = records(world, "case"), records(world, "sighting"), records(world, "chain")
    for row, known in zip(case["first_sighting"], case["known_nodes"], strict=True):
        in_sight = 0
        while row >= 0:
            in_sight += sighting["in_sight"][row]
            row = sighting["next_sighting"][row]
        assert in_sight == known
    member = records(world, "member")
    named = np.bincount(member["known_by"][member["known_by"] >= 0], minlength=len(case))
    np.testing.assert_array_equal(case["known_members"], named)
    working = np.isnan(case["closed"])
    whole = chain[chain["head"] == np.arange(len(chain))]
    live = np.bincount(whole["case"][whole["status"] == ChainStatus.LIVE], minlength=len(case))
    np.testing.assert_array_equal(case["live_chains"][working], live[working])
    assert (live[~working] == 0).all()
    np.testing.assert_array_equal(np.bincount(whole["case"], minlength=len(case)), case["chains"])
    assert (case["known_nodes"] <= world.group["nodes"][case["group"]]).all()
    assert (chain["hop"] <= chain["hops"]).all()
    finished = chain["status"] == ChainStatus.COMPLETE
    assert (chain["hop"] == chain["hops"])[finished].all()


@in_any_world
def test_cases_count_who_was_informed_and_merged_ones_follow_a_case_that_leads(world: World) -> None:
    case, recipient = records(world, "case"), records(world, "recipient")
    np.testing.assert_array_equal(case["recipients"], np.bincount(recipient["case"], minlength=len(case)))
    merged = np.flatnonzero((case["status"] == CaseStatus.MERGED) & np.isnan(case["closed"]))
    lead = case["merged_into"][merged]
    assert (lead >= 0).all()
    assert np.isin(case["status"][lead], [CaseStatus.INVESTIGATING, CaseStatus.PREPARING]).all()
    assert (case["group"][lead] == case["group"][merged]).all()
    assert (case["merged_into"][(case["status"] != CaseStatus.MERGED)] == -1).all()
    # A unit does not open a second case on a group that it works on.
    opened = frame(world, "case").query("closed.isna()")
    assert not opened.duplicated(["group", "state"]).any()
    # Leads are not looked at before the oldest ask is due: a case that remembered too late a day would miss them.
    chain = records(world, "chain")
    doubled = chain["doubled"][chain["head"]] == 1
    could = (chain["status"] == ChainStatus.LIVE) & ~doubled & np.isnan(case["closed"][chain["case"]])
    assert (chain["asked"] >= case["oldest_ask"][chain["case"]])[could].all()


@in_any_world
def test_agencies_count_their_open_cases(world: World) -> None:
    case = records(world, "case")
    working = np.isnan(case["closed"])
    open_cases = np.bincount(case["state"][working], minlength=len(world.state))
    np.testing.assert_array_equal(world.state["open_cases"], open_cases)
    status = [CaseStatus.INVESTIGATING, CaseStatus.PREPARING, CaseStatus.MERGED]
    assert np.isin(case["status"][working], status).all()
    assert not np.isin(case["status"][~working], status[:2]).any()
    assert (case["opened"] <= np.where(working, world.now[0], case["closed"])).all()


@in_any_world
def test_capability_and_spells(world: World) -> None:
    group, spell = records(world, "group"), frame(world, "spell")
    assert spell["capability"].between(0, 1).all()
    assert ((group["capability"] >= 0) & (group["capability"] <= 1)).all()
    assert (spell.groupby("group")["day"].diff().dropna() >= 0).all()
    first, last = spell.groupby("group").first(), spell.groupby("group").last()
    assert (first["cause"] == SpellCause.ENTRY).all()
    np.testing.assert_array_equal(first.index, np.arange(len(group)))
    np.testing.assert_array_equal(first["day"], group["entered"])
    np.testing.assert_array_equal(last["capability"], group["capability"])
    away = np.isin(group["status"], [GroupStatus.DOWN, GroupStatus.EXITED, GroupStatus.REMOVED])
    assert ((group["capability"] == 0) == away).all()
    over = np.isin(group["status"], [GroupStatus.EXITED, GroupStatus.REMOVED])
    assert (np.isnan(group["ended"]) == ~over).all()
    takedowns = spell[spell["cause"].isin([SpellCause.TAKEDOWN, SpellCause.PARTIAL_ACTION])]
    assert (takedowns["case"] >= 0).all()


@in_any_world
def test_actions_and_their_consequences(world: World) -> None:
    action, spell = frame(world, "action"), frame(world, "spell")
    assert (action["killed"] <= action["nodes"]).all()
    assert (action["ready_nodes"] <= action["known_nodes"]).all()
    assert (action["known_nodes"] <= action["nodes"]).all()
    assert (action["down"] == 1)[action["killed"] == action["nodes"]].all()
    assert action["residual"].between(0, 1).all() and action["foreseen"].between(0, 1).all()
    assert (action["arrests"][action["disruption"] == 1] == 0).all()
    assert (action["arrests"] <= world.group["members"][action["group"]]).all()
    struck = (action["residual"] < 1.0) | (action["down"] == 1)  # an action that hit nothing leaves the group as it was
    broken = spell["cause"] == SpellCause.TAKEDOWN  # by arrests apart from action days as well
    days = set(zip(action["group"], action["day"], strict=True))
    alone = np.array([place not in days for place in zip(spell["group"], spell["day"], strict=True)], bool)
    assert (spell["action_type"][broken & alone] == ActionType.ARRESTS).all()
    enforced = spell[spell["cause"].isin([SpellCause.TAKEDOWN, SpellCause.PARTIAL_ACTION]) & ~alone]
    assert sorted(zip(enforced["group"], enforced["day"], strict=True)) == sorted(
        zip(action["group"][struck], action["day"][struck], strict=True)
    )
    solved = records(world, "case")["status"] == CaseStatus.SOLVED
    assert set(np.flatnonzero(solved)) <= set(spell.loc[broken, "case"])


@in_any_world
def test_members_pass_from_wanted_to_judgment(world: World) -> None:
    member = frame(world, "member")
    known = member["status"] != MemberStatus.UNKNOWN
    assert ((member["known_by"] >= 0) == known).all()
    steps = "identified indicted", "identified arrested", "indicted arrested", "arrested surrendered", "arrested ended"
    for earlier, later in map(str.split, steps):
        both = member[earlier].notna() & member[later].notna()
        assert (member[earlier] <= member[later])[both].all(), (earlier, later)
    judged = member["status"].isin([MemberStatus.RELEASED, MemberStatus.CONVICTED, MemberStatus.ACQUITTED])
    assert (member["ended"].notna() == judged).all() and member.loc[judged, "arrested"].notna().all()


@in_any_world
def test_partners_are_ready_only_with_authority_and_after_preparing(world: World) -> None:
    partner = records(world, "partner")
    ready = ~np.isnan(partner["ready_at"])
    assert (partner["authorised"][ready] == 1).all()
    assert (partner["prepared_at"][ready] <= partner["ready_at"][ready] + 1e-6).all()
    prepares = ~np.isnan(partner["prepared_at"])  # from the day on which it is first asked, or brought in
    assert (partner["joined"] <= partner["prepared_at"])[prepares].all()
    assert prepares[~np.isnan(partner["asked"])].all()
    assert not pd.DataFrame({"case": partner["case"], "state": partner["state"]}).duplicated().any()


@cache
def decade(seed: int) -> World:
    """A world of ten years and 100 groups."""
    spec = WorldSpec(groups=100, start="2022-01-01", policy_start="2024-01-01", end="2031-12-31")
    simulation = begun(seed, spec)
    simulation.advance(simulation.end)
    return simulation.world


@pytest.mark.slow
def test_actions_succeed_as_often_as_foreseen() -> None:
    """Actions succeed as often as forecast, by class of forecast (false alarm: 0.3 % per class)."""
    actions = pd.concat([frame(decade(seed), "action") for seed in range(24)])
    actions = actions[actions["disruption"] == 0]
    assert len(actions) > 250
    classes = actions.groupby(pd.cut(actions["foreseen"], [-1, 0.2, 0.5, 0.8, 1]), observed=True)
    found = classes.agg(foreseen=("foreseen", "mean"), down=("down", "mean"), number=("down", "size"))
    found = found[found["number"] >= 30]
    assert len(found) >= 3
    allowed = 0.1 + 3 * np.sqrt(found["foreseen"] * (1 - found["foreseen"]) / found["number"])
    assert ((found["down"] - found["foreseen"]).abs() <= allowed).all(), found
