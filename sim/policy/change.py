"""Reads the changes of levers in a scenario file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.law.order import legal_order
from sim.law.suggest import nearest
from sim.law.vocabulary import CORE_OFFENCES, DataKind, Offence
from sim.policy.document import FileEntry
from sim.policy.in_numbers import InNumbers
from sim.policy.lever import LawLever, Lever, Quantity, Target, Today, Value, WorldLever
from sim.policy.levers import LAW_LEVERS, LEVERS, find_lever
from sim.policy.places import Atlas, load_atlas, mask_of
from sim.policy.problem import InputError
from sim.policy.process import Process, read_process
from sim.policy.schema import ChangeEntry, Order
from sim.policy.selection import PairSelection, StateSelection, read_instrument, read_kinds, read_states
from sim.policy.units import check_times, read_months, read_names, read_quantity, read_value

#: Levers of the law that can take effect some time after the decision.
_LAGGING = tuple(lever.name for lever in LAW_LEVERS.values() if lever.courses)
#: Least and greatest growth per year that a file can set.
_GROWTH = (-0.2, 0.3)
_REMOVE = "Remove it."
#: A count in the place of a multiple: `80 posts together`.
COUNT = re.compile(
    r"(?P<sign>[+−-]?)\s*(?P<number>\d{1,3}(?:[, \u00a0\u202f]\d{3})+|\d{1,6})"
    r"\s+(?:officer|post|person|people|investigator|trainer)s?(?:\s+(?P<how>each|together))?",
    re.IGNORECASE,
)
#: Core offences by name, and by article of the Budapest Convention.
_ARTICLES: Mapping[str, Offence] = {
    **{offence.name.lower(): offence for offence in CORE_OFFENCES},
    **{f"article_{number}": offence for number, offence in enumerate(CORE_OFFENCES, start=2)},
}


@dataclass(frozen=True)
class Change:
    """A dated change of one lever in a scenario."""

    lever: LawLever | WorldLever  # what is moved
    value: Value  # where it is moved to, in the lever's unit
    start: date  # the day of the change, or the first day of a phase or ramp
    until: date | None  # last day of a phased change, None for one that is not phased
    order: Order  # in which order states follow in a phased change
    ramp_months: int | None  # months over which the value rises, None for at once
    states: StateSelection  # states it applies to; all for a lever of the world or of pairs
    pairs: PairSelection  # pairs it applies to; all for a lever of the world or of states
    where: str  # file and line of its states, or of the change where it names none, for messages
    key: str = "states"  # that place as text
    value_where: str = ""  # file and line of its value, for messages
    process: Process | None = None  # the course of law by which it comes about, None for days that the file sets
    # offences that it is about, for law.core_offences; empty for all of its articles
    offences: tuple[Offence, ...] = ()
    lag_months: int = 0  # months from the decision, on its day, to its effect
    # share by which what the lever moves grows a year from its first day on, on top of what other changes set; None for
    # a change to a value
    growth: float | None = None
    instrument: str = ""  # entry of terms.yaml that it is about; empty for levers of other things
    kinds: tuple[DataKind, ...] = ()  # data kinds that it is about, for terms that differ by kind
    worlds: float = 1.0  # share of worlds in which it comes about at all, 0–1
    # what states have or get, where the file says a number; the value is then that of the default world
    in_numbers: InNumbers | None = None

    @property
    def subject(self) -> str:
        """Name of the uncertain event that a change depends on: its treaty or else its lever."""
        return str(self.value) if self.lever.quantity is Quantity.INSTRUMENT else self.lever.name

    @property
    def moved(self) -> str:
        """Text on a lever's new value with its unit, or on its growth rate."""
        value = self.value
        if self.in_numbers is not None:
            return str(self.in_numbers)
        if self.growth is not None:
            return f"{100 * self.growth:+g} % a year".replace("-", "−")
        if not isinstance(value, float):
            return value if isinstance(value, str) else ", ".join(value)
        words = {
            Quantity.RATIO: f"{value:g} times today’s",
            Quantity.SHARE: f"{100 * value:g} %",
            Quantity.RATE: f"{100 * value:g} % a year",
            Quantity.SHIFT: f"{value:+g} on a scale of 0 to 1".replace("-", "−"),
            Quantity.SWITCH: "yes" if value else "no",
        }
        return words.get(self.lever.quantity, f"{value:g} {self.lever.unit}")

    @property
    def whom(self) -> str:
        """Text on what a change applies to: an instrument, pairs of states, or states."""
        if self.instrument:
            return f"of {self.instrument}"
        if not self.pairs.everywhere:
            sides = (self.pairs.requesting, self.pairs.requested)
            asking, requested = ("all states" if side.everywhere else ", ".join(side.words) for side in sides)
            return f"requests of {asking} to {requested}{', and back' if self.pairs.both_ways else ''}"
        return f"for {'all states' if self.states.everywhere else ', '.join(self.states.words)}"


def read_change(entry: ChangeEntry, section: FileEntry, atlas: Atlas) -> Change | None:
    """Reads one change from a scenario file; None for mistakes, which are noted."""
    read, value, instrument, kinds = section.read, None, None, None
    lever = read("lever", find_lever, entry.lever)
    if lever is not None:
        value = _read_value(entry, lever, section)
        if value is not None:
            read("value", check_instrument, lever, value, atlas)
        for problem in _misfits(entry, lever, section):
            section.note(problem)
        if lever.target is Target.INSTRUMENT and entry.instrument:
            instrument = read("instrument", read_instrument, lever, entry.instrument)
    if lever and instrument:
        kinds = read("kinds", read_kinds, lever, instrument, entry.kinds)
    growth = read("growth", read_quantity, Quantity.RATE, entry.growth, *_GROWTH) if entry.growth else None
    ramp = read("ramp", read_months, entry.ramp) if entry.ramp else None
    lag = read("lag", read_months, entry.lag, "a lag") if entry.lag else 0
    worlds = read("worlds", read_quantity, Quantity.SHARE, entry.worlds, 0, 1) if entry.worlds else 1.0
    states = read("states", read_states, entry.states, atlas) if entry.states is not None else None
    pairs = PairSelection()
    if entry.pairs:
        sides = section.below("pairs")
        requesting = sides.read("requesting", read_states, entry.pairs.requesting, atlas)
        requested = sides.read("requested", read_states, entry.pairs.requested, atlas)
        both_ways = entry.pairs.both_ways
        pairs = PairSelection(requesting or StateSelection(), requested or StateSelection(), both_ways)
    articles = read("articles", _read_articles, entry.articles)
    process = None
    if entry.process:
        treaty = None if value is None or section.wrong("value") else value
        process = read_process(entry.process, section.below("process"), treaty)
    if entry.phased:
        check_end(section.below("phased"), entry.phased.start, entry.phased.until)
    if lever is None or value is None or not section.sound:
        return None
    return Change(
        lever=lever,
        value=value,
        start=entry.first_day,
        until=entry.phased.until if entry.phased else None,
        order=entry.phased.order if entry.phased else Order.BEST_GOVERNED_FIRST,
        ramp_months=ramp,
        states=states or StateSelection(),
        pairs=pairs,
        where=section.where("states"),
        key=section.words("states"),
        value_where=section.where("value"),
        process=process,
        offences=articles or (),
        lag_months=lag or 0,
        growth=growth,
        instrument=instrument or "",
        kinds=kinds or (),
        worlds=1.0 if worlds is None else worlds,
        in_numbers=_in_numbers(lever, entry),
    )


def _read_value(entry: ChangeEntry, lever: Lever, section: FileEntry) -> Value | None:
    """Reads the value of a change, or its neutral value if the lever only grows; None for a mistake, which is noted."""
    if entry.growth is not None:
        return lever.neutral
    if entry.value is not None:
        written = list(entry.value) if isinstance(entry.value, tuple) else entry.value
        if counted := COUNT.fullmatch(str(written).strip()):
            return section.read("value", _read_count, lever, counted, entry)
        section.read("value", check_times, lever, written)
        return section.read("value", read_value, lever, written)
    if not section.wrong("value", "growth"):
        section.note(
            InputError("the value is missing", key="value", fix="Write it after the colon.")
            if "value" in entry.model_fields_set
            else InputError("this key is missing", key="value", fix="Add a line `value: …`.")
        )
    return None


def number_of(counted: re.Match[str]) -> float:
    """Number with its sign in a matched text such as `+10 officers`."""
    number = float(re.sub(r"\D", "", counted["number"]))
    return -number if counted["sign"] in ("-", "−") else number


def _in_numbers(lever: Lever, entry: ChangeEntry) -> InNumbers | None:
    """Reads a number of posts or persons such as `10 officers each`; None for any other value.

    Without `each` or `together`, a number is of the only state that is chosen, or of all where none is named.
    """
    counted = COUNT.fullmatch(str(entry.value).strip())
    if counted is None or lever.count is None or not lever.count.most:
        return None
    one = len(_chosen_by(entry)) == 1
    if not (one or counted["how"] or entry.states is None):
        return None  # refused when it is read
    together = not one and (counted["how"] or "together").lower() == "together"
    if together and entry.phased:
        return None  # a multiple, of which each state has its part on its day
    return InNumbers(number_of(counted), bool(counted["sign"]), lever.count.unit, together=together)


def _chosen_by(entry: ChangeEntry) -> tuple[str, ...]:
    """Reads the codes of the states that a change selects on its first day."""
    return _chosen(read_states(entry.states or ("all",), load_atlas()), entry.first_day)


def _read_count(lever: Lever, counted: re.Match[str], entry: ChangeEntry) -> Value:
    """Converts a text such as `+10 officers` to a factor on the number that the chosen states have today."""
    if lever.count is None:
        fix = f"These levers take a number of them: {', '.join(name for name, one in LEVERS.items() if one.count)}."
        raise InputError(f"{lever.name} is not counted in posts or people", value=counted[0], fix=fix)
    unit, sign, number = lever.count.unit, counted["sign"], abs(number_of(counted))
    in_numbers = _in_numbers(lever, entry)
    if in_numbers is not None and not in_numbers.together:
        return _of_each(lever.count, in_numbers, counted[0], _chosen_by(entry))
    today = lever.count.today()
    if lever.target is Target.STATES:
        chosen = read_states(entry.states or ("all",), load_atlas())
        many = len(_chosen(chosen, entry.first_day))
        if many > 1 and counted["how"] is None and entry.states is not None:
            ways = [f"'{sign}{number:,g} {unit} {how}'" for how in ("together", "each")]
            problem = f"{many} states are chosen, which differ in what they have"
            raise InputError(problem, value=counted[0], fix=f"Write {' or '.join(ways)}.")
        if many > 1 and not lever.count.most and (counted["how"] or "").lower() == "each":
            fix = f"Name the states, or write '{sign}{number:,g} {unit} together'."
            raise InputError(f"{many} states are chosen, which differ in what they have", value=counted[0], fix=fix)
        today = today_of(lever.count, chosen, entry.first_day)
    if not today:
        whom = f" of {', '.join(entry.states)}" if entry.states else ""
        each = f", or write '{counted[0].removesuffix(' together')} each'" if lever.count.most else ""
        fix = f"Choose states that have some{each}."
        raise InputError(f"today there are no {unit}{whom} to multiply", value=counted[0], fix=fix)
    wanted = today + number_of(counted) if sign else number
    return _as_times(lever, counted[0], wanted, today, _chosen_by(entry) if lever.target is Target.STATES else ())


def _of_each(count: Today, given: InNumbers, written: str, chosen: tuple[str, ...]) -> float:
    """Factor on the total number in the states if each gets or has a given number; 1 if the total is zero today."""
    had = count.each()[mask_of(chosen)]
    then = given.of(had)
    if abs(given.number) > count.most:
        fix = f"Write from {count.least:g} to {count.most:,g} {count.unit} each."
        raise InputError("more than a state can be given", value=written, fix=fix)
    if (then < count.least).any():
        fix = f"Leave at least {count.least:g} {count.unit} to each state."
        raise InputError("a desk keeps at least one person", value=written, fix=fix)
    return float(then.sum() / np.rint(had).sum()) if np.rint(had).any() else 1.0


def _as_times(lever: Lever, written: str, wanted: float, today: float, chosen: tuple[str, ...]) -> Value:
    """Converts a number that several states share to a factor on the present number in these states."""
    count = lever.count
    if count is None:
        raise AssertionError(lever.name)
    least, most = max(lever.low * today, count.least * len(chosen)), lever.high * today
    if least <= wanted <= most:
        return read_value(lever, str(round(wanted / today, 9)))
    each = f", or '{max(int(abs(wanted - today)) // len(chosen), 1):g} {count.unit} each'" if count.most else ""
    fix = f"Write from {least:,g} to {most:,g} {count.unit}{each}."
    raise InputError(f"out of range: today there are {today:,g} {count.unit}", value=written, fix=fix)


def times_in_world(lever: Lever, written: str) -> float | None:
    """Converts `+1,650 people`, in all states or at a body, to a factor on today's number; None for other texts.

    An InputError where the lever counts nobody, or the number is out of range.
    """
    counted = COUNT.fullmatch(written.strip())
    if counted is None:
        return None
    entry = ChangeEntry.model_validate({"lever": lever.name, "value": written})
    value = _read_count(lever, counted, entry)
    if not isinstance(value, float):
        raise AssertionError(lever.name)
    return value


def _chosen(states: StateSelection, day: date) -> tuple[str, ...]:
    """Codes of the selected states on a day."""
    return states.resolve(load_atlas(), legal_order(), day)


def today_of(count: Today, states: StateSelection, day: date) -> float:
    """Number of posts or persons that the chosen states have on a day without any policy."""
    return float(np.rint(count.each())[mask_of(_chosen(states, day))].sum())


def each_apart(entry: ChangeEntry) -> list[ChangeEntry]:
    """Splits a change such as `10 officers each` by state if its lever takes only multiples; returns a list."""
    written = str(entry.value).strip()
    if not entry.states or not (counted := COUNT.fullmatch(written)) or counted["how"] != "each":
        return [entry]
    lever = LEVERS.get(entry.lever or "")
    if lever is None or lever.count is None or lever.count.most:
        return [entry]
    try:
        codes = _chosen(read_states(entry.states, load_atlas()), entry.first_day)
    except InputError:
        return [entry]  # which is refused when it is read
    return [entry.model_copy(update={"states": (code,), "value": written[:-5]}) for code in codes]


#: The key at fault, what is wrong, and what to do instead.
_Misfit = tuple[str, str, str]


def _misfits(entry: ChangeEntry, lever: Lever, section: FileEntry) -> Iterator[InputError]:
    """Yields an error for each contradiction between the keys of a change, or with its lever."""
    course = entry.process.course if entry.process and not section.below("process").wrong("course") else None
    values: Mapping[str, object] = {"date": entry.on, "process": course}
    values = {**values, "lag": entry.lag, "ramp": entry.ramp, "growth": entry.growth}
    for key, problem, fix in (*_misfits_in_time(entry, lever, section), *_misfits_in_reach(entry, lever)):
        if not section.wrong(key):
            yield InputError(problem, key=key, value=values.get(key), fix=fix)


def _misfits_in_time(entry: ChangeEntry, lever: Lever, section: FileEntry) -> Iterator[_Misfit]:
    """Yields key, problem and fix for each contradiction between date, phases, ramp and legal process of a change."""
    process, courses = entry.process, lever.courses if isinstance(lever, LawLever) else ()
    if (entry.on is None) == (entry.phased is None) and not section.wrong("phased"):
        fix = "Write `date: 2027-01-01`, or `phased:` with from and until."
        yield "date", "needs either a date or a phase", fix
    if process and (entry.phased or entry.ramp is not None):
        fix = "Write `date:` for the day on which it begins, without a ramp or phase."
        yield "process", "a process decides on its own days and needs only a first one", fix
    if process and process.course not in courses and not section.below("process").wrong("course"):
        fix = f"Write `process: {courses[0]}`." if courses else _REMOVE
        yield "process", f"not the way in which {lever.name} comes about", fix
    if entry.lag is not None and process:
        yield "lag", "a process has lags of its own", "Remove the lag."
    if entry.lag is not None and not process and not courses:
        yield "lag", f"{lever.name} takes effect on its day", f"A lag goes with {', '.join(_LAGGING)}."
    if entry.ramp is not None and (entry.phased or not lever.gradual or lever.target is Target.INSTRUMENT):
        yield "ramp", "a ramp goes with a date and a lever whose value is a number", "Remove the ramp."
    for other in ("value", "phased", "ramp"):
        if entry.growth is not None and getattr(entry, other) is not None:
            yield "growth", f"growth and {other} cannot both be set", f"Remove the growth or {other}."
    if entry.growth is not None and (lever.quantity is not Quantity.RATIO or lever.target is Target.PAIRS):
        yield "growth", f"{lever.name} is not counted in times today's", "Write a value."


def _misfits_in_reach(entry: ChangeEntry, lever: Lever) -> Iterator[_Misfit]:
    """Yields key, problem and fix for each contradiction between states, kinds of data and instruments of a change."""
    if entry.articles is not None and not (isinstance(lever, LawLever) and lever.about_offences):
        yield "articles", f"{lever.name} is not about offences", _REMOVE
    instrument = lever.target is Target.INSTRUMENT
    if instrument and entry.instrument is None:
        yield "instrument", f"{lever.name} is about one instrument", "Add a line such as `instrument: e_evidence`."
    for key in ("instrument", "kinds"):
        if getattr(entry, key) is not None and not instrument:
            yield key, f"{lever.name} is not about an instrument's terms", _REMOVE
    if entry.phased and lever.target is not Target.STATES:
        yield "phased", f"{lever.name} does not act state by state and cannot be phased", "Write `date:` instead."
    if entry.states is not None and lever.target is not Target.STATES:
        fix = "Write `pairs:` with requesting and requested." if lever.target is Target.PAIRS else _REMOVE
        yield "states", f"{lever.name} does not select states", fix
    if entry.pairs and lever.target is not Target.PAIRS:
        fix = "Write `states:` instead." if lever.target is Target.STATES else _REMOVE
        yield "pairs", f"{lever.name} does not select pairs of states", fix


def _read_articles(words: tuple[str, ...] | None) -> tuple[Offence, ...]:
    """Reads offences, given by name or as an article of the Convention, from `article 2` to `article 8`."""
    named = {_ARTICLES[name] for name in read_names(words or (), _ARTICLES, "names no core offence")}
    return tuple(offence for offence in CORE_OFFENCES if offence in named)


def check_end(section: FileEntry, start: date, until: date | None) -> None:
    """Notes a mistake if the end of a change is before its beginning."""
    if until is not None and until < start and not section.wrong("from", "until"):
        problem, fix = f"ends before it begins on {start}", "Write an `until` that is not before `from`."
        section.note(InputError(problem, key="until", value=until, fix=fix))


def check_instrument(lever: Lever, value: Value, atlas: Atlas) -> None:
    """Raises an error if a lever's value is a legal instrument that the lever cannot change."""
    if lever.quantity is not Quantity.INSTRUMENT:
        return
    known = atlas.bilateral() if lever.target is Target.PAIRS else atlas.joinable()
    if value not in known:
        kind = "bilateral treaty" if lever.target is Target.PAIRS else "treaty with parties"
        raise InputError(f"no {kind} has this identifier", value=value, fix=nearest(str(value), known))
