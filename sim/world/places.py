"""Weights with which rules draw states: for groups, servers, victims, data and abusive requests."""

from typing import Any

import numpy as np
import numpy.typing as npt

from sim.data.geography import CrimeGeography
from sim.law.order import LegalOrder
from sim.world.parameters import GROUP_KIND_TABLE, Parameters, Theme, WorldSpec, kind_shares


def confined(geography: CrimeGeography, law: LegalOrder, spec: WorldSpec) -> CrimeGeography:
    """Geography limited to the states of the world."""
    if not spec.states:
        return geography
    for state in spec.states:
        law.index(state)  # an unknown one is an error
    mask = inside(law, spec).astype(np.float64)

    def kept(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Weights of the world's states, scaled to a sum of 1; other states have weight 0."""
        inside = weights * mask
        totals = inside.sum(axis=-1, keepdims=True)
        return np.where(totals > 0, inside / np.where(totals > 0, totals, 1), mask / mask.sum())

    providers = tuple(p for p in geography.providers if p.provider_class != 0 or mask[p.state] > 0)
    return geography._replace(
        wci=kept(geography.wci),
        cashout=kept(geography.cashout),
        hosting=kept(geography.hosting),
        victims=kept(geography.victims),
        internet_users=geography.internet_users * mask,
        providers=providers,
    )


def place_choices(geography: CrimeGeography, parameters: Parameters, law: LegalOrder) -> dict[str, Any]:
    """Arrays about places and kinds of group, by name: cumulative weights for draws, and properties of the kinds."""
    criminal = parameters.criminal
    home = geography.wci[[kind.lives_like for kind in GROUP_KIND_TABLE]]
    majors = np.array([p.market_share for p in geography.providers if p.provider_class == 0])
    return {
        "place_home": np.cumsum(home, axis=1),
        "place_hosting": place_weights(geography, criminal),
        "place_victims": np.cumsum(geography.victims),
        "place_majors": np.cumsum(majors),
        "place_kind": np.cumsum(kind_shares(criminal)),
        "place_abuse": np.cumsum(abuse_weights(geography, parameters.rights.abuse_weakness)),
        "place_refuge": np.cumsum(refuge_weights(geography)),
        "place_registry": np.cumsum(registry_weights(geography.hosting, law.index("USA"), criminal.registry_usa)),
        "domain_share": np.array([kind.domain_share for kind in GROUP_KIND_TABLE]),
        "domestic_share": np.array([criminal.domestic * kind.works_at_home for kind in GROUP_KIND_TABLE]),
        "clients": np.array([kind.clients for kind in GROUP_KIND_TABLE]),
        "sells": np.array([kind.sells for kind in GROUP_KIND_TABLE], np.int8),
        "buys_services": np.array([kind.buys_services for kind in GROUP_KIND_TABLE], np.int8),
    }


def registry_weights(hosting: npt.NDArray[np.float64], usa: int, share: float) -> npt.NDArray[np.float64]:
    """Share of all domains registered in each state, float64 [state].

    The share of the United States falls to the others in a world without them.
    """
    weights: npt.NDArray[np.float64] = (1.0 - share) * hosting
    weights[usa] += share * hosting.sum() * (hosting[usa] > 0)
    return weights / weights.sum()


def abuse_weights(geography: CrimeGeography, weakness: float) -> npt.NDArray[np.float64]:
    """Weight of each state as sender of abusive requests (part H), float64 [state]."""
    weights: npt.NDArray[np.float64] = (1.0 - geography.rule_of_law) ** weakness * np.sqrt(geography.internet_users)
    return weights


def refuge_weights(geography: CrimeGeography) -> npt.NDArray[np.float64]:
    """Weight of each state as a refuge for critics of other states (judgement), float64 [state]."""
    return geography.rule_of_law**2 * np.sqrt(geography.internet_users)


def inside(law: LegalOrder, spec: WorldSpec) -> npt.NDArray[np.bool_]:
    """True for each state that is part of the world, bool [state]."""
    return np.isin(law.states, spec.states or law.states)


def place_weights(geography: CrimeGeography, criminal: Theme) -> npt.NDArray[np.float64]:
    """Cumulative probabilities of states as locations of servers, float64 [state] (M15).

    Supply of hosting attracts, and so does hosting that ignores complaints; governance, by which criminals expect
    action there, repels. States without hosting have none.
    """
    hosting = geography.hosting
    utility = criminal.hosting_elasticity * np.log(np.where(hosting > 0, hosting, 1.0))
    utility = utility + criminal.bulletproof_draw * geography.bulletproof
    utility = utility - criminal.perceived_risk_weight * geography.governance
    weights = np.where(hosting > 0, np.exp(utility - utility.max()), 0.0)
    return np.cumsum(weights / weights.sum())
