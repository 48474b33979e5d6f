"""The legal order: answers all questions about the law on a date."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from sim.data.bodies import FILE as BODIES
from sim.data.bodies import check_bodies, liaison_rows
from sim.data.load import DataError, by_state, file_of, read_table
from sim.data.load import states as all_states
from sim.law.amendments import (
    Amendment,
    BringIntoForce,
    Conclude,
    EndBetween,
    Join,
    NationalAmendment,
    Ratify,
    RelationAmendment,
    Reserve,
    ReviseTerms,
    Terminate,
    TreatyAmendment,
    effective,
    of_kind,
    states_of,
)
from sim.law.arrays import Coverage, Flags, Governing, GoverningChanges, LawArrays, Masks, bound_days, coverage, govern
from sim.law.channels import ClosedChannel, OpenChannel, Question, closed_channel, maximum, open_channel
from sim.law.days import EPOCH, to_day
from sim.law.instruments import Terms, load_terms, revised, terms_array
from sim.law.national import NationalLaw, NationalProfiles, profiles
from sim.law.ratification import dates_of
from sim.law.relations import Relations, load_relations
from sim.law.statutes import Reading, load_reading, offence_named
from sim.law.suggest import nearest
from sim.law.treaties import Treaty, load_treaties
from sim.law.vocabulary import Channel

#: Treaty whose Parties count as Parties in the rule for national law.
STANDARD = "budapest"
#: What each kind of group does.
CONDUCTS = "conducts.csv"
_OF_A_TREATY = (Join, Ratify, Conclude, EndBetween, BringIntoForce, Terminate)
_OF_TERMS = (Reserve, ReviseTerms)
Result = TypeVar("Result")


class Cache(Generic[Result]):
    """Cache of at most `size` results, which drops the least recently used result first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._results: OrderedDict[Hashable, Result] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """Cached result for a key; a missing result is computed by `make` and stored."""
        if key not in self._results:
            self._results[key] = make()
            if len(self._results) > self._size:
                self._results.popitem(last=False)
        self._results.move_to_end(key)
        return self._results[key]


class Last(Generic[Result]):
    """Cache of the latest result only."""

    def __init__(self) -> None:
        self._kept: list[tuple[object, Result]] = []

    def get(self, key: object, make: Callable[[], Result]) -> Result:
        """Cached result if the key equals the latest one; otherwise the result of `make`, which is stored."""
        if not self._kept or self._kept[0][0] != key:
            self._kept = [(key, make())]
        return self._kept[0][1]


class LawSoFar:
    """Caches of results on treaties and relations, which do not depend on draws of national law."""

    def __init__(self) -> None:
        self.records: Cache[np.recarray[Any, np.dtype[np.void]]] = Cache(64)
        self.unamended: Cache[Coverage] = Cache(1)
        self.coverages: Cache[Coverage] = Cache(4)
        self.usual: Cache[Governing] = Cache(1)
        self.governing: Cache[GoverningChanges] = Cache(64)
        self.whole: Last[Governing] = Last()
        self.relations: Cache[dict[str, npt.NDArray[Any]]] = Cache(64)
        self.known: tuple[Amendment, ...] = ()  # amendments whose names were checked last


@dataclass(frozen=True, eq=False)
class LegalOrder:
    """Treaties, national law and relations of all states, by date."""

    states: tuple[str, ...]  # ISO3 codes in order of their index
    names: Mapping[str, str]  # country names by code
    terms: tuple[Terms, ...]  # entries of terms.yaml; `LawArrays.instrument` holds rows of it
    treaties: Mapping[str, Treaty]  # by id
    reading: Reading  # what has been read of national law, and how likely the rest is
    relations: Relations
    conducts: npt.NDArray[np.int32]
    _records: np.recarray[Any, np.dtype[np.void]] = field(repr=False)
    _treaty_days: tuple[date, ...] = field(repr=False)
    _kept: LawSoFar = field(default_factory=LawSoFar, repr=False)
    _national: Cache[NationalLaw] = field(default_factory=lambda: Cache(512), repr=False)
    _drawn: Cache["LegalOrder"] = field(default_factory=lambda: Cache(4), repr=False)
    _last: Last[LawArrays] = field(default_factory=Last, repr=False)
    draw: int | None = None  # number of the law draw; None: nothing is drawn

    @classmethod
    def load(cls) -> "LegalOrder":
        """Reads the present law from the data files."""
        states = all_states()
        treaties = load_treaties(states)
        terms = load_terms(treaties)
        _check_basis({one.id for one in terms})
        check_bodies()  # a mistake is found here, before any work starts
        relations, reading = load_relations(states), load_reading(states)
        days = {day for treaty in treaties.values() for day in treaty.dates()} | set(relations.dates())
        return cls(
            states=states,
            names={code: row["name"] for code, row in by_state(read_table("countries.csv").rows).items()},
            terms=terms,
            treaties=treaties,
            reading=reading,
            relations=relations,
            conducts=conducts(),
            _records=terms_array(terms),
            _treaty_days=tuple(sorted(days)),
        )

    @cached_property
    def profiles(self) -> NationalProfiles:
        """National law of all states over time; unread parts are drawn or, without a draw, the most likely."""
        return profiles(self.reading, self.draw)

    def drawn(self, draw: int) -> "LegalOrder":
        """Copy of the legal order with a random draw of unread national law.

        Treaties and relations are shared with this order, and the last few draws are kept.
        """
        return self._drawn.get(draw, lambda: replace(self, draw=draw, _national=Cache(512), _last=Last()))

    def without(self, treaty: str, states: tuple[str, ...] = ()) -> "LegalOrder":
        """Copy of the legal order in which no state, or none of those that are named, has joined a given treaty."""
        whole = self._treaty(treaty)
        bare = replace(
            whole,
            memberships={state: one for state, one in whole.memberships.items() if states and state not in states},
            pairs={pair: one for pair, one in whole.pairs.items() if states and not {*pair} & {*states}},
            ratified={state: one for state, one in whole.ratified.items() if states and state not in states},
        )
        treaties = {**self.treaties, treaty: bare}
        return replace(self, treaties=treaties, _kept=LawSoFar(), _national=Cache(512), _drawn=Cache(4), _last=Last())

    def index(self, state: str) -> int:
        """Index of a state in the law's arrays."""
        if state not in self.relations.position:
            hint = nearest(state, self.states, what="", labels=self.names)
            raise ValueError(f"unknown state {state!r}: an ISO 3166-1 alpha-3 code was expected. {hint}".rstrip())
        return self.relations.position[state]

    def parties(self, treaty: str, on: date) -> tuple[str, ...]:
        """Codes of the Parties to a multilateral treaty on a date, in force or not."""
        memberships = self._treaty(treaty).memberships
        bound = {
            state
            for state, membership in memberships.items()
            if membership.since <= on < (membership.until or date.max)
        }
        return tuple(state for state in self.states if state in bound)

    def signatories(self, treaty: str) -> tuple[str, ...]:
        """Codes of the states that have signed a treaty, ratified or not."""
        signed = {state for state, has_signed, _, _ in dates_of(treaty).states() if has_signed}
        return tuple(state for state in self.states if state in signed)

    def channels(self, question: Question, amendments: tuple[Amendment, ...] = ()) -> tuple[OpenChannel, ...]:
        """Open channels for a legal question, in order of `Channel`."""
        pair = self._pair(question)
        amendments = self._checked(amendments, question.on)
        coverage, national = self._coverage(amendments), self.national(question.on, amendments)
        # The instruments that govern this pair, by the rule that serves all pairs.
        part = np.s_[:, pair[0] : pair[0] + 1, pair[1] : pair[1] + 1]
        governing = govern(self.terms, Coverage(coverage.opened[part], coverage.until[part]), to_day(question.on))
        penalty, treaties = maximum(national, pair[0], question.offence), self._treaties(amendments)
        entries, channels = self._revised(amendments), []
        for channel in Channel:
            row = int(governing.instrument[0, 0, channel])
            if row < 0:
                continue
            terms, kind = entries[row], question.data_kind
            if kind in terms.carries and terms.meets_threshold(kind, question.offence, penalty):
                days = (float(governing.opened[0, 0, channel]), float(coverage.opened[row][pair]))
                channels.append(open_channel(question, terms, treaties[terms.treaty], days, national, pair))
        return tuple(channels)

    def closed(self, question: Question, amendments: tuple[Amendment, ...] = ()) -> tuple[ClosedChannel, ...]:
        """Instruments that do not apply to a question, each with the reason, in order of `Channel`."""
        pair, day = self._pair(question), to_day(question.on)
        amendments = self._checked(amendments, question.on)
        coverage = self._coverage(amendments)
        penalty = maximum(self.national(question.on, amendments), pair[0], question.offence)
        treaties, closed = self._treaties(amendments), []
        for row, terms in enumerate(self._revised(amendments)):
            is_open = bool(coverage.opened[row][pair] <= day < coverage.until[row][pair])
            reason = closed_channel(question, terms, treaties[terms.treaty], is_open, penalty, amendments)
            closed.extend([] if reason is None else [reason])
        return tuple(sorted(closed, key=lambda entry: (entry.channel, -entry.terms.rank)))

    def change_dates(self, start: date, end: date, amendments: tuple[Amendment, ...] = ()) -> tuple[date, ...]:
        """Sorted dates on which the law changes, after `start` and up to `end`."""
        amendments = self._checked(amendments, end)
        days = set(self._treaty_days) | {amendment.on for amendment in amendments}
        days |= {date(year, 1, 1) for year in range(start.year, end.year + 1)} | set(self.profiles.changes())
        days |= {day for treaty in self._treaties(amendments).values() for day in treaty.dates()}
        return tuple(sorted(day for day in days if start < day <= end))

    def arrays(self, on: date, amendments: tuple[Amendment, ...] = ()) -> LawArrays:
        """Law of a date as arrays for compiled rules, after amendments in effect."""
        amendments = effective(amendments, on)
        latest, of_states = self._latest_change(on, amendments), self._national_change(on, amendments)

        def made() -> LawArrays:
            """Makes the arrays for the date, after a check of names in the amendments."""
            self._check(amendments)
            treaty, relation = of_kind(TreatyAmendment, amendments), of_kind(RelationAmendment, amendments)
            bound = self._latest_change(on, treaty)  # laws of states change neither channels nor relations
            key = (self._latest_change(on, (*treaty, *relation)), treaty, relation)
            relations = self._kept.relations.get(key, lambda: self._relations_on(*key))
            own = of_kind(ReviseTerms, amendments)
            terms = self._kept.records.get(own, lambda: terms_array(self._revised(own))) if own else self._records
            governing, national = self._governing_on(bound, treaty), self._national_on(of_states, amendments)
            parts = {**governing._asdict(), **national._asdict(), **relations}
            parts |= {"terms": terms, "conducts": self.conducts}
            for array in parts.values():  # shared between days on which they do not differ
                array.setflags(write=False)
            return LawArrays._make(parts[name] for name in LawArrays._fields)

        return self._last.get((latest, of_states, amendments), made)

    def _governing_on(self, on: date, treaty: tuple[Any, ...]) -> Governing:
        """Governing instrument of each channel and pair of states on a date, from a cache of changes."""
        usual = self._kept.usual.get(None, lambda: govern(self.terms, self._coverage(()), to_day(EPOCH)))
        kept = self._kept.governing.get(
            (on, treaty),
            lambda: GoverningChanges.between(usual, govern(self.terms, self._coverage(treaty), to_day(on))),
        )
        return self._kept.whole.get((on, treaty), lambda: kept.applied(usual))

    def national(self, on: date, amendments: tuple[Amendment, ...] = ()) -> NationalLaw:
        """National law of all states on a day, as arrays."""
        amendments = self._checked(amendments, on)
        return self._national_on(self._national_change(on, amendments), amendments)

    def _national_change(self, on: date, amendments: tuple[Amendment, ...]) -> date:
        """Date of the latest change of national law on or before `on`."""
        return max(self._latest_change(on, amendments), date(on.year, 1, 1), self.profiles.last_change(on))

    def _national_on(self, latest: date, amendments: tuple[Amendment, ...]) -> NationalLaw:
        """National law of all states at its latest change, after amendments up to then."""
        own = of_kind(NationalAmendment, amendments)
        joins = tuple(a for a in amendments if isinstance(a, Join) and a.instrument_id == STANDARD)

        def derived() -> NationalLaw:
            """Computes national law from the states' membership in the Budapest Convention."""
            since, until = bound_days(self.treaties[STANDARD].amended(joins).memberships, self.relations.position)
            return self.profiles.on(latest, since, until, own)

        return self._national.get((latest, own, joins), derived)

    def _relations_on(
        self, on: date, treaty: tuple[Any, ...], relation: tuple[Any, ...]
    ) -> dict[str, npt.NDArray[Any]]:
        """Arrays by name on relations between states on a date, such as affinity and common bodies."""
        coverage, day = self._coverage(treaty), to_day(on)
        rows = {terms.id: row for row, terms in enumerate(self.terms)}

        def is_open(identity: str) -> Any:
            """True for pairs of states between which an instrument is open on the date."""
            row = rows[identity]
            return (coverage.opened[row] <= day) & (day < coverage.until[row])

        police_body, bodies = self._bodies_on(is_open)
        return {
            "nationals_bar": self.relations.nationals_bar,
            "affinity": self.relations.amended_affinity(relation),
            "shared_language": self.relations.shared_language,
            "conflict": self.relations.conflict(on, is_open("budapest_ap2"), relation),
            "police_body": police_body,
            "bodies": bodies,
        }

    def _bodies_on(self, is_open: Callable[[str], npt.NDArray[np.bool_]]) -> tuple[Flags, Masks]:
        """Returns the best common police body of each pair of states, and masks of all common bodies."""
        rows, size = {row.name: row for row in liaison_rows()}, (len(self.states),) * 2

        def opened(name: str) -> npt.NDArray[np.bool_]:
            """True for pairs of states that may use the named liaison body together."""
            row = rows[name]
            pairs = np.any([np.zeros(size, bool), *map(is_open, row.basis)], axis=0)
            pairs = pairs & self.relations.joined[name] if row.joined else pairs
            return pairs | opened(row.also) if row.also else pairs

        best, bodies = np.full(size, -1, np.int8), np.zeros(size, np.uint16)
        for row in sorted(rows.values(), key=lambda row: row.rank):
            pairs = opened(row.name)
            bodies |= pairs.astype(np.uint16) << np.uint16(row.code)
            if row.compares:
                best[pairs] = row.code
        return best, bodies

    def _latest_change(self, on: date, amendments: tuple[Amendment, ...]) -> date:
        """Date of the latest change of treaties or relations on or before `on`."""
        days = self._treaty_days[: bisect_right(self._treaty_days, on)]
        return max([*days[-1:], *(amendment.on for amendment in amendments)], default=on)

    def _pair(self, question: Question) -> tuple[int, int]:
        """Indices of a question's requesting and requested state."""
        pair = (self.index(question.requesting), self.index(question.requested))
        if pair[0] == pair[1]:
            raise ValueError(f"{question.requesting} cannot ask itself: that is its own procedure")
        return pair

    def _revised(self, amendments: tuple[Amendment, ...]) -> tuple[Terms, ...]:
        """Terms of all instruments after amendments in effect."""
        own = of_kind(ReviseTerms, amendments)
        return revised(self.terms, own) if own else self.terms

    def _coverage(self, amendments: tuple[Amendment, ...]) -> Coverage:
        own = of_kind(TreatyAmendment, amendments)
        bare = self._kept.unamended.get((), lambda: coverage(self.terms, self.treaties, self.states, ()))
        if not own:
            return bare
        return self._kept.coverages.get(own, lambda: coverage(self.terms, self.treaties, self.states, own, bare))

    def _treaties(self, amendments: tuple[Amendment, ...]) -> dict[str, Treaty]:
        """All treaties by id after amendments in effect."""
        own = of_kind(TreatyAmendment, amendments)
        return {name: treaty.amended(own) for name, treaty in self.treaties.items()}

    def _treaty(self, name: str) -> Treaty:
        if name not in self.treaties:
            raise ValueError(f"unknown treaty {name!r}. {nearest(name, self.treaties)}")
        return self.treaties[name]

    def _checked(self, amendments: tuple[Amendment, ...], on: date) -> tuple[Amendment, ...]:
        """Amendments in effect on a date, after a check of the names in them."""
        applying = effective(amendments, on)
        self._check(applying)
        return applying

    def _check(self, amendments: tuple[Amendment, ...]) -> None:
        """Raises an error for an unknown name of a state, treaty or entry in an amendment."""
        known = self._kept.known
        for amendment in amendments[len(known) if amendments[: len(known)] == known else 0 :]:
            if isinstance(amendment, _OF_A_TREATY):
                self._treaty(amendment.instrument_id)
            if isinstance(amendment, _OF_TERMS) and amendment.term not in {term.id for term in self.terms}:
                hint = nearest(amendment.term, [term.id for term in self.terms])
                raise ValueError(f"unknown entry of terms.yaml {amendment.term!r}. {hint}")
            for state in sorted(set(states_of(amendment)) - self.relations.position.keys()):
                self.index(state)
        self._kept.known = amendments


def conducts() -> npt.NDArray[np.int32]:
    """Bit mask of the offences that each kind of group may commit, [kinds of group].

    See Budapest art. 25(5).
    """
    masks: dict[str, int] = {}
    for row in read_table(CONDUCTS).rows:
        offence = offence_named(row["offence"], CONDUCTS, row["kind"])
        masks[row["kind"]] = masks.get(row["kind"], 0) | 1 << offence
    return np.array(list(masks.values()), np.int32)


def _check_basis(known: set[str]) -> None:
    """Raises a DataError if the legal basis of a liaison body is not a known instrument."""
    for row in liaison_rows():
        for instrument in set(row.basis) - known:
            fix = nearest(instrument, known) or "Add its terms to terms.yaml."
            table = read_table(BODIES)
            place = f"{file_of(table, table.rows[row.code])}: {row.name}"
            raise DataError(f"{place}: basis = {instrument!r} is no entry of terms.yaml. {fix}")


@cache
def legal_order() -> LegalOrder:
    """The present law, read from files once per process."""
    return LegalOrder.load()
