"""Tables of docs/law.md on the law that the model holds: `python -m docs.programs.law`."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from docs.programs import DOCS, renew
from sim.data.geography import CrimeGeography
from sim.data.load import by_state, read_table
from sim.data.spreadsheet import as_csv
from sim.law.coverage import coverage
from sim.law.days import to_date, to_day
from sim.law.extent import COUNTS, UNREAD, Extent, Extents, Read
from sim.law.order import LegalOrder, legal_order
from sim.law.treaties import Treaty
from sim.law.vocabulary import Channel, DataKind, EvidenceTag, Offence
from sim.report.marking import markdown_table

COMMAND = "python -m docs.programs.law"
STATES = DOCS / "law_by_state.csv"
ON = date(2026, 1, 1)
#: Draws whose counts are shown.
DRAWS = range(20)
MEASURES = {"offences": "offences", "powers": "powers", "legislation": "some law on cybercrime"}

#: Channels by which one state owes another evidence under a treaty.
TREATY_CHANNELS = (Channel.MLAT, Channel.BUDAPEST, Channel.UN_CONVENTION, Channel.JUDICIAL_DIRECT)
UNIVERSAL = ("untoc",)
WHY_NOT = {
    "oas_nassau_protocol": "takes the tax ground away; the model has no tax offences",
    "ecowas_mla": "its Parties were not found",
    "malabo_2014": "has no duty of assistance of its own; it harmonises offences, which the statutes show",
    "mercosur_bol_chl_2002": "entry into force between the six was not seen",
    "medellin_2019": "carries requests of other treaties electronically and opens no channel; four Parties",
    "cis_it_crime_2018": "a police channel, not evidence; INTERPOL opens that channel between its Parties already",
    "benelux_1962": "overlaid by instruments of the European Union",
    "benelux_police_2018": "a police channel; overlaid by Directive (EU) 2023/977",
    "gcc_security_2012": "a police channel, not in force with a day seen; INTERPOL opens that channel already",
    "sco_infosec_2009": "political; a police channel at most",
    "uncac": "only corruption and the laundering of its proceeds; the model launders proceeds of cybercrime",
}
_FLAGS = (EvidenceTag.VERIFIED, EvidenceTag.RECALLED, EvidenceTag.JUDGEMENT)


def parts() -> dict[str, str]:
    """Parts of the page."""
    order = legal_order()
    made = {"pairs": _pairs(order), "instruments": _instruments(order), "left_out": _left_out()}
    made |= {"counts": _counts(order), "powers": _powers(order)}
    return made | {"national": _national(order), "unread": _unread(order)}


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table of words."""
    return markdown_table(list(head), (list(map(str, row)) for row in rows), ())


def _open_pairs(order: LegalOrder, treaties: Mapping[str, Treaty]) -> dict[str, npt.NDArray[np.bool_]]:
    """[S, S] by treaty: whether it opens a channel for evidence between two states, either way, on the day."""
    terms = tuple(term for term in order.terms if term.channel in TREATY_CHANNELS)
    found, day = coverage(terms, treaties, order.states, ()), to_day(ON)
    pairs: dict[str, npt.NDArray[np.bool_]] = {}
    for row, term in enumerate(terms):
        is_open = (found.opened[row] <= day) & (day < found.until[row])
        held = pairs.get(term.treaty, np.zeros_like(is_open))
        pairs[term.treaty] = held | is_open | is_open.T
    return pairs


def _number(matrices: Iterable[npt.NDArray[np.bool_]], states: int) -> int:
    """Pairs of states with at least one of some treaties."""
    return int(np.triu(np.any([np.zeros((states, states), np.bool_), *matrices], axis=0), 1).sum())


def _pairs(order: LegalOrder) -> str:
    """How many pairs have a treaty channel."""
    size, pairs = len(order.states), _open_pairs(order, order.treaties)
    every, narrow = (
        _number((found for name, found in pairs.items() if name not in left), size) for left in ((), UNIVERSAL)
    )
    return (
        f"Of {size * (size - 1) // 2:,} pairs of the {size} states, {every:,} have a treaty channel for evidence;\n"
        f"{narrow:,} without UNTOC, which asks for four years and an organised group."
    )


def _flags(tags: Iterable[EvidenceTag]) -> list[int]:
    """How many of each flag."""
    counted = Counter(tags)
    return [counted[flag] for flag in _FLAGS]


def _instruments(order: LegalOrder) -> str:
    """Each treaty: flags of its terms and ties, and pairs that it alone opens beyond UNTOC."""
    pairs, size = _open_pairs(order, order.treaties), len(order.states)
    rows = []
    for treaty in order.treaties.values():
        terms = [term for term in order.terms if term.treaty == treaty.id]
        ties = (*treaty.bonds.values(), *treaty.pairs.values())
        bonds = [bond for bond in ties if bond.since <= ON < (bond.until or date.max)]
        others = (m for name, m in pairs.items() if name != treaty.id and name not in UNIVERSAL)
        alone = pairs.get(treaty.id, np.zeros((size, size), np.bool_)) & ~np.any(list(others), axis=0)
        unit = "pairs" if treaty.form == "pairs" else "states" if bonds else "all"
        opens = _number([alone], size) if treaty.id in pairs else ""
        tags = {term.id: "derived" if term.tag is EvidenceTag.JUDGEMENT else term.tag.value for term in terms}
        words = ", ".join(sorted(f"{name} ({tag})" for name, tag in tags.items()))
        rows.append((treaty.name, words, unit, *_flags(bond.tag for bond in bonds), opens))
    head = ("instrument", "terms and their flag", "ties", "verified", "recalled", "derived", "pairs only it opens")
    return _table(head, rows)


def _left_out() -> str:
    """Instruments of the data that open no channel, and why."""
    names = {row["id"]: row["name"] for row in read_table("regional_instruments.csv").rows}
    rows = ((names[name], why) for name, why in WHY_NOT.items())
    return _table(("instrument", "why"), rows)


def _counts(order: LegalOrder) -> str:
    """States of drawn worlds beside those counted."""
    reach, rows = order.reading.reach, []
    drawn = [reach.drawn(order.reading.numbers_of(draw)) for draw in DRAWS]
    for row in sorted(read_table(COUNTS).rows, key=lambda row: (row["measure"], row["date"])):
        if row["region"] == "World" and row["measure"] in MEASURES:
            found = [_in_place(order, world, row["measure"], date.fromisoformat(row["date"])) for world in drawn]
            counted = (row["states"], row["status"], row["source"])
            rows.append((MEASURES[row["measure"]], row["date"], *counted, f"{min(found)} to {max(found)}"))
    without = max(int(((powers == Extent.FULL) & (offences == Extent.NONE)).sum()) for offences, powers, _ in drawn)
    head = ("in line with the Convention", "date", "states counted", "flag", "source", f"{len(DRAWS)} drawn worlds")
    most = f"Powers in full without offences: {without} states on any day of {len(DRAWS)} worlds."
    return f"{most}\n\n{_table(head, rows)}"


def _powers(order: LegalOrder) -> str:
    """Shares of states and of hosting with each power, in drawn worlds."""
    power = np.array([order.drawn(draw).national(ON).power for draw in DRAWS])
    kinds = (DataKind.PRESERVATION, DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT, DataKind.SEARCH_SEIZURE)
    rows = []
    for kind in kinds:
        states, share = power[:, :, kind].sum(axis=1), power[:, :, kind] @ CrimeGeography.load().hosting
        name = kind.name.lower().replace("_", " ")
        rows.append((name, f"{states.min()} to {states.max()}", f"{share.min():.1%} to {share.max():.1%}"))
    return _table(("power", "states", "share of hosting"), rows)


def _in_place(order: LegalOrder, world: tuple[Extents, Extents, Extents], measure: str, on: date) -> int:
    """States of a drawn world that have it on a day."""
    reach, (offences, powers, as_party) = order.reading.reach, world
    at, bound = np.searchsorted(reach.days, to_day(on), side="right") - 1, reach.entry <= to_day(on)
    full = {
        "offences": (offences[at] == Extent.FULL) | (bound & reach.party_offences),
        "powers": (powers[at] == Extent.FULL) | (bound & (as_party == Extent.FULL)),
        "legislation": (offences[at] > Extent.NONE) | bound,
    }
    return int(full[measure].sum())


def _standing(order: LegalOrder, state: str, read: Read, chance: float, row: str) -> str:
    """Whether a law is in full, and what that rests on."""
    place, known = order.index(state), order.reading.power_rows.get(state, {})
    if read.extent[place] != UNREAD:
        since = read.since[place]
        words = ("none", "in part", f"in full since {to_date(since)}" if np.isfinite(since) else "in full")
        return f"read: {words[read.extent[place]]}"
    recalled = f", recalled as {known[row]}" if known else ""
    if order.reading.reach.entry[place] <= to_day(ON):
        statute = "in full" if order.reading.reach.party_offences[place] else "in part"
        return f"Party, statute {statute}" if row == "offences" else f"Party, drawn: {chance:.0%}"
    return f"drawn: {chance:.0%}{recalled}"


def _national(order: LegalOrder) -> str:
    """Flags of national law of all states together, and where each one's are."""
    penalty_tags = (order.reading.penalty_tag(state, offence) for state in order.states for offence in Offence)
    total = [_flags(order.reading.tag.values()), _flags(penalty_tags)]
    summary = [" / ".join(f"{number:,}" for number in flags) for flags in total]
    flags = f"Verified / recalled / derived: in all {summary[0]} offences and {summary[1]} maximum penalties."
    return f"{flags}\n\n[The {len(order.states)} states as CSV]({STATES.name})"


def national(order: LegalOrder) -> pd.DataFrame:
    """National law by state, with its flags."""
    laws = by_state(read_table("unctad_cybercrime_law.csv").rows)
    nationals = by_state(read_table("nationals.csv").rows)
    reading, day, rows = order.reading, to_day(ON), []
    worlds = [reading.reach.drawn(reading.numbers_of(draw)) for draw in range(100)]
    at, bound = np.searchsorted(reading.reach.days, day, side="right") - 1, reading.reach.entry <= day
    offences, powers = (np.mean([world[place][at] == Extent.FULL for world in worlds], axis=0) for place in (0, 1))
    as_party = np.mean([np.maximum(world[1][at], world[2]) == Extent.FULL for world in worlds], axis=0)
    powers = np.where(bound, as_party, powers)
    offences = np.where(bound, np.maximum(offences, reading.reach.party_offences), offences)
    for place, state in enumerate(order.states):
        covered = _flags(reading.tag[state, offence] for offence in Offence)
        penalties = _flags(reading.penalty_tag(state, offence) for offence in Offence)
        bar = f"{nationals[state]['bar']} ({nationals[state]['status']})" if state in nationals else "not known"
        law = f"{laws[state]['law']} ({laws[state]['status']})" if state in laws else "not known"
        counts = (" / ".join(map(str, flags)) for flags in (covered, penalties))
        in_full = (
            _standing(order, state, reading.reach.offences, offences[place], "offences"),
            _standing(order, state, reading.reach.powers, powers[place], "powers"),
        )
        rows.append((f"{order.names[state]} ({state})", law, *in_full, *counts, bar))
    columns = ["state", "cybercrime law (UNCTAD)", "offences in full", "powers in full", "offences"]
    return pd.DataFrame(rows, columns=[*columns, "maximum penalties", "bar on nationals"])


def _unread(order: LegalOrder) -> str:
    """States whose unread offences leave the model most uncertain."""
    hosting, chance = CrimeGeography.load().hosting, order.national(ON).offence_chance.astype(np.float64)
    variance = (chance * (1 - chance)).sum(axis=1)
    weight = variance * hosting
    rows = []
    for index in np.argsort(-weight)[:25]:
        share = weight[index] / weight.sum()
        rows.append(
            (order.names[order.states[index]], f"{variance[index]:.2f}", f"{hosting[index]:.3%}", f"{share:.0%}")
        )
    head = ("state", "variance of its offences", "share of hosting", "share of the whole")
    return f"States of which no statute has been read: {int((~order.reading.read).sum())}.\n\n{_table(head, rows)}"


if __name__ == "__main__":
    renew("law", parts(), COMMAND)
    STATES.write_text(as_csv(national(legal_order())), encoding="utf-8", newline="")
