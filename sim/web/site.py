"""What stands behind the page: its worlds, its workers, how an address becomes a comparison, and the form of levers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sim.experiments.run import Failure
from sim.law.order import LegalOrder, legal_order
from sim.measures.outcomes import OUTCOMES
from sim.policy.lever import Lever, Quantity, Target
from sim.policy.levers import LEVERS
from sim.policy.places import Place, load_atlas
from sim.policy.problem import InputError
from sim.policy.scenario import Scenario
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.policy.units import read_months
from sim.report.places import BOTTLENECKS
from sim.report.provenance import part_of_the_world
from sim.results.effects import PairedEffect
from sim.results.words import unbroken
from sim.web import picture, reading
from sim.web.controls import FIRST, Slider, about, others, words_of
from sim.web.files import pack, scenario_of, scenario_text, settings_of, titles
from sim.web.lives import Follow
from sim.web.places_view import GAIN_HEADS, PLACES_NOTE, gain_rows, place_views, places_in_view
from sim.web.pool import Arms, Stream, WorkerPool
from sim.web.reading import PairsSoFar
from sim.web.state import PAIRS, TODAY, Draft, PageState, address, clean, from_file
from sim.web.worker import ArmNumbers, Errand
from sim.web.worlds import Assumed, PageWorlds

#: Script and style of the page.
STATIC = Path(__file__).with_name("static")
#: The file that the download, the link and the command line share.
FILE = "policy.yaml"
_REACH = {
    Target.WORLD: "Acts on the whole world, so no states can be named.",
    Target.INSTRUMENT: "Acts on an instrument, so no states can be named.",
}
_PAIRS = "Acts between pairs of states: both sides are among the states that are named."


@dataclass(frozen=True)
class Policy:
    """A policy that is fit to run.

    Attributes:
        text: its scenario file, which identifies it.
        scenario: the same as the model takes it.
    """

    text: str
    scenario: Scenario


@dataclass(frozen=True)
class Site:
    """Everything that the routes need.

    Attributes:
        worlds: what is simulated.
        pool: the workers.
        law: the legal order, against which policies are checked.
    """

    worlds: PageWorlds
    pool: WorkerPool
    law: LegalOrder = field(default_factory=legal_order)

    def clean(self, query: list[tuple[str, str]]) -> PageState:
        """What an address says."""
        return clean(query, *self.worlds.days, self.worlds.world.states)

    def places(self, state: PageState) -> tuple[Place, ...]:
        """The states and groups whose own view an address shows."""
        return places_in_view(state.places, self.worlds.world)

    def policy(self, draft: Draft) -> Policy:
        """A policy, with every mistake of its file found.

        Raises:
            InputError: mistakes of the file.
        """
        policy = _policy(draft)
        if isinstance(policy, InputError):
            raise policy.with_traceback(None)
        world = self.worlds.world
        timeline_of(policy.scenario, self.law, *policy_days(world), states=world.states)
        return policy

    def stream(self, state: PageState, changed: Callable[[], None]) -> Stream:
        """The arms of an address.

        Raises:
            InputError: a policy that cannot be.
        """
        assumed = self.worlds.of(state)
        drafts = [Draft(), state.draft, *([state.kept] if state.kept is not None else [])]
        wanted = tuple(_arms(assumed, self.policy(draft)) for draft in drafts)
        return Stream(wanted, self.worlds.seeds(state.pairs), changed)

    def warm(self, state: PageState) -> None:
        """Prepares pasts and baselines of an address while nobody waits."""
        baseline = _arms(self.worlds.of(state), self.policy(Draft()))
        self.pool.prepare(Stream((baseline,), self.worlds.seeds(PAIRS), lambda: None))

    def reading(self, state: PageState, found: Mapping[int, tuple[ArmNumbers | Failure, ...]]) -> PairsSoFar:
        """The pairs so far of an address."""
        return PairsSoFar(found, state.pairs, self.worlds.of(state).sets)

    def lives(self, state: PageState, follow: Follow) -> Errand:
        """The errand of a case or a request before and after.

        Raises:
            InputError: a policy that cannot be.
        """
        assumed = self.worlds.of(state)
        scenarios = (self.policy(Draft()).scenario, self.policy(state.draft).scenario)
        return Errand(assumed.name, assumed.task(state.seed, scenarios, events=True), follow)

    def command(self, state: PageState) -> str:
        """The command line that gives the same numbers for the file of an address."""
        return " ".join(["comity compare", FILE, f"--replicates {state.pairs}", *self.worlds.of(state).words])


def _arms(assumed: Assumed, policy: Policy) -> Arms:
    """A policy in some worlds."""

    def errand(seed: int) -> Errand:
        """One seed of it."""
        return Errand(assumed.name, assumed.task(seed, (policy.scenario,)))

    return Arms(assumed.name, policy.text, errand)


@lru_cache(maxsize=64)
def _policy(draft: Draft) -> Policy | InputError:
    """A policy as its text says, or what is wrong with it: to read a long text takes a second or more."""
    try:
        return Policy(scenario_text(draft), scenario_of(draft))
    except InputError as error:
        return error


def templates() -> Environment:
    """The templates of the page; everything in them is escaped."""
    loader = PackageLoader("sim.web", "templates")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters["unbroken"] = unbroken
    made.globals.update(interval=picture.interval, bars=picture.bars, answers=picture.answers, look=picture.LOOK)
    return made


def form_values(site: Site, state: PageState) -> dict[str, Any]:
    """What the page's template shows before any pair is there.

    Raises:
        InputError: the file in the address cannot be read.
    """
    first, last = site.worlds.days
    sliders, more = fields_of(state.draft, first)
    return {
        "state": state,
        "part": part_of_the_world(site.worlds.world),
        "first": first.isoformat(),
        "last": last.isoformat(),
        "scenarios": titles(),
        "sliders": sliders,
        "more": more,
        "title": site.policy(state.draft).scenario.title,
        "kept_title": site.policy(state.kept).scenario.title if state.kept is not None else "",
        "address": address(state),
        "command": site.command(state),
        "places": place_words(),
        "names": load_atlas().names,
        "viewed": (*load_atlas().names, *group_titles()),
        "years": f"{first.year} to {last.year}",
    }


@lru_cache(maxsize=1)
def place_words() -> tuple[str, ...]:
    """Words that name states, to choose from: bodies and regions first, then states."""
    return (*group_titles(), "parties of Budapest", "non_parties of Budapest", *load_atlas().names)


@lru_cache(maxsize=1)
def group_titles() -> tuple[str, ...]:
    """Bodies, regions and tiers; those whose title holds a comma cannot stand in a list."""
    atlas = load_atlas()
    return tuple(
        sorted(g.title for g in atlas.groups.values() if g.title not in atlas.names.values() and "," not in g.title)
    )


@dataclass(frozen=True)
class LeverField:
    """A lever in the form.

    Attributes:
        lever: the lever.
        title: a few words.
        slider: how it is shown first; None behind “more”.
        words: values to choose from; none for a number.
        instruments: what it can be about.
        value, on, ramp, states, instrument: where it stands.
        begins: where the policy that one starts from has it, in the same order.
        note: what else there is to know.
        set_here: whether it is moved.
    """

    lever: Lever
    title: str
    slider: Slider | None
    words: tuple[str, ...]
    instruments: tuple[str, ...]
    value: str
    on: str
    ramp: str
    states: str
    instrument: str
    begins: tuple[str, ...]
    note: str
    set_here: bool

    @property
    def several(self) -> bool:
        """Whether several words can be chosen."""
        return self.lever.quantity is Quantity.CHOICES

    @property
    def takes_states(self) -> bool:
        """Whether states can be named."""
        return self.lever.target in (Target.STATES, Target.PAIRS)

    @property
    def takes_ramp(self) -> bool:
        """Whether its value can rise step by step."""
        return self.lever.gradual and self.lever.target is not Target.INSTRUMENT


def fields_of(draft: Draft, first: date) -> tuple[list[LeverField], list[LeverField]]:
    """The levers that are shown first, and all others.

    Raises:
        InputError: the file in the address cannot be read.
    """
    begins = settings_of(draft)
    sliders = [_field(LEVERS[slider.lever], slider, draft, begins, first) for slider in FIRST]
    return sliders, [_field(lever, None, draft, begins, first) for lever in others()]


def _field(
    lever: Lever, slider: Slider | None, draft: Draft, begins: dict[str, dict[str, Any] | None], first: date
) -> LeverField:
    """One lever."""
    change, moves = begins.get(lever.name), dict(draft.moves)
    start = _begins(lever, slider, change, first)
    move, stands = moves.get(lever.name), start
    if move:
        value = _today(lever, slider) if move.value == TODAY else move.value
        stands = (value, move.on.isoformat(), str(move.ramp or ""), ", ".join(move.states), move.instrument)
    notes = [_PAIRS if lever.target is Target.PAIRS else _REACH.get(lever.target, "")]
    notes.append(f"Needs {lever.needs.rstrip('.')}." if lever.needs else "")
    if lever.name in begins and not _shown_whole(change):
        notes.append("The policy sets it in a way that is not shown here; moving it replaces that.")
    return LeverField(
        lever,
        slider.title if slider else lever.title,
        slider,
        words_of(lever),
        about(lever),
        *stands,
        begins=start,
        note=" ".join(filter(None, notes)),
        set_here=move is not None or lever.name in begins,
    )


def _today(lever: Lever, slider: Slider | None) -> str:
    """The value that changes nothing, as a slider has it; empty for other controls."""
    return f"{lever.neutral:g}" if slider else ""


def _begins(
    lever: Lever, slider: Slider | None, change: dict[str, Any] | None, first: date
) -> tuple[str, str, str, str, str]:
    """Value, day, ramp, states and instrument of the policy that one starts from."""
    value = from_file(lever, change.get("value")) if change else None
    if change is None or value is None:
        return (_today(lever, slider), first.isoformat(), "", "", "")
    phased = change.get("phased")
    day = change.get("date") or (phased.get("from") if isinstance(phased, dict) else None) or first.isoformat()
    ramp = ""
    if isinstance(change.get("ramp"), str):
        try:
            ramp = str(read_months(change["ramp"]))
        except InputError:
            ramp = ""
    named = change.get("states") or []
    words = [named] if isinstance(named, str) else [str(word) for word in named]
    states = "" if words == ["all"] else ", ".join(words)
    return (value, str(day), ramp, states, str(change.get("instrument") or ""))


def _shown_whole(change: dict[str, Any] | None) -> bool:
    """Whether the form shows all that a change says."""
    return change is not None and change.keys() <= {"lever", "value", "date", "ramp", "states", "instrument", "note"}


def parts(made: Environment, site: Site, state: PageState, found: PairsSoFar) -> dict[str, str]:
    """The pieces of the answer as HTML, by the id of their place."""
    title = {
        reading.TODAY: "Today's law",
        reading.MOVED: "B" if state.kept is not None else "Policy",
        reading.KEPT: "A",
    }
    curves, stages = reading.curves(found), reading.stage_rows(found)
    days = [day for row in stages for day in row.days]
    longest = max((day for day in days if day == day), default=1.0)  # NaN is unlike itself
    shared = {"policies": found.policies, "names": title}
    tables = {}
    for name, keys in (("effects", reading.SHOWN), ("costs", reading.COSTS)):
        rows = reading.rows(found, keys)
        tables[name] = made.get_template("rows.html").render(rows=rows, widest=picture.reach(rows), **shared)
    views = place_views(
        found, site.places(state), title | {reading.MOVED: "B" if state.kept is not None else "the policy"}
    )
    gains = gain_rows(found, site.worlds.world)
    notes = {"note": PLACES_NOTE, "waits": BOTTLENECKS, "finished": found.finished}
    return {
        **tables,
        "answers": made.get_template("answers.html").render(curves=curves, **shared),
        "stages": made.get_template("stages.html").render(rows=stages, longest=longest, **shared),
        "gains": made.get_template("gains.html").render(gains=gains, heads=GAIN_HEADS, **shared),
        "places": made.get_template("places.html").render(places=views, **notes, **shared),
    }


def answer(made: Environment, site: Site, state: PageState, stream: Stream) -> dict[str, Any]:
    """One message of a stream: words and pieces of the answer so far."""
    found = site.reading(state, site.pool.found(stream))
    return {
        "pairs": found.pairs,
        "wanted": found.wanted,
        "finished": found.finished,
        "status": reading.status(found),
        "headline": unbroken(reading.headline(found)),
        "against": unbroken(reading.against_kept(found)),
        "failures": [failure.text for failure in found.failures[:3]],
        "notes": list(state.notes),
        "parts": parts(made, site, state, found) if found.pairs else {},
    }


def preparation(site: Site) -> tuple[str, bool]:
    """How far worlds are prepared, in words, and whether nothing more is prepared while nobody waits."""
    ready, wanted = site.pool.prepared
    if ready < wanted:
        slow = "Levers can be moved meanwhile; pairs from worlds that are not ready take some seconds longer."
        return f"Preparing worlds under today's law while nobody waits: {ready} of {wanted} are ready. {slow}", False
    return (f"All {wanted} worlds are ready." if wanted else ""), True


def differences(site: Site, state: PageState) -> list[PairedEffect]:
    """Every outcome of the pairs that are known so far; none where there are none."""
    stream = site.stream(state, lambda: None)
    found = site.reading(state, site.pool.found(stream))
    return found.differences(OUTCOMES) if found.pairs else []


def checked_file(site: Site, text: str) -> Draft:
    """The policy of a file that somebody opens.

    Raises:
        InputError: every mistake in it.
    """
    draft = Draft(file=pack(text))
    site.policy(draft)
    return draft
