"""Tests of the weights of states for groups, servers, victims and abuse, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from sim.data.geography import CrimeGeography
from sim.law.order import legal_order
from sim.world.assemble import gate_odds
from sim.world.baseline import electronic_pairs
from sim.world.parameters import GROUP_KIND_TABLE, Parameters, WorldSpec
from sim.world.places import abuse_weights, confined, place_choices, place_weights, refuge_weights, registry_weights
from sim.world.records import Body


def test_supply_draws_and_risk_repels() -> None:
    """The weight of a state as a host grows with its supply and falls with its risk."""
    hosting, none, risky = np.array([1.0, 4.0, 0.0]), np.zeros(3), np.array([0.0, 1.0, 0.0])
    for bulletproof, risk, elasticity, odds in (
        *((none, none, 1.0, 4.0), (none, none, 2.0, 16.0)),
        *((none, risky, 1.0, 4.0 * np.exp(-0.5)), (risky, none, 1.0, 4.0 * np.exp(0.25))),
    ):
        world = CrimeGeography.load()._replace(hosting=hosting, bulletproof=bulletproof, governance=risk)
        draws = {"hosting_elasticity": elasticity, "bulletproof_draw": 0.25, "perceived_risk_weight": 0.5}
        found = place_weights(world, replace(Parameters().criminal, **draws))
        assert np.diff(found, prepend=0.0) == pytest.approx([1.0 / (1.0 + odds), odds / (1.0 + odds), 0.0])


@pytest.mark.parametrize(
    ("hosting", "wanted"), [([0.1, 0.2, 0.7], [0.05, 0.6, 0.35]), ([0.25, 0.0, 0.75], [0.25, 0, 0.75])]
)
def test_domains_are_under_the_registry_of_the_usa_by_its_share_and_elsewhere_by_hosting(hosting, wanted) -> None:
    """Domains are registered in the USA by a fixed share, and elsewhere in proportion to hosting."""
    assert registry_weights(2.0 * np.array(hosting), 1, 0.5) == pytest.approx(wanted)


def test_a_world_of_some_states_has_all_weight_in_them_and_an_even_share_where_none_is_known() -> None:
    law, all_of = legal_order(), CrimeGeography.load()
    states = ["BRA", "DEU", "USA"]
    at = [law.index(state) for state in states]
    nowhere = np.where(np.isin(np.arange(len(law.states)), at), 0.0, all_of.victims)
    found = confined(all_of._replace(victims=nowhere), law, WorldSpec(states=states))
    for name in ("hosting", "cashout", "wci"):
        before, after = getattr(all_of, name), getattr(found, name)
        assert after[..., at] == pytest.approx(before[..., at] / before[..., at].sum(axis=-1, keepdims=True)), name
        assert after.sum(axis=-1) == pytest.approx(1.0)
    assert found.victims[at] == pytest.approx(1 / 3) and found.victims.sum() == pytest.approx(1.0)
    assert found.internet_users[at] == pytest.approx(all_of.internet_users[at])
    assert found.internet_users.sum() == pytest.approx(all_of.internet_users[at].sum())
    majors = [one for one in all_of.providers if one.provider_class == 0]
    kept = [one for one in majors if one.state in at]
    found_by = place_choices(all_of, parameters := Parameters(), law)
    assert np.diff(found_by["place_majors"], prepend=0.0) == pytest.approx([one.market_share for one in majors])
    at_home = [parameters.criminal.domestic * kind.works_at_home for kind in GROUP_KIND_TABLE]
    assert found_by["domestic_share"] == pytest.approx(at_home)
    assert 0 < len(kept) < len(majors) and found.providers == (*kept, *all_of.providers[len(majors) :])
    assert confined(all_of, law, WorldSpec()) is all_of


def test_abuse_comes_from_where_the_rule_of_law_is_weak_and_critics_live_where_it_is_strong() -> None:
    some = CrimeGeography.load()._replace(rule_of_law=np.array([0.5, 0.9]), internet_users=np.array([9.0, 100.0]))
    assert abuse_weights(some, 2.0) == pytest.approx(np.array([0.25 * 3.0, 0.01 * 10.0]))
    assert refuge_weights(some) == pytest.approx([0.25 * 3.0, 0.81 * 10.0])


def test_doors_open_by_rule_of_law_and_well_governed_pairs_with_a_police_body_send_electronically() -> None:
    law = np.array([0.2, 0.4, 0.9])
    odds = gate_odds(law, 0.3)
    assert np.diff(odds) == pytest.approx(1.68 * np.diff(law) / law.std())
    assert (1.0 / (1.0 + np.exp(odds))).mean() == pytest.approx(0.3)
    geography = CrimeGeography.load()._replace(governance_tier=np.array([0, 1, 2]))
    europol, interpol, jcat = Body.EUROPOL, Body.INTERPOL, Body.JCAT
    body = np.array([[jcat, europol, jcat], [europol, interpol, europol], [jcat, jcat, jcat]], np.int8)
    assert electronic_pairs(geography, body).tolist() == [[1, 1, 0], [1, 0, 0], [0, 0, 0]]
