"""Updates the tables of docs/law.md on the law in the model: `python -m docs.programs.law`."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from docs.programs import DOCS, renew, table_of
from sim.data.geography import CrimeGeography
from sim.data.load import by_state, read_table
from sim.data.spreadsheet import as_csv
from sim.law.arrays import coverage
from sim.law.candidates import candidates
from sim.law.days import to_date, to_day
from sim.law.explain import in_worlds
from sim.law.extent import COUNTS, UNREAD, Extent, Extents, Read
from sim.law.order import LegalOrder, legal_order
from sim.law.readiness import known, share_on
from sim.law.vocabulary import Channel, EvidenceTag, Offence
from sim.measures.arrays import Mask

COMMAND = "python -m docs.programs.law"
STATES = DOCS / "law_by_state.csv"
ON = date(2026, 1, 1)
#: Draws whose counts are shown.
DRAWS = range(20)
MEASURES = {"offences": "offences", "powers": "powers", "legislation": "some law on cybercrime"}

#: Channels by which one state owes another evidence under a treaty.
TREATY_CHANNELS = (Channel.MLAT, Channel.BUDAPEST, Channel.UN_CONVENTION, Channel.JUDICIAL_DIRECT)
UNIVERSAL = "untoc"
#: Instruments of the data that open no channel.
WHY_NOT: dict[str, str] = dict(pd.read_csv(DOCS / "programs" / "left_out.csv").itertuples(index=False))
_FLAGS = {tag: tag.value for tag in (EvidenceTag.VERIFIED, EvidenceTag.RECALLED)} | {EvidenceTag.JUDGEMENT: "derived"}


def parts() -> dict[str, str]:
    """Generated parts of the page, by name."""
    order, names = legal_order(), {row["id"]: row["name"] for row in read_table("regional_instruments.csv").rows}
    left_out = table_of([{"instrument": names[name], "why": why} for name, why in WHY_NOT.items()])
    made = (_pairs, _instruments, _readiness, _candidates, _counts, _national, _unread)
    return {part.__name__.removeprefix("_"): part(order) for part in made} | {"left_out": left_out}


def _open_pairs(order: LegalOrder) -> dict[str, Mask]:
    """True for pairs of states with a channel for evidence under a treaty, bool [state, state] by treaty.

    Each pair has one place, the state that comes first in the order first.
    """
    terms = tuple(term for term in order.terms if term.channel in TREATY_CHANNELS)
    found, day = coverage(terms, order.treaties, order.states, ()), to_day(ON)
    pairs: dict[str, Mask] = {}
    for term, is_open in zip(terms, (found.opened <= day) & (day < found.until), strict=True):
        pairs[term.treaty] = pairs.get(term.treaty, False) | np.triu(is_open | is_open.T, 1)
    return pairs


def _pairs(order: LegalOrder) -> str:
    """Text on the number of pairs of states that have a treaty channel."""
    size, pairs = len(order.states), _open_pairs(order)
    narrow = np.any([found for name, found in pairs.items() if name != UNIVERSAL], axis=0)
    every = narrow | pairs[UNIVERSAL]
    head = f"Of {size * (size - 1) // 2:,} pairs of the {size} states, {every.sum():,} have a treaty channel"
    return f"{head} for evidence;\n{narrow.sum():,} without UNTOC, which asks for four years and an organised group."


def _flags(tags: Iterable[EvidenceTag]) -> dict[str, int]:
    """Number of values by evidence tag."""
    counted = Counter(tags)
    return {word: counted[flag] for flag, word in _FLAGS.items()}


def _counted(tags: Iterable[EvidenceTag]) -> str:
    """Text on the number of values by evidence tag."""
    return " / ".join(f"{number:,}" for number in _flags(tags).values())


def _instruments(order: LegalOrder) -> str:
    """Markdown table of treaties: evidence tags, and number of pairs that only this treaty connects."""
    pairs, rows = _open_pairs(order), []
    for treaty in order.treaties.values():
        ties = (*treaty.memberships.values(), *treaty.pairs.values())
        memberships = [membership for membership in ties if membership.since <= ON < (membership.until or date.max)]
        others = np.any([found for name, found in pairs.items() if name not in (treaty.id, UNIVERSAL)], axis=0)
        terms = sorted(f"{term.id} ({_FLAGS[term.tag]})" for term in order.terms if term.treaty == treaty.id)
        unit = "pairs" if treaty.form == "pairs" else "states" if memberships else "all"
        row = {"instrument": treaty.name, "terms and their flag": ", ".join(terms), "ties": unit}
        opens = str((pairs[treaty.id] & ~others).sum()) if treaty.id in pairs else ""
        rows.append(row | _flags(membership.tag for membership in memberships) | {"pairs only it opens": opens})
    return table_of(rows)


def _readiness(order: LegalOrder) -> str:
    """Makes tables of the expected share of possible orders, by year, for each gradual instrument."""
    parts = []
    for term in (term for term in order.terms if term.in_steps):
        opened = order.treaties[term.treaty].entry()
        if opened is None:
            continue
        years = range(opened.year + 1, opened.year + 8)
        rows = [
            {"on": f"{year}-01-01", "orders that can be sent": f"{share_on(opened, date(year, 1, 1)):.0%}"}
            for year in years
        ]
        parts.append(f"{term.name}, since {opened}:\n\n{table_of(rows)}")
    read = [{key: row[key] for key in ("date", "what", "source", "status")} for row in known()]
    return "\n\n".join([*parts, table_of(read)])


def _candidates(_order: LegalOrder) -> str:
    """Makes the table of possible future events of law: day, event, share of worlds, source."""
    rows = [
        {"day": one.on, "what": one.what, "share of worlds": in_worlds(one), "flag": _FLAGS[one.tag]}
        | {"flag of the day": _FLAGS[one.date_tag], "source": one.source, "remark": one.note}
        for one in candidates()
    ]
    return table_of(rows)


def _counts(order: LegalOrder) -> str:
    """Markdown table of states with law in drawn worlds, next to official counts."""
    reach, rows = order.reading.reach, []
    drawn = [reach.drawn(order.reading.numbers_of(draw)) for draw in DRAWS]
    for row in sorted(read_table(COUNTS).rows, key=lambda row: (row["measure"], row["date"])):
        if row["region"] == "World" and row["measure"] in MEASURES:
            on = date.fromisoformat(row["date"])
            found = [int(_in_place(order, world, on)[row["measure"]].sum()) for world in drawn]
            line = {"in line with the Convention": MEASURES[row["measure"]], "date": row["date"]}
            line |= {"states counted": row["states"], "flag": row["status"], "source": row["source"]}
            rows.append(line | {f"{len(DRAWS)} drawn worlds": f"{min(found)} to {max(found)}"})
    without = max(int(((powers == Extent.FULL) & (offences == Extent.NONE)).sum()) for offences, powers, _ in drawn)
    most = f"Powers in full without offences: {without} states on any day of {len(DRAWS)} worlds."
    return f"{most}\n\n{table_of(rows)}"


def _in_place(order: LegalOrder, world: tuple[Extents, Extents, Extents], on: date) -> dict[str, Mask]:
    """Masks of the states with each kind of law on a day, in one drawn world."""
    reach, (offences, powers, as_party) = order.reading.reach, world
    at, bound = np.searchsorted(reach.days, to_day(on), side="right") - 1, reach.entry <= to_day(on)
    return {
        "offences": (offences[at] == Extent.FULL) | (bound & reach.party_offences),
        "powers": (powers[at] == Extent.FULL) | (bound & (as_party == Extent.FULL)),
        "legislation": (offences[at] > Extent.NONE) | bound,
    }


def _standing(order: LegalOrder, state: str, read: Read, chance: float, row: str) -> str:
    """Text on the source of a state's law: read, implied by a treaty, or drawn at random."""
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
    """Markdown table of evidence tags for national law."""
    penalties = _counted(order.reading.penalty_tag(state, offence) for state in order.states for offence in Offence)
    offences = _counted(order.reading.tag.values())
    flags = f"Verified / recalled / derived: in all {offences} offences and {penalties} maximum penalties."
    return f"{flags}\n\n[The {len(order.states)} states as CSV]({STATES.name})"


def national(order: LegalOrder) -> pd.DataFrame:
    """Table of national law by state, with evidence tags."""
    laws, nationals = (by_state(read_table(name).rows) for name in ("unctad_cybercrime_law.csv", "nationals.csv"))
    reading, rows = order.reading, []
    worlds = [_in_place(order, reading.reach.drawn(reading.numbers_of(draw)), ON) for draw in range(100)]
    offences, powers = (np.mean([world[measure] for world in worlds], axis=0) for measure in ("offences", "powers"))
    for place, state in enumerate(order.states):
        said = [(laws.get(state), "law"), (nationals.get(state), "bar")]
        law, bar = (f"{row[column]} ({row['status']})" if row else "not known" for row, column in said)
        row = {"state": f"{order.names[state]} ({state})", "cybercrime law (UNCTAD)": law}
        row["offences in full"] = _standing(order, state, reading.reach.offences, offences[place], "offences")
        row["powers in full"] = _standing(order, state, reading.reach.powers, powers[place], "powers")
        row["offences"] = _counted(reading.tag[state, offence] for offence in Offence)
        row["maximum penalties"] = _counted(reading.penalty_tag(state, offence) for offence in Offence)
        rows.append(row | {"bar on nationals": bar})
    return pd.DataFrame(rows)


def _unread(order: LegalOrder) -> str:
    """Text that lists states whose unread law matters most."""
    hosting, chance = CrimeGeography.load().hosting, order.national(ON).offence_chance.astype(np.float64)
    variance = (chance * (1 - chance)).sum(axis=1)
    weight = variance * hosting
    most, share = np.argsort(-weight)[:25], weight / weight.sum()
    rows = [
        (order.names[order.states[at]], f"{variance[at]:.2f}", f"{hosting[at]:.3%}", f"{share[at]:.0%}") for at in most
    ]
    head = ["state", "variance of its offences", "share of hosting", "share of the whole"]
    unread = f"States of which no statute has been read: {int((~order.reading.read).sum())}."
    return f"{unread}\n\n{table_of(pd.DataFrame(rows, columns=head))}"


if __name__ == "__main__":
    renew("law", parts(), COMMAND)
    STATES.write_text(as_csv(national(legal_order())), encoding="utf-8", newline="")
