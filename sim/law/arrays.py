"""Converts the law of one day to arrays for compiled rules."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.data.load import UNDATED
from sim.law.amendments import CloseChannels, Reserve, TreatyAmendment
from sim.law.days import NEVER, to_day
from sim.law.instruments import Terms
from sim.law.treaties import Membership, Treaty
from sim.law.vocabulary import Channel

Float = npt.NDArray[np.float32]
Flags = npt.NDArray[np.int8]
Masks = npt.NDArray[np.uint16]
CLOSED = -1


class LawArrays(NamedTuple):
    """Law of one day as read-only arrays; arrays on pairs of states are indexed [requesting, requested].

    S states in ISO3 order; offences, data kinds and channels by their vocabulary values.
    """

    terms: np.recarray[Any, np.dtype[np.void]]  # TERMS, one row per instrument variant
    instrument: Flags  # [S, S, channels] row of terms, or CLOSED
    opened: Float  # [S, S, channels] day since which the channel is open; NaN closed
    offence: Flags  # [S, offences] covered
    penalty_years: Float  # [S, offences]
    elements: npt.NDArray[np.uint8]  # [S, offences] mask of extra elements
    power: Flags  # [S, data kinds]
    implementation: Float  # [S] 0–1
    nationals_bar: Flags  # [S] never extradites its nationals
    affinity: Float  # [S, S] 0–1
    shared_language: Flags  # [S, S]
    conflict: Flags  # [S, S] data-protection conflict when `requested` sends to `requesting`
    police_body: Flags  # [S, S] best common police body, a row of bodies.csv; -1 none
    bodies: Masks  # [S, S] liaison bodies whose legal basis is open between both, a bit for each row of bodies.csv
    conducts: npt.NDArray[np.int32]  # [kinds of group] mask of the offences that what they do may be


class Coverage(NamedTuple):
    """Day from which each instrument is open between each pair of states, and first day on which it no longer is."""

    opened: Float  # [terms, S requesting, S requested]
    until: Float  # likewise, exclusive


class Governing(NamedTuple):
    """Legal instrument that governs each channel between each pair of states on one day."""

    instrument: Flags  # [S, S, channels] row of the terms, or CLOSED
    opened: Float  # [S, S, channels] day since which the channel is open by any instrument; NaN closed


class GoverningChanges(NamedTuple):
    """Changes of governing instruments between two days, which need little memory."""

    place: npt.NDArray[np.int64]  # [n] places in the flat arrays
    instrument: Flags  # [n] their values
    opened: Float  # [n] likewise

    @classmethod
    def between(cls, one: Governing, other: Governing) -> "GoverningChanges":
        """Finds the changes of governing instruments between two days."""
        opened = one.opened.view(np.int32) != other.opened.view(np.int32)  # by their bits: NaN is no other NaN's equal
        place = np.flatnonzero(opened | (one.instrument != other.instrument))
        return cls(place, other.instrument.ravel()[place], other.opened.ravel()[place])

    def applied(self, one: Governing) -> Governing:
        """Applies the changes to the first day's instruments; returns the second day's."""
        instrument, opened = one.instrument.copy(), one.opened.copy()
        instrument.reshape(-1)[self.place], opened.reshape(-1)[self.place] = self.instrument, self.opened
        return Governing(instrument, opened)


def coverage(
    terms: tuple[Terms, ...],
    treaties: Mapping[str, Treaty],
    states: tuple[str, ...],
    amendments: tuple[TreatyAmendment, ...],
    unamended: Coverage | None = None,
) -> Coverage:
    """Finds from which day until which (exclusive) each instrument is open between two states, after all amendments.

    Where the matrices without any amendment are known already, only what is amended is computed.
    """
    position = {state: index for index, state in enumerate(states)}
    shape = (len(terms), len(states), len(states))
    fresh = Coverage(np.empty(shape, np.float32), np.empty(shape, np.float32))
    opening = fresh if unamended is None else Coverage(unamended.opened.copy(), unamended.until.copy())
    amended = {name: treaty.amended(amendments) for name, treaty in treaties.items()}
    for row, term in enumerate(terms):
        if unamended is not None and amended[term.treaty] is treaties[term.treaty]:
            continue
        opened, until = _between(amended[term.treaty], position)
        opened[_excluded(term, position)] = NEVER
        np.fill_diagonal(opened, NEVER)
        opening.opened[row], opening.until[row] = opened, until
    for amendment in amendments:
        if isinstance(amendment, CloseChannels):
            _close(opening, terms, amendment, position)
        elif isinstance(amendment, Reserve):
            row = next(row for row, term in enumerate(terms) if term.id == amendment.term)
            rows = [position[state] for state in amendment.states]
            opening.opened[row, rows, :] = opening.opened[row, :, rows] = NEVER
    return opening


def govern(terms: tuple[Terms, ...], found: Coverage, day: float) -> Governing:
    """Finds the highest-ranked open instrument of each channel, for all or some pairs of states."""
    is_open = (found.opened <= day) & (day < found.until)
    shape = (*found.opened.shape[1:], len(Channel))
    instrument = np.full(shape, CLOSED, np.int8)
    opened = np.full(shape, np.inf, np.float32)
    for row in sorted(range(len(terms)), key=lambda row: terms[row].rank):
        channel = terms[row].channel
        np.copyto(instrument[..., channel], row, where=is_open[row], casting="unsafe")
        np.minimum(opened[..., channel], found.opened[row], out=opened[..., channel], where=is_open[row])
    opened[instrument == CLOSED] = np.nan
    return Governing(instrument, opened)


def _between(treaty: Treaty, position: Mapping[str, int]) -> tuple[Float, Float]:
    """First day of a treaty between each pair of states, and first day without it, two arrays [S, S]."""
    if treaty.form == "any":
        opened, until = _matrix(position, to_day(UNDATED)), _matrix(position, NEVER)
    else:
        opened, until = {"parties": _parties, "pairs": _pairs, "requested": _requested}[treaty.form](treaty, position)
    entry, ended = treaty.entry(), treaty.ended
    np.maximum(opened, NEVER if entry is None else to_day(entry), out=opened)
    np.minimum(until, NEVER if ended is None else to_day(ended), out=until)
    return opened, until


def _matrix(position: Mapping[str, int], value: float) -> Float:
    return np.full((len(position), len(position)), value, np.float32)


def _parties(treaty: Treaty, position: Mapping[str, int]) -> tuple[Float, Float]:
    """First day of a treaty between two Parties, one of them a full member, and first day without it, [S, S] each."""
    since, until = bound_days(treaty.memberships, position)
    opened = np.maximum(since[:, None], since[None, :])
    members = {state for state, membership in treaty.memberships.items() if membership.role == "member"}
    member = np.array([state in members for state in position])
    opened[~(member[:, None] | member[None, :])] = NEVER
    return opened, np.minimum(until[:, None], until[None, :])


def _pairs(treaty: Treaty, position: Mapping[str, int]) -> tuple[Float, Float]:
    opened, until = _matrix(position, NEVER), _matrix(position, NEVER)
    for (one, other), membership in treaty.pairs.items():
        i, j = position[one], position[other]
        opened[i, j] = opened[j, i] = to_day(membership.since)
        if membership.until is not None:
            until[i, j] = until[j, i] = to_day(membership.until)
    return opened, until


def _requested(treaty: Treaty, position: Mapping[str, int]) -> tuple[Float, Float]:
    """First day of a treaty with a list of requested states, and first day without it, for each pair of states."""
    listed, excluded = (
        bound_days(
            {state: membership for state, membership in treaty.memberships.items() if membership.role == role}, position
        )
        for role in ("requested", "excluded")
    )
    excluded_until = np.where(np.isfinite(excluded[0]), excluded[1], np.float32(-NEVER))
    opened = np.maximum(excluded_until[:, None], listed[0][None, :])
    return opened, np.broadcast_to(listed[1], opened.shape).copy()


def bound_days(memberships: Mapping[str, Membership], position: Mapping[str, int]) -> tuple[Float, Float]:
    """First day of each state's membership in a treaty, and first day without it, two arrays [S]; infinity if none."""
    since = np.full(len(position), NEVER, np.float32)
    until = np.full(len(position), NEVER, np.float32)
    for state, membership in memberships.items():
        since[position[state]] = to_day(membership.since)
        if membership.until is not None:
            until[position[state]] = to_day(membership.until)
    return since, until


def _excluded(term: Terms, position: Mapping[str, int]) -> npt.NDArray[np.bool_]:
    """True for pairs of states that an entry of terms.yaml excludes, directly or by reservation, [S, S]."""
    out = np.zeros((len(position), len(position)), np.bool_)
    if term.only_requesting:
        out[[index for state, index in position.items() if state not in term.only_requesting]] = True
    for state in term.reserved_by:
        out[position[state]] = out[:, position[state]] = True
    return out


def _close(found: Coverage, terms: tuple[Terms, ...], amendment: CloseChannels, position: Mapping[str, int]) -> None:
    """Closes channels in place from the amendment's date on, also channels that would open later."""
    requesting, requested = (
        [position[state] for state in (position if chosen is None else chosen)]
        for chosen in (amendment.requesting, amendment.requested)
    )
    for row, term in enumerate(terms):
        if term.channel in amendment.channels:
            part = np.ix_([row], requesting, requested)
            found.until[part] = np.minimum(found.until[part], to_day(amendment.on))
