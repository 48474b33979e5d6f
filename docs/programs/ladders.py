"""Measures the effects of policies' parts and of measures at several doses: `python -m docs.programs.ladders`.

Writes docs/ladders.md, docs/ladders.csv and figures, from worlds of calibrated sets. Each part of harmonised law
and of faster assistance is alone and on top of others; each measure of liaison, investigators and courts in doses,
alone and next to faster assistance.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from docs.programs import DOCS, TODAY, Found, found_by, interval, lived, renew
from sim.data.geography import CrimeGeography
from sim.experiments.plan import with_lever
from sim.experiments.run import Task, warm_up_of, window
from sim.law.amendments import AdoptOffences, Amendment, GrantPowers, RemoveDataConflict, SetImplementation
from sim.law.order import legal_order
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS, DataKind, Offence
from sim.measures.outcomes import outcome
from sim.policy.scenario import Scenario, load
from sim.policy.selection import StateSelection
from sim.policy.timeline import Assignment, Step
from sim.policy.well_known import BASELINE
from sim.report.figures.rows import Panel, Rows
from sim.report.marking import markdown_table
from sim.report.style import BLACK, BLUE, ORANGE, Caption, save, small_print, styled
from sim.simulate import Simulation
from sim.world.parameters import WorldSpec
from sim.world.records import Abuse, Body, DeskKind, RequestStatus, UnitKind
from sim.world.world import records

COMMAND, NAME, WORLDS = "python -m docs.programs.ladders", "ladders", 16  # of 13 sets
LAW, CHAIN, LIAISON = "harmonised_law", "faster_mlat", "stronger_liaison"
IN_ACTION, PERFECT, BOTH = "law in action", "perfect law", f"{LIAISON}, faster"
GROUPS, USABLE, WAIT, URGENT = "groups_brought_down", "usable_within_12_months", "turnaround_median", "urgent_days"
SHOWN = {"groups brought down": GROUPS, "usable evidence": USABLE, "median wait": WAIT}
DOSES = (0, 2, 4, 10)
_FIRST, _GRAVE = date.fromisoformat(WorldSpec().policy_start), 10.0  # years: more than any instrument asks for
ALONE, ON_TOP, BESIDE, ABOVE = "alone", "on top of all others", "on top of faster assistance", "with all above it"
LOOKS = {ALONE: (BLUE, "-", "o"), ON_TOP: (ORANGE, "-", "s"), BESIDE: (ORANGE, "-", "s"), ABOVE: (BLACK, "-", "D")}
#: What each lever of a package is called, and the figure of the stage that it works on.
_ROWS = pd.read_csv(DOCS / "programs" / "parts.csv").to_numpy().tolist()
PARTS: Mapping[str, tuple[str, str]] = {lever: (name, stage) for lever, name, stage in _ROWS}


class Dosed(NamedTuple):
    """A measure at several doses: name, levers at each dose, unit, and direct outcome."""

    name: str
    stage: str
    unit: str
    levers: Mapping[str, Mapping[int, float]]
    doses: Sequence[int] = DOSES


_TIMES = {dose: float(dose) for dose in DOSES}
_USE = {0: 0.0, 2: 0.5, 4: 0.75, 10: 1.0}  # least share of cases and requests that members bring to Eurojust
_SINGLE = {2: 54, 4: 108, 10: 196}  # states with most users that have a single point, next to those of the EU today
_POINT = {"contacts.single_point": dict.fromkeys(_SINGLE, 1.0)}
_INVESTIGATORS = {"agency.investigators": _TIMES}
_BODIES = dict.fromkeys(("europol.staff", "eurojust.staff", "interpol.staff"), _TIMES)
MEASURES: Mapping[str, Dosed] = {
    "officers": Dosed("liaison officers", "officer_share", "posts", {"liaison.posts": _TIMES}),
    "points": Dosed("24/7 points", "preservation_reply_median", "persons on duty", {"contact_point.staff": _TIMES}),
    "bodies": Dosed("staff of bodies", "matches_per_year", "persons", _BODIES),
    "teams": Dosed("joint teams", "team_share", "persons", {"eurojust.staff": _TIMES, "eurojust.use": _USE}),
    "single": Dosed("single points", "voluntary_answered_share", "states", _POINT, list(_SINGLE)),
    "investigators": Dosed("investigators", "cases_no_investigator_share", "posts", _INVESTIGATORS, DOSES[1:]),
    "courts": Dosed("courts", "court_backlog", "persons", {"court.staff": _TIMES}, DOSES[1:]),
}
#: Measures that are no liaison, and are not among all of it.
_CAPACITY = ("investigators", "courts")


def rung(measure: str, dose: int, faster: bool = False) -> str:
    """Name of the scenario run with a measure at a dose."""
    return f"{measure} ×{dose}" + (", faster" if faster else "")


def names(package: str) -> list[str]:
    """Names of the parts of a package, in order."""
    return [PARTS[change.lever.name][0] for change in load(package).changes]


@cache
def arms() -> Mapping[str, Scenario]:
    """Policies to simulate, by name of the scenario run."""
    today, fast, liaison = load(BASELINE), load(CHAIN), load(LIAISON)
    both = replace(fast, changes=liaison.changes + fast.changes)
    found = {TODAY: today, LIAISON: liaison, BOTH: both, IN_ACTION: load(LAW), PERFECT: today}
    for package in (LAW, CHAIN):
        whole = load(package)
        found[package] = whole
        for place, (name, change) in enumerate(zip(names(package), whole.changes, strict=True)):
            found[name] = replace(whole, changes=(change,))  # the template is the same in both
            others = tuple(other for other in whole.changes if other is not change)
            if package == CHAIN:
                found[f"without {name}"] = replace(whole, changes=others)
            elif 0 < place < len(others):
                found[f"up to {name}"] = replace(whole, changes=whole.changes[: place + 1])
    for faster, base in ((False, today), (True, fast)):
        everything = base
        for key, measure in MEASURES.items():
            found |= {rung(key, dose, faster): _dosed(base, measure, dose) for dose in measure.doses}
            everything = everything if key in _CAPACITY else _dosed(everything, measure, DOSES[-1])
        found[rung("all", DOSES[-1], faster)] = everything
    return found


def _dosed(scenario: Scenario, measure: Dosed, dose: int) -> Scenario:
    """Copy of a scenario with a measure at a different dose.

    Single points come first where most users of the net live.
    """
    kept = tuple(change for change in scenario.changes if change.lever.name not in measure.levers)
    scenario = replace(scenario, changes=kept)
    for lever, doses in measure.levers.items():
        scenario = with_lever(scenario, lever, doses[dose], WorldSpec().policy_start)
        if measure.unit == "states":
            most = np.argsort(-CrimeGeography.load().internet_users, kind="stable")[: _SINGLE[dose]]
            chosen = StateSelection(tuple(legal_order().states[place] for place in most))
            *others, last = scenario.changes
            scenario = replace(scenario, changes=(*others, replace(last, states=chosen)))
    return scenario


def beyond() -> Mapping[str, Sequence[Step]]:
    """Changes of law that no scenario can make, such as full implementation everywhere, as steps by name."""
    everywhere = legal_order().states
    action: tuple[Amendment, ...] = (SetImplementation(everywhere, 1.0, _FIRST),)
    offences = AdoptOffences(everywhere, tuple(Offence), _GRAVE, _FIRST)
    powers = GrantPowers(everywhere, tuple(DataKind), _FIRST)
    perfect = (*action, offences, powers, RemoveDataConflict(everywhere, everywhere, _FIRST))
    forms = tuple(Assignment(lever, 1.0) for lever in ("request.template", "request.structured"))
    return {IN_ACTION: (Step(_FIRST, action),), PERFECT: (Step(_FIRST, perfect, forms),)}


def lived_world(task: Task) -> dict[str, dict[str, float]]:
    """Simulates a world; returns figures of every scenario run, by name."""
    return {name: found.outcomes | _seen(arm, task) for name, arm, found in lived(task, warm_up_of(task), beyond())}


def _seen(arm: Simulation, task: Task) -> dict[str, float]:
    """Amount of each measure that is in operation on the last day, and mean days of urgent requests."""
    world, request, staff = arm.world, records(arm.world, "request"), arm.world.liaison_body["staff"]
    points = world.desk["servers"][world.desk["kind"] == DeskKind.CONTACT_POINT]
    urgent = (request["urgent"] == 1) & (request["status"] == RequestStatus.EXECUTED)
    urgent &= (request["ended"] >= window(task.world).start) & (request["abusive"] == Abuse.NONE)
    urgent &= np.isin(request["channel"], list(CENTRAL_AUTHORITY_CHANNELS))
    return {
        "officers": float(world.state["posts_abroad"].sum()),
        "bodies": float(staff[[Body.INTERPOL, Body.EUROPOL, Body.EUROJUST]].sum()),
        "teams": float(staff[Body.EUROJUST]),
        "points": float(points[world.feed[Body.CONTACT_POINTS] > 0.0].sum()),
        "single": float(world.state["single_point"].sum()),
        "investigators": float(world.unit["posts"][world.unit["kind"] == UnitKind.INVESTIGATION].sum()),
        "courts": float(world.unit["posts"][world.unit["kind"] == UnitKind.COURT].sum()),
        URGENT: float((request["ended"] - request["sent"])[urgent].mean()) if urgent.any() else np.nan,
    }


class Rung(NamedTuple):
    """A step of a ladder: two scenario runs to compare, with its ladder, series and name."""

    ladder: str
    series: str
    name: str
    arm: str
    base: str = TODAY
    stage: str = ""


def rungs() -> Iterator[Rung]:
    """Yields every step of every ladder, in the order of the page."""
    stages = dict(PARTS.values())
    for package in (LAW, CHAIN):
        yield from (Rung(package, ALONE, name, name, stage=stages[name]) for name in names(package))
    first, *others, last = names(LAW)
    climbed = {first: first} | {f"+ {name}": f"up to {name}" for name in others} | {f"+ {last} = harmonised law": LAW}
    climbed |= {"+ law in action everywhere": IN_ACTION, "perfect law, at once": PERFECT}
    yield from (Rung(LAW, ABOVE, name, arm) for name, arm in climbed.items())
    yield from (Rung(CHAIN, ON_TOP, name, CHAIN, f"without {name}", stages[name]) for name in names(CHAIN))
    yield Rung(CHAIN, ABOVE, "all together", CHAIN)
    for key, measure in MEASURES.items():
        yield Rung(key, ALONE, "today", TODAY, TODAY, measure.stage)
        for dose in measure.doses:
            yield Rung(key, ALONE, f"×{dose}", rung(key, dose), TODAY, measure.stage)
            yield Rung(key, BESIDE, f"×{dose}", rung(key, dose, faster=True), CHAIN, measure.stage)
    for name, arm, beside in (("×2 by 2030", LIAISON, BOTH), ("×10", rung("all", 10), rung("all", 10, faster=True))):
        yield from (Rung("all", ALONE, name, arm), Rung("all", BESIDE, name, beside, CHAIN))


def table(found: Found) -> pd.DataFrame:
    """Table of all steps: cost, staff or posts, direct outcome, and effects in per cent."""
    rows = []
    for one in rungs():
        added = found.values(one.arm, "policy_cost") - found.values(one.base, "policy_cost")
        low, middle, high = (f"{end:.0f}" for end in np.quantile(added, [0.1, 0.5, 0.9]))
        row = one._asdict() | {"M€": f"{middle} ({low} to {high})".replace("-", "−"), "there is": ""}
        if one.ladder in MEASURES:
            row["there is"] = f"{np.median(found.values(one.arm, one.ladder)):.0f} {MEASURES[one.ladder].unit}"
        if one.ladder == "officers":
            row["there is"] += f", {np.median(found.values(one.arm, 'postings')):.0f} filled"
        row["stage before"] = found.mean(found.values(one.base, one.stage)).value if one.stage else np.nan
        for name, key in {"own stage": one.stage, **SHOWN}.items():
            came = found.change(one.arm, key, one.base) if key else (np.nan, np.nan, np.nan)
            row |= dict(zip((f"{name}, %", f"{name}, low", f"{name}, high"), came[:3], strict=True))
        rows.append(row)
    return pd.DataFrame(rows)


def written(made: pd.DataFrame) -> str:
    """Markdown table of the steps of a ladder."""
    rows, what = [], "there is" if made["there is"].any() else "own stage before"
    for row in made.to_dict("records"):
        words = outcome(row["stage"]).title if row["stage"] not in ("", URGENT) else "Days of an urgent request"
        before = f"{words}: {row['stage before']:.3g}" if row["stage"] else ""
        found = [[row[f"{name}, {end}"] for end in ("%", "low", "high")] for name in ("own stage", *SHOWN)]
        own = row["there is"] if what == "there is" else before
        rows.append([row["name"], row["series"], own, row["M€"], *map(interval, found)])
    head = ["rung", "how", what, "M€", "own stage, %", *(f"{key}, %" for key in SHOWN)]
    return markdown_table(head, rows, range(3, len(head)))


def parts(found: Found, made: pd.DataFrame) -> dict[str, str]:
    """Generated parts of the page: tables, and effects beyond the sum of a package's parts."""
    tables, sums = {str(ladder): written(rows) for ladder, rows in made.groupby("ladder", sort=False)}, []
    for package in (LAW, CHAIN):
        base, whole = found.values(TODAY, GROUPS), found.values(package, GROUPS)
        alone = base + sum(found.values(name, GROUPS) - base for name in names(package))
        one, rest = (interval(found.per_cent(values, base)) for values in (alone, base + whole - alone))
        sums.append(f"- {package.replace('_', ' ')}: parts alone add up to {one} % more groups; left over is {rest} %.")
    return tables | {"worlds": found.words, "sums": "\n".join(sums), "shape": "\n".join(shape(found))}


def shape(found: Found) -> Iterator[str]:
    """Yields a line per measure: steps with which its own stage goes back, and groups at ×10 over ×2."""
    for key, measure in MEASURES.items():
        arms = [TODAY if dose == 1 else rung(key, dose) for dose in sorted({1, *measure.doses})]
        stages = [found.values(arm, measure.stage) for arm in arms]
        sign = float(np.sign(found.mean(stages[-1] - found.values(TODAY, measure.stage)).value))
        back = sum(found.mean(sign * (high - low)).high < 0.0 for low, high in pairwise(stages))
        more = interval(found.change(arms[-1], GROUPS, rung(key, DOSES[1])))
        words = f"own stage “{outcome(measure.stage).title}”, {back} of {len(arms) - 1} steps go back beyond chance"
        yield f"- {measure.name}: {words}; groups brought down at ×10 over ×2: {more} %."


def figure(made: pd.DataFrame, titles: Mapping[str, str], title: str, size: tuple[float, float], across: int) -> Rows:
    """Figure of groups brought down by step, a panel per ladder."""
    ends = {f"groups brought down, {end}": mark for end, mark in (("%", "value"), ("low", "start"), ("high", "end"))}
    made = made[made["ladder"].isin(titles) & (made["name"] != "today")].rename(columns=ends)
    made = made[(made["ladder"] != LAW) | (made["series"] != ALONE)]
    made["words"] = [f"{value:+.1f} %".replace("-", "−") for value in made["value"]]
    made["clear"] = made["start"] * made["end"] > 0.0
    span, panels = (1.05 * min(made["start"].min(), 0.0), 1.05 * made["end"].max()), []
    for ladder, words in titles.items():
        marks = made[made["ladder"] == ladder]
        at, rows = pd.factorize(marks["name"])
        marks = marks.assign(row=at)
        panels.append(Panel(words, "groups, change in %", marks, span, numbered=True, rows=[*rows]))
    reads = (
        "Groups brought down in ten years, against the same worlds without it. Bars: 95 % intervals; hollow marks "
        "are not distinguishable from no change."
    )
    rests = small_print(COMMAND, "Calibrated parameter sets; ratio of paired means.")
    names = {series: series for series in LOOKS if (made["series"] == series).any()}
    looks = {series: LOOKS[series] for series in names}
    places = {ALONE: -0.2, ON_TOP: 0.2, BESIDE: 0.2, ABOVE: 0.0}
    return Rows(Caption(title, reads, rests), panels, [], looks, names, size, across, places, short=True)


def draw(steps: pd.DataFrame, folder: Path) -> None:
    """Draws all figures into a folder, each in a wide version and in a short one for phones."""
    packages = {LAW: "Harmonised law: each step adds to those above", CHAIN: "Faster assistance: its parts"}
    names = {key: f"{one.name[0].upper()}{one.name[1:]}, times today's" for key, one in MEASURES.items()}
    names["all"] = "All of liaison"
    capacity, first = ({key: names[key] for key in keys} for keys in (_CAPACITY, ("officers", "points", "bodies")))
    rest = {key: words for key, words in names.items() if key not in {**capacity, **first}}
    wide = {
        NAME: (packages, "What each part of law and of assistance adds", (11.5, 4.6), 2),
        f"{NAME}_liaison": (names, "More liaison, investigators and courts, dose by dose", (12.0, 9.0), 3),
    }
    narrow = {f"{NAME}_law": {LAW: packages[LAW]}, f"{NAME}_assistance": {CHAIN: packages[CHAIN]}}
    narrow |= {f"{NAME}_liaison": first, f"{NAME}_teams": rest, f"{NAME}_capacity": capacity}
    with styled():
        for name, drawn in wide.items():
            save(figure(steps, *drawn).draw(), folder, name, png=False)
    with styled(for_phone=True):
        for name, titles in narrow.items():
            save(figure(steps, titles, "", (0.0, 0.0), 1).draw(), folder, f"{name}_phone", png=False)


def main() -> None:
    """Simulates missing worlds and updates page, table and figures."""
    found = found_by(COMMAND, lived_world, arms(), WORLDS)
    made = table(found)
    renew(NAME, parts(found, made), COMMAND)
    made.to_csv(DOCS / f"{NAME}.csv", index=False, float_format="%.4g")
    draw(made, DOCS / "figures")


if __name__ == "__main__":
    main()
