"""Initial values before any policy: staff, target waits, skill, and electronic channels (M6, M20, M21).

No authority publishes them.

The load that follows from staff and times is found in `sim/world/loads.py`. A desk has at least one person; what its
own files do not fill, other crime does, so scarcity is carried by that other work and never by a person working slower
than a person. What followed files take of it is seen in the burn-in (`sim/world/stock.py`).
"""

import math
from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from sim.data.bodies import FILE, LiaisonRow, liaison_feed, liaison_rows
from sim.data.geography import CrimeGeography, ProviderClass
from sim.data.load import DataError, by_state, file_of, read_table, states
from sim.law.days import YEAR
from sim.law.order import LegalOrder
from sim.law.suggest import nearest
from sim.law.vocabulary import Channel, DataKind
from sim.world.parameters import OWN, REVIEW_DAYS, Parameters, Theme
from sim.world.records import LIAISON_BODY, NONE, UNIT, Body, DeskKind, ReferralTask, UnitKind
from sim.world.records.desks import WITH_UNITS
from sim.world.world import Table

Float = npt.NDArray[np.float64]
SKILL_BY_TIER = np.array([0.75, 0.6, 0.45, 0.3])  # judgement, M21

#: Bodies with a desk of their own; the desks of the 24/7 network come behind theirs, one per state.
STAFFED_BODIES = tuple(row for row in liaison_rows() if row.desk == "own")
BODY_SKILL = 0.8  # judgement: seconded specialists
_OF_COMMON_LAW = ("CAN", "USA")  # mixed in countries.csv for Quebec and Louisiana: criminal procedure is common law
_MAJOR_PERSONS, _FEWEST_MAJOR = 60.0, 2.0  # persons at majors' desks for the whole market, and at the smallest's


def staff(kind: DeskKind, gdp_usd: Float) -> Float:
    """Unrounded number of people at a desk in each state, proportional to the square root of GDP; at least one."""
    return np.maximum(kind.row.persons * np.sqrt(np.maximum(gdp_usd, 0.0) / 1e9), 1.0)


def target_waits(kind: DeskKind, desk: Theme, tiers: npt.NDArray[np.int8]) -> Float:
    """Mean days that files should wait at each desk of one kind, float64 [desk].

    `tiers` are the quality of government of the state of each desk, 0 best – 3.
    """
    wait, slower = kind.row.wait, kind.row.slower
    days = [getattr(desk, wait.format(tier=tier)) if wait else 0.0 for tier in range(1, len(slower) + 1)]
    return np.asarray((np.array(days) * slower)[tiers])


@dataclass(frozen=True, eq=False)
class Baseline:
    """Initial values before any policy: people at desks, case slots, skill, and electronic channels."""

    kind: npt.NDArray[np.int64]  # DeskKind of each desk
    state: npt.NDArray[np.int64]  # state of each desk
    persons: Float  # persons at each desk, unrounded
    case_slots: Float  # [state] cases that the investigators of each state can work on at once
    skill: Float  # [state] skill at the desks of each state's central authority
    electronic: npt.NDArray[np.bool_]  # [requesting, requested] pairs that transmit electronically
    inside: npt.NDArray[np.bool_]  # [state] states that take part


def case_slots(geography: CrimeGeography, slots: float) -> Float:
    """Number of cases on which each state's investigators can work at once, float64 [state] (M11)."""
    effort: Float = geography.victims**0.75 * geography.governance
    return slots * effort / effort.sum()


def standards_of_proof(states: tuple[str, ...], request: Theme) -> npt.NDArray[np.float32]:
    """Standard of proof (0–1), float32 [state, data kind]; 0 where no court decides."""
    system = {state: row["legal_system"] for state, row in by_state(read_table("countries.csv").rows).items()}
    common = np.array([system[state] == "common" or state in _OF_COMMON_LAW for state in states])
    search = np.where(common, request.standard_search_common, request.standard_search)
    proof = np.zeros((len(states), len(DataKind)), np.float32)
    proof[:, DataKind.SUBSCRIBER], proof[:, DataKind.TRAFFIC] = request.standard_subscriber, request.standard_traffic
    proof[:, DataKind.CONTENT] = np.where(common, request.standard_content_common, request.standard_content)
    proof[:, DataKind.SEARCH_SEIZURE] = proof[:, DataKind.ARREST_EXTRADITION] = search
    return proof


def provider_persons(geography: CrimeGeography) -> Float:
    """Number of people at each provider's desk for foreign requests (judgement), float64 [provider]."""
    place, kind = geography.places_of_providers()
    majors = np.maximum(_MAJOR_PERSONS * np.array([one.market_share for one in geography.providers]), _FEWEST_MAJOR)
    return np.where(kind == ProviderClass.MAJOR, majors, staff(DeskKind.PROVIDER, geography.gdp)[place])


def electronic_pairs(geography: CrimeGeography, police_body: npt.NDArray[np.int8]) -> npt.NDArray[np.uint8]:
    """True (1) for pairs of states that exchange requests electronically before any policy (judgement).

    The best common police body of each pair is that of LawArrays.
    """
    good = geography.governance_tier <= 1
    beyond = (police_body != NONE) & (police_body != Body.INTERPOL)
    pairs: npt.NDArray[np.uint8] = (good[:, None] & good[None, :] & beyond).astype(np.uint8)
    return pairs


def baseline(
    geography: CrimeGeography, police_body: npt.NDArray[np.int8], inside: npt.NDArray[np.bool_] | None = None
) -> Baseline:
    """Makes the baseline for the states in the mask `inside`, by default all states.

    The best common police body of each pair is that of the first day.
    """
    states, (providers, _) = len(geography.gdp), geography.places_of_providers()
    return Baseline(
        kind=np.repeat(
            np.array([*WITH_UNITS, DeskKind.PROVIDER], np.int64), [*[states] * len(WITH_UNITS), len(providers)]
        ),
        state=np.concatenate([np.tile(np.arange(states), len(WITH_UNITS)), providers]),
        persons=np.concatenate([*(staff(kind, geography.gdp) for kind in WITH_UNITS), provider_persons(geography)]),
        case_slots=case_slots(geography, Parameters().case.case_slots),
        skill=SKILL_BY_TIER[geography.governance_tier],
        electronic=electronic_pairs(geography, police_body) == 1,
        inside=np.ones(states, np.bool_) if inside is None else inside,
    )


def vacancies_per_person(capacity: Theme) -> float:
    """Long-run number of vacant posts per person at work (M21)."""
    reviews = YEAR / REVIEW_DAYS
    leaving_per_year = reviews * (1.0 - math.exp(-capacity.leaving / reviews))
    return leaving_per_year * capacity.hiring_months / 12.0 * math.exp(0.5 * capacity.hiring_sigma**2)


def upkeep(setting: np.void, skill: Float, files: Float) -> Float:
    """Yearly rate of training and guidance that keeps each unit's skill constant, float64 [unit] (M21).

    Nobody publishes how much training an authority gives itself. Skill by quality of government is judgement; what
    keeps it there against forgetting and turnover is solved for: at the fixed point of

        q·(K − K₀) + K·ln 2 ÷ t½ = upkeep·(1 − K) + b·ln(files + 1)

    where a share q of people is replaced by new hires of skill K₀ a year. K is where skill stays, 0–1; files are those
    that a person handles in a year; rates of learning, forgetting and turnover are one row of settings.
    """
    forgotten = skill * math.log(2.0) * 12.0 / setting["skill_half_life_months"]
    replaced = setting["leaving"] * (skill - setting["new_hire_skill"])
    learnt = setting["learning"] * np.log1p(files)
    needed: Float = np.maximum(replaced + forgotten - learnt, 0.0) / np.maximum(1.0 - skill, 0.01)
    return needed


def units(setting: np.void, kinds_skill: Float, desk_persons: Float, slots: Float, capacity: Theme) -> Table:
    """Table of all states' units on the first day, one row per kind and state.

    Skill is the same for all units of a state, 0–1, float64 [state]. Persons at work stand by kind of desk (outgoing,
    incoming, court, laboratory), float64 [kind × states]; investigators are counted in cases that they can work on,
    slots, float64 [state].
    """
    states = len(slots)
    rows = np.zeros(len(UnitKind) * states, UNIT).view(np.recarray)
    rows.kind = np.repeat(np.arange(len(UnitKind)), states)
    rows.state = np.tile(np.arange(states), len(UnitKind))
    rows.skill = rows.skill_base = np.tile(kinds_skill, len(UnitKind))
    rows.persons_base = np.concatenate([desk_persons, slots])
    rows.posts_base = rows.persons_base * (1.0 + vacancies_per_person(capacity))
    whole = rows.kind != UnitKind.INVESTIGATION
    rows.posts = np.where(whole, np.maximum(np.rint(rows.posts_base), 1.0), rows.posts_base)
    rows.persons = rows.persons_base
    rows.upkeep = upkeep(setting, rows.skill_base, rows.handled)
    return rows


def feed(law: LegalOrder) -> Float:
    """Quality of the data that each state sends to each liaison body, float64 [body, state]; 0 without data.

    Capacity builders go to every state that needs them.
    """
    result = np.zeros((len(Body), len(law.states)))
    result[Body.BUILDERS] = 1.0
    for name, members_of, quality in liaison_feed():
        body, fed = Body[name], np.isin(law.states, list(members_of))
        result[body, fed] = np.maximum(result[body, fed], quality)
    return result


def body_persons(liaison: Theme) -> Float:
    """Unrounded staff of each liaison body for the kinds of file that are simulated, float64 [body]."""
    shares = [liaison.body_share if _is_number(row.people) else 1.0 for row in liaison_rows()]
    persons: Float = np.array(shares) * np.array([_number(row, "people", liaison) for row in liaison_rows()])
    return persons


def file_hours(liaison: Theme) -> Float:
    """Mean hours of work per background file at each liaison body with staff, float64 [body]."""
    return np.array([_number(row, "file_hours", liaison) for row in STAFFED_BODIES])


def bodies(liaison: Theme, case: Theme, first_desk: int) -> Table:
    """Table of the liaison bodies; the rows of their desks begin at `first_desk`."""
    rows, count = liaison_rows(), len(STAFFED_BODIES)
    own = {row.code: first_desk + place for place, row in enumerate(STAFFED_BODIES)}
    table = np.zeros(len(rows), LIAISON_BODY).view(np.recarray)
    table.kind = [row.code for row in rows]
    table.desk = [own.get(row.code, first_desk + count if row.desk == "states" else NONE) for row in rows]
    table.staff_base = body_persons(liaison)
    table.staff = np.rint(table.staff_base)
    table.skill = BODY_SKILL
    table.reply_days = [_number(row, "reply_days", liaison) for row in rows]
    table.tasks = [sum(1 << _named(ReferralTask, row, task) for task in row.tasks) for row in rows]
    table.rank = [row.rank for row in rows]
    table.between = [Body[row.between] for row in rows]
    table.channel = [_named(Channel, row, row.channel) if row.channel else NONE for row in rows]
    table.match_rate = [_number(row, "match_rate", case) for row in rows]
    return table


def check_own_bodies(parameters: Parameters) -> None:
    """Raises a DataError for a liaison body that cannot be used, such as a user's with too few people."""
    table = bodies(parameters.liaison, parameters.case, 0)
    share = parameters.liaison.body_share
    for row, body in zip(liaison_rows(), table, strict=True):
        if row.desk == "own" and body.staff < 1.0 and _is_number(row.people) and float(row.people) > 0.0 and share:
            problem = f"people = {row.people!r}: a share of {share:g} (liaison.body_share) works on files of this tier"
            enough = math.floor(0.5 / share) + 1
            raise _unfit(
                row, f"{problem}, which is nobody; write {enough} or more, or a parameter, which is taken whole"
            )


def _is_number(text: str) -> bool:
    """True if a table cell contains a number, False if it names a parameter."""
    return text.replace(".", "", 1).isdigit()


def _number(row: LiaisonRow, column: str, theme: Theme) -> float:
    """Number in a cell of bodies.csv, written out or as the name of a parameter; 0 for a blank cell."""
    text: str = getattr(row, column)
    if not text:
        return 0.0
    if not _is_number(text) and not hasattr(theme, text):
        name = "case" if column == "match_rate" else "liaison"
        fix = nearest(text, [item.name for item in fields(theme)])
        elsewhere = [one for one in OWN if one.partition(".")[2] == text]
        if elsewhere:
            fix = f"Write {name}.{text} instead of {elsewhere[0]} in {OWN[elsewhere[0]]}."
        raise _unfit(row, f"{column} = {text!r} is neither a number nor a parameter of theme {name}. {fix}")
    return float(text) if _is_number(text) else float(getattr(theme, text))


def _unfit(row: LiaisonRow, problem: str) -> DataError:
    """Makes the error for an unusable row of bodies.csv."""
    table = read_table(FILE)
    return DataError(f"{file_of(table, table.rows[row.code])}: {row.name}: {problem}".strip())


def _named(codes: type[IntEnum], row: LiaisonRow, name: str) -> IntEnum:
    """Finds the member of an enumeration that a row of bodies.csv names."""
    if name not in codes.__members__:
        raise _unfit(row, f"{name!r} is no {codes.__name__}. {nearest(name, codes.__members__)}")
    return codes[name]


def posts_abroad(liaison: Theme, slots: Float) -> Float:
    """Unrounded number of liaison officers that each state pays for, float64 [state].

    They follow the size of its agencies: cases that they can work on at once, slots. Five senders publish theirs
    (people.csv): as many officers for each case are abroad for all states, and a share of them works on groups of this
    tier. A world of other states alone has none: nothing says how many its cases would have.
    """
    table, order = read_table("people.csv"), states()
    known = table.rows
    abroad = sum(table.number(row, "persons") for row in known)
    cases = float(slots[[order.index(row["state"]) for row in known]].sum())
    posts: Float = liaison.officer_share * slots
    posts *= abroad / cases if cases else 0.0
    return posts
