"""Report tables on places (states, groups of states and their people): gains, contributions and costs by policy."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import isnan, nan
from typing import Any

import numpy as np
import pandas as pd

from sim.data.geography import CrimeGeography
from sim.experiments import statistics
from sim.experiments.design import MAIN
from sim.law.order import legal_order
from sim.measures.country import income_groups
from sim.measures.outcome import ShownIn, keys_of
from sim.policy.places import Place, load_atlas
from sim.report import saying
from sim.report.marking import markdown_table, marked, worded
from sim.report.page.parts import Card, Fold
from sim.report.phrases import named, years
from sim.report.section import PageKind, Section, family
from sim.report.view import PRICE, View, breakdown_of, named_by
from sim.results.confidence import REQUESTS, Grounds, grounds_on, in_a_sentence, in_brief
from sim.results.countries import COUNTRY_OUTCOMES
from sim.results.effects import (
    components,
    effects_of,
    is_beyond_chance,
    is_clear,
    is_defined,
    is_few,
    is_of_few_worlds,
    is_same,
    sign,
)
from sim.results.labels import INCOMES
from sim.results.pooled import partners
from sim.results.words import cell, lowered, number, rough, rough_wait
from sim.world.parameters import WorldSpec
from sim.world.places import confined
from sim.world.records import DeskKind

REGIONS = ("Africa", "Americas", "Asia", "Europe", "Oceania")
#: Kinds of desk of a state, by what tables call them.
_DESKS = {kind: kind.row.title for kind in DeskKind if kind.row.title}
#: Outcomes of the table of who gains and who pays.
GAINS, PAYS = (keys_of(COUNTRY_OUTCOMES, place) for place in (ShownIn.GAINS, ShownIn.PAYS))
_OWN = "own_in_time_share"
_MOST_PARTNERS = 8  # partners that are listed
_SHARED = Place("shared by all", (-1,))
_NOTHING, UNPAID, _OF_100 = "–", "nothing", " of 100"
#: Every outcome of countries.csv by its key.
TITLE = {entry.key: entry for entry in COUNTRY_OUTCOMES}


def all_groups(world: WorldSpec) -> tuple[Place, ...]:
    """Places for report tables: states by income, states by region, and the part that all states share."""
    atlas, states = load_atlas(), legal_order().states
    found = {region: [states.index(code) for code in atlas.members(region) if code in states] for region in REGIONS}
    return (*_by_income(world), *(_place(world, region, rows) for region, rows in found.items()), _SHARED)


def _by_income(world: WorldSpec) -> tuple[Place, ...]:
    """States of a world, grouped by income."""
    group = income_groups(confined(CrimeGeography.load(), legal_order(), world))
    return tuple(_place(world, title, np.flatnonzero(group == income).tolist()) for income, title in INCOMES.items())


def _place(world: WorldSpec, title: str, rows: Sequence[int]) -> Place:
    """Makes a place from the given states that are in the world."""
    states = legal_order().states
    return Place(title, tuple(row for row in rows if not world.states or states[row] in world.states))


class Side:
    """Effects of every scenario on certain places: paired differences by scenario, place and outcome."""

    def __init__(self, view: View, found: Sequence[Place]) -> None:
        """Computes differences for all places at once."""
        self.places = tuple(found)
        rows = view.of_groups([place.rows for place in self.places])
        self._rows: dict[Any, Any] = {(row.scenario, row.state, row.outcome): row for row in rows.itertuples()}

    def row(self, scenario: str, place: Place, outcome: str) -> Any:
        """Row with the effect on one outcome of a place under a scenario; None if there were no events."""
        return self._rows.get((scenario, self.places.index(place), outcome))

    def today(self, place: Place, outcome: str) -> str:
        """Text on today's level of an outcome for a place, taken from the baseline."""
        asked = self.places.index(place), outcome
        row = next((row for (_, *about), row in self._rows.items() if tuple(about) == asked), None)
        return _NOTHING if row is None else number(row.baseline_mean, row.unit)


def who_gains(view: View, scenario: str, side: Side) -> str:
    """Markdown table of who gains and who pays under a policy, by income group and region."""
    shown = (*GAINS, *PAYS)
    rows = [[place.title, *(_cell(view, scenario, place, key, side) for key in shown)] for place in side.places]
    header = ["", *(f"{TITLE[key].title} ({TITLE[key].unit})" for key in shown)]
    return markdown_table(header, [row for row in rows if set(row[1:]) != {_NOTHING}])


def payer(view: View, scenario: str) -> str:
    """Text on the income group that pays most for a policy, with its share; empty if the policy has no price."""
    groups = (*_by_income(view.experiment.world), _SHARED)

    def by_group() -> pd.DataFrame:
        by_state = view.main("country", scenario).groupby("state")["committed"].sum()
        return pd.DataFrame({"paid": [float(by_state.reindex(list(place.rows)).sum()) for place in groups]})

    paid = view.pooled(f"payers {scenario}", by_group)["paid"].tolist()
    if sum(paid) <= 0.0:
        return ""
    most = groups[int(np.argmax(paid))]
    who = most.title if most is _SHARED else f"paid by {most.title.replace(' income', '-income')}"
    return f"{rough(100.0 * max(paid) / sum(paid))} % {who} states"


def helped_most(view: View, place: Place) -> str:
    """Key of the policy that clearly raises a place's share of executed requests, and by most; empty if none does."""
    if "country" not in view.results.breakdowns:
        return ""
    side = Side(view, (place,))
    rows = {key: side.row(key, place, _OWN) for key in view.reported}
    more = {
        key: row.difference for key, row in rows.items() if row is not None and is_clear(row) and row.difference > 0
    }
    return max(more, key=lambda key: more[key], default="")


def in_short(view: View, place: Place, scenario: str, side: Side) -> str:
    """Sentence on a policy's gain and cost for a place; a cost without a clear gain comes first."""
    rows = [row for key in GAINS if (row := side.row(scenario, place, key)) is not None]
    moved = [row for row in rows if is_defined(row) and not (is_same(row) or is_few(row))]
    unknown = any(map(is_of_few_worlds, moved))
    better, worse = [row for row in moved if _wanted(row)], [row for row in moved if is_clear(row) and not _wanted(row)]
    unsure, paid = [row for row in moved if not is_clear(row)], _price(view, place, scenario)[0]
    said = (
        f" and would gain: {_named(better)}"
        if better
        else " and would gain nothing"
        if not moved
        else ", and no gain is clear"
    )
    said = f"; {view.worlds} are too few to say what it would gain" if unknown else said
    if worse:
        said += f"; it would lose: {_named(worse)}"
    elif unsure and not better and not unknown:
        said += f": {_named(unsure)}"
    world = view.difference(scenario, "takedowns_expected")
    others = world is not None and sign(world) > 0 and paid != UNPAID and not better and not unknown
    who, policy = marked(place.title), marked(named(view, scenario))
    return f"Under {policy}, {who} would pay {paid}{said}{', while others would gain' if others else ''}."


def _named(rows: Sequence[Any]) -> str:
    """Text that lists differences in several outcomes, each after the outcome's title, separated by semicolons."""
    return "; ".join(f"{lowered(TITLE[row.outcome].title)} {cell(row)}" for row in rows)


def _wanted(row: Any) -> bool:
    """True for a clear change in the desired direction: more answers, more takedowns, or smaller losses."""
    return bool(is_clear(row) and (row.difference < 0) == (row.outcome == "losses"))


def finding(view: View, place: Place, policy: str, side: Side) -> str:
    """Text on a policy's main effect on a place: more or fewer of its own requests executed, or no clear change."""
    row, who, name = side.row(policy, place, _OWN), named(view, policy), _short(place)
    if row is not None and (is_of_few_worlds(row) or is_few(row)):
        few = view.worlds if is_of_few_worlds(row) else f"the requests of {name}"
        return f"{who}: {few} are too few to say what it would change for {name}."
    if row is None or not is_beyond_chance(row):
        known = saying.in_brackets(row) if row is not None else ""
        return f"{who} has an unclear effect on how many requests of {name} are executed in time{known}."
    if not is_clear(row):
        return f"{who} would hardly change how many requests of {name} are executed in time."
    verb = "raise" if row.difference > 0 else "lower"
    share = f"the share of {name}’s requests executed within a year {saying.from_to(row)}"
    return f"{who} would {verb} {share}, in this model."


def more(view: View, place: Place, policy: str, side: Side) -> str:
    """Sentence on the help that a place gives to other states under a policy, and on its cost."""
    given, paid = side.row(policy, place, "executed"), _price(view, place, policy)[0]
    price = f"{_short(place)} would pay {paid if paid == UNPAID else f'{paid[1:]} euros'}."
    if given is not None and is_of_few_worlds(given):
        return f"These worlds are also too few to say what it would do for other states. {price}"
    if given is None or not is_clear(given):
        return f"{price} It would execute about as many requests of other states as today."
    side_ = "more" if given.difference > 0 else "fewer"
    return f"{price} It would execute {saying.by(given)} {side_} requests of other states."


def sure(view: View, place: Place, policy: str, side: Side) -> Grounds | None:
    """Evidence that decides the confidence in the finding for a place; None if the place has too few requests."""
    row, about = side.row(policy, place, _OWN), TITLE[_OWN]
    if row is None or is_few(row) or isnan(row.low):
        return None
    sums = _pair(view, _of_place(view, "country", "state", place), policy)
    then, today = (one[list(about.parts)].sum(axis=1) / one[list(about.over)].sum(axis=1) for one in sums)
    differences, ends = (then - today).dropna(), (nan, nan)
    if (clusters := view.clusters(differences.index.to_numpy())) is not None:
        holds = components(differences.to_numpy(np.float64)[:, None], clusters)
        ends = float(holds["holds_low"][0]), float(holds["holds_high"][0])
    return grounds_on(REQUESTS, (policy, about.key), row, *ends)


def sure_in_words(view: View, place: Place, policy: str, side: Side) -> str:
    """Sentence on the confidence in the finding for a place; empty if the place has too few requests."""
    found, row = sure(view, place, policy, side), side.row(policy, place, _OWN)
    what = f"it {'rises' if row is not None and row.difference > 0 else 'falls'}"
    return "" if found is None else in_a_sentence(found, what, view.experiment.sets is not None)


def cards(view: View, place: Place, policy: str, side: Side) -> tuple[Card, ...]:
    """Cards on a policy for a place: its gain, its help to others, its price, and its bottleneck."""
    keys = (_OWN, "executed", "hours", "persons_disclosed")
    own, given, hours, handed = (side.row(policy, place, key) for key in keys)
    found, drawn = sure(view, place, policy, side), view.experiment.sets is not None
    word = in_brief(found, drawn) if found is not None else ""
    first = _card("Own requests executed within a year, all channels", own, _OF_100, sure_=word)
    help_ = _card("Others’ requests executed", given, f" in {years(view)}", worse=1)
    details = [help_.detail] if help_.detail else []
    if hours is not None and is_clear(hours):
        more_ = hours.difference > 0
        details.append(f"{saying.per_cent(hours.relative)} hours of work")
        help_ = replace(help_, burden=more_)
    if handed is not None and is_clear(handed):
        details.append(f"users’ accounts handed to other states: {saying.per_cent(handed.relative)}")
    paid, ends = _price(view, place, policy)
    price = Card(f"Price for {_short(place)} over {years(view)}", paid, ends, burden=bool(ends))
    return first, replace(help_, detail="; ".join(details)), price, _bottleneck(view, place, policy, side)


def _cell(view: View, scenario: str, place: Place, key: str, side: Side) -> str:
    """Table cell for a place: the effect on an outcome (in bold if clear), or the price."""
    row = side.row(scenario, place, key)
    if key != PRICE or row is None or not is_defined(row) or is_same(row):
        return cell(row)
    middle, *ends = map(rough, _paid(view, place, scenario))
    return middle if len({*ends}) == 1 else f"{middle} ({' to '.join(ends)})"


def _paid(view: View, place: Place, policy: str) -> tuple[float, float, float]:
    """Returns the price that a place pays, in millions of euros: median over worlds, and ends of a 95 % range."""

    def price() -> pd.DataFrame:
        found, base = _pair(view, _of_place(view, "country", "state", place), policy)
        middle = statistics.middle((found["committed"] - base["committed"]).to_numpy())
        return pd.DataFrame([middle], columns=statistics.Estimate._fields)

    row = view.pooled(f"price {policy} {named_by(place.rows)}", price).iloc[0]
    return float(row["value"]), float(row["low"]), float(row["high"])


def _price(view: View, place: Place, policy: str) -> tuple[str, str]:
    """Returns texts on the price that a place pays and on its range; the range is empty if the price is zero."""
    middle, *ends = _paid(view, place, policy)
    return (f"€{rough(middle)} million", " to ".join(map(rough, ends))) if middle > 0.0 else (UNPAID, "")


def _bottleneck(view: View, place: Place, policy: str, side: Side) -> Card:
    """Card on the partner with the longest waits or, without such a partner, on requests that are never answered."""
    today, then = _waits(view, place, (view.baseline, policy))
    if today.empty:
        return _card(
            "Own requests never answered", side.row(policy, place, "own_never_answered"), f" in {years(view)}", worse=1
        )
    row = today.index[0]
    months = [float(table["median_months"].get(row, nan)) for table in (today, then)]
    half = f"; half of those sent there are answered within {rough_wait(months[0])}, then {rough_wait(months[1])}"
    share = rough(100.0 * float(today["share_of_waiting"].iloc[0]))
    waits = f"{share} % of the days that they wait, not of the requests{'' if isnan(sum(months)) else half}"
    title = "Where its requests wait most"
    return Card(title, _state(row), waits, plain=True)


def _waits(view: View, place: Place, scenarios: Sequence[str]) -> list[pd.DataFrame]:
    """Tables of a place's waits by partner state, one per scenario; empty if pairs were not measured."""
    if "pairs" not in view.results.breakdowns:
        return [pd.DataFrame() for _ in scenarios]
    rows = _of_place(view, "pairs", "requesting", place)
    return [partners(rows[(rows["scenario"] == key).to_numpy()]) for key in scenarios]


def _state(row: Any) -> str:
    """Name of the state to which a row belongs."""
    return load_atlas().names[legal_order().states[int(row)]]


def _card(title: str, row: Any, unit: str, worse: int = -1, sure_: str = "") -> Card:
    """Makes a card on one outcome of a place, in per cent of today's level; `worse` is the sign of a deterioration."""
    if row is None or not is_defined(row):
        return Card(title, "none", "", True)
    share = unit == _OF_100
    today = f"Today about {rough((100.0 if share else 1.0) * row.baseline_mean)}{unit}"
    word = saying.verdict(row)
    if word:
        known = "" if is_same(row) or is_few(row) or isnan(row.relative_low) else saying.ends(row)
        return Card(title, word, known, True, today=today)
    return Card(
        title,
        saying.per_cent(row.relative),
        f"{saying.sizes(row)} {'more' if row.difference > 0.0 else 'fewer'}",
        burden=row.difference * worse > 0,
        today="" if share else today,
        sure=sure_,
        then=f"about {saying.of_100(row, 'requests')}" if share else "",
    )


def _short(place: Place) -> str:
    """Name of a place without its code."""
    return place.title.split(" (")[0]


def changes(view: View, place: Place, side: Side) -> str:
    """Table of every outcome of a place: today's level, and its changes under each policy."""
    rows = [
        [f"{entry.title} ({entry.unit})", side.today(place, entry.key)]
        + [_cell(view, scenario, place, entry.key, side) for scenario in view.reported]
        for entry in COUNTRY_OUTCOMES
    ]
    head = ["a run, over the policy years", "today", *(view.marked[key] for key in view.reported)]
    return markdown_table(head, rows)


def burden(view: View, place: Place) -> str:
    """Table of working hours and waiting files by kind of desk: today's level, and changes under each policy."""
    table, names = _of_place(view, "desks_by_state", "state", place), ("hours", "waiting")
    header = ["desk", "hours today", "files waiting on the last day"]
    header += [f"{view.marked[key]}: {what}" for key in view.reported for what in ("hours", "files waiting")]
    desks = {desk: table[table["desk"] == desk] for desk in _DESKS}
    shown: dict[DeskKind, list[str]] = {desk: [] for desk in _DESKS}
    for key in view.reported:
        pairs = [_pair(view, own, key) for own in desks.values()]
        then, today = (np.column_stack([one[side][list(names)] for one in pairs]) for side in (0, 1))
        for place_, row in enumerate(effects_of(then, today, view.clusters(pairs[0][0].index.to_numpy()))):
            shown[list(_DESKS)[place_ // len(names)]].append(cell(row))
    rows = []
    for desk, title in _DESKS.items():
        levels = [number(mean) for mean in _by_seed(view, desks[desk], view.baseline)[list(names)].mean()]
        rows.append([title, *levels, *shown[desk]])
    return markdown_table(header, rows)


def _of_place(view: View, breakdown: str, column: str, place: Place) -> pd.DataFrame:
    """Rows of a breakdown on a place's states, in worlds with all mechanisms."""
    frame = breakdown_of(view.results, breakdown)
    return frame[((frame["block"] == MAIN) & frame[column].isin(place.rows)).to_numpy()]


def _by_seed(view: View, rows: pd.DataFrame, scenario: str) -> pd.DataFrame:
    """Sums of all columns by seed, under a scenario; zero for seeds without rows."""
    seeds = view.outcomes.loc[view.outcomes["scenario"] == scenario, "seed"]
    sums = rows[(rows["scenario"] == scenario).to_numpy()].groupby("seed").sum(numeric_only=True)
    return sums.reindex(seeds.tolist(), fill_value=0.0).astype(np.float64)


def _pair(view: View, rows: pd.DataFrame, scenario: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sums of all columns by seed, under a scenario and under the baseline, for the seeds that both have."""
    then, today = (_by_seed(view, rows, key) for key in (scenario, view.baseline))
    return then.align(today, join="inner", axis=0)


def bottlenecks(view: View, place: Place) -> str:
    """Table of partner states with the longest waits for a place, today and under each policy."""
    shown = [view.baseline, *(key for key in view.reported if key in view.asking)]
    found = _waits(view, place, shown)
    if found[0].empty:
        return "It sent no request through central authorities."
    seeds, table = view.replicates(view.baseline), []
    for partner, entry in found[0].head(_MOST_PARTNERS).iterrows():
        medians = (number(float(one["median_months"].get(partner, nan))) for one in found)
        waits = [number(entry["requests"] / seeds), number(entry["share_of_waiting"], "share")]
        table.append([marked(_state(partner)), *waits, *medians])
    header = ["asked", "requests a run", "share of all its waiting"]
    header += [f"median months: {view.marked[key]}" for key in shown]
    return f"{worded('bottlenecks')}\n\n{markdown_table(header, table)}"


def joined(view: View) -> str:
    """Table of the number of named states with an instrument in force, at the end of each year."""
    years, rows = sorted(set(view.in_force["year"])), []
    for keys, entries in view.in_force.groupby(["scenario", "instrument", "states", "of"], sort=False):
        scenario, instrument, states, of = keys
        means = entries.groupby("year")[["in_force", "usable"]].mean().reindex(years).to_numpy()
        pairs = ([f"{mean:.1f}".removesuffix(".0") for mean in row] for row in means)
        cells = (bound if bound == usable else f"{bound} ({usable})" for bound, usable in pairs)
        named_ = marked(str(states))
        rows.append([f"{view.marked[str(scenario)]}: {instrument}, {named_} ({of})", *cells])
    head = ["scenario: instrument, states named (how many)", *map(str, years)]
    return f"{worded('joined')}\n\n{markdown_table(head, rows)}"


@family(PageKind.COMPARE)
def sides(view: View) -> Iterator[Section]:
    """Yields a report section on each place that the user asked about."""
    for row, place in enumerate(view.experiment.places, 1):
        text, folds = partial(_side_in_short, place=place), partial(_folds_of, place=place)
        yield Section(place.title, 10, text, (f"side_{row}",), folds)


def _side_in_short(view: View, place: Place) -> str:
    """Text with one sentence per policy on its gain and cost for a place."""
    side = Side(view, (place,))
    return "\n".join(f"- {in_short(view, place, scenario, side)}" for scenario in view.reported)


def _folds_of(view: View, place: Place) -> Iterator[Fold]:
    """Yields collapsible sections on a place: its waits, the burden of its desks, and all its outcomes."""
    if "pairs" in view.results.breakdowns:
        yield Fold("Where its own requests wait", bottlenecks(view, place))
    yield Fold("Burden by desk", burden(view, place))
    yield Fold("Everything that each policy changes here", changes(view, place, Side(view, (place,))))
