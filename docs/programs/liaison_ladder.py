"""What do more officers, bodies, teams, 24/7 points and single points add? `python -m docs.programs.liaison_ladder`.

Writes docs/liaison_ladder.md, the table docs/liaison_ladder.csv and a figure. Each measure stands on a ladder: a
multiple of today's on the first day of policy, all else as it is, in draws of the prior that nobody selected. All arms
of a world share its past.
"""

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

from docs.programs import DOCS, asked, interval, ran, renew, spread, verdict
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
        stage, of_stage: outcome of the stage that it works on, and that stage in words.
        rises: whether that rises with the dose.
        unit: of what is counted.
        levers: that it moves, at a dose.
    """

    title: str
    stage: str
    of_stage: str
    rises: bool
    unit: str
    levers: Mapping[str, Mapping[int, Value]]


def _times(*levers: str) -> dict[str, dict[int, Value]]:
    return {lever: {dose: float(dose) for dose in DOSES} for lever in levers}


LADDERS: Mapping[str, Ladder] = {
    "officers": Ladder(
        "officers abroad", "officer_share", "requests looked after", True, "posts", _times("liaison.posts")
    ),
    "bodies": Ladder(
        "staff of bodies",
        "eurojust_share",
        "requests Eurojust helps",
        True,
        "persons",
        _times("interpol.staff", "europol.staff", "eurojust.staff"),
    ),
    "teams": Ladder(
        "joint teams",
        "team_share",
        "cases with a team",
        True,
        "persons at Eurojust",
        {**_times("eurojust.staff"), "eurojust.use": dict(_USE)},
    ),
    "points": Ladder(
        "24/7 points",
        "preservation_reply_median",
        "days until a reply",
        False,
        "persons on duty",
        _times("contact_point.staff"),
    ),
    "single": Ladder(
        "single points",
        "voluntary_answered_share",
        "voluntary answers",
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


class Found:
    """Figures of all worlds, arm by arm."""

    def __init__(self, worlds: Sequence[Mapping[str, Mapping[str, float]]]) -> None:
        """Takes figures by arm of each world."""
        self.worlds = worlds

    def values(self, arm: str, key: str) -> Floats:
        """A figure of an arm, f8[worlds]."""
        return np.array([world[arm].get(key, np.nan) for world in self.worlds])

    def change(self, arm: str, key: str = GROUPS, base: str = TODAY, factor: float = 1.0) -> Estimate:
        """Change against another arm, a share times a factor."""
        return apart(ratio(self.values(arm, key), self.values(base, key)), factor)


def apart(found: Estimate, factor: float = 1.0) -> Estimate:
    """A ratio as what it is above one."""
    value, low, high = (factor * (part - 1.0) for part in found[:3])
    return Estimate(value, low, high, found.pairs)


def in_draws(command: str, work: Callable[[World], Any], words: Sequence[str], worlds: int) -> Found:
    """Figures of draws of the prior, as many as the words ask for."""
    wanted = asked(command, words, worlds=worlds)
    jobs = {f"seed {world.seed}": world for world in DRAWN[: wanted.worlds]}
    return Found([*ran(command, work, jobs, wanted.workers).values()])


def lived(world: World) -> dict[str, dict[str, float]]:
    """Figures of every arm of a world, by name."""
    found: dict[str, dict[str, float]] = {}
    span, first = window(SPEC), None
    for name, arm, tables, figures in arms(world, scenarios()):
        formal = _formal(tables["request"], span.start)
        first = formal if first is None else first
        figures |= _counted(arm) | {"days_saved": days_saved(first, formal), "states": _states(tables["action"], span)}
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


def table(found: Found) -> pd.DataFrame:
    """Every arm beside today, one row each.

    Columns: arm; ladder, its key, empty for a scenario; dose, times today's; number of posts, persons or states that
    are paid for, and posts_filled, medians over worlds; euros_a_year, millions; changes of the own stage, of groups
    brought down and of usable evidence, shares, and days saved for each request looked after, with their ends.
    """
    place = {arm_name(key, dose): (key, dose) for key in LADDERS for dose in DOSES[1:]}
    none, rows = Estimate(np.nan, np.nan, np.nan, 0), []
    for arm, scenario in [*scenarios().items()][1:]:
        key, dose = place.get(arm, ("", 0))
        row: dict[str, object] = {"arm": arm, "ladder": key, "dose": dose}
        row["number"] = float(np.median(found.values(arm, key))) if key else np.nan
        row |= {"posts_filled": float(np.median(found.values(arm, "postings"))), "euros_a_year": euros_a_year(scenario)}
        saved = found.values(arm, "days_saved")
        estimates = {
            "stage": found.change(arm, LADDERS[key].stage) if key else none,
            "groups": found.change(arm),
            "usable": found.change(arm, USABLE),
            "saved": difference(saved, np.zeros_like(saved)),
        }
        for name, estimate in estimates.items():
            row |= zip((name, f"{name}_low", f"{name}_high"), estimate[:3], strict=True)
        rows.append(row)
    return pd.DataFrame(rows)


def parts(found: Found, made: pd.DataFrame) -> dict[str, str]:
    """Parts of the page."""
    head = ["measure", "there is", "M€ a year", "own stage, %", "groups brought down, %", "usable evidence, %"]
    head += ["days saved per request"]
    rows, sides = [], []
    for _, rung in made.iterrows():
        ends = {name: rung[[name, f"{name}_low", f"{name}_high"]].tolist() for name in ("stage", "groups", "usable")}
        euros, (stage, *others) = f"{rung['euros_a_year']:,.0f}", map(interval, ends.values())
        others.append(interval(rung[["saved", "saved_low", "saved_high"]].tolist(), 1.0))
        if rung["ladder"]:
            ladder = LADDERS[rung["ladder"]]
            filled = f", {rung['posts_filled']:.0f} filled" if rung["ladder"] == "officers" else ""
            counted = f"{rung['number']:.0f} {ladder.unit}{filled}"
            rows.append([f"{ladder.title} ×{rung['dose']}", counted, euros, stage, *others])
        else:
            sides.append([rung["arm"].replace("_", " "), euros, *others])
    today = [[one.title, f"{spread(found.values(TODAY, key), 0)} {one.unit}"] for key, one in LADDERS.items()]
    return {
        "today": f"{len(found.worlds)} worlds.\n\n"
        + markdown_table(["measure", "today: median (p10 to p90)"], today, ()),
        "ladders": markdown_table(head, rows, range(1, 7)),
        "sides": markdown_table(["policy", *head[2:3], *head[4:]], sides, range(1, 5)),
        "shape": "\n".join(f"- {line}" for line in shape(found)),
        "joint": _joint(found),
    }


def shape(found: Found) -> Iterator[str]:
    """Whether each ladder climbs step by step on its own stage, and whether its top adds no less than its foot."""
    for key, ladder in LADDERS.items():
        arms = [TODAY, *(arm_name(key, dose) for dose in DOSES[1:])]
        sign = 1.0 if ladder.rises else -1.0
        stages = [sign * found.values(arm, ladder.stage) for arm in arms]
        steps = [difference(high, low) for low, high in pairwise(stages)]
        back, more = sum(step.high < 0.0 for step in steps), found.change(arms[-1], base=arms[1], factor=100.0)
        yield (
            f"{ladder.title}: {back} of {len(steps)} steps go back on its own stage beyond chance; groups brought down "
            f"at ×{DOSES[-1]} over ×{DOSES[1]}: {interval(more, 1.0)} %; at least as many: "
            f"{verdict(more, 0.0, np.inf)}."
        )


def _joint(found: Found) -> str:
    """States that act together, beside the record."""
    real = record()["states"].astype(float)
    lines = [[arm, spread(found.values(arm, "states"), 1)] for arm in (TODAY, "bodies ×10", "all ×10")]
    lines.append(["credited on record", spread(real[real > 1.0], 1)])
    return markdown_table(["arm", "states in a takedown by several: median (p10 to p90)"], lines, ())


def figure(made: pd.DataFrame) -> Curves:
    """Change of each measure's own stage, and of the groups brought down, by dose."""
    points, panes = [], []
    for line, (name, title) in enumerate((("stage", "own stage"), ("groups", "groups brought down"))):
        for place, (key, ladder) in enumerate(LADDERS.items()):
            rungs = made.loc[made["ladder"] == key, ["dose", name, f"{name}_low", f"{name}_high"]]
            own = rungs.set_axis(["at", "value", "low", "high"], axis=1).assign(at=rungs["dose"].map(DOSES.index))
            start = pd.DataFrame([dict.fromkeys(own.columns, 0.0)])
            points.append(pd.concat([start, own]).assign(panel=line * len(LADDERS) + place, series="measure"))
            panes.append(Pane("" if line else f"{ladder.title}\n{ladder.of_stage}", "", "" if place else title))
    return Curves(
        Caption(
            "How much more liaison adds, and where it ends",
            "Change against today's law in the same worlds, by multiples of today's number from the first day of "
            "policy. Above: the stage that a measure works on, each on a scale of its own. Below: groups brought down "
            "for any time. Bars: 95 % intervals over worlds. Single points: the 54, 108 and 196 states with most "
            "users.",
            small_print(COMMAND, "Draws of the prior that nobody selected; ratio of paired means, delta method."),
        ),
        pd.concat(points, ignore_index=True),
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


def main(words: Sequence[str]) -> None:
    """Renews page, table and figure."""
    found = in_draws(COMMAND, lived, words, WORLDS)
    made = table(found)
    renew(NAME, parts(found, made), COMMAND)
    made.drop(columns="ladder").to_csv(DOCS / f"{NAME}.csv", index=False, float_format="%.5g")
    with styled():
        drawn = figure(made).draw()
        _share_scale(drawn.axes[len(LADDERS) :])
        save(drawn, DOCS / "figures", NAME)


if __name__ == "__main__":
    main(sys.argv[1:])
