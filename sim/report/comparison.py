"""The first screen of the report on a comparison or a run, for the HTML page and for the terminal."""

from collections.abc import Mapping
from typing import Any

from sim.policy.scenario import catalogue, load
from sim.report import places, provenance, tables
from sim.report.headline import leading, parts_of, reasons, sentences
from sim.report.marking import worded
from sim.report.page.parts import Fold, Page
from sim.report.phrases import world_named, worldwide
from sim.report.view import View
from sim.results.words import listing


def head(view: View, made: Mapping[str, Any] | None) -> Page:
    """First screen of a comparison's report; `made` is the folder's manifest, for the provenance, or None."""
    title, *text, assumes, sure = sentences(view)
    policy = leading(view)
    of = next(scenario for scenario in view.design.scenarios if scenario.key == policy).based_on
    based = [f"“{load(key).title}”" for key in of if key in catalogue()]  # of a package, the policies in it
    package = f" ({listing(based)})" if len(based) > 1 and not parts_of(view, policy) else ""
    who, against = f"with “{view.title[policy]}”", f"against “{view.title[view.baseline]}”:"
    cards = {f"{world_named(view)}, {who}{package}, {against}": tables.first_cards(view, policy)}
    if view.experiment.places and "country" in view.results.breakdowns:
        place, *_ = view.experiment.places
        side = places.Side(view, (place,))
        cards = {f"{place.title}, {who}, {against}": places.cards(view, place, policy, side), **cards}
    doubts = worded("doubts") if sure else ""
    whole = f"{worldwide(view)}:" if view.experiment.world.states else "In the whole world:"
    above, line = whole if len(cards) > 1 else "", provenance.line(view, made)
    grounds = Fold("How sure each number is, and why", reasons(view, policy))
    first = (
        line,
        cards,
        tables.rights_cards(view, policy),
        tables.BARS,
        tables.bars(view),
        worded("bars"),
        above,
        sure,
        grounds,
        assumes,
        doubts,
    )
    notes = provenance.notes(view)
    return Page(title, tuple(filter(None, text)), notes, (), provenance.manifest(view, made), *first)


def head_of_run(view: View, made: Mapping[str, Any] | None) -> Page:
    """First screen of the report on a run, which has one scenario and compares nothing."""
    title, made_by = view.title[view.scenarios[0]], provenance.manifest(view, made)
    return Page(title, sentences(view), provenance.notes(view), (), made_by)


def answer_in_short(view: View) -> list[str]:
    """Short answer of a run or comparison as sentences, with effects on the places that the user asked about."""
    lines = [*filter(None, sentences(view)), *filter(None, [provenance.funded(view.design.scenarios)])]
    for place in view.experiment.places:
        side = places.Side(view, (place,))
        lines += [places.in_short(view, place, scenario, side).replace("**", "") for scenario in view.reported]
    return lines
