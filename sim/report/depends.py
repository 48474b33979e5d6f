"""Section of reports on the open choices that each policy's effect depends on, and a line for their first screen."""

from collections.abc import Iterator
from math import isnan, nan

import numpy as np

from sim.experiments.design import MAIN
from sim.measures.outcome import ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.report import saying
from sim.report.marking import markdown_table, marked, worded
from sim.report.page.parts import Fold
from sim.report.phrases import named
from sim.report.section import section
from sim.report.view import View
from sim.results.depends import FEWEST_SETS, Dependence, Dependences, Drawn, dependences, drawn_by, open_choices
from sim.results.effects import Comparison
from sim.results.words import listing

#: Outcomes of the first screen, in the order in which it has them.
ABOUT = (shown_in(ShownIn.FIRST)[1], shown_in(ShownIn.FIRST)[2], "usable_within_12_months")
EFFECTS = dict(zip(ABOUT, ("lasting takedowns", "the wait for an answer", "usable evidence"), strict=True))


def drawn(view: View) -> Drawn:
    """Open choices and parameters that the parameter sets of a study draw."""
    return view.once("drawn", lambda: drawn_by(view.drawn_values))  # type: ignore[no-any-return]


def on(view: View, policy: str, key: str) -> Dependences:
    """Dependences of the effect of a policy on an outcome."""
    return view.once(("depends", policy, key), lambda: _dependences(view, policy, key))  # type: ignore[no-any-return]


def _dependences(view: View, policy: str, key: str) -> Dependences:
    entry = view.difference(policy, key)
    if entry is None:
        return Dependences((), 0)
    return dependences(view.arms, Comparison((MAIN, policy), (MAIN, view.baseline)), entry, outcome(key), drawn(view))


def every(view: View) -> list[Dependence]:
    """All named dependences of a study, by policy and outcome of the first screen."""
    return [one for policy in view.reported for key in ABOUT for one in on(view, policy, key).named]


def changed_verdict(view: View, policy: str, key: str) -> str:
    """Sentence on a quarter of parameter sets in which an effect is unclear or of the other sign; empty without one."""
    for one in on(view, policy, key).named:
        for at in one.changes_verdict:
            where = one.choice.high if at else one.choice.low
            return (
                f"Where {where} (a quarter of the parameter sets), the effect of {named(view, policy)} on "
                f"{EFFECTS[key]} is {saying.change(one.quarters[at])}."
            )
    return ""


def _further(view: View) -> Iterator[Fold]:
    """Yields collapsible sections: the list of open choices, and the rule."""
    first = on(view, view.reported[0], ABOUT[0]) if view.compared else Dependences((), 0)
    if not first.is_judged:
        return
    yield Fold("The open choices one by one", _choices(view))
    yield Fold("How this was found", worded("depends_rule", found=_per_cent(first)))


def _per_cent(first: Dependences) -> str:
    """Share of the differences between sets, in per cent, from which on an open choice is found nine times in ten."""
    return f"{100.0 * first.detectable:.0f}"


def _choices(view: View) -> str:
    """Table of all open choices: what draws each, on what evidence, and how each policy's effect goes with it."""
    known = {policy: on(view, policy, ABOUT[0]) for policy in view.reported}
    rows = []
    for one in open_choices():
        parameters = ", ".join(f"`{name.removeprefix('-')}`" for name in one.parameters) or "a rule"
        made_by = f"{parameters} ({marked(one.unit)})" if one.unit else parameters
        values = (_correlation(each.correlations.get(one.key, nan)) for each in known.values())
        rows.append([marked(one.title[0].upper() + one.title[1:]), made_by, marked(one.source), *values])
    first, head = known[view.reported[0]], ["Open choice", "Drawn by", "Source", *map(view.marked.__getitem__, known)]
    intro = worded("depends_choices", sets=first.sets, least=f"{first.least[0]:.2f}")
    return f"{intro}\n\n{markdown_table(head, rows, range(3, len(head)))}"


def _correlation(value: float) -> str:
    return "–" if isnan(value) else f"{value:+.2f}".replace("-", "−")


@section("What this depends on", 55, figures=("depends_on",), folds=_further)
def depends_on(view: View) -> str:
    """Section on what each policy's effects go with over parameter sets; empty if all worlds have one set."""
    sets = view.experiment.sets
    if sets is None or not view.compared:
        return ""
    if not len(view.drawn_values):
        return worded("depends_unknown")
    first, there = on(view, view.reported[0], ABOUT[0]), drawn(view)
    if not first.is_judged:
        used = np.unique(sets.numbers(np.array(view.design.seeds()))).size
        return worded("depends_few", least=FEWEST_SETS, sets=used)
    choices = int(there.is_open.sum())
    intro = worded("depends_on", sets=first.sets, choices=choices, others=len(there.choices) - choices)
    lines, missed = "\n".join(_lines(view)), worded("depends_missed", found=_per_cent(first))
    same = worded("depends_same", same=listing([one.title for one in there.missing])) if there.missing else ""
    return f"{intro}\n\n{lines}\n\n{missed} {marked(same)}".strip()


def _lines(view: View) -> Iterator[str]:
    """Yields list items: a sentence on each policy whose effects go with something, and one on all others."""
    none = []
    for policy in view.reported:
        effects = {key: on(view, policy, key).named for key in ABOUT}
        more = [one.choice.title for ones in effects.values() for one in ones[1:]]
        also = f" Effects also go with {listing(more)}." if more else ""
        parts = [_part(ones[0]) for ones in effects.values() if ones]
        if parts:
            yield f"- **{view.marked[policy]}.** {marked(' '.join(f'{part}.' for part in parts) + also)}"
        else:
            none.append(f"**{view.marked[policy]}**")
    if none:
        yield f"- {listing(none)}: {worded('depends_none', whose='its' if len(none) == 1 else 'their')}."


def _part(one: Dependence) -> str:
    """Clause on one dependence: the effect in all worlds, and where there is least and most of what it goes with."""
    first, *_, last = one.quarters
    low, high = (one.choice.low, one.choice.high) if one.choice.is_open else ("it is lowest", "it is highest")
    ends = f"where {low}, {saying.change(first)}; where {high}, {saying.change(last)}"
    return (
        f"Its effect on {EFFECTS[one.effect.outcome]}, {saying.change(one.effect)} in all worlds, goes with "
        f"{one.choice.title}: {ends}"
    )
