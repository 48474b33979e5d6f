"""National law: parts that were read, and probabilities for the rest, which a draw completes.

Nobody has collected 196 national laws. What has been read (offence_detail.csv, declarations to the Budapest Convention,
powers_by_state.csv) is fixed. What has not is drawn, separately for each *law draw*, so that results hold the
uncertainty. The extent of a state's law on a day, in three classes, is in sim/law/extent.py; what each class
means for one offence or power comes from the laws that have been read, where they say something:

* An offence is covered with the share of the laws of that class that cover it, (covered + ½) ÷ (laws + 1). Where there
  is no law on cybercrime, the core offences are covered with the probabilities below (judgement); laundering is hardly
  ever a gap. What a recalled statute says holds where its class is the one that is drawn.
* Maximum penalty of the basic offence: that of a randomly chosen law among those read. In members of the European
  Union but Denmark, at least two years for the offences of Directive 2013/40 (art. 9(2)). The Budapest Convention
  fixes no maximum: article 24 asks for one year before there is extradition, it does not make states punish so.
* Further elements of an offence: each with its share among the laws read with their figures.
* Powers: in full, all of them; in part, all but preservation, with gaps; without powers of their own in law, what
  general procedure gives (judgement). One number for each state: who obtains content obtains what asks for less. The
  European Union asks its members for all but preservation, and for joint teams.

A state that accedes to the Budapest Convention passes laws on what its statute lacks, with a Party's probability.
Without a draw everything unread is what is most likely.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.data.geography import governance_score
from sim.data.load import DataError, Row, Table, by_state, members, read_table
from sim.law.days import NEVER, to_day
from sim.law.extent import NUMBERS, ROWS, UNREAD, Extent, Extents, Flags, Float, Reach, load_reach
from sim.law.suggest import nearest
from sim.law.vocabulary import CORE_OFFENCES, ELEMENTS, DataKind, EvidenceTag, Offence

STATUTES = "offence_detail.csv"
DECLARATIONS = "budapest_reservations.csv"

#: Probability that a core offence is covered where there is no cybercrime law, or a draft only: general law on
#: forgery and fraud reaches some of it. Judgement.
WITHOUT_LAW = {"none": 0.2, "draft": 0.3, "no data": 0.3}
GENERAL_LAW = {Offence.COMPUTER_FORGERY: 0.4, Offence.COMPUTER_FRAUD: 0.5, Offence.MONEY_LAUNDERING: 0.9}

#: Offences for which Directive 2013/40 art. 9(2) asks for a maximum of at least two years, and who is not bound by it.
DIRECTIVE = (
    Offence.ILLEGAL_ACCESS,
    Offence.ILLEGAL_INTERCEPTION,
    Offence.DATA_INTERFERENCE,
    Offence.SYSTEM_INTERFERENCE,
    Offence.MISUSE_OF_DEVICES,
)
DIRECTIVE_YEARS = 2.0
NOT_BOUND = "DNK"

#: Probability of each power by extent. Judgement: general procedure reaches some of it everywhere.
POWER_BY_EXTENT = {
    DataKind.PRESERVATION: (0.0, 0.0, 1.0),
    DataKind.SUBSCRIBER: (0.70, 0.95, 1.0),
    DataKind.TRAFFIC: (0.50, 0.90, 1.0),
    DataKind.CONTENT: (0.50, 0.90, 1.0),
    DataKind.SEARCH_SEIZURE: (0.90, 1.0, 1.0),
    DataKind.ARREST_EXTRADITION: (1.0, 1.0, 1.0),
    DataKind.JOINT_TEAM: (0.0, 0.0, 0.0),
    DataKind.POLICE_INFORMATION: (1.0, 1.0, 1.0),
}
#: Probability that joint teams are lawful, least and most by governance: others, Parties. Judgement.
TEAMS = ((0.20, 0.80), (0.50, 1.00))

#: A statute has the offences in full with so many of the core, and is seen with so many of them verified.
IN_FULL, IS_SEEN = 6, 5
#: Draws from which probabilities are counted.
_COUNTED = 40

_TOPICS = ("offence", "penalty", "extent", *ELEMENTS)
_HASH = 8  # numbers that one hash gives


class Filled(NamedTuple):
    """Complete national law after a draw; index 0 is a state's own law, index 1 its law as a Party."""

    offence: Flags  # [days, 2, S, offences]
    penalty_years: Float  # [S, offences]
    elements: npt.NDArray[np.uint8]  # [S, offences]
    power: Flags  # [days, 2, S, data kinds]


@dataclass(frozen=True, eq=False)
class Reading:
    """National law that was read, with probabilities for all unread parts."""

    states: tuple[str, ...]  # codes in order of their index
    read: Flags  # [S] whether the state's statutes have been read
    reach: Reach  # how far each state's law has come by date
    own: Float  # [extents, S, offences] probability that an offence is covered; 0 or 1 where it has been read
    party: Float  # [S, offences] the same of a Party
    years: Float  # [S, offences] maximum penalty that has been read, NaN: unread
    least_years: Float  # [S, offences] below which the penalty cannot be, where it is unread
    usual_years: tuple[Float, ...]  # for each offence, the maxima of all laws read, sorted
    demanded: npt.NDArray[np.uint8]  # [S, offences] mask of further elements that have been read or declared
    element: Float  # [S, offences, elements] probability of each other element; 0 where the law has been read
    union: Flags  # [S] members of the European Union
    # evidence of whether the state punishes an offence, by state and offence, and of its penalty
    tag: dict[tuple[str, Offence], EvidenceTag]
    statutes: dict[tuple[str, Offence], Row]  # rows of offence_detail.csv with the statute's title, for people
    power_rows: dict[str, Row]  # rows of powers_by_state.csv, by state

    def penalty_tag(self, state: str, offence: Offence) -> EvidenceTag:
        """Evidence tag for the maximum penalty of an offence in a state's law."""
        known = not np.isnan(self.years[self.states.index(state), offence])
        return self.tag[state, offence] if known else EvidenceTag.JUDGEMENT

    def power_tag(self, state: str) -> EvidenceTag:
        """Evidence tag for the powers of a state's authorities."""
        row = self.power_rows.get(state)
        return EvidenceTag(row["status"]) if row and row["fixed"] == "yes" else EvidenceTag.JUDGEMENT

    def usual_range(self, offence: Offence) -> tuple[float, float]:
        """Range of the middle 90 % of maximum penalties for an offence in read laws, in years."""
        low, high = np.quantile(self.usual_years[offence], [0.05, 0.95], method="nearest")
        return float(low), float(high)

    def filled(self, draw: int | None) -> Filled:
        """Completes national law by a draw or, without one, by the most likely values."""
        number = {topic: self._numbers(draw, topic) for topic in _TOPICS}
        if draw is None:
            offence, power = (chance > 0.5 for chance in self.chances)
        else:
            offence, power = self._in_place(number["offence"], number["extent"])
        return Filled(offence, self._penalties(number["penalty"]), self._elements(number), power)

    def numbers_of(self, draw: int) -> Float:
        """Random numbers of one draw on how complete each state's law is, [S, NUMBERS]."""
        return self._numbers(draw, "extent")[:, :NUMBERS]

    def _in_place(self, number: Float, extent: Float) -> tuple[Flags, Flags]:
        """Returns masks of the offences and powers that each state has by day, from random numbers.

        One number decides on each offence, [S, offences]; others, [S, 8], how far law has come, on general procedure,
        and on joint teams.
        """
        offences, powers, as_party = self.reach.drawn(extent[:, :NUMBERS])
        covered = number < np.stack([self.own, np.maximum(self.own, self.party)])  # [2, extents, S, offences]
        by_extent = _power_chances() > np.where(self.union, 0.0, extent[:, NUMBERS])[:, None, None]
        state = np.arange(len(self.states))
        offence = covered[:, offences, state].swapaxes(0, 1)
        power = by_extent[state, np.stack([powers, np.maximum(powers, as_party)], axis=1)]
        power[..., DataKind.JOINT_TEAM] = np.where(self.union, 0.0, extent[:, NUMBERS + 1]) < _team_chances()
        return offence, power

    @cached_property
    def chances(self) -> tuple[Float, Float]:
        """Returns probabilities of each offence and of each power by day, estimated from many draws."""
        state = np.arange(len(self.states))
        shares = np.zeros((3, len(self.reach.days), len(state), len(Extent)))  # offences, own powers, a Party's
        for draw in range(-_COUNTED, 0):  # no run has such a seed
            offences, powers, as_party = self.reach.drawn(self.numbers_of(draw))
            for share, chance in zip(shares, (offences, powers, np.maximum(powers, as_party)), strict=True):
                share += chance[:, :, None] == np.array(Extent)
        shares /= _COUNTED
        covered = np.stack([self.own, np.maximum(self.own, self.party)])
        offence = np.einsum("dse,pesk->dpsk", shares[0], covered)
        general = np.where(self.union[:, None, None], _power_chances() > 0.0, _power_chances())
        power = np.einsum("pdse,sek->dpsk", shares[1:], general)
        power[..., DataKind.JOINT_TEAM] = np.where(self.union, 1.0, _team_chances())
        return offence, power

    def _penalties(self, number: Float) -> Float:
        """Maximum penalty of each offence in each state's law in years, [S, offences]."""
        drawn = np.empty(number.shape)
        for o, usual in enumerate(self.usual_years):
            drawn[:, o] = usual[(number[:, o] * len(usual)).astype(np.intp)]
        return np.where(np.isnan(self.years), np.maximum(drawn, self.least_years), self.years)

    def _elements(self, number: dict[str, Float]) -> npt.NDArray[np.uint8]:
        """Bit masks of the additional elements that states require for each offence, [S, offences]."""
        mask = self.demanded.copy()
        for bit, name in enumerate(ELEMENTS):
            mask |= np.left_shift(number[name] < self.element[:, :, bit], bit).astype(np.uint8)
        return mask

    def _numbers(self, draw: int | None, topic: str) -> Float:
        """Random numbers (0–1) that complete unread law, [S, offences]; all 0.5 without a draw."""
        if draw is None:
            return np.full((len(self.states), len(Offence)), 0.5)
        return np.stack([stable_numbers(len(Offence), str(draw), state, topic) for state in self.states])


def _power_chances() -> Float:
    """Probability of each power, given the class of a state's law, [classes, data kinds]."""
    return np.array([POWER_BY_EXTENT[kind] for kind in DataKind]).T


def _team_chances() -> Float:
    """Probability that a state may form joint teams, under its own law and as a Party, [2, S]."""
    return np.array([least + (most - least) * governance_score() for least, most in TEAMS])


def stable_numbers(size: int, *words: str) -> Float:
    """Numbers from 0 to 1 computed from a hash of words, so that they never change.

    The first ones do not depend on how many there are.
    """
    texts = ["/".join(words), *("/".join((*words, str(more))) for more in range(1, -(-size // _HASH)))]
    digest = b"".join(blake2b(text.encode(), digest_size=8 * _HASH).digest() for text in texts)
    return np.frombuffer(digest, ">u8")[:size] / 2.0**64


def load_reading(states: tuple[str, ...]) -> Reading:
    """Reads national law from the data files, and computes probabilities for unread law."""
    table = read_table(STATUTES)
    rows = _by_offence(table, states)
    known = np.array([[(state, o) in rows for o in Offence] for state in states])
    covered, years = np.zeros(known.shape, np.bool_), np.full(known.shape, np.nan)
    demanded, seen = np.zeros(known.shape, np.uint8), np.zeros(known.shape, np.bool_)
    for (state, offence), row in rows.items():
        place = states.index(state), offence
        covered[place], years[place] = row["punishable"] == "yes", table.number(row, "max_years", np.nan)
        demanded[place] = _mask(row["elements"].split(), STATUTES, state)
        seen[place] = row["status"] == EvidenceTag.VERIFIED
    titles = {state: row["statute"] for state, row in by_state(read_table("statutes.csv").rows).items()}
    union = np.isin(states, list(members("EU", "member")))
    least_years = np.zeros(known.shape)
    least_years[np.ix_(union & (np.array(states) != NOT_BOUND), DIRECTIVE)] = DIRECTIVE_YEARS
    entry = _entry(states)
    statute = _extent_of(known, covered)
    settled = seen[:, CORE_OFFENCES].sum(axis=1) >= IS_SEEN
    own, party = _coverage(states, known, covered, seen, statute, np.isfinite(entry))
    return Reading(
        states=states,
        read=known.any(axis=1),
        reach=load_reach(states, entry, statute, settled),
        own=own,
        party=party,
        years=years,
        least_years=least_years,
        usual_years=tuple(np.sort(years[:, o][~np.isnan(years[:, o])]) for o in Offence),
        demanded=demanded | _declared(states),
        element=_element_shares(demanded, years),
        union=union,
        tag={
            (s, o): EvidenceTag(rows[s, o]["status"]) if (s, o) in rows else EvidenceTag.JUDGEMENT
            for s in states
            for o in Offence
        },
        statutes={key: {**row, "title": titles.get(key[0], "")} for key, row in rows.items()},
        power_rows=by_state(read_table(ROWS).rows),
    )


def _entry(states: tuple[str, ...]) -> Float:
    """First day on which the Budapest Convention binds each state, [S]; infinity if never."""
    table = read_table("budapest_convention.csv")
    days = {row["iso3"]: table.day(row, "entry_into_force_date") for row in table.rows}
    return np.array([NEVER if (day := days.get(state)) is None else to_day(day) for state in states])


def _extent_of(known: Flags, covered: Flags) -> Extents:
    """Class of the offences in each state's law, [S]; UNREAD if nobody has read the law."""
    number = covered[:, CORE_OFFENCES].sum(axis=1)
    extent = np.where(number >= IN_FULL, Extent.FULL, np.where(number > 0, Extent.PARTIAL, Extent.NONE))
    return np.where(known.any(axis=1), extent, UNREAD)


def _by_offence(table: Table, states: tuple[str, ...]) -> dict[tuple[str, Offence], Row]:
    """Rows of a table on offences in national laws, by state and offence."""
    by_offence = {}
    for row in table.rows:
        state = row["iso3"]
        if state not in states:
            raise DataError(f"{STATUTES}: iso3 = {state!r} is not a state. {nearest(state, states)}")
        by_offence[state, offence_named(row["offence"], STATUTES, state)] = row
    return by_offence


def offence_named(name: str, file: str, key: str) -> Offence:
    """Finds an offence by its name in a data file; an unknown name is an error with file and key."""
    names = {offence.name.lower(): offence for offence in Offence}
    if name not in names:
        raise DataError(f"{file}: {key}: offence = {name!r} is unknown. {nearest(name, names)}")
    return names[name]


def _share(covered: Flags) -> Float:
    """Share of read laws that contain each offence, [offences], slightly shrunk towards one half."""
    return np.asarray((covered.sum(axis=0) + 0.5) / (len(covered) + 1.0), np.float64)


def _coverage(
    states: tuple[str, ...], known: Flags, covered: Flags, seen: Flags, extents: Extents, party: Flags
) -> tuple[Float, Float]:
    """Returns probabilities of each offence in own law, [classes, S, offences], and as a Party, [S, offences].

    Statutes that were read, that cover an offence and that were seen, [S, offences] each; their extents and the
    accession of states, [S].
    """
    status = by_state(read_table("unctad_cybercrime_law.csv").rows)
    own = np.empty((len(Extent), *known.shape))
    for place, state in enumerate(states):
        without = WITHOUT_LAW.get(status[state]["law"] if state in status else "no data", WITHOUT_LAW["draft"])
        own[Extent.NONE, place] = [GENERAL_LAW.get(offence, without) for offence in Offence]
    for extent in (Extent.PARTIAL, Extent.FULL):
        own[extent] = _share(covered[extents == extent])
        own[extent] = np.where(known & (extents == extent)[:, None], covered, own[extent])
    # A recalled statute that lacks an offence lacks it as well while it is there in part only.
    own[Extent.PARTIAL] = np.where(known & ~covered, 0.0, own[Extent.PARTIAL])
    own = np.where(seen, covered, own)
    by_party = np.broadcast_to(_share(covered[party & known.any(axis=1)]), known.shape)
    stands = known & (party[:, None] | (seen & covered))
    return own, np.where(stands, covered, by_party)


def _mask(names: Iterable[str], file: str, key: str) -> int:
    """Bit mask of elements of an offence, given by name."""
    mask = 0
    for name in names:
        if name not in ELEMENTS:
            raise DataError(f"{file}: {key}: elements = {name!r} is unknown. {nearest(name, ELEMENTS)}")
        mask |= 1 << ELEMENTS.index(name)
    return mask


def _declared(states: tuple[str, ...]) -> npt.NDArray[np.uint8]:
    """Bit masks of elements that states require by a declaration to the Convention, [S, offences]."""
    masks = np.zeros((len(states), len(Offence)), np.uint8)
    for row in read_table(DECLARATIONS).rows:
        for entry in row["elements"].split():
            name, _, element = entry.partition(":")
            offence = offence_named(name, DECLARATIONS, row["iso3"])
            masks[states.index(row["iso3"]), offence] |= _mask([element], DECLARATIONS, row["iso3"])
    return masks


def _element_shares(demanded: npt.NDArray[np.uint8], years: Float) -> Float:
    """Probability that unread law requires each element, [S, offences, elements]; 0 for laws that were read."""
    read = ~np.isnan(years)
    holds = np.stack([(demanded >> bit & 1).astype(bool) & read for bit in range(len(ELEMENTS))], axis=-1)
    share = holds.sum(axis=0) / np.maximum(read.sum(axis=0), 1)[:, None]
    return np.asarray(np.where(read[:, :, None], 0.0, share[None, :, :]), np.float64)
