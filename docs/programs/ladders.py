"""What does each part of harmonised law and of faster assistance add? `python -m docs.programs.ladders`.

Writes docs/ladders.md, the table docs/ladders.csv and a figure, in draws of the prior that nobody selected. Each part
of a package stands alone, and is left out of it; all arms of a world share its past.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from docs.programs import DOCS, bounds, interval, renew, verdict
from docs.programs.desks_and_law import refused
from docs.programs.liaison_ladder import GROUPS, SPEC, TODAY, USABLE, Found, apart, arms, in_draws
from docs.programs.statements import World
from sim.experiments.plan import with_lever
from sim.experiments.statistics import Estimate, difference, mean, ratio
from sim.law.amendments import AdoptOffences, Amendment, GrantPowers, RemoveDataConflict, SetImplementation
from sim.law.arrays import LawArrays
from sim.law.order import STANDARD, LegalOrder, legal_order
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS, Channel, DataKind, Ground, Offence
from sim.policy.scenario import Scenario, load
from sim.policy.timeline import Assignment, Step, Timeline
from sim.policy.well_known import BASELINE, UPPER_BOUND
from sim.report.figures.rows import Panel, Rows
from sim.report.marking import markdown_table
from sim.report.style import BLUE, Caption, save, small_print, styled
from sim.report.ticks import signed_per_cent
from sim.simulate import Simulation
from sim.world.records import Abuse, RequestStatus

COMMAND = "python -m docs.programs.ladders"
NAME = "ladders"
WORLDS = 12
LAW, CHAIN = "harmonised_law", "faster_mlat"
IN_ACTION, PERFECT, NONE_OUTSIDE, COURTS = "law in action", "perfect law", "no offence outside", "courts in a day"
FORESEEN, URGENT, OWN_COURT, GATEKEEPER = "foreseen", "urgent_days", "own_court", "gatekeeper"
_FIRST = date.fromisoformat(SPEC.policy_start)
#: More years than any instrument asks for.
_GRAVE = 10.0


class Part(NamedTuple):
    """What a lever is in a package: its name, the figure of the stage that it works on, and that stage in words."""

    name: str
    stage: str
    words: str


PARTS: Mapping[str, Part] = {
    "law.core_offences": Part("offences", Ground.DUAL_CRIMINALITY.name, "refused, no offence there, %"),
    "law.powers": Part("powers", Ground.NO_POWER.name, "refused, no power, %"),
    "request.template": Part("template", "returned_share", "returned as deficient"),
    "request.structured": Part("format", "reformatted_share", "answers asked for in another format"),
    "law.data_conflict_removed": Part("data law", Ground.DATA_PROTECTION.name, "refused, data protection, %"),
    "central_authority.staff": Part("staff", "authority_backlog", "files at central authorities"),
    "court.staff": Part("courts", "court_backlog", "files at courts"),
    "transmission.electronic_share": Part("electronic", "transmission_days", "days of transmission"),
    "central_authority.deadline": Part("urgent deadline", URGENT, "days of an urgent request"),
    "central_authority.duty_to_answer": Part("duty to answer", "silence_share", "requests never answered"),
}


def names(package: str) -> list[str]:
    """Parts of a package by name, as its scenario orders them."""
    return [PARTS[change.lever.name].name for change in load(package).changes]


@cache
def policies() -> Mapping[str, Scenario]:
    """The policy of each arm by its name."""
    today = load(BASELINE)
    found = {TODAY: today, UPPER_BOUND: load(UPPER_BOUND)}
    found |= dict.fromkeys((PERFECT, NONE_OUTSIDE), today) | {IN_ACTION: load(LAW)}
    found[COURTS] = with_lever(today, "friction.instant_courts", 1.0, SPEC.policy_start)
    for package in (LAW, CHAIN):
        whole = load(package)
        found[package] = whole
        for place, (name, change) in enumerate(zip(names(package), whole.changes, strict=True)):
            others = (*whole.changes[:place], *whole.changes[place + 1 :])
            found[name] = replace(whole, changes=(change,))  # the template is the same in both
            if package == CHAIN:
                found[f"without {name}"] = replace(whole, changes=others)
            elif 0 < place < len(others):
                found[f"up to {name}"] = replace(whole, changes=whole.changes[: place + 1])
    return found


@dataclass(frozen=True)
class WithoutOffences:
    """A legal order in which what the Convention asks to punish is an offence in its Parties alone."""

    law: LegalOrder

    def arrays(self, on: date, amendments: tuple[Amendment, ...]) -> LawArrays:
        """Law on a day."""
        of_day = self.law.arrays(on, amendments)
        party = np.isin(self.law.states, self.law.parties(STANDARD, on))
        return of_day._replace(
            offence=np.ascontiguousarray(of_day.offence * party[:, None].astype(of_day.offence.dtype))
        )


def forked(name: str, run: Simulation, timeline: Timeline) -> Simulation:
    """An arm, with the law that no scenario can bring about."""
    everywhere, steps = legal_order().states, tuple[Amendment, ...]()
    levers = tuple[Assignment, ...]()
    if name in (IN_ACTION, PERFECT):
        steps = (SetImplementation(everywhere, 1.0, _FIRST),)
    if name == PERFECT:
        steps += (
            AdoptOffences(everywhere, tuple(Offence), _GRAVE, _FIRST),
            GrantPowers(everywhere, tuple(DataKind), _FIRST),
        )
        steps += (RemoveDataConflict(everywhere, everywhere, _FIRST),)
        levers = tuple(Assignment(lever, 1.0) for lever in ("request.template", "request.structured"))
    arm = run.fork(timeline.extended((Step(_FIRST, steps, levers),)))
    if name == NONE_OUTSIDE:
        arm.law = WithoutOffences(arm.law)  # type: ignore[assignment]  # no amendment takes an offence away
    return arm


def lived(world: World) -> dict[str, dict[str, float]]:
    """Figures of every arm of a world, by name."""
    found = {}
    for name, arm, tables, outcomes in arms(world, policies(), forked):
        action, grounds = tables["action"], refused(arm)
        chosen = action["foreseen"][action["day"] >= float(arm.world.setting[0]["policy_start"])]
        figures = outcomes | {FORESEEN: float(chosen.sum())} | _requests(tables["request"], arm)
        for ground in (Ground.DUAL_CRIMINALITY, Ground.NO_POWER, Ground.DATA_PROTECTION):
            figures[ground.name] = 100.0 * float((grounds[0] == ground).sum()) / max(grounds[1], 1)
        found[name] = figures
    return found


def _requests(request: Any, arm: Simulation) -> dict[str, float]:
    """What courts and gatekeepers at home turn away of what ended under policy, %, and days of urgent requests."""
    since = float(arm.world.setting[0]["policy_start"])
    over = request[(request["ended"] >= since) & (request["abusive"] == Abuse.NONE)]
    central = np.isin(over["channel"], list(CENTRAL_AUTHORITY_CHANNELS))
    urgent = over[central & (over["urgent"] == 1) & (over["status"] == RequestStatus.EXECUTED)]
    own = over[over["channel"] == Channel.DOMESTIC]
    weak = (own["status"] == RequestStatus.REFUSED) & (own["ground"] == Ground.STANDARD_OF_PROOF)
    return {
        OWN_COURT: 100.0 * float(weak.mean()),
        GATEKEEPER: 100.0 * float((own["status"] == RequestStatus.NOT_SENT).mean()),
        URGENT: float(np.mean(urgent["ended"] - urgent["sent"])) if len(urgent) else float("nan"),
    }


def summed(found: Found, package: str, key: str = GROUPS) -> tuple[Estimate, Estimate]:
    """Changes by the parts alone, summed, and what the package brings beyond them, shares of today's."""
    base = found.values(TODAY, key)
    parts = sum((found.values(name, key) - base for name in names(package)), np.zeros_like(base))
    beyond = found.values(package, key) - parts
    return apart(ratio(base + parts, base)), apart(ratio(beyond, base))


def part_table(found: Found, package: str) -> str:
    """Each part alone and, of the chain, on top of all others; then the package, the sum, and what is left over."""
    stages, rows = {part.name: part for part in PARTS.values()}, []
    for name in names(package):
        part = stages[name]
        own = f"{part.words}: {mean(found.values(TODAY, part.stage)).value:.3g}"
        rows.append([name, own, interval(found.change(name, part.stage))])
        rows[-1] += [interval(found.change(name, key)) for key in (GROUPS, USABLE)]
        if package == CHAIN:
            rows[-1] += [interval(found.change(package, key, f"without {name}")) for key in (GROUPS, USABLE)]
    rest = [""] * (len(rows[0]) - 5)
    rows.append(["together", "", "", interval(found.change(package)), interval(found.change(package, USABLE)), *rest])
    (alone, beyond), (usable, usable_beyond) = (summed(found, package, key) for key in (GROUPS, USABLE))
    rows.append(["sum of parts alone", "", "", interval(alone), interval(usable), *rest])
    rows.append(["left over", "", "", interval(beyond), interval(usable_beyond), *rest])
    head = ["part", "own stage: today", "own stage, %", "groups brought down, %", "usable evidence, %"]
    head += ["on top: groups, %", "on top: usable, %"][: len(rest)]
    return markdown_table(head, rows, range(2, len(head)))


def rungs() -> list[tuple[str, str]]:
    """The ladder of law: name and arm of each rung."""
    first, *others = names(LAW)
    made = [(f"{first} outside the Convention", first)]
    made += [(f"+ {name}", f"up to {name}") for name in others[:-1]]
    made += [(f"+ {others[-1]} = harmonised law", LAW), ("+ law in action everywhere", IN_ACTION)]
    return [*made, ("perfect law everywhere, at once", PERFECT)]


#: What the design says of law, chain and bound: item, line, arm, figure, and what is expected; of shares, points.
LINES = (
    ("19", "Perfect law everywhere: foreseen successes, %", PERFECT, FORESEEN, 33.0, 53.0),
    ("19", "No offence outside the Convention: foreseen successes, %", NONE_OUTSIDE, FORESEEN, -25.0, -7.0),
    ("19", "Offences alone: foreseen successes, %", PARTS["law.core_offences"].name, FORESEEN, -5.0, 5.0),
    ("20", "The bound: refused for lack of proof by own courts, points", UPPER_BOUND, OWN_COURT, -3.0, 3.0),
    ("20", "The bound: turned away by own gatekeepers, points", UPPER_BOUND, GATEKEEPER, -3.0, 3.0),
    ("20", "The bound: takedowns per 100 group-years, %", UPPER_BOUND, "takedown_rate", 200.0, 300.0),
    ("23", "Foreign courts in a day: groups brought down, %", COURTS, GROUPS, 15.0, 25.0),
)


def parts(found: Found) -> dict[str, str]:
    """Parts of the page."""
    head, rows = ["item", "line", "found (95 % interval)", "expected", "verdict"], []
    for item, line, arm, key, low, high in LINES:
        in_points = key in (OWN_COURT, GATEKEEPER)
        points = difference(found.values(arm, key), found.values(TODAY, key))
        came = points if in_points else found.change(arm, key, factor=100.0)
        rows.append([item, line, interval(came, 1.0), bounds(low, high), verdict(came, low, high)])
    climbed = [[name, interval(found.change(arm)), interval(found.change(arm, USABLE))] for name, arm in rungs()]
    return {
        "lines": f"{len(found.worlds)} worlds.\n\n" + markdown_table(head, rows, ()),
        "rungs": markdown_table(["rung", "groups brought down, %", "usable evidence, %"], climbed, range(1, 3)),
        "law": part_table(found, LAW),
        "chain": part_table(found, CHAIN),
    }


def figure(found: Found) -> Rows:
    """The ladder of law: groups brought down by rung."""
    table = pd.DataFrame([found.change(arm)[:3] for _, arm in rungs()], columns=["value", "start", "end"])
    table = table.assign(row=table.index, series="law")
    reach = 1.08 * float(np.nanmax(np.abs(table[["start", "end"]].to_numpy())))
    label = "groups brought down in ten years,\nchange against today's law"
    return Rows(
        Caption(
            "How much harmonised law adds, and where it ends",
            "Each rung adds to the one above it; the last is law without a gap from the first day of policy. Bars: 95 "
            "% intervals over worlds, each compared with itself under today's law.",
            small_print(COMMAND, "Draws of the prior that nobody selected; ratio of paired means, delta method."),
        ),
        [Panel("", label, table, (-reach, reach), ticks=signed_per_cent)],
        [name for name, _ in rungs()],
        {"law": (BLUE, "-", "o")},
        {},
        (8.0, 4.6),
    )


def main(words: Sequence[str]) -> None:
    """Renews page, table and figure."""
    found = in_draws(COMMAND, lived, words, WORLDS)
    renew(NAME, parts(found), COMMAND)
    shown = [(arm, key, *found.change(arm, key)[:3]) for arm in policies() for key in (GROUPS, USABLE, FORESEEN)]
    table = pd.DataFrame(shown, columns=["arm", "figure", "change", "low", "high"])
    table.to_csv(DOCS / f"{NAME}.csv", index=False, float_format="%.5g")
    with styled():
        save(figure(found).draw(), DOCS / "figures", NAME)


if __name__ == "__main__":
    main(sys.argv[1:])
