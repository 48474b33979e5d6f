"""What do more officers, bodies, teams, 24/7 points and single points add? `python -m docs.programs.liaison_ladder`.

Writes docs/liaison_ladder.md, the table docs/liaison_ladder.csv and a figure. Each measure stands on a ladder: a
multiple of today's on the first day of policy, all else as it is, in draws of the prior that nobody selected. All arms
of a world share its past.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator

from docs.programs import DOCS, ran, renew, spread, verdict
from docs.programs.operations import record
from docs.programs.statements import DRAWN, World
from sim.data.geography import CrimeGeography
from sim.experiments.plan import with_lever
from sim.experiments.run import tables_of, window
from sim.experiments.statistics import Estimate, difference, ratio
from sim.law.days import to_day
from sim.law.order import legal_order
from sim.law.vocabulary import Channel
from sim.measures.arrays import Floats
from sim.measures.harm import harm_rates
from sim.measures.history import Window
from sim.measures.observation import Observation
from sim.measures.outcomes import measure
from sim.policy.costing import spend
from sim.policy.lever import Value
from sim.policy.scenario import Scenario, load
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.policy.selection import StateSelection
from sim.policy.timeline import Timeline
from sim.policy.well_known import BASELINE
from sim.report.figures.kinds import Curves, Pane
from sim.report.marking import markdown_table
from sim.report.style import BLUE, Caption, save, small_print, styled
from sim.report.ticks import signed_per_cent
from sim.simulate import Simulation, start
from sim.world.baseline import baseline
from sim.world.parameters import Parameters, WorldSpec, with_values
from sim.world.records import Body, DeskKind, RequestStatus

COMMAND = "python -m docs.programs.liaison_ladder"
NAME = "liaison_ladder"
WORLDS = 16
DOSES = (1, 2, 4, 10)
GROUPS, USABLE, TODAY = "groups_brought_down", "usable_within_12_months", "today"
SPEC = replace(WorldSpec(), follow_up_days=0)
_USE = {2: 0.5, 4: 0.75, 10: 1.0}  # least share of cases and requests that members bring to Eurojust
_SINGLE = {2: 54, 4: 108, 10: 196}  # states with most users that have a single point, beside those of the EU today


class Ladder(NamedTuple):
    """A measure in doses.

    Attributes:
        title: in plain words.
        stage: outcome of the stage that it works on.
        rises: whether that rises with the dose.
        unit: of what is counted.
        levers: that it moves, at a dose.
    """

    title: str
    stage: str
    rises: bool
    unit: str
    levers: Mapping[str, Mapping[int, Value]]


def _times(*levers: str) -> dict[str, dict[int, Value]]:
    return {lever: {dose: float(dose) for dose in DOSES} for lever in levers}


LADDERS: Mapping[str, Ladder] = {
    "officers": Ladder("officers abroad", "officer_share", True, "posts", _times("liaison.posts")),
    "bodies": Ladder(
        "staff of bodies",
        "eurojust_share",
        True,
        "persons",
        _times("interpol.staff", "europol.staff", "eurojust.staff"),
    ),
    "teams": Ladder(
        "joint teams",
        "team_share",
        True,
        "persons at Eurojust",
        {**_times("eurojust.staff"), "eurojust.use": dict(_USE)},
    ),
    "points": Ladder(
        "24/7 points", "preservation_reply_median", False, "persons on duty", _times("contact_point.staff")
    ),
    "single": Ladder(
        "single points",
        "voluntary_answered_share",
        True,
        "states",
        {"contacts.single_point": dict.fromkeys(DOSES, 1.0)},
    ),
}
#: Scenarios, and all ladders together at a dose, alone and beside faster assistance.
BESIDE = ("stronger_liaison", "faster_mlat")


def arm_name(ladder: str, dose: int) -> str:
    """Name of a rung."""
    return f"{ladder} ×{dose}"


@cache
def scenarios() -> Mapping[str, Scenario]:
    """The policy of each arm by its name."""
    today = load(BASELINE)
    found = {TODAY: today}
    for key, ladder in LADDERS.items():
        for dose in DOSES[1:]:
            found[arm_name(key, dose)] = _climbed(today, ladder, dose)
    everything, (liaison, fast) = today, (load(key) for key in BESIDE)
    for ladder in LADDERS.values():
        everything = _climbed(everything, ladder, DOSES[-1])
    found |= {BESIDE[0]: liaison, BESIDE[1]: fast, "both": replace(liaison, changes=liaison.changes + fast.changes)}
    found[f"all ×{DOSES[-1]}"] = everything
    found[f"all ×{DOSES[-1]}, fast"] = replace(everything, changes=everything.changes + fast.changes)
    return found


def _climbed(scenario: Scenario, ladder: Ladder, dose: int) -> Scenario:
    """A scenario with the levers of a ladder at a dose; single points come first where most users of the net live."""
    for lever, doses in ladder.levers.items():
        scenario = with_lever(scenario, lever, doses[dose], SPEC.policy_start)
        if lever == "contacts.single_point":
            users = CrimeGeography.load().internet_users
            first = np.argsort(-users, kind="stable")[: _SINGLE[dose]]
            chosen = StateSelection(tuple(legal_order().states[place] for place in first))
            *others, last = scenario.changes
            scenario = replace(scenario, changes=(*others, replace(last, states=chosen)))
    return scenario


def _plainly(_name: str, run: Simulation, timeline: Timeline) -> Simulation:
    return run.fork(timeline)


def arms(
    world: World,
    policies: Mapping[str, Scenario],
    forked: Callable[[str, Simulation, Timeline], Simulation] = _plainly,
) -> Iterator[tuple[str, Simulation, Mapping[str, Any], dict[str, float]]]:
    """Every policy lived to its end from one past, today's first: its name, run, tables and outcomes.

    Args:
        world: seed and parameters.
        policies: by name.
        forked: makes an arm of its name, the past, and the policy's steps.
    """
    law, parameters = legal_order(), with_values(Parameters(), world.values)
    timelines = {
        name: timeline_of(policy, law, *policy_days(SPEC), world.seed, parameters.reform, SPEC.states)
        for name, policy in policies.items()
    }
    run = start(SPEC, parameters, law, timelines[TODAY], world.seed)
    span = window(SPEC)
    run.advance(span.start)
    for name, timeline in timelines.items():
        arm = forked(name, run, timeline)
        arm.advance(arm.end)
        tables = tables_of(arm)
        yield name, arm, tables, dict(measure(Observation(span, tables, harm_rates()), checks=True).outcomes)


def in_draws(
    command: str, work: Callable[[World], dict[str, dict[str, float]]], words: Sequence[str], worlds: int
) -> list[dict[str, dict[str, float]]]:
    """Figures of draws of the prior, as many as the words ask for."""
    parser = argparse.ArgumentParser(prog=command)
    parser.add_argument("--worlds", type=int, default=worlds, help="draws of the prior")
    parser.add_argument("--workers", type=int, default=1, help="worker processes")
    arguments = parser.parse_args(words)
    jobs = {f"seed {world.seed}": world for world in DRAWN[: arguments.worlds]}
    return list(ran(command, work, jobs, arguments.workers).values())


def lived(world: World) -> dict[str, dict[str, float]]:
    """Figures of every arm of a world, by name."""
    found: dict[str, dict[str, float]] = {}
    span, asked = window(SPEC), None
    for name, arm, tables, figures in arms(world, scenarios()):
        formal = _formal(tables["request"], span.start)
        asked = formal if asked is None else asked
        figures |= _counted(arm) | {"days_saved": days_saved(asked, formal), "states": _states(tables["action"], span)}
        found[name] = figures
    return found


def _formal(request: npt.NDArray[np.void], since: float) -> npt.NDArray[np.void]:
    """Formal requests between states that were sent under policy, with what they need to be compared."""
    between = (request["channel"] <= Channel.JUDICIAL_DIRECT) & (request["requesting"] != request["requested"])
    chosen = request[between & (request["sent"] >= since)]
    return np.array(chosen[["key", "status", "officer", "helped", "drafted", "ended"]])


def days_saved(without: npt.NDArray[np.void], arm: npt.NDArray[np.void]) -> float:
    """Mean days by which a request is executed sooner that an officer or Eurojust helps in the arm alone; NaN: none.

    Args:
        without: requests of the world without the policy: key, status, officer, helped, drafted, ended.
        arm: those of the same world with it.
    """
    _, one, other = np.intersect1d(without["key"], arm["key"], return_indices=True)
    before, after = without[one], arm[other]
    done = (before["status"] == RequestStatus.EXECUTED) & (after["status"] == RequestStatus.EXECUTED)
    had, has = ((table["officer"] >= 0) | (table["helped"] > 0) for table in (before, after))
    chosen = done & ~had & has
    took = [table["ended"][chosen] - table["drafted"][chosen] for table in (before, after)]
    return float((took[0] - took[1]).mean()) if chosen.any() else float("nan")


def _states(action: npt.NDArray[np.void], window: Window) -> float:
    """Median states that acted where several took a group down."""
    joint = action[(action["down"] == 1) & (action["states"] > 1) & (action["day"] >= window.start)]
    return float(np.median(joint["states"])) if joint.size else float("nan")


def _counted(arm: Simulation) -> dict[str, float]:
    """How much there is of each measure on the last day: posts that are paid for, persons, states."""
    world, staffed = arm.world, [Body.INTERPOL, Body.EUROPOL, Body.JCAT, Body.EUROJUST]
    points = world.desk["kind"] == DeskKind.CONTACT_POINT
    in_network = world.feed[Body.CONTACT_POINTS] > 0.0
    return {
        "officers": float(world.state["posts_abroad"].sum()),
        "bodies": float(world.liaison_body["staff"][staffed].sum()),
        "teams": float(world.liaison_body["staff"][Body.EUROJUST]),
        "points": float(world.desk["servers"][points][in_network].sum()),
        "single": float(world.state["single_point"].sum()),
    }


def euros_a_year(scenario: Scenario) -> float:
    """Millions of euros that a policy costs in its last year, at central prices and the default staffing."""
    law, (first, last) = legal_order(), policy_days(SPEC)
    before = baseline(CrimeGeography.load(), law.arrays(date.fromisoformat(SPEC.start)).police_body)
    found = spend(timeline_of(scenario, law, first, last).steps, before, to_day(last) + 1.0, costs=scenario.costs)
    return found.a_year(to_day(last)) / 1e6


class Rung(NamedTuple):
    """An arm beside today.

    Attributes:
        arm: its name.
        ladder: key of its ladder, empty for a scenario.
        dose: times today's.
        number: posts, persons or states that are paid for, median over worlds.
        filled: posts that are filled, the same.
        euros: millions a year.
        stage: change of the own stage, a share.
        groups: change of the groups brought down, a share.
        usable: change of usable evidence within twelve months of need, a share.
        saved: days saved for each request looked after.
    """

    arm: str
    ladder: str
    dose: int
    number: float
    filled: float
    euros: float
    stage: Estimate
    groups: Estimate
    usable: Estimate
    saved: Estimate


def apart(found: Estimate, factor: float = 1.0) -> Estimate:
    """A ratio as what it is above one."""
    value, low, high = (factor * (part - 1.0) for part in found[:3])
    return Estimate(value, low, high, found.pairs)


def rungs(found: Sequence[Mapping[str, Mapping[str, float]]]) -> list[Rung]:
    """Every arm beside today, ladders first."""

    def values(arm: str, outcome: str) -> Floats:
        return np.array([world[arm].get(outcome, np.nan) for world in found])

    def change(arm: str, outcome: str) -> Estimate:
        return apart(ratio(values(arm, outcome), values(TODAY, outcome)))

    place = {arm_name(key, dose): (key, dose) for key in LADDERS for dose in DOSES[1:]}
    none, made = Estimate(np.nan, np.nan, np.nan, 0), []
    for arm, scenario in scenarios().items():
        if arm == TODAY:
            continue
        key, dose = place.get(arm, ("", 0))
        stage = change(arm, LADDERS[key].stage) if key else none
        number = float(np.median(values(arm, key))) if key else float("nan")
        saved = difference(values(arm, "days_saved"), np.zeros(len(found)))
        price, filled = euros_a_year(scenario), float(np.median(values(arm, "postings")))
        made.append(Rung(arm, key, dose, number, filled, price, stage, change(arm, GROUPS), change(arm, USABLE), saved))
    return made


def parts(found: Sequence[Mapping[str, Mapping[str, float]]], made: Sequence[Rung]) -> dict[str, str]:
    """Parts of the page."""
    head = ["measure", "there is", "M€ a year", "own stage, %", "groups brought down, %", "usable evidence, %"]
    head += ["days saved per request"]
    rows = []
    for rung in made:
        if rung.ladder:
            filled = f", {rung.filled:.0f} filled" if rung.ladder == "officers" else ""
            counted = f"{rung.number:.0f} {LADDERS[rung.ladder].unit}{filled}"
            rows.append([f"{LADDERS[rung.ladder].title} ×{rung.dose}", counted, *_cells(rung)])
    sides = [[rung.arm.replace("_", " "), *_cells(rung)[:1], *_cells(rung)[2:]] for rung in made if not rung.ladder]
    today = [[one.title, _of_today(found, key, one)] for key, one in LADDERS.items()]
    return {
        "today": f"{len(found)} worlds.\n\n" + markdown_table(["measure", "today: median (p10 to p90)"], today, ()),
        "ladders": markdown_table(head, rows, range(1, 7)),
        "sides": markdown_table(["policy", *head[2:3], *head[4:]], sides, range(1, 5)),
        "shape": "\n".join(f"- {line}" for line in shape(found)),
        "joint": _joint(found),
    }


def _of_today(found: Sequence[Mapping[str, Mapping[str, float]]], key: str, ladder: Ladder) -> str:
    return f"{spread((world[TODAY][key] for world in found), 0)} {ladder.unit}"


def _cells(rung: Rung) -> list[str]:
    saved = "–" if np.isnan(rung.saved.value) else interval(rung.saved, 1.0)
    return [f"{rung.euros:,.0f}", *(interval(one) for one in (rung.stage, rung.groups, rung.usable)), saved]


def interval(found: Estimate, factor: float = 100.0) -> str:
    """An estimate with its interval; a dash where there is none."""
    value, low, high = (factor * part for part in found[:3])
    return "–" if np.isnan(value) else f"{value:+.1f} ({low:+.1f} to {high:+.1f})"


def shape(found: Sequence[Mapping[str, Mapping[str, float]]]) -> Iterator[str]:
    """Whether each ladder climbs step by step on its own stage, and whether its top adds no less than its foot."""
    for key, ladder in LADDERS.items():
        arms = [TODAY, *(arm_name(key, dose) for dose in DOSES[1:])]
        stages = [np.array([world[arm][ladder.stage] for world in found]) for arm in arms]
        sign = 1.0 if ladder.rises else -1.0
        steps = [difference(sign * high, sign * low) for low, high in pairwise(stages)]
        back = sum(step.high < 0.0 for step in steps)
        first, top = (np.array([world[arm][GROUPS] for world in found]) for arm in (arms[1], arms[-1]))
        more = ratio(top, first)
        more = apart(more, 100.0)
        yield (
            f"{ladder.title}: {back} of {len(steps)} steps go back on its own stage beyond chance; groups brought down "
            f"at ×{DOSES[-1]} over ×{DOSES[1]}: {interval(more, 1.0)} %; at least as many: "
            f"{verdict(more, 0.0, np.inf)}."
        )


def _joint(found: Sequence[Mapping[str, Mapping[str, float]]]) -> str:
    """States that act together, beside the record."""
    real = record()["states"].astype(float)
    lines = [[arm, spread((world[arm]["states"] for world in found), 1)] for arm in (TODAY, "bodies ×10", "all ×10")]
    lines.append(["credited on record", spread(real[real > 1.0], 1)])
    return markdown_table(["arm", "states in a takedown by several: median (p10 to p90)"], lines, ())


def table(made: Sequence[Rung]) -> pd.DataFrame:
    """All rungs, one row each, with the ends of their intervals; shares of today's, days."""
    rows = []
    for rung in made:
        row: dict[str, object] = {
            "arm": rung.arm,
            "dose": rung.dose,
            "number": rung.number,
            "posts_filled": rung.filled,
            "euros_a_year": rung.euros,
        }
        for name in ("stage", "groups", "usable", "saved"):
            row |= dict(zip((name, f"{name}_low", f"{name}_high"), getattr(rung, name)[:3], strict=True))
        rows.append(row)
    return pd.DataFrame(rows)


def figure(made: Sequence[Rung]) -> Curves:
    """Change of each measure's own stage, and of the groups brought down, by dose."""
    points, panes = [], []
    for line, (name, title) in enumerate((("stage", "own stage"), ("groups", "groups brought down"))):
        for place, (key, ladder) in enumerate(LADDERS.items()):
            panel = line * len(LADDERS) + place
            points.append((panel, "measure", 0.0, 0.0, 0.0, 0.0))
            for rung in made:
                if rung.ladder == key:
                    points.append((panel, "measure", float(DOSES.index(rung.dose)), *getattr(rung, name)[:3]))
            panes.append(Pane("" if line else f"{ladder.title}\n{_STAGES[ladder.stage]}", "", "" if place else title))
    return Curves(
        Caption(
            "How much more liaison adds, and where it ends",
            "Change against today's law in the same worlds, by multiples of today's number from the first day of "
            "policy. Above: the stage that a measure works on, each on a scale of its own. Below: groups brought down "
            "for any time. Bars: 95 % intervals over worlds. Single points: the 54, 108 and 196 states with most "
            "users.",
            small_print(COMMAND, "Draws of the prior that nobody selected; ratio of paired means, delta method."),
        ),
        pd.DataFrame(points, columns=["panel", "series", "at", "value", "low", "high"]),
        panes,
        {"measure": (BLUE, "-", "o")},
        {},
        (12.5, 6.2),
        len(LADDERS),
        ticks=signed_per_cent,
        levels=[(0.0, "")],
        steps=[f"×{dose}" if dose > 1 else "today" for dose in DOSES],
        key=0,
    )


def _share_scale(below: Sequence[Axes]) -> None:
    """Groups brought down stand on one scale, each stage on its own."""
    ends = np.array([axes.get_ylim() for axes in below])
    for axes in below:
        axes.set_ylim(ends[:, 0].min(), ends[:, 1].max())
        axes.yaxis.set_major_locator(MultipleLocator(0.05))


_STAGES = {
    "officer_share": "requests looked after",
    "eurojust_share": "requests Eurojust helps",
    "team_share": "cases with a team",
    "preservation_reply_median": "days until a reply",
    "voluntary_answered_share": "voluntary answers",
}


def main(words: Sequence[str]) -> None:
    """Renews page, table and figure."""
    found = in_draws(COMMAND, lived, words, WORLDS)
    made = rungs(found)
    renew(NAME, parts(found, made), COMMAND)
    table(made).to_csv(DOCS / f"{NAME}.csv", index=False, float_format="%.5g")
    with styled():
        drawn = figure(made).draw()
        _share_scale(drawn.axes[len(LADDERS) :])
        save(drawn, DOCS / "figures", NAME)


if __name__ == "__main__":
    main(sys.argv[1:])
