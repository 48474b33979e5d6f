"""Relations between states: affinity, language, data-protection conflicts, extradition of nationals.

Affinity (tag judgement) is a logistic function of: shared memberships, each body weighted by how much it
binds (body_weights.csv), with diminishing returns; governance, the requested side's more than the requesting
one's; a bilateral legal-assistance treaty; a common region; a term for blocs (bloc_terms.csv) and for single
pairs (relations.csv). Plain overlap would put two poor neighbours above two distant allies. Nobody plans how it moves
from year to year: shocks are keyed by seed, year and pair.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import shake_256

import numpy as np
import numpy.typing as npt

from sim.data.bodies import liaison_rows
from sim.data.geography import governance_score
from sim.data.load import Row, members, read_table
from sim.law.amendments import DriftAffinity, RelationAmendment, RemoveDataConflict, ShiftAffinity
from sim.law.arrays import Flags, Float
from sim.law.days import NEVER, to_date, to_day
from sim.law.treaties import BILATERAL_FILES, bilateral_treaties

#: Log-odds of affinity.
CONSTANT = -2.0
SHARED_BODIES = 2.4  # at saturation
SHARED_SCALE = 4.0  # body weight at which 63 % of it is reached
GOVERNANCE_REQUESTED = 1.6
GOVERNANCE_REQUESTING = 0.8
LEGAL_ASSISTANCE_TREATY = 0.5
SAME_REGION = 0.4


@dataclass(frozen=True, eq=False)
class Relations:
    """Matrices over pairs of states, [requesting, requested], before amendments."""

    position: dict[str, int]
    affinity: Float
    shared_language: Flags
    conflict_since: Float
    conflict_until: Float
    nationals_bar: Flags
    joined: Mapping[str, npt.NDArray[np.bool_]]  # [S, S] both have joined a body of bodies.csv that states join

    def dates(self) -> Iterator[date]:
        """Yields all dates on which a data-protection conflict begins or ends."""
        for days in (self.conflict_since, self.conflict_until):
            yield from (to_date(float(day)) for day in np.unique(days) if np.isfinite(day))

    def amended_affinity(self, amendments: tuple[RelationAmendment, ...]) -> Float:
        """Affinity (0–1) of each pair of states after amendments in effect."""
        affinity = self.affinity.copy()
        for amendment in amendments:
            if isinstance(amendment, ShiftAffinity):
                part = self._part(amendment.requesting, amendment.requested)
                affinity[part] = np.clip(affinity[part] + amendment.delta, 0, 1)
        years = [amendment for amendment in amendments if isinstance(amendment, DriftAffinity)]
        if years:
            affinity = np.clip(affinity + drifted(len(affinity), years), 0, 1).astype(np.float32)
        return affinity

    def conflict(
        self, when: date, safeguards: npt.NDArray[np.bool_], amendments: tuple[RelationAmendment, ...]
    ) -> Flags:
        """True for pairs of states where data-protection law blocks data on a date, after amendments.

        It does not between pairs bound by an instrument with its own data-protection chapter, `safeguards`, [S, S].
        """
        day = to_day(when)
        conflicts = (self.conflict_since <= day) & (day < self.conflict_until) & ~safeguards
        for amendment in amendments:
            if isinstance(amendment, RemoveDataConflict):
                conflicts[self._part(amendment.requesting, amendment.requested)] = False
        return conflicts.astype(np.int8)

    def _part(self, requesting: tuple[str, ...], requested: tuple[str, ...]) -> tuple[npt.NDArray[np.intp], ...]:
        return np.ix_([self.position[s] for s in requesting], [self.position[s] for s in requested])


def load_relations(states: tuple[str, ...]) -> Relations:
    """Reads relations between states from the data files."""
    position = {state: index for index, state in enumerate(states)}
    since, until = _data_conflict(position)
    inside = {row.name: _members(position, row.joined, "member") for row in liaison_rows() if row.joined}
    return Relations(
        position=position,
        affinity=_affinity(position),
        shared_language=_shared(position, read_table("languages.csv").rows, "language").astype(np.int8),
        conflict_since=since,
        conflict_until=until,
        nationals_bar=_nationals_bar(position),
        joined={name: np.outer(members, members) for name, members in inside.items()},
    )


#: What lifts the bar of a state that extradites nationals under conditions, and yet leaves it standing in the model:
#: an arrest warrant only (which the rule for surrender exempts), consent (which nobody gives), or an offence that the
#: model does not have. A treaty or somebody's discretion lifts it: every surrender in the model is under a treaty.
BARRED_UNLESS = ("warrant", "consent", "offence")


def _nationals_bar(position: dict[str, int]) -> Flags:
    """True for each state that does not extradite its nationals, except under arrest warrants, [S]."""
    bar = np.zeros(len(position), np.int8)
    for row in read_table("nationals.csv").rows:
        bar[position[row["iso3"]]] = row["bar"] == "always" or row["unless"] in BARRED_UNLESS
    return bar


def _members(position: dict[str, int], body: str, kind: str) -> npt.NDArray[np.bool_]:
    """True for each state that is a member of a body, [S]."""
    return np.isin(list(position), list(members(body, kind)))


def _shared(position: dict[str, int], rows: tuple[Row, ...], column: str) -> npt.NDArray[np.bool_]:
    """True for each pair of states with equal values in a column of a table, [S, S]."""
    values = sorted({row[column] for row in rows})
    holds = np.zeros((len(position), len(values)), np.float32)
    for row in rows:
        holds[position[row["iso3"]], values.index(row[column])] = 1
    shared = holds @ holds.T > 0
    np.fill_diagonal(shared, False)
    return np.asarray(shared)


def _affinity(position: dict[str, int]) -> Float:
    """Affinity (0–1) of each pair of states, by the rule in the module's docstring."""
    governance = governance_score()
    odds = CONSTANT + SHARED_BODIES * (1 - np.exp(-_shared_weight(position) / SHARED_SCALE))
    odds += GOVERNANCE_REQUESTED * governance[None, :] + GOVERNANCE_REQUESTING * governance[:, None]
    odds += SAME_REGION * _shared(position, read_table("countries.csv").rows, "subregion")
    odds += _bloc_shifts(position)
    for file in BILATERAL_FILES:
        for row in read_table(file).rows:
            pair = (row["iso3_a"], row["iso3_b"])
            assistance = {"mlat", "mlat_us"} & set(bilateral_treaties(row))
            if assistance and row["in_force"] == "yes" and set(pair) <= set(position):
                _shift(odds, position, *pair, LEGAL_ASSISTANCE_TREATY)
    table = read_table("relations.csv")
    for row in table.rows:
        _shift(odds, position, row["iso3_a"], row["iso3_b"], table.number(row, "shift"))
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float32)


def _shift(odds: npt.NDArray[np.float64], position: dict[str, int], one: str, other: str, by: float) -> None:
    """Adds a shift to the log-odds of two states' affinity, in both directions."""
    odds[position[one], position[other]] += by
    odds[position[other], position[one]] += by


def _shared_weight(position: dict[str, int]) -> npt.NDArray[np.float64]:
    """Sum of the weights of all bodies to which both states of a pair belong, [S, S]."""
    table = read_table("body_weights.csv")
    total = np.zeros((len(position), len(position)))
    for row in table.rows:
        members = _members(position, row["body"], row["kind"]).astype(np.float64)
        total += table.number(row, "weight") * np.outer(members, members)
    return total


def _bloc_shifts(position: dict[str, int]) -> npt.NDArray[np.float64]:
    """Shift of the log-odds of affinity for each pair of states, by their blocs, [S, S]."""
    bloc = {row["iso3"]: row["bloc"] for row in read_table("blocs.csv").rows}
    table, names = read_table("bloc_terms.csv"), np.array([bloc.get(state, "") for state in position])
    shift = np.zeros((len(position), len(position)))
    for row in table.rows:
        between = np.outer(names == row["bloc_a"], names == row["bloc_b"])
        shift[between | between.T] = table.number(row, "shift")
    return shift


def _data_conflict(position: dict[str, int]) -> tuple[Float, Float]:
    """First day on which data protection stops data of the requested state, and first day without it, [S, S] each.

    A state under a data-protection regime sends freely to others under one and to adequate ones; a blocking
    statute prevents sending to every requesting state.
    """
    regime, adequate, blocking = (_rule_days(position, rule) for rule in ("regime", "adequate", "blocking"))
    regime[_members(position, "EU", "member")] = to_day(date(2018, 5, 25))  # GDPR art. 99
    since = np.broadcast_to(regime[None, :], (len(position),) * 2).copy()
    until = np.broadcast_to(np.minimum(regime, adequate)[:, None], since.shape).copy()
    blocked = np.isfinite(blocking)
    since[:, blocked], until[:, blocked] = blocking[blocked], NEVER
    np.fill_diagonal(since, NEVER)
    return since, until


def _rule_days(position: dict[str, int], rule: str) -> Float:
    """First day on which a rule of data_protection.csv applies to each state, [S]; infinity if never."""
    days = np.full(len(position), NEVER, np.float32)
    table = read_table("data_protection.csv")
    for row in table.rows:
        when = table.day(row, "since")
        if row["rule"] == rule and when is not None:
            days[position[row["iso3"]]] = to_day(when)
    return days


def drifted(states: int, years: Iterable[DriftAffinity]) -> npt.NDArray[np.float64]:
    """Random drift of affinity over some years, symmetric, [S, S]."""
    moved = np.zeros((states, states))
    for year in {entry.on: entry for entry in sorted(years, key=lambda entry: entry.on)}.values():
        moved = year.kept * moved + year.shock * _normals(states, year.seed, year.on.year)
    return moved


def _normals(states: int, seed: int, year: int) -> npt.NDArray[np.float64]:
    """Standard normal draw for each pair of states in a year, symmetric, [S, S]."""
    from scipy.special import ndtri

    rows, columns = np.tril_indices(states, -1)  # a pair keeps its number when states are added at the end
    drawn = shake_256(f"politics/{seed}/{year}".encode()).digest(8 * rows.size)
    uniform = (np.frombuffer(drawn, ">u8") >> np.uint64(11)).astype(np.float64) + 0.5
    normals = np.zeros((states, states))
    normals[rows, columns] = normals[columns, rows] = ndtri(uniform / 2.0**53)
    return normals
