"""Weights with which states are drawn for criminals, servers, victims and providers.

Rules (tag judgement unless the column is a plain figure of its source):

* governance score = mean of rule of law, government effectiveness and control of corruption (WGI 2021,
  each mapped from -2.5..2.5 to 0..1) at three quarters, and the Global Cybersecurity Index 2024 at one
  quarter; its tiers are cut at 0.70, 0.55 and 0.40 (tier 0 is the best governed). A State without WGI takes
  0.72 there (European micro-States), one without index takes its WGI part.
* hosting supply = 0.55 IPv4 share, with legacy blocks damped by the power 0.8, + 0.25 hyperscale capacity
  share (the part that is not sourced spread as IPv4) + 0.20 botnet control-server share (likewise).
* bulletproof prior = how little rule of law and corruption control stand in the way, less in Parties to the
  Budapest Convention.
* a home of members: World Cybercrime Index of the group's type, plus 2 % spread by internet users so that no
  State is impossible.
"""

from enum import IntEnum
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.data.load import by_state, read_table, states
from sim.data.providers import ProviderAnswers, answers_of_major, answers_of_others, ordinary_parts

Float = npt.NDArray[np.float64]

#: Metric of crime_geography.csv for each of the first five group kinds of the world.
INDEX_METRICS = (
    "wci_technical",
    "wci_attacks_extortion",
    "wci_data_identity_theft",
    "wci_scams",
    "wci_cashout_laundering",
)
TIER_CUTS = (0.70, 0.55, 0.40)
MICRO_STATE_WGI = 0.72
ANYWHERE = 0.02


class ProviderClass(IntEnum):
    """Classes of providers by their role in investigations."""

    MAJOR = 0  # platform with accounts of users everywhere
    HOST = 1  # hosting of a state
    ACCESS = 2  # internet access in a state


class Provider(NamedTuple):
    """A service provider with data on users: name, state, class, share of evidence, and answers to authorities."""

    name: str
    state: int
    provider_class: ProviderClass
    market_share: float  # of evidence, within its class, 0–1
    answers: ProviderAnswers  # to foreign authorities that ask it directly
    ordinary: float = 0.0  # part of requests in ordinary cases to large providers, 0–1


class CrimeGeography(NamedTuple):
    """Figures on states from which rules draw; home, cash-out, hosting and victim weights sum to 1 each."""

    wci: Float  # [5, S] home of members by group kind
    cashout: Float  # [S]
    hosting: Float  # [S]
    victims: Float  # [S]
    gdp: Float  # [S] current US$
    population: Float  # [S] persons
    internet_users: Float  # [S] persons
    rule_of_law: Float  # [S] 0–1, the WGI indicator of that name
    governance: Float  # [S] 0–1
    governance_tier: npt.NDArray[np.int8]  # [S] 0 (best) .. 3
    bulletproof: Float  # [S] 0–1
    providers: tuple[Provider, ...]

    @classmethod
    @cache
    def load(cls) -> "CrimeGeography":
        """Reads all weights from the data files, once per process."""
        population, gdp = _figures("population"), _figures("gdp_usd")
        users = population * _figures("internet_users_pct") / 100
        score, metrics, spread = governance_score(), _metrics(), _normalised(users)
        wci = np.stack([_normalised(metrics[name]) for name in INDEX_METRICS])
        wci = (1 - ANYWHERE) * wci + ANYWHERE * spread
        hosting = _hosting(metrics)
        geography = cls(
            wci=wci,
            cashout=_normalised(0.8 * wci[4] + 0.2 * _normalised(gdp)),
            hosting=hosting,
            victims=_normalised(gdp * users / np.maximum(population, 1)),
            gdp=gdp,
            population=population,
            internet_users=users,
            rule_of_law=_rule_of_law(),
            governance=score,
            governance_tier=governance_tier(score),
            bulletproof=_bulletproof(),
            providers=_providers(hosting, spread),
        )
        for weights in geography[:-1]:
            weights.setflags(write=False)
        return geography

    def places_of_providers(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Returns the state and the ProviderClass of each provider, int64 [provider] each."""
        pairs = [(provider.state, provider.provider_class) for provider in self.providers]
        places, classes = np.array(pairs, np.int64).reshape(-1, 2).T
        return places, classes


@cache
def governance_score() -> Float:
    """Quality of government of each state (0–1), float64 [state]."""
    wgi, cyber = _world_governance(), _figures("gci_2024", np.nan)
    score = 0.75 * wgi + 0.25 * (np.where(np.isnan(cyber), 100 * wgi, cyber) / 100)
    score.setflags(write=False)
    return score


def governance_tier(score: Float) -> npt.NDArray[np.int8]:
    """Tier of government of each state from its score, 0 (best) to 3 (worst), int8 [state]."""
    return np.sum([score < cut for cut in TIER_CUTS], axis=0).astype(np.int8)


def _world_governance() -> Float:
    """Mean of three World Bank indicators of governance for each state (0–1)."""
    missing = MICRO_STATE_WGI * 5 - 2.5
    names = ("wgi_rule_of_law", "wgi_gov_effectiveness", "wgi_control_corruption")
    return np.clip((np.mean([_figures(name, missing) for name in names], axis=0) + 2.5) / 5, 0, 1)


def _rule_of_law() -> Float:
    """Rule of law in each state (0–1), by the World Bank's indicator."""
    scores = _figures("wgi_rule_of_law", np.nan)
    return np.clip((np.where(np.isnan(scores), _world_governance() * 5 - 2.5, scores) + 2.5) / 5, 0, 1)


def _figures(column: str, missing: float = 0.0) -> Float:
    """Numbers in a column of countries.csv, one per state; blank cells count as `missing`."""
    table = read_table("countries.csv")
    rows = by_state(table.rows)
    return np.array([table.number(rows[state], column, missing) for state in states()])


def _metrics() -> dict[str, Float]:
    """Values for all states of each metric in crime_geography.csv, by name of the metric."""
    table = read_table("crime_geography.csv")
    position = {state: index for index, state in enumerate(states())}
    vectors: dict[str, Float] = {}
    for row in table.rows:
        vector = vectors.setdefault(row["metric"], np.zeros(len(position)))
        if row["iso3"] in position:
            vector[position[row["iso3"]]] = table.number(row, "value")
    return vectors


def _hosting(metrics: dict[str, Float]) -> Float:
    """Weight of each state as a location of servers, from several metrics."""
    address = _normalised(metrics["ipv4_share"] ** 0.8)
    hyperscale = _completed(metrics["hyperscale_dc_capacity_share"], address)
    control = _completed(metrics["botnet_c2_share"], address)
    return _normalised(0.55 * address + 0.25 * hyperscale + 0.20 * control)


def _completed(share_percent: Float, spread: Float) -> Float:
    """Shares of all states: published percentages, and the rest spread over the other states."""
    known = share_percent > 0
    others = _normalised(np.where(known, 0.0, spread))
    rest = max(0.0, 1 - share_percent.sum() / 100)
    return share_percent / 100 + rest * others


def _bulletproof() -> Float:
    """Availability of hosting that ignores complaints, by state (0–1), before any policy."""
    parties = {r["iso3"] for r in read_table("budapest_convention.csv").rows if r["participation"] == "party"}
    prior = 1 / (1 + np.exp(-8 * (1 - _world_governance() - 0.6)))
    return prior * np.where(np.isin(states(), list(parties)), 0.7, 1.0)


def _providers(hosting: Float, users: Float) -> tuple[Provider, ...]:
    """Makes the named large providers, and one hosting and one access provider per state."""
    seats = {row["provider"]: row["hq_iso3"] for row in read_table("providers.csv").rows}
    table, parts = read_table("provider_weights.csv"), ordinary_parts()
    position = {state: index for index, state in enumerate(states())}
    shares = {row["provider"]: table.number(row, "share") for row in table.rows}
    majors = [
        Provider(name, position[seats[name]], ProviderClass.MAJOR, share, answers_of_major(name), parts[name])
        for name, share in shares.items()
    ]
    others = {state: answers_of_others(state) for state in position}
    hosts = [Provider(f"Host {s}", i, ProviderClass.HOST, float(hosting[i]), others[s]) for s, i in position.items()]
    access = [Provider(f"Access {s}", i, ProviderClass.ACCESS, float(users[i]), others[s]) for s, i in position.items()]
    return (*majors, *hosts, *access)


def _normalised(weights: Float) -> Float:
    return np.asarray(weights / weights.sum(), dtype=np.float64)
