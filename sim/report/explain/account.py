"""An account: a title, a few facts, and dated entries, most of which are made from one row of a table each.

Such an entry is added by a row in one of the tables at the end: event table, column of the subject, column of the day,
sentence, tone. They describe custody, money, lessons, moves of users, and help by liaison bodies (M14–M17, M20).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

import numpy as np

from sim.law.vocabulary import Ground
from sim.report.explain.events import Events, is_set
from sim.report.explain.wording import date, days, share
from sim.results.labels import BODIES, GROUNDS
from sim.results.words import counted
from sim.world.records import Body, FrozenBy, MemberStatus, MilestoneKind, ReferralTask, TaskResult

#: Makes a sentence of one row of an event table; an empty one is left out.
Sentence = Callable[[Events, np.record], str]


class Tone(Enum):
    """The bearing of an entry on the case; it decides the colour on a terminal."""

    PLAIN = "plain"
    PROGRESS = "progress"
    SETBACK = "setback"
    MILESTONE = "milestone"


@dataclass(frozen=True)
class Entry:
    """Something that happened.

    Attributes:
        day: days since 2022-01-01.
        text: sentences, with states as tokens of `wording.token`.
        tone: how it bears on the case.
    """

    day: float
    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True)
class Account:
    """The life of a case, a request or a group.

    Attributes:
        title: one line.
        facts: the account in short, a sentence or two each.
        entries: the timeline, in order of time.
        start: day from which the column "day" counts.
        asides: what to read next: options of `comity explain`, a colon, and what they show.
    """

    title: str
    facts: Sequence[str]
    entries: Sequence[Entry]
    start: float
    asides: Sequence[str] = field(default=())


class Dated(NamedTuple):
    """A sentence about a row, dated by one of its columns.

    Attributes:
        day: column that holds the day; the sentence is left out while that day has not come.
        sentence: makes the text.
        tone: how it bears on the case.
    """

    day: str
    sentence: Sentence
    tone: Tone


class RowStory(NamedTuple):
    """Sentences that the rows of an event table give about their subject.

    Attributes:
        table: name of the event table.
        subject: column that holds the row of the case, group or request.
        where: further columns with the values that they must have.
        sentences: in the order in which they are given for each row.
    """

    table: str
    subject: str
    where: Mapping[str, float]
    sentences: Sequence[Dated]


def entries_from(events: Events, stories: Iterable[RowStory], subject: int) -> Iterator[Entry]:
    """Entries about a case, group or request, from tables of sentences."""
    for story in stories:
        for number in events.where(story.table, **{story.subject: subject}, **story.where):
            row = events[story.table][number]
            for column, sentence, tone in story.sentences:
                if is_set(row[column]) and (text := sentence(events, row)):
                    yield Entry(float(row[column]), text, tone)


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries by day; those of one day keep their order."""
    return tuple(sorted(entries, key=lambda entry: entry.day))


#: Help that moves a case as a whole; help with single steps is summed up in the facts of the case.
_HELPED: Mapping[ReferralTask, str] = {
    ReferralTask.COMPARE: "finds, by comparing data of both units, that another unit pursues the same group",
    ReferralTask.DECONFLICT: "warns the unit, before it acts, of another unit that pursues the same group",
    ReferralTask.NOTICE: "publishes a notice that a member is wanted",
    ReferralTask.COORDINATE: "brings prosecutors of the partner states together, so that they are ready sooner",
    ReferralTask.ACTION_DAY: "hosts the preparation of the action day, so that all can act at once",
}
_HEARD_DAYS = 180.0  # before a lesson, in which news of action against peers counts


def _name(member: np.record) -> str:
    return f"core member {member.slot + 1}"


def _identified(events: Events, member: np.record) -> str:
    wanted = member.status != MemberStatus.UNKNOWN
    return f"{_name(member)}, living in {events.state(member.residence)}, is identified." if wanted else ""


def _charged(events: Events, member: np.record) -> str:
    """Charged, and not in custody."""
    home = events.state(member.residence)
    return f"{_name(member)} is charged in public but not caught: {home} does not arrest, or the person was not found."


def _arrested(events: Events, member: np.record) -> str:
    travelling = "while travelling " if is_set(member.indicted) else ""
    return f"{_name(member)} is arrested {travelling}in {events.state(member.held_in)}."


def _surrendered(events: Events, member: np.record) -> str:
    holder, court = events.state(member.held_in), events.state(member.prosecuted_in)
    return f"{holder} surrenders {_name(member)} to {court}, {days(member.surrendered - member.arrested)} later."


def _judged(events: Events, member: np.record) -> str:
    """Release or judgment."""
    refused = f"{events.state(member.held_in)} refused surrender ({GROUNDS[Ground(member.ground)]})"
    if member.status == MemberStatus.RELEASED:
        return f"{_name(member)} is released: {refused} and does not prosecute."
    verdict = "convicted" if member.status == MemberStatus.CONVICTED else "acquitted"
    instead = f", prosecuted there because {refused}" if member.instead == 1 else ""
    return f"{_name(member)} is {verdict} in {events.state(member.prosecuted_in)}{instead}."


def _learnt(events: Events, lesson: np.record) -> str:
    """The lesson of an action against the group, or of the arrest of a member."""
    action, kind, group = events["action"], events["group"].kind, lesson.group
    peers = (kind[action.group] == kind[group]) & (action.group != group)
    heard = int((peers & (action.day >= lesson.day - _HEARD_DAYS) & (action.day < lesson.day)).sum())
    cause = "The arrest of a member" if lesson.subject < 0 else "The action"
    return (
        f"{cause} changes what the group expects: a sanction with probability {lesson.reason / 1000:.1%}. "
        f"In the half-year before, it had heard of {counted(heard, 'action day')} against others of its kind."
    )


def _relocated(events: Events, move: np.record) -> str:
    return f"{_name(events['member'][int(move.subject)])} leaves {events.state(move.reason)} for another state."


def _users_left(events: Events, band: np.record) -> str:
    part = share(float(band.amount / events["group"].users_at_takedown[int(band.group)]))
    return f"{part} of the users and affiliates that it had when it was taken down move to group {band.rival}."


def _users_joined(events: Events, band: np.record) -> str:
    part = share(float(band.amount) / float(events["group"].scale[int(band.rival)]))
    return (
        f"Users and affiliates of group {band.group}, which was taken down, join: {part} of the users "
        "that this group began with."
    )


def _helped(_: Events, referral: np.record) -> str:
    """The answer of a liaison body that moved a case."""
    task = ReferralTask(referral.task)
    took = days(referral.answered - referral.asked)
    return f"{took} after being asked, {BODIES[Body(referral.body)]} {_HELPED[task]}." if task in _HELPED else ""


def _facilitated(_: Events, referral: np.record) -> str:
    return f"Eurojust follows it up, {days(referral.answered - referral.asked)} after being asked."


def _frozen(events: Events, freeze: np.record) -> str:
    """Money that a case has frozen; its amount is in the proceeds of a mean group."""
    how = "found on the action day" if freeze.by == FrozenBy.ACTION else "traced in the case"
    amount = f"{days(freeze.frozen)} of the proceeds of a mean group of its kind"
    return f"Money worth {amount}, {how}, is frozen in {events.state(freeze.state)}."


def _court_decides(events: Events, freeze: np.record) -> str:
    """Confiscation of frozen money, or its release."""
    verb = "confiscates" if freeze.confiscated > 0.0 else "releases"
    return f"A court {verb} the money that was frozen in {events.state(freeze.state)} on {date(freeze.day)}."


_CUSTODY = (
    Dated("identified", _identified, Tone.PROGRESS),
    Dated("indicted", _charged, Tone.SETBACK),
    Dated("arrested", _arrested, Tone.MILESTONE),
    Dated("surrendered", _surrendered, Tone.PROGRESS),
    Dated("ended", _judged, Tone.MILESTONE),
)
OF_CASE = (
    RowStory("referral", "case", {"result": TaskResult.HELPED}, (Dated("answered", _helped, Tone.PROGRESS),)),
    RowStory("member", "known_by", {}, _CUSTODY),
    RowStory(
        "freeze",
        "case",
        {},
        (Dated("day", _frozen, Tone.PROGRESS), Dated("decided", _court_decides, Tone.MILESTONE)),
    ),
)
OF_GROUP = (
    RowStory("member", "group", {}, _CUSTODY),
    RowStory("milestone", "group", {"kind": MilestoneKind.LEARNT}, (Dated("day", _learnt, Tone.PLAIN),)),
    RowStory(
        "milestone",
        "group",
        {"kind": MilestoneKind.STAYED},
        (Dated("day", lambda *_: "The group could retire, but expects more gain than usual and stays.", Tone.PLAIN),),
    ),
    RowStory("milestone", "group", {"kind": MilestoneKind.RELOCATED}, (Dated("day", _relocated, Tone.SETBACK),)),
    RowStory(
        "migration",
        "group",
        {},
        (
            Dated("day", _users_left, Tone.PLAIN),
            Dated("returned", lambda _, band: f"Some of its users come back from group {band.rival}.", Tone.SETBACK),
        ),
    ),
    RowStory(
        "migration",
        "rival",
        {},
        (
            Dated("day", _users_joined, Tone.SETBACK),
            Dated("returned", lambda _, band: f"Some users go back to group {band.group}.", Tone.PROGRESS),
        ),
    ),
)
OF_REQUEST = (
    RowStory(
        "referral",
        "subject",
        {"task": ReferralTask.FACILITATE, "result": TaskResult.HELPED},
        (Dated("answered", _facilitated, Tone.PROGRESS),),
    ),
)
