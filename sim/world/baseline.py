"""People at desks, the time that desks take and electronic transmission before any policy; no authority publishes them.

The load that follows from staff and times is found in `sim/world/loads.py`. A desk has at least one person; what its
own files do not fill, other crime does, so scarcity is carried by that other work and never by a person working slower
than a person. What followed files take of it is seen in the burn-in (`sim/world/stock.py`).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.data.geography import CrimeGeography, ProviderClass
from sim.data.load import by_state, read_table
from sim.law.vocabulary import DataKind
from sim.world.parameters import Parameters, Theme
from sim.world.records import DeskKind

Float = npt.NDArray[np.float64]
SKILL_BY_TIER = np.array([0.75, 0.6, 0.45, 0.3])  # judgement, M21
COURT_WAIT_BY_TIER = np.array([1.0, 1.2, 1.6, 2.0])  # judgement: courts of poorer states are slower
_STAFF_PER_ROOT_GDP = {  # persons per square root of a billion USD, judgement
    DeskKind.OUTGOING: 0.18,
    DeskKind.INCOMING: 0.35,
    DeskKind.COURT: 0.20,
    DeskKind.FORENSIC: 0.30,
    DeskKind.PROVIDER: 0.15,
}

_OF_COMMON_LAW = ("CAN", "USA")  # mixed in countries.csv for Quebec and Louisiana: criminal procedure is common law
_MAJOR_PERSONS, _FEWEST_MAJOR = 60.0, 2.0  # persons at majors' desks for the whole market, and at the smallest's


def staff(kind: DeskKind, gdp_usd: Float) -> Float:
    """Persons at a desk of each state before rounding: a square-root rule in GDP, at least one."""
    return np.maximum(_STAFF_PER_ROOT_GDP[kind] * np.sqrt(np.maximum(gdp_usd, 0.0) / 1e9), 1.0)


def target_waits(kind: DeskKind, desk: Theme, tiers: npt.NDArray[np.int8]) -> Float:
    """Mean wait of files that arrive at desks of a kind, days, float64 [desk].

    Args:
        kind: of desk.
        desk: targets.
        tiers: quality of government of the state of each desk, 0 best – 3.
    """
    if kind == DeskKind.INCOMING:
        by_tier = (
            desk.incoming_wait_tier_1,
            desk.incoming_wait_tier_2,
            desk.incoming_wait_tier_3,
            desk.incoming_wait_tier_4,
        )
        return np.array(by_tier)[tiers]
    if kind == DeskKind.COURT:
        return np.asarray(desk.court_wait_days * COURT_WAIT_BY_TIER[tiers])
    days = {
        DeskKind.OUTGOING: desk.outgoing_wait_days,
        DeskKind.FORENSIC: desk.forensic_wait_days,
        DeskKind.PROVIDER: 0.0,
        DeskKind.LIAISON_BODY: desk.liaison_wait_days,
        DeskKind.CONTACT_POINT: desk.contact_point_wait_days,
    }
    return np.full(len(tiers), days[kind])


@dataclass(frozen=True, eq=False)
class Baseline:
    """Desks and channels before any policy."""

    kind: npt.NDArray[np.int64]  # DeskKind of each desk
    state: npt.NDArray[np.int64]  # state of each desk
    persons: Float  # persons at each desk, unrounded
    case_slots: Float  # [state] cases that the investigators of each state can work on at once
    skill: Float  # [state] skill at the desks of each state's central authority
    electronic: npt.NDArray[np.bool_]  # [requesting, requested] pairs that transmit electronically
    inside: npt.NDArray[np.bool_]  # [state] states that take part


def case_slots(geography: CrimeGeography, slots: float) -> Float:
    """Cases that the investigators of each state can work on at once: they follow victims and government (M11).

    Args:
        geography: weights of victims and of government.
        slots: of all states together.
    """
    effort: Float = geography.victims**0.75 * geography.governance
    return slots * effort / effort.sum()


def standards_of_proof(states: tuple[str, ...], request: Theme) -> npt.NDArray[np.float32]:
    """Standard of proof of each state and data kind, 0–1, float32 [state, data kind]; 0 where no court is asked."""
    system = {state: row["legal_system"] for state, row in by_state(read_table("countries.csv").rows).items()}
    common = np.array([system[state] == "common" or state in _OF_COMMON_LAW for state in states])
    search = np.where(common, request.standard_search_common, request.standard_search)
    proof = np.zeros((len(states), len(DataKind)), np.float32)
    proof[:, DataKind.SUBSCRIBER], proof[:, DataKind.TRAFFIC] = request.standard_subscriber, request.standard_traffic
    proof[:, DataKind.CONTENT] = np.where(common, request.standard_content_common, request.standard_content)
    proof[:, DataKind.SEARCH_SEIZURE] = proof[:, DataKind.ARREST_EXTRADITION] = search
    return proof


def provider_persons(geography: CrimeGeography) -> Float:
    """Persons at each provider's desk: majors by market share, others by the rule of their state (judgement)."""
    by_state = staff(DeskKind.PROVIDER, geography.gdp)[[provider.state for provider in geography.providers]]
    majors = np.array([provider.provider_class == ProviderClass.MAJOR for provider in geography.providers])
    shares = np.array([provider.market_share for provider in geography.providers])
    return np.where(majors, np.maximum(_MAJOR_PERSONS * shares, _FEWEST_MAJOR), by_state)


def electronic_pairs(geography: CrimeGeography, police_body: npt.NDArray[np.int8]) -> npt.NDArray[np.uint8]:
    """Pairs that transmit electronically today: both well governed, with a police body beyond INTERPOL (judgement).

    Args:
        geography: tiers of governance.
        police_body: best common police body of each pair, as in LawArrays.
    """
    good = geography.governance_tier <= 1
    return (good[:, None] & good[None, :] & (police_body >= 2)).astype(np.uint8)


def baseline(
    geography: CrimeGeography, police_body: npt.NDArray[np.int8], inside: npt.NDArray[np.bool_] | None = None
) -> Baseline:
    """The baseline of a world.

    Args:
        geography: of the world.
        police_body: best common police body of each pair on the first day.
        inside: states that take part; all when not given.
    """
    states = len(geography.gdp)
    kinds = (DeskKind.OUTGOING, DeskKind.INCOMING, DeskKind.COURT, DeskKind.FORENSIC)
    providers = np.array([provider.state for provider in geography.providers], np.int64)
    return Baseline(
        kind=np.concatenate(
            [np.repeat(np.array(kinds, np.int64), states), np.full(len(providers), DeskKind.PROVIDER, np.int64)]
        ),
        state=np.concatenate([np.tile(np.arange(states), len(kinds)), providers]),
        persons=np.concatenate([*(staff(kind, geography.gdp) for kind in kinds), provider_persons(geography)]),
        case_slots=case_slots(geography, Parameters().case.case_slots),
        skill=SKILL_BY_TIER[geography.governance_tier],
        electronic=electronic_pairs(geography, police_body) == 1,
        inside=np.ones(states, np.bool_) if inside is None else inside,
    )
