"""Core members: identified, charged, arrested, surrendered, tried (M14)."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from sim.law.vocabulary import Ground
from sim.report.explain import wording
from sim.report.explain.account import Entry, Tone
from sim.report.explain.book import Book, is_set
from sim.report.explain.wording import days, state
from sim.world.records import MemberStatus


def member_entries(book: Book, **known: float) -> Iterator[Entry]:
    """What the law did with members.

    Args:
        book: the tables.
        known: which members, as columns of their table.
    """
    for row in book.where("member", **known):
        member = book["member"][row]
        who = f"core member {member.slot + 1}"
        if is_set(member.identified) and member.status != MemberStatus.UNKNOWN:
            yield from _entries(book, member, who)


def _entries(book: Book, member: np.record, who: str) -> Iterator[Entry]:
    home = state(book.code(member.residence))
    yield Entry(float(member.identified), f"{who}, living in {home}, is identified and wanted.", Tone.PROGRESS)
    if is_set(member.indicted):
        text = f"{who} is charged in public but not caught: {home} does not arrest, or the person was not found."
        yield Entry(float(member.indicted), text, Tone.SETBACK)
    if is_set(member.arrested):
        place = state(book.code(member.held_in))
        how = f"while travelling in {place}" if is_set(member.indicted) else f"in {place}"
        yield Entry(float(member.arrested), f"{who} is arrested {how}.", Tone.MILESTONE)
    if is_set(member.surrendered):
        text = f"{place} surrenders {who} to {_trial(book, member)}, {days(member.surrendered - member.arrested)} on."
        yield Entry(float(member.surrendered), text, Tone.PROGRESS)
    if is_set(member.ended):
        yield Entry(float(member.ended), _end(book, member, who), Tone.MILESTONE)


def _end(book: Book, member: np.record, who: str) -> str:
    """Release or judgment."""
    refused = f"{state(book.code(member.held_in))} refused surrender ({wording.GROUNDS[Ground(member.ground)]})"
    if member.status == MemberStatus.RELEASED:
        return f"{who} is released: {refused} and does not prosecute."
    verdict = "convicted" if member.status == MemberStatus.CONVICTED else "acquitted"
    instead = f", prosecuted there because {refused}" if member.instead == 1 else ""
    return f"{who} is {verdict} in {_trial(book, member)}{instead}."


def _trial(book: Book, member: np.record) -> str:
    return state(book.code(member.prosecuted_in))


def fates(book: Book, group: int) -> str:
    """Members of a group by where they stand at the end of the run."""
    status = Counter(int(code) for code in book["member"].status[book.where("member", group=group)])
    return wording.listing([f"{number} {MemberStatus(code).name.lower()}" for code, number in status.most_common()])
