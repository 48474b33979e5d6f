"""Prints lists of scenarios, and of the levers that scenario files can use."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.markup import escape

from sim.data.geography import CrimeGeography
from sim.law.days import to_day
from sim.law.order import LegalOrder, legal_order
from sim.law.suggest import nearest
from sim.policy import files
from sim.policy.change import Change, today_of
from sim.policy.lever import Lever, Quantity, Target
from sim.policy.levers import LEVERS, spend
from sim.policy.places import load_atlas, mask_of
from sim.policy.problem import mistake
from sim.policy.scenario import SUFFIX, Scenario, catalogue, load, of_files
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.policy.schema import Recommendation
from sim.policy.spending import Price
from sim.world.baseline import Baseline, baseline
from sim.world.parameters import WorldSpec

_MILLION = 1e6

#: Headings of the groups of scenarios, in the order in which they are listed.
_GROUPS = {
    Recommendation.LAW: "Law: treaties, offences, powers, politics",
    Recommendation.ASSISTANCE: "Mutual legal assistance",
    Recommendation.LIAISON: "Liaison, networks and trust",
    Recommendation.CAPACITY: "Capacity: people and skill",
    Recommendation.TECHNOLOGY: "Technology: channels, formats, security",
    Recommendation.EVIDENCE: "Evidence: retention and preservation",
    Recommendation.ACTION: "Coordinated action",
    Recommendation.MONITORING: "Monitoring: measure, review, adapt",
    Recommendation.BOUNDS: "Bounds: today's law, and how much there is to gain or lose",
    None: "Other",
}
#: What each target selects, as text.
_SELECTS = {
    Target.WORLD: "the world",
    Target.STATES: "states",
    Target.PAIRS: "pairs of states",
    Target.INSTRUMENT: "an instrument (`instrument:`)",
}


class Dose(NamedTuple):
    """Number of persons or posts that a scenario adds or removes by one lever."""

    lever: str  # name
    unit: str  # of what is counted: persons, posts
    today: npt.NDArray[np.float64]  # number today of each state or body
    then: npt.NDArray[np.float64]  # number once all changes are complete

    @property
    def added(self) -> float:
        """Number of persons or posts that the scenario adds; negative if it removes some."""
        return float((self.then - self.today).sum())


def print_scenarios(word: str = "") -> None:
    """Prints a line for each scenario that contains a word, or all details of one scenario given by key or file."""
    out, known = Console(highlight=False), catalogue()
    if word in known or word in of_files() or Path(word).suffix in (SUFFIX, ".yml"):
        return _print_scenario(out, load(word))
    scenarios = [entry for entry in map(load, known) if has_word(word, entry.key, entry.title, entry.question)]
    groups = {
        heading: {one.key: one.title for one in scenarios if one.recommendation is recommendation}
        for recommendation, heading in _GROUPS.items()
    }
    return _print_list(out, word, "scenario", "KEY", groups, known)


def print_files(word: str = "") -> None:
    """Prints the record of each file on the table and a line for each option with a word, or all about one option."""
    out, known = Console(highlight=False), files.options()
    if word in known:
        return _print_scenario(out, load(word))
    texts = {key: (key, one.title, one.record.title, one.record.reference) for key, one in known.items()}
    chosen = [one for key, one in known.items() if has_word(word, *texts[key])]
    if not chosen:
        raise mistake("no option of a file has this word", "WORD", word, nearest(word, list(known)))
    width = max(len(one.key) for one in chosen)
    out.print("Shares of worlds in which an option passes, alone or with more, are judgement.", soft_wrap=True)
    for record, its in groupby(chosen, key=lambda one: one.record):
        out.print(f"[bold]{escape(record.title)}[/bold] · {escape(record.reference)}", soft_wrap=True)
        out.print(escape(files.standing(record)), soft_wrap=True)
        for one in its:
            line = f"  {one.key.ljust(width)}  {one.title}; passes in {one.passing} of worlds"
            out.print(escape(line), soft_wrap=True)
    if not word:
        out.print("All about one, also what its file leaves open: `comity scenarios KEY`.", soft_wrap=True)
    return None


def _print_list(
    out: Console, word: str, what: str, name: str, groups: Mapping[str, Mapping[str, str]], known: Iterable[str]
) -> None:
    """Prints lines of key and title under headings, shortened to the width of a terminal."""
    keys = [key for group in groups.values() for key in group]
    if not keys:
        raise mistake(f"no {what} has this word", "WORD", word, nearest(word, list(known)))
    width = max(map(len, keys))
    cut: dict[str, Any] = {"no_wrap": True, "overflow": "ellipsis"} if out.is_terminal else {"soft_wrap": True}
    for heading, group in groups.items():
        if heading and group:
            out.print(f"[bold]{escape(heading)}[/bold]")
        for key, title in group.items():
            out.print(f"  {escape(key.ljust(width))}  {escape(title)}", **cut)
    if not word:
        out.print(f"All about one: `comity {what}s {name}`. Those with a word: `comity {what}s WORD`.")


def has_word(word: str, *texts: str) -> bool:
    """True if a word occurs in any of the texts, in upper or lower case."""
    return any(word.casefold() in text.casefold() for text in texts)


def _print_scenario(out: Console, scenario: Scenario) -> None:
    """Prints the details of a scenario: its question, the meaning of each change, and its cost."""
    out.print(f"[bold]{escape(scenario.title)}[/bold] ({escape(scenario.key)})\n{escape(scenario.question)}")
    if scenario.based_on:
        out.print(f"Based on {escape(', '.join(scenario.based_on))}.")
    if option := files.option_of(scenario):
        out.print(escape("\n".join(_on_the_table(option))))
    out.print("What it changes:" if scenario.changes else "It changes nothing.")
    for change in scenario.changes:
        out.print(f"- {escape(said(change))}")
    if words := dose_in_all(scenario):
        out.print(escape(words))
    for heading, text in (("Time", scenario.lags), ("Cost", scenario.cost)):
        if text:
            out.print(f"{heading}: {escape(text)}")
    for lever, why in scenario.unanswered.items():
        out.print(f"Not answerable, for {escape(lever)}: {escape(why)}.")
    out.print(f"By {escape(scenario.author)}. Sources: {escape('; '.join(scenario.sources) or 'none')}")


def _on_the_table(option: files.Option) -> list[str]:
    """Lines on the file of an option: its stage, what its text says of each dose, and what it leaves open."""
    record = option.record
    everywhere = record.places == files.EVERYWHERE
    option_for, shows = ("", "shows them") if everywhere else (f" --for '{record.places}'", "shows that side first")
    doses = (
        f"Dose: {one.lever} {one.value or ''}: {one.reference} ({one.flag}; its day: {one.date_flag})."
        for one in option.changes
    )
    return [
        f"File: {record.title} ({record.reference}): {files.standing(record)}",
        f"All here is as if it passed; by judgement it passes, alone or with more, in {option.passing} of worlds.",
        f"It touches {record.touches}: `comity compare {option.key}{option_for}` {shows}.",
        *doses,
        f"Price by its text: {record.price}{f' ({record.price_tag})' if record.price_tag else ''}.",
        *(f"Open: {one}" for one in option.left_open),
    ]


def said(change: Change) -> str:
    """Sentence that explains a change: its lever, old and new value, date and states."""
    lever = change.lever
    moved = change.moved if change.growth is None else f"grows by {change.moved}"
    if change.in_numbers:
        moved = f"{in_numbers(change)}{f'; needs {lever.needs}' if lever.needs else ''}"
    elif (heads := _heads(change)) is not None:
        where = "" if lever.target is Target.STATES and not change.states.everywhere else "in the whole world, "
        today, then = heads
        moved += f" ({where}today {today:,.0f} {_unit(change)}, then {then:,.0f})"
    day = f"from {change.start}"
    if change.until:
        day += f" to {change.until}, state after state"
    if change.ramp_months:
        day += f", over {change.ramp_months} months"
    if change.lag_months:
        day += f", {change.lag_months} months after the decision"
    if change.process:
        day += ", as its course of law allows"
    if change.worlds < 1.0:
        day += f", in {100 * change.worlds:g} % of worlds"
    return f"{lever.name}: {lever.title}: {moved}; {change.whom}; {day}."


def _heads(change: Change) -> tuple[float, float] | None:
    """Numbers of posts or persons today and after a change; None if it is no multiple of a counted number.

    Those of the selected states, or of the world.
    """
    count, value = change.lever.count, change.value
    if count is None or change.in_numbers or change.growth is not None or not isinstance(value, float):
        return None
    if change.lever.target is not Target.STATES:
        return count.today(), float(count.then(value).sum())
    chosen = mask_of(change.states.resolve(load_atlas(), legal_order(), change.start))
    return today_of(count, change.states, change.start), float(count.then(value, chosen)[chosen].sum())


def _unit(change: Change) -> str:
    """Unit of the number that a lever counts, such as posts."""
    return change.lever.count.unit if change.lever.count else ""


def in_numbers(change: Change) -> str:
    """Text on the numbers of posts or persons today and after a change, with a plus before additions."""
    given, count = change.in_numbers, change.lever.count
    if given is None or count is None:
        return ""
    had = np.rint(count.each()[mask_of(change.states.resolve(load_atlas(), legal_order(), change.start))])
    both = had, given.of(had)
    all_today, all_then = (f"{float(all_.sum()):,g}" for all_ in both)
    number, way = abs(given.number), "more" if given.number > 0.0 else "fewer"
    what = f"{number:,g} {count.unit.removesuffix('s') if number == 1.0 else count.unit}"
    if given.together:
        whom = f"{len(had)} states together"
        shared = f", shared in proportion to what each has{'' if given.more else ' today'}"
        if not given.more:
            return f"{whom} then have {what}, today {all_today}{shared}"
        return f"{whom} then have {what} {way} than today’s {all_today}, so {all_then}{shared}"
    today, then = (" to ".join(f"{end:,g}" for end in sorted({*map(float, (all_.min(), all_.max()))})) for all_ in both)
    who = "each state" if len(had) > 1 else "the state"
    total = f" (in all {all_today}, then {all_then})" if len(had) > 1 else ""
    if not given.more:
        return f"{who} then has {what}, today {today}{total}"
    return f"{who} then has {what} {way} than today’s {today}, so {then}{total}"


def understood(scenarios: Iterable[Scenario]) -> list[str]:
    """Sentences that explain each number of posts or persons in scenarios, each only once."""
    sentences = (in_numbers(change) for scenario in scenarios for change in scenario.changes)
    return [*dict.fromkeys(f"Understood: {words}." for words in sentences if words)]


def doses(scenario: Scenario) -> list[str]:
    """Sentences on the posts or persons that each multiple in a scenario adds or removes."""
    sentences = []
    for change in scenario.changes:
        if (heads := _heads(change)) is None or heads[0] == heads[1]:
            continue
        (today, then), whom = heads, "" if change.lever.target is not Target.STATES else f" {change.whom}"
        more = f"{abs(then - today):,.0f} {_unit(change)} {'more' if then > today else 'fewer'}"
        what = f"{change.lever.name}, {change.moved}{whom}"
        sentences.append(f"Dose: {what}: {more}, {today:,.0f} today and {then:,.0f} then.")
    return [*dict.fromkeys(sentences)]


def dose_of(scenario: Scenario) -> dict[str, Dose]:
    """Persons or posts that a scenario adds or removes for good, by lever.

    A later change of the same lever takes the place of an earlier one in the states that it names.
    """
    doses: dict[str, Dose] = {}
    for change in sorted(scenario.changes, key=lambda change: change.start):
        lever, count = change.lever, change.lever.count
        if count is None or change.growth is not None:
            continue
        if lever.name not in doses:
            today = np.rint(count.each()) if change.in_numbers else count.then(1.0)
            doses[lever.name] = Dose(lever.name, count.unit, today, today.copy())
        then = doses[lever.name].then
        if lever.target is not Target.STATES:
            then[:] = count.then(float(str(change.value)))
            continue
        chosen = mask_of(change.states.resolve(load_atlas(), legal_order(), change.start))
        if change.in_numbers:
            then[chosen] = change.in_numbers.of(np.rint(count.each())[chosen])
        else:
            then[chosen] = count.then(float(str(change.value)), chosen)[chosen]
    return doses


def dose_in_all(scenario: Scenario) -> str:
    """Sentence on the persons and posts that a scenario adds, in which states, and at which cost."""
    doses = dose_of(scenario).values()
    persons, posts = (sum(dose.added for dose in doses if (dose.unit == "posts") == abroad) for abroad in (False, True))
    parts = [f"{number:+,.0f} {unit}" for number, unit in ((persons, "persons"), (posts, "posts abroad")) if number]
    price = price_of(scenario)
    if not parts and not price:
        return ""
    parts = [*parts, f"{states_of(scenario)} states"]
    return f"In all: {', '.join(parts)}. {price}".replace("-", "−").strip()


def states_of(scenario: Scenario) -> int:
    """Number of states that the changes of a scenario select, on either side of pairs."""
    atlas, chosen = load_atlas(), set[str]()
    for change in scenario.changes:
        sides = [change.states]
        if change.lever.target is Target.PAIRS:
            sides = [change.pairs.requesting, change.pairs.requested]
        for side in sides:
            chosen |= set(side.resolve(atlas, legal_order(), change.start))
    return len(chosen)


def euros_of(scenario: Scenario) -> tuple[dict[Price, float], tuple[str, ...]]:
    """Returns a scenario's cost in euros at low, central and high unit costs, and its levers without a price.

    Where a process finds the days, they are those of one seed.
    """
    spec = WorldSpec()
    start, end = policy_days(spec)
    law, before = _before(spec.start)
    steps = timeline_of(scenario, law, start, end).steps
    spending = {price: spend(steps, before, to_day(end), price.prices, scenario.costs) for price in Price}
    euros = {price: paid.total(to_day(start), to_day(end)) for price, paid in spending.items()}
    return euros, spending[Price.CENTRAL].unpriced


def price_of(scenario: Scenario) -> str:
    """Text on a scenario's cost over the policy years, with its range; empty if it costs nothing."""
    euros, unpriced = euros_of(scenario)
    low, central, high = (euros[price] / _MILLION for price in (Price.LOW, Price.CENTRAL, Price.HIGH))
    parts = [f"About {_figure(central)} million euros ({_figure(low)} to {_figure(high)})."] if central else []
    if unpriced:
        parts.append(f"Without a price: {', '.join(unpriced)}.")
    return " ".join(parts)


@cache
def _before(first_day: str) -> tuple[LegalOrder, Baseline]:
    """Returns the law, and the sizes of desks and channels, on the first day of a world."""
    law = legal_order()
    return law, baseline(CrimeGeography.load(), law.arrays(date.fromisoformat(first_day)).police_body)


def _figure(millions: float) -> str:
    """Text of an amount in millions of euros, rounded to two significant digits."""
    size = 10 ** max(int(np.floor(np.log10(millions))) - 1, -1) if millions > 0 else 1
    return f"{round(millions / size) * size:,.0f}".replace(",", " ") if millions >= 1 else f"{millions:.1f}"


def print_levers(word: str = "") -> None:
    """Prints a line for each lever that contains a word, or all details of one lever given by name."""
    out = Console(highlight=False)
    if word in LEVERS:
        return _print_lever(out, LEVERS[word])
    levers = {lever.name: lever.title for lever in LEVERS.values() if has_word(word, lever.name, lever.title)}
    return _print_list(out, word, "lever", "NAME", {"": levers}, LEVERS)


def _print_lever(out: Console, lever: Lever) -> None:
    """Prints details of a lever: unit, range, target, conditions, cost and evidence."""
    out.print(f"[bold]{escape(lever.name)}[/bold]\n{escape(lever.title)}")
    for heading, text in (
        ("Value", _value(lever)),
        ("Acts on", f"{_SELECTS[lever.target]}: {lever.acts_on}"),
        ("Needs", lever.needs),
        ("Cost", lever.cost),
        ("Not answerable", lever.no_path),
        ("Source", f"{lever.source} ({lever.tag.value})"),
    ):
        if text:
            out.print(f"{heading}: {escape(text)}")


def _value(lever: Lever) -> str:
    """Text on the values that a lever allows: unit and range, or words."""
    if lever.choices:
        return ", ".join(lever.choices)
    if lever.quantity in (Quantity.SWITCH, Quantity.INSTRUMENT, Quantity.SHARE):
        return lever.unit
    today = f", {lever.count.today():.0f} {lever.count.unit}" if lever.count else ""
    return f"{lever.low:g} to {lever.high:g} {lever.unit}{today}"
