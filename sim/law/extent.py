"""Completeness of each state's cybercrime law by date, in three classes: none, partial, full.

The Council of Europe counts the states in which offences and powers are largely in line with the Budapest Convention
(law_counts.csv); it does not publish which. A world is drawn so that it has as many on each date:

* What was read holds (powers_by_state.csv, offence_detail.csv). Offences are in full where a statute has six of the
  seven that the model has of the Convention. A Party has its powers in full from its first day with a probability by
  governance (judgement), else in part.
* The others come in the order of a drawn number and of their odds (order sampling: u ÷ (1 − u) ÷ odds, smallest
  first), so that each date has the number that was counted and nobody loses what it had. Odds: rows and statutes that
  are recalled, by confidence; accession since (judgement); for powers the Commonwealth, whose model law has them, and
  others, each with the share among the rows. Governance says hardly anything.
* Powers in full bring offences in full, powers in part need some. Where UNCTAD finds no law there are none.
* Between two counts numbers grow evenly, in steps on 1 January; after the last they stay. Before the first a Party has
  its law from its own day, and another state what it has at that count (judgement).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from sim.data.geography import governance_score
from sim.data.load import Table, by_state, members, read_table
from sim.law.days import NEVER, to_day

Float = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Extents = npt.NDArray[np.int64]
ROWS, COUNTS = "powers_by_state.csv", "law_counts.csv"

#: Shift of the log-odds by a row of some confidence, by a statute that is recalled, by accession since: odds of 2, 4,
#: 8 and 16. Judgement.
BY_ROW = {"low": np.log(2.0), "med": np.log(4.0), "high": np.log(8.0)}
BY_STATUTE, BY_ACCESSION = np.log(2.0), np.log(16.0)
#: Probability that a Party has its powers in full, least and most by governance. Judgement.
PARTY_POWERS = (0.80, 1.00)
#: Numbers that the drawing of one state takes.
NUMBERS = 5
UNREAD = -1


class Extent(IntEnum):
    """Classes of completeness of a state's cybercrime law: none, partial or full."""

    NONE = 0
    PARTIAL = 1
    FULL = 2


EXTENT_OF = {"no": Extent.NONE, "partial": Extent.PARTIAL, "yes": Extent.FULL}
#: By step, groups of states and the number of them that have it.
Targets = tuple[tuple[tuple[Flags, float], ...], ...]


@dataclass(frozen=True, eq=False)
class Read:
    """Result of reading laws: class of each state's law or UNREAD, [S], and first day with full law, [S]."""

    extent: Extents
    since: Float


@dataclass(frozen=True, eq=False)
class Reach:
    """Data from which the class of each state's law is drawn."""

    steps: Float  # days on which numbers grow
    days: Float  # all days on which an extent may change; the first is −infinity
    entry: Float  # [S] day from which the Budapest Convention binds a state
    offences: Read  # what was read of them
    powers: Read  # likewise
    odds: Float  # [3, S] log-odds of offences in full, some offences, powers in full; −infinity: never
    targets: tuple[Targets, Targets, Targets]  # how many have each of these three
    party_offences: Flags  # [S] whether a Party's statute has the offences in full
    party_powers: Float  # [S] probability that a Party has its powers in full
    partial: Float  # [S] probability of powers in part where they are not in full

    def drawn(self, number: Float) -> tuple[Extents, Extents, Extents]:
        """Draws the class of each state's offences and powers by day, and of its powers as a Party.

        Numbers in 0–1 decide, [S, NUMBERS].
        """
        rank = (np.log(number[:, :3]) - np.log1p(-number[:, :3])).T
        rank[2] = (rank[0] + rank[2]) / np.sqrt(2.0)  # who is early with offences is early with powers
        rank -= self.odds
        step, bound = self.steps[:, None], self.entry <= self.steps[:, None]
        as_party = np.where(number[:, 4] < self.party_powers, Extent.FULL, Extent.PARTIAL)
        able = (self.offences.extent == UNREAD) | (self.offences.extent == Extent.FULL)
        powers = self._since(2, rank, self.powers, bound & (as_party == Extent.FULL), able)
        offences = self._since(0, rank, self.offences, (powers <= step) | (bound & self.party_offences), able)
        offences = np.minimum(offences, powers)
        has_some = bound | (self.offences.extent >= Extent.PARTIAL) | (offences <= step)
        some = self._since(1, rank, self.offences, has_some, np.ones_like(able))
        some = np.where(self.offences.extent >= Extent.PARTIAL, -NEVER, np.minimum(some, offences))
        part = np.where(number[:, 3] < self.partial, some, NEVER)
        part = np.where(self.powers.extent == UNREAD, part, np.where(self.powers.extent, -NEVER, NEVER))
        return self._by_day(some, offences), self._by_day(part, powers), as_party

    def _since(self, which: int, rank: Float, read: Read, counted: Flags, able: Flags) -> Float:
        """First day on which each state's law reaches a class, [S].

        States with the smallest rank, [3, S], come first, if they are able to have it, [S]; some are counted anyhow,
        [steps, S], and what was read holds.
        """
        since = np.where(read.extent == Extent.FULL, read.since, NEVER)
        free = able & (read.extent == UNREAD) & np.isfinite(rank[which])
        order = np.argsort(rank[which])
        for step, day in enumerate(self.steps):
            for group, number in self.targets[which][step]:
                has = since <= day
                missing = number - np.count_nonzero((counted[step] | has) & group)
                if missing > 0:  # those who count anyhow are passed over: it is of their own that they have it as well
                    queue = order[(free & group & ~has)[order]]
                    enough = np.searchsorted(np.cumsum(~counted[step][queue]), missing) + 1
                    since[queue[:enough]] = day if step else -NEVER
        return since

    def _by_day(self, some: Float, full: Float) -> Extents:
        """Class of each state's law by day, [days, S], from the first days with partial and full law."""
        day = self.days[:, None]
        return np.where(full <= day, Extent.FULL, np.where(some <= day, Extent.PARTIAL, Extent.NONE))


def load_reach(states: tuple[str, ...], entry: Float, statute: Extents, settled: Flags) -> Reach:
    """Reads the data from which each state's class of law is drawn.

    Arrays are [S]: the day of entry is that from which the Budapest Convention binds a state, infinity: it does not; a
    statute is the extent of its offences in offence_detail.csv, UNREAD: it has none, settled where most of it was seen.
    """
    counts = read_table(COUNTS)
    steps = _steps(counts)
    offences, powers = _read(states, statute, settled)
    targets = _targets(counts, states, steps)
    finite = [since[np.isfinite(since)] for since in (offences.since, powers.since)]
    least, most = PARTY_POWERS
    shift, partial = _shifts(states, statute, entry)
    shift[:, _without_law(states)] = -np.inf
    return Reach(
        steps=steps,
        days=np.concatenate([[-np.inf], np.unique(np.concatenate([steps[1:], *finite]))]),
        entry=entry,
        offences=offences,
        powers=powers,
        odds=shift,
        targets=targets,
        party_offences=statute == Extent.FULL,
        party_powers=least + (most - least) * governance_score(),
        partial=partial,
    )


def _steps(counts: Table) -> Float:
    """Days of the counts of states that have law, and each 1 January between them."""
    days = {date.fromisoformat(row["date"]) for row in counts.rows}
    first, last = min(days), max(days)
    days |= {date(year, 1, 1) for year in range(first.year + 1, last.year + 1)}
    return np.array(sorted(to_day(day) for day in days))


def _read(states: tuple[str, ...], statute: Extents, settled: Flags) -> tuple[Read, Read]:
    """Returns the classes of offences and of powers in laws that were read."""
    table = read_table(ROWS)
    rows = {row["iso3"]: row for row in table.rows if row["fixed"] == "yes"}
    years = by_state(read_table("statutes.csv").rows)
    offences, powers = np.where(settled, statute, UNREAD), np.full(len(states), UNREAD)
    offences_since, powers_since = np.full((2, len(states)), NEVER)
    for place, state in enumerate(states):
        if row := rows.get(state):
            offences[place], powers[place] = EXTENT_OF[row["offences"]], EXTENT_OF[row["powers"]]
            day = table.day(row, "since")
            powers_since[place] = offences_since[place] = NEVER if day is None else to_day(day)
        if state in years and years[state]["year"]:
            offences_since[place] = to_day(date(int(years[state]["year"]), 1, 1))
    offences_since[offences != Extent.FULL] = powers_since[powers != Extent.FULL] = NEVER
    return Read(offences, offences_since), Read(powers, powers_since)


def _targets(counts: Table, states: tuple[str, ...], steps: Float) -> tuple[Targets, Targets, Targets]:
    """Returns numbers of states with full offences, some offences, and full powers, by region and day."""
    first = min(row["date"] for row in counts.rows)
    counted: dict[str, dict[tuple[str, str], float]] = {"offences": {}, "some": {}, "powers": {}}
    for row in counts.rows:
        key, number = (row["date"], row["region"]), counts.number(row, "states")
        if row["measure"] in ("offences", "powers"):
            counted[row["measure"]][key] = number
        elif row["measure"] == "legislation":
            counted["some"][key] = number
        else:
            counted["some"][key] = number + counted["offences"].get(key, 0.0)
    # Some regions were counted for one of the two only.
    for region in ("Africa", "Americas", "Asia"):
        counted["some"].pop((first, region), None)
    region_of = _regions(states)
    return tuple(_grown(numbers, first, region_of, steps) for numbers in counted.values())  # type: ignore[return-value]


def _grown(
    numbers: Mapping[tuple[str, str], float], first: str, region_of: npt.NDArray[np.str_], steps: Float
) -> Targets:
    """Number of states with law on each day of `steps`, interpolated between official counts."""
    world = sorted(
        (to_day(date.fromisoformat(day)), number) for (day, region), number in numbers.items() if region == "World"
    )
    everywhere = np.interp(steps, *np.array(world).T).round()
    regions = {region: number for (day, region), number in numbers.items() if day == first and region != "World"}
    rest = ~np.isin(region_of, list(regions))
    by_region = [(region_of == region, number) for region, number in regions.items()]
    by_region.append((rest, everywhere[0] - sum(regions.values())))
    later = (((np.ones_like(rest), float(number)),) for number in everywhere[1:])
    return (tuple(by_region), *later)


def _regions(states: tuple[str, ...]) -> npt.NDArray[np.str_]:
    """Region of each state in the counts of the Council of Europe, [S]."""
    rows = by_state(read_table("countries.csv").rows)
    europe = members("Council of Europe")
    return np.array(["Europe" if state in europe else rows[state]["region"] for state in states])


def _shifts(states: tuple[str, ...], statute: Extents, entry: Float) -> tuple[Float, Float]:
    """Returns the log-odds of each class of law for each state, [3, S], and P(partial powers), [S]."""
    rows, commonwealth = by_state(read_table(ROWS).rows), members("Commonwealth")
    odds, partial = np.zeros((3, len(states))), np.empty(len(states))
    odds[:2] += np.where(statute == UNREAD, 0.0, np.where(statute == Extent.FULL, BY_STATUTE, -BY_STATUTE))
    odds += np.where(np.isfinite(entry), BY_ACCESSION, 0.0)
    for place, state in enumerate(states):
        like = [row["powers"] for row in rows.values() if (row["iso3"] in commonwealth) == (state in commonwealth)]
        odds[2, place] += _logit((like.count("yes") + 0.5) / (len(like) + 1.0))
        others = [row["powers"] for row in rows.values() if row["powers"] != "yes"]
        part = _logit((others.count("partial") + 0.5) / (len(others) + 1.0))
        if state in rows:
            row = rows[state]
            shift = BY_ROW[row["confidence"]]
            doubtful = row["confidence"] == "low"  # of little confidence: no more than in part
            odds[:2, place] += shift if row["offences"] == "yes" and not doubtful else -shift
            odds[2, place] += shift if row["powers"] == "yes" and not doubtful else -shift
            part += -shift if row["powers"] == "no" else shift
        partial[place] = 1.0 / (1.0 + np.exp(-part))
    return odds, partial


def _logit(share: float) -> float:
    return float(np.log(share / (1.0 - share)))


def _without_law(states: tuple[str, ...]) -> Flags:
    """True for states that have no cybercrime law according to UNCTAD, [S]."""
    laws = by_state(read_table("unctad_cybercrime_law.csv").rows)
    return np.array([state not in laws or laws[state]["law"] != "legislation" for state in states])
