"""State of the page's server: worlds, workers, comparisons by address, and stored answers.

Stored answers stand before anything is simulated. A study is a folder of results/ in a checkout, and travels inside an
installed package. It is of the default world; its parameter sets may have been replaced since, which is said beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from math import isfinite, nan
from pathlib import Path
from typing import Any, cast

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from sim.experiments.plan import MAIN
from sim.experiments.run import Failure, window
from sim.experiments.statistics import Estimate
from sim.law.order import legal_order
from sim.measures.outcomes import outcome
from sim.policy.places import load_atlas, places_named
from sim.policy.scenario import Scenario, catalogue
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.policy.well_known import BASELINE, resource_folder
from sim.report.figures.effects import tile_grid
from sim.report.page.parts import markdown
from sim.report.provenance import funded, part_of_the_world
from sim.report.view import View
from sim.results.effects import PairedEffect, Verdict, is_clear
from sim.results.labels import BETTER
from sim.results.words import number, unbroken
from sim.web import reading
from sim.web.form import (
    FIRST,
    NAME,
    fields_of,
    heading,
    moves_said,
    offered,
    scenario_of,
    scenario_text,
    slider_words,
    titles,
    treaties,
)
from sim.web.pool import Arms, Assumed, Stream, WorkerPool
from sim.web.reading import COSTS, FEWEST_PAIRS, KEPT, MOVED, SHOWN, PolicyAnswer
from sim.web.sections import LiveAnswer, drawn, live_sections
from sim.web.state import PAIRS, Draft, PageState, about, address, takes_ramp, words_of
from sim.web.worker import Errand
from sim.world.parameters import WorldSpec

#: Script and style of the page.
STATIC = Path(__file__).with_name("static")


@dataclass(frozen=True)
class Site:
    """Worlds and workers behind the page, with methods that answer an address."""

    worlds: Mapping[tuple[bool, bool], Assumed]
    pool: WorkerPool

    def of(self, state: PageState) -> Assumed:
        """Worlds under the assumptions that the address chooses."""
        return self.worlds[state.overloaded, state.one_world]

    @property
    def world(self) -> WorldSpec:
        """Specification of the page's worlds."""
        return self.worlds[False, False].experiment.world

    @property
    def days(self) -> tuple[date, date]:
        """First and last day on which a policy can act."""
        return policy_days(self.world)

    @property
    def years(self) -> int:
        """Number of years that policies last in the page's worlds."""
        return round(window(self.world).years)

    @property
    def standing(self) -> str:
        """Text on the choice of the page's parameter sets."""
        sets = self.worlds[False, False].experiment.sets
        return str(sets.standing) if sets else ""

    def policy(self, draft: Draft) -> Scenario:
        """Converts a policy of the page to a scenario; mistakes in its file are raised as one error."""
        scenario = scenario_of(draft)
        timeline_of(scenario, legal_order(), *self.days, states=self.world.states)
        return scenario

    def stream(self, state: PageState) -> Stream:
        """Makes the list of runs that an address needs, with runs of today's law first."""
        assumed, first = self.of(state), self.of(state).experiment.first_seed
        name = " ".join(assumed.words)

        def arms(draft: Draft) -> Arms:
            """Makes the runs of a policy in the worlds that the address chooses."""
            scenario = self.policy(draft)
            return Arms(name, scenario_text(draft), lambda seed: Errand(name, assumed.task(seed, scenario)))

        return Stream(tuple(map(arms, _drafts(state))), tuple(range(first, first + state.pairs)))

    def warm(self, state: PageState) -> None:
        """Lets idle workers prepare runs that an address will need."""
        today = self.stream(replace(state, draft=Draft(), kept=None, pairs=PAIRS))
        self.pool.prepare(replace(today, wanted=today.wanted[:1]))

    def view(self, state: PageState, found: reading.Pairs, finished: bool = False) -> View | None:
        """View of an address's runs so far; None if there are none."""
        keyed = zip((BASELINE, MOVED, KEPT), _drafts(state), ("Today's law", *_names(state)), strict=False)
        scenarios = tuple(replace(scenario_of(draft), key=key, title=title) for key, draft, title in keyed)
        return reading.view_of(self.of(state).experiment, scenarios, found, finished)

    def stored(self, state: PageState) -> PolicyAnswer | None:
        """Stored answer on the policy of an address; None if no stored study fits."""
        worlds = self.of(state)
        if worlds.words or state.kept or state.draft.file or state.draft.moves:
            return None
        return stored().get(state.draft.scenario)

    def title(self, draft: Draft, name: str = "") -> str:
        """Title of a policy: the reader's name for it, or its starting scenario and moves."""
        start, plain = scenario_of(replace(draft, moves=())), draft.scenario == BASELINE and not draft.file
        moves = tuple(moves_said(draft, self.world.states, self.days[0]))
        return ": ".join(filter(None, (name, heading(start.title, moves, plain))))

    def command(self, state: PageState) -> str:
        """Command line that gives the page's numbers from a scenario file."""
        return " ".join(["comity compare", NAME, f"--replicates {state.pairs}", *self.of(state).words])


def _drafts(state: PageState) -> tuple[Draft, ...]:
    """Policies of the page: today's law, the reader's current policy, and one that the reader has kept."""
    return (Draft(), state.draft, *([state.kept] if state.kept else []))


@cache
def templates() -> Environment:
    """Environment of the page's HTML templates, which escape all text."""
    loader = PackageLoader("sim.web", "templates")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters |= {"across": _across, "ends": _ends, "markdown": markdown}
    made.filters |= {"said": reading.said, "unbroken": unbroken}
    made.globals.update(is_clear=is_clear, number=number, unit=_unit, widest=reading.widest)
    made.globals.update(about=about, takes_ramp=takes_ramp, words_of=words_of)
    return made


def _unit(found: PairedEffect) -> str:
    """Text of an outcome's unit, which a share does not need, and of the direction that is better."""
    better = BETTER[outcome(found.outcome).better] if found.outcome in (*SHOWN, *COSTS) else ""
    return ", ".join(filter(None, ("" if found.unit == "share" else found.unit, better)))


def _across(share: float, axis: float) -> str:
    """Position of a relative change in a table cell, as CSS per cent of the cell's width."""
    return f"{50.0 + 46.0 * share / axis:.1f}%"


def _ends(found: PairedEffect, axis: float) -> tuple[str, str]:
    """Positions of both ends of an interval in a table cell, as CSS per cent of the cell's width."""
    if not isfinite(found.relative_low + found.relative_high):
        return "0%", "100%"
    return _across(found.relative_low, axis), _across(found.relative_high, axis)


def page_values(site: Site, state: PageState) -> dict[str, Any]:
    """Values for the page's template, before any run for its address is complete."""
    (first, last), standing, world = site.days, site.standing, site.world
    for draft in filter(None, (state.draft, state.kept)):
        site.policy(draft)
        site.policy(replace(draft, moves=()))  # of a lever that is moved, the file's own line is read as well
    found = site.stored(state)
    rows, names = league() if not site.of(PageState()).words else {}, load_atlas().names
    return {
        "state": state,
        "standing": standing,
        "parts": _parts(site, replace(state, name=""), [found]) if found else {},
        "sections": live_sections(),
        "basis": found.basis(standing) if found else "",
        "headline": _lead(state) if found else "The first pair is being simulated.",
        "part": part_of_the_world(world),
        "first": first.isoformat(),
        "last": last.isoformat(),
        "scenarios": titles(),
        "fields": fields_of(state.draft, first, world.states),
        "title": site.title(state.draft, state.name),
        "kept_title": site.title(state.kept, state.kept_name) if state.kept is not None else "",
        "address": address(state),
        "command": site.command(state),
        "treaties": treaties(first),
        "places": offered(),
        "tiles": [(code, names[code], x, y) for code, (y, x) in tile_grid().items() if code in (world.states or names)],
        "names": names,
        "years": f"{first.year} to {last.year}",
        "league": [(key, entry.title, reading.cards(entry, site.years)) for key, entry in rows.items()],
        "league_basis": " ".join({entry.basis(standing) for entry in rows.values()}),
    }


def _lead(state: PageState) -> str:
    nothing = state.draft == Draft() and state.kept is None
    return "This is today. Move a lever, or start from a policy of the list below." if nothing else ""


def _names(state: PageState) -> list[str]:
    """Names of the policies on the page, in the order of tables."""
    return [state.name or ("B" if state.kept else "Policy"), *([state.kept_name or "A"] if state.kept else [])]


def _parts(site: Site, state: PageState, known: Sequence[PolicyAnswer], view: View | None = None) -> dict[str, str]:
    """HTML fragments of the answer, by id of the page element that they replace."""
    piece: Any = templates().get_template("parts.html").module
    places = (place for word in state.places for place in places_named(word, "country", site.world.states))
    shown = drawn(LiveAnswer(known, _names(state), piece, view, tuple(places)))
    return {"cards": piece.cards(reading.cards(known[0], site.years)), **shown}


def answer(site: Site, state: PageState, stream: Stream) -> dict[str, Any]:
    """Message to the browser with all texts and HTML fragments of the present answer."""
    found = site.pool.found(stream)
    finished, pairs = len(found) >= state.pairs, len(reading.whole(found))
    early = None if finished or pairs >= FEWEST_PAIRS else site.stored(state)
    shown, heard, against, view = {}, "", "", site.view(state, found, finished)
    if view:
        known = reading.answers(view, finished)
        shown, heard = _parts(site, state, [*known.values()], view), reading.in_words(known[MOVED], site.years)
    if view and state.kept:
        beside = reading.answers(replace(view, design=replace(view.design, against=KEPT)), finished)
        against = f"Against {state.kept_name or 'A'}. {reading.in_words(beside[MOVED], site.years)}"
    shown |= _parts(site, state, [early]) if early else {}
    world, first = site.world.states, site.days[0]
    sliders = [(name, move) for name, move in state.draft.moves if name in FIRST and FIRST[name].step]
    return {
        "pairs": pairs,
        "wanted": state.pairs,
        "finished": finished,
        "title": site.title(state.draft, state.name),
        "status": reading.status(found, state.pairs),
        "basis": early.basis(site.standing) if early else "",
        "headline": _lead(state) or ("" if early else unbroken(reading.headline(view, finished))),
        "heard": unbroken(heard),
        "against": unbroken(against),
        "failures": [arm.text for arms in found.values() for arm in arms if isinstance(arm, Failure)][:3],
        "notes": [*state.notes, *filter(None, [funded([scenario_of(state.draft)])])],
        "words": {name: slider_words(name, move.states, world, first) for name, move in sliders},
        "parts": shown,
        "command": site.command(state),
    }


def preparation(site: Site) -> tuple[str, bool]:
    """Returns text on the progress of preparation, and True if it is complete."""
    ready, wanted = site.pool.prepared
    if ready < wanted:
        slow = "Levers can be moved meanwhile; pairs from worlds that are not ready take some seconds longer."
        return f"Preparing worlds under today's law while nobody waits: {ready} of {wanted} are ready. {slow}", False
    return (f"All {wanted} worlds are ready." if wanted else ""), True


#: Studies by folder: the second has the whole catalogue; a policy of the first is shown from the first.
_REFERENCE, _LEAGUE = ("results/reference", "results/league")
_CHANGE = ("difference", "low", "high", "relative", "relative_low", "relative_high")


@cache
def stored() -> Mapping[str, PolicyAnswer]:
    """Stored answers on policies of the catalogue, by key; empty without a stored study."""
    return _study(_LEAGUE) | _study(_REFERENCE)


@cache
def league() -> Mapping[str, PolicyAnswer]:
    """Stored answers on the policies of the league, by key and in order of rank."""
    found, folder = _study(_LEAGUE), _folder(_LEAGUE)
    ranked = pd.read_csv(folder / "league.csv").query("place > 0")["scenario"] if folder else ()
    return {key: found[key] for key in ranked if key in found}


@cache
def _study(name: str) -> dict[str, PolicyAnswer]:
    folder = _folder(name)
    if folder is None:
        return {}
    about, shown = json.loads((folder / "manifest.json").read_text("utf-8")), {*SHOWN, *COSTS}
    effects: dict[str, dict[str, PairedEffect]] = {}
    names = "differences.csv", "costs.csv"
    rows, costs = (cast("list[dict[str, Any]]", pd.read_csv(folder / name).to_dict("records")) for name in names)
    for row in rows:
        if row["block"] == MAIN and row["scenario"] in catalogue() and row["outcome"] in shown:
            effects.setdefault(row["scenario"], {})[row["outcome"]] = PairedEffect(**row)
    worlds, title, sets = int(about["worlds"]), about["titles"], about["parameter_sets_are"]
    prices = {row["scenario"]: Estimate(row["policy"], row["policy_low"], row["policy_high"], 0) for row in costs}
    found = {key: PolicyAnswer(own, prices[key], worlds, True, title[key], sets) for key, own in effects.items()}
    none: dict[str, Any] = {"verdict": Verdict.IDENTICAL, **dict.fromkeys(_CHANGE, 0.0)}
    for own in [*effects.values()][:1]:
        same = {key: replace(one, scenario_mean=one.baseline_mean, **none) for key, one in own.items()}
        found[BASELINE] = PolicyAnswer(same, Estimate(nan, nan, nan, 0), worlds, True, title[BASELINE], sets)
    return found


def _folder(name: str) -> Path | None:
    """Folder of a stored study, in a checkout or in the installed package; None if neither exists."""
    scenarios = resource_folder("scenarios")
    return next((place for place in (scenarios / name, scenarios.parent / name) if place.is_dir()), None)
