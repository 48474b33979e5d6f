"""Rankings for a terminal: policies of a league, mechanisms of an ablation, decision rules.

Each is a short table, ratios first; numbers are those of the report, said in the same words.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from math import inf, isnan

from rich import box
from rich.table import Column, Table
from rich.text import Text

from sim.experiments.plan import Kind
from sim.measures.outcomes import outcome
from sim.report import saying, tables
from sim.report.headline import leading
from sim.report.league import league_of
from sim.report.view import View
from sim.results.effects import PairedEffect
from sim.results.league import JUDGED, RANKED_BY, LeaguePlace
from sim.results.words import counted, lowered, span

_WAIT = "turnaround_median"
_MEASURED = (outcome(RANKED_BY).title, "Wait", "Price")
Row = Sequence[str]


def _table(title: str, heads: Sequence[str], groups: Iterable[Iterable[Row]]) -> Table:
    """Makes a table for a terminal with numbered rows that are never cut, and a line between groups."""
    columns = [Column(head, overflow="fold", justify="right" if head == "Rank" else "left") for head in heads]
    table = Table(*columns, title=Text(title), title_justify="left", box=box.SIMPLE_HEAD)
    for group in groups:
        for row in group:
            table.add_row(*map(Text, row))
        table.add_section()
    return table


def _changes(view: View, key: str) -> tuple[str, str, str]:
    """Returns three texts on a policy: its effect on lasting takedowns, its effect on the wait, and its price."""
    takedowns, wait = (saying.change(view.difference(key, what)) for what in (RANKED_BY, _WAIT))
    return takedowns, wait, tables.price(view.price(key))[0]


def _ranked(view: View, place: LeaguePlace) -> Row:
    """Row of the league's table for one policy; includes the number of worlds if policies have different numbers."""
    own = f" ({counted(view.replicates(place.scenario), 'world')})" if view.design.worlds_of else ""
    return str(place.place), f"{view.title[place.scenario]}{own}", *_changes(view, place.scenario)


def of_league(view: View) -> Table | None:
    """Table of ranked policies in groups of ties; None if there are no policies."""
    groups: list[list[Row]] = [
        [_ranked(view, one) for one in group] for _, group in groupby(league_of(view), lambda entry: entry.group)
    ]
    title = "Policies by lasting takedowns; groups that can be distinguished stand apart"
    return _table(title, ("Rank", "Policy", *_MEASURED), groups) if groups else None


def of_ablation(view: View) -> Table | None:
    """Table of mechanisms by the number of conclusions that depend on them; None if no mechanism was left out.

    Its effects are those of the conclusions, whose verdicts allow for as many outcomes with a mechanism as without.
    """
    policy, with_all, rows = leading(view), dict[str, PairedEffect](), []
    for mechanism in view.design.mechanisms:
        mine = [entry for entry in view.effects if entry.mechanism == mechanism]
        own = [entry for entry in mine if (entry.whole.scenario, entry.whole.baseline) == (policy, view.baseline)]
        with_all |= {entry.whole.outcome: entry.whole for entry in own}
        without, resting = {entry.whole.outcome: entry.without for entry in own}, sum(entry.flips for entry in mine)
        rows.append((resting, (mechanism.title, f"{resting} of {len(mine)}", *_of(without))))
    if not rows:
        return None
    rows.sort(key=lambda row: -row[0])  # others stay in the order of the report
    ranked = [(str(place), *row) for place, (_, row) in enumerate(rows, 1)]
    title = f"Mechanisms by conclusions that rest on them; changes are those of “{view.title[policy]}” without each"
    heads = ("Rank", "Left out", "Conclusions resting on it", *_MEASURED[:2])
    return _table(title, heads, [[("", "nothing", "", *_of(with_all))], ranked])


def _of(effects: Mapping[str, PairedEffect]) -> tuple[str, str]:
    """Returns texts on a policy's effect on lasting takedowns and on its effect on the wait for an answer."""
    return saying.change(effects.get(RANKED_BY)), saying.change(effects.get(_WAIT))


def of_regret(view: View) -> Table | None:
    """Table of decision rules by lasting takedowns, with their regret; None if there is no fixed plan."""
    about = outcome(JUDGED[0])
    regrets = {entry.scenario: entry.regret for entry in view.regrets if entry.outcome == about.key}
    if not regrets:
        return None

    ranked = sorted(view.compared, key=lambda key: -_size(view, key))
    rows = [
        (str(place), view.title[key], *_changes(view, key), span(*regrets[key][:3], about.unit))
        for place, key in enumerate(ranked, 1)
    ]
    heads = ("Rank", "Way to decide", *_MEASURED, f"Regret: {lowered(about.title)}")
    return _table("Ways to decide by lasting takedowns", heads, [rows])


def _size(view: View, key: str) -> float:
    """Sort key of a policy: its change in lasting takedowns, or the lowest value if unknown."""
    found = view.difference(key, RANKED_BY)
    return -inf if found is None or isnan(found.difference) else found.difference


#: What makes the ranking of a kind of study.
RANKINGS: Mapping[Kind, Callable[[View], Table | None]] = {
    Kind.LEAGUE: of_league,
    Kind.ABLATE: of_ablation,
    Kind.REGRET: of_regret,
}
