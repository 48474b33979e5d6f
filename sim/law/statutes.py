"""National law as far as it has been read, and the probability of the rest, which a draw decides.

Nobody has collected 196 national laws. What has been read (offence_detail.csv, declarations to the Budapest Convention)
is fixed. What has not is drawn, separately for each *law draw*, so that results hold the uncertainty. Probabilities
come from the laws that have been read, where they say something:

* An offence is covered with the share of the laws read that cover it, (covered + ½) ÷ (read + 1), among Parties to the
  Budapest Convention for Parties, among others for others. Where UNCTAD finds no cybercrime law, or a draft only, the
  core offences are covered with the probabilities below (judgement); laundering is hardly ever a gap.
* Maximum penalty of the basic offence: that of a randomly chosen law among those read. In members of the European
  Union but Denmark, at least two years for the offences of Directive 2013/40 (art. 9(2)). The Budapest Convention
  fixes no maximum: article 24 asks for one year before there is extradition, it does not make states punish so.
* Further elements of an offence: each with its share among the laws read with their figures.
* Powers by data kind: nobody has collected them; ranges below by governance, Parties above others (judgement). A state
  whose statutes have been read is taken to have a power that is more likely than not.

A state that accedes to the Budapest Convention passes laws on what its statute lacks, with a Party's probability.
Without a draw everything unread is what is most likely.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from sim.data.geography import governance_score
from sim.data.load import DataError, Row, Table, by_state, read_table
from sim.law.suggest import nearest
from sim.law.vocabulary import ELEMENTS, DataKind, EvidenceTag, Offence

Float = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
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

#: Probability of holding a power (least, most by governance): others, Parties. Judgement.
POWER_RANGES = {
    DataKind.PRESERVATION: ((0.30, 0.75), (0.92, 1.00)),
    DataKind.SUBSCRIBER: ((0.75, 0.99), (0.97, 1.00)),
    DataKind.TRAFFIC: ((0.60, 0.97), (0.94, 1.00)),
    DataKind.CONTENT: ((0.60, 0.97), (0.92, 1.00)),
    DataKind.SEARCH_SEIZURE: ((0.90, 1.00), (0.97, 1.00)),
    DataKind.ARREST_EXTRADITION: ((1.00, 1.00), (1.00, 1.00)),
    DataKind.JOINT_TEAM: ((0.20, 0.80), (0.50, 1.00)),
    DataKind.POLICE_INFORMATION: ((1.00, 1.00), (1.00, 1.00)),
}

_TOPICS = ("offence", "penalty", "power", *ELEMENTS)
_HASH = 8  # numbers that one hash gives


@dataclass(frozen=True, eq=False)
class Statute:
    """One row of offence_detail.csv, for people."""

    article: str
    title: str
    source: str


@dataclass(frozen=True, eq=False)
class Reading:
    """What is known of national law, and how likely the rest is. In pairs of arrays 0 is others and 1 is Parties.

    Attributes:
        states: codes in order of their index.
        read: [S] whether the state's statutes have been read.
        coverage: [2, S, offences] probability that the offence is covered; 0 or 1 where it has been read.
        years: [S, offences] maximum penalty that has been read, NaN: unread.
        least_years: [S, offences] below which the penalty cannot be, where it is unread.
        usual_years: for each offence, the maxima of all laws read, sorted.
        demanded: [S, offences] mask of further elements that have been read or declared.
        element: [S, offences, elements] probability of each other element; 0 where the law has been read.
        power: [2, S, data kinds] probability of each power; 0 or 1 where it is taken as known.
        tag: evidence of whether the state punishes an offence, by state and offence, and of its penalty.
        statutes: the rows, for people.
    """

    states: tuple[str, ...]
    read: Flags
    coverage: Float
    years: Float
    least_years: Float
    usual_years: tuple[Float, ...]
    demanded: npt.NDArray[np.uint8]
    element: Float
    power: Float
    tag: dict[tuple[str, Offence], EvidenceTag]
    statutes: dict[tuple[str, Offence], Statute]

    def penalty_tag(self, state: str, offence: Offence) -> EvidenceTag:
        """How far a state's maximum penalty may be trusted."""
        known = not np.isnan(self.years[self.states.index(state), offence])
        return self.tag[state, offence] if known else EvidenceTag.JUDGEMENT

    def usual_range(self, offence: Offence) -> tuple[float, float]:
        """Between which maxima nine in ten of the laws read lie."""
        low, high = np.quantile(self.usual_years[offence], [0.05, 0.95], method="nearest")
        return float(low), float(high)

    def filled(self, draw: int | None) -> tuple[Flags, Float, npt.NDArray[np.uint8], Flags]:
        """Offences, penalties, elements and powers, [2, S, …], with all that is unread drawn, or most likely."""
        number = {topic: self._numbers(draw, topic) for topic in _TOPICS}
        offence = number["offence"] < self.coverage
        power = number["power"] < self.power
        return offence, self._penalties(number["penalty"]), self._elements(number), power

    def _penalties(self, number: Float) -> Float:
        """[2, S, offences] maximum penalties."""
        drawn = np.empty(number.shape)
        for o, usual in enumerate(self.usual_years):
            drawn[:, o] = usual[(number[:, o] * len(usual)).astype(np.intp)]
        drawn = np.where(np.isnan(self.years), np.maximum(drawn, self.least_years), self.years)
        return np.stack([drawn, drawn])

    def _elements(self, number: dict[str, Float]) -> npt.NDArray[np.uint8]:
        """[2, S, offences] masks of further elements."""
        mask = self.demanded.copy()
        for bit, name in enumerate(ELEMENTS):
            mask |= np.left_shift(number[name] < self.element[:, :, bit], bit).astype(np.uint8)
        return np.stack([mask, mask])

    def _numbers(self, draw: int | None, topic: str) -> Float:
        """[S, data kinds or offences] numbers in 0–1; without a draw ½, so that everything is as is most likely."""
        size = len(DataKind) if topic == "power" else len(Offence)
        if draw is None:
            return np.full((len(self.states), size), 0.5)
        return np.stack([stable_numbers(size, str(draw), state, topic) for state in self.states])


def stable_numbers(size: int, *words: str) -> Float:
    """Numbers in 0–1 that depend on the words alone: the same on every machine and in every run.

    The first ones do not depend on how many there are.
    """
    texts = ["/".join(words), *("/".join((*words, str(more))) for more in range(1, -(-size // _HASH)))]
    digest = b"".join(blake2b(text.encode(), digest_size=8 * _HASH).digest() for text in texts)
    return np.frombuffer(digest, ">u8")[:size] / 2.0**64


def load_reading(states: tuple[str, ...]) -> Reading:
    """Reads national law from the data files.

    Raises:
        DataError: a file cannot be used.
    """
    table = read_table(STATUTES)
    rows = _by_offence(table, states)
    # States that were Parties to the Budapest Convention when their statutes were read.
    parties = (row for row in read_table("budapest_convention.csv").rows if row["entry_into_force_date"])
    party = np.isin(states, [row["iso3"] for row in parties])
    known = np.array([[(state, o) in rows for o in Offence] for state in states])
    covered, years = np.zeros(known.shape, np.bool_), np.full(known.shape, np.nan)
    demanded = np.zeros(known.shape, np.uint8)
    for (state, offence), row in rows.items():
        place = states.index(state), offence
        covered[place], years[place] = row["punishable"] == "yes", table.number(row, "max_years", np.nan)
        demanded[place] = _mask(row["elements"].split(), STATUTES, state)
    titles = {state: row["statute"] for state, row in by_state(read_table("statutes.csv").rows).items()}
    return Reading(
        states=states,
        read=known.any(axis=1),
        coverage=_coverage(known, covered, party, states),
        years=years,
        least_years=_least_years(states),
        usual_years=tuple(np.sort(years[:, o][~np.isnan(years[:, o])]) for o in Offence),
        demanded=demanded | _declared(states),
        element=_element_shares(demanded, years),
        power=_powers(known.any(axis=1)),
        tag={
            (s, o): EvidenceTag(rows[s, o]["status"]) if (s, o) in rows else EvidenceTag.JUDGEMENT
            for s in states
            for o in Offence
        },
        statutes={(s, o): Statute(row["article"], titles.get(s, ""), row["source"]) for (s, o), row in rows.items()},
    )


def _by_offence(table: Table, states: tuple[str, ...]) -> dict[tuple[str, Offence], Row]:
    """Rows of offence_detail.csv by state and offence."""
    found = {}
    for row in table.rows:
        state = row["iso3"]
        if state not in states:
            raise DataError(f"{STATUTES}: iso3 = {state!r} is not a state. {nearest(state, states)}")
        found[state, offence_named(row["offence"], STATUTES, state)] = row
    return found


def offence_named(name: str, file: str, key: str) -> Offence:
    """The offence of a name as data files write it.

    Raises:
        DataError: there is none.
    """
    names = {offence.name.lower(): offence for offence in Offence}
    if name not in names:
        raise DataError(f"{file}: {key}: offence = {name!r} is unknown. {nearest(name, names)}")
    return names[name]


def _coverage(known: Flags, covered: Flags, party: Flags, states: tuple[str, ...]) -> Float:
    """[2, S, offences]: the first rule at the head of this file."""
    laws = by_state(read_table("unctad_cybercrime_law.csv").rows)
    status = [laws[state]["law"] if state in laws else "no data" for state in states]
    laws_read = [covered[chosen & known.any(axis=1)] for chosen in (~party, party)]
    # Shares are drawn half a law towards one half.
    share: Float = np.stack([(read.sum(axis=0) + 0.5) / (len(read) + 1.0) for read in laws_read])
    found = np.broadcast_to(share[:, None, :], (2, *known.shape)).copy()
    for index, law in enumerate(status):
        if law in WITHOUT_LAW:
            found[0, index] = [GENERAL_LAW.get(o, WITHOUT_LAW[law]) for o in Offence]
    found = np.maximum(found, found[:1])  # accession takes no offence away
    found[0] = np.where(known, covered, found[0])
    found[1] = np.where(known & (covered | party[:, None]), covered, found[1])
    return found


def _least_years(states: tuple[str, ...]) -> Float:
    """[S, offences] years that European Union law asks for."""
    rows = read_table("memberships.csv").rows
    union = {row["iso3"] for row in rows if (row["body"], row["kind"]) == ("EU", "member")} - {NOT_BOUND}
    least = np.zeros((len(states), len(Offence)))
    least[np.ix_(np.isin(states, list(union)), DIRECTIVE)] = DIRECTIVE_YEARS
    return least


def _mask(names: Iterable[str], file: str, key: str) -> int:
    """Bit mask of elements.

    Raises:
        DataError: an element is unknown.
    """
    mask = 0
    for name in names:
        if name not in ELEMENTS:
            raise DataError(f"{file}: {key}: elements = {name!r} is unknown. {nearest(name, ELEMENTS)}")
        mask |= 1 << ELEMENTS.index(name)
    return mask


def _declared(states: tuple[str, ...]) -> npt.NDArray[np.uint8]:
    """[S, offences] elements that Parties to the Budapest Convention have reserved or declared."""
    found = np.zeros((len(states), len(Offence)), np.uint8)
    for row in read_table(DECLARATIONS).rows:
        for entry in row["elements"].split():
            name, _, element = entry.partition(":")
            offence = offence_named(name, DECLARATIONS, row["iso3"])
            found[states.index(row["iso3"]), offence] |= _mask([element], DECLARATIONS, row["iso3"])
    return found


def _element_shares(demanded: npt.NDArray[np.uint8], years: Float) -> Float:
    """[S, offences, elements] probability of each element; 0 where a law was read with its figures."""
    read = ~np.isnan(years)
    holds = np.stack([(demanded >> bit & 1).astype(bool) & read for bit in range(len(ELEMENTS))], axis=-1)
    share = holds.sum(axis=0) / np.maximum(read.sum(axis=0), 1)[:, None]
    return np.asarray(np.where(read[:, :, None], 0.0, share[None, :, :]), np.float64)


def _powers(read: Flags) -> Float:
    """[2, S, data kinds]: the rule at the head of this file."""
    ranges = np.array([POWER_RANGES[kind] for kind in DataKind])  # [data kinds, 2, (least, most)]
    least, most = ranges[:, :, 0].T[:, None, :], ranges[:, :, 1].T[:, None, :]
    found = least + (most - least) * governance_score()[None, :, None]
    return np.asarray(np.where(read[None, :, None], found > 0.5, found), np.float64)
