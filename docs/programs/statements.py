"""Tests the design's statements in simulated worlds, for docs/statements.md: `python -m docs.programs.statements`.

docs/programs/statements.csv has them, each judged by a level, a change in per cent, points, or the rank correlation of
two figures over worlds, in calibrated sets. A line that does not hold is reported, never forced.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from docs.programs import DOCS, ROOT, TODAY, Found, found_by, interval, lived, renew
from sim.agents.assistance import days_to, openness
from sim.calibration.waves import KINDS, realised
from sim.engine.compiling import kernel
from sim.experiments.plan import with_lever
from sim.experiments.run import Task, warm_up_of, window
from sim.experiments.statistics import Estimate
from sim.law.amendments import AdoptOffences
from sim.law.order import STANDARD, legal_order
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS, Channel, DataKind, Ground, Offence
from sim.measures.arrays import Floats, Mask, ratio
from sim.measures.cases import Reached
from sim.measures.outcomes import Measured
from sim.policy.scenario import Scenario, load
from sim.policy.timeline import Step, Timeline
from sim.policy.well_known import BASELINE, UPPER_BOUND
from sim.report.marking import markdown_table
from sim.simulate import Simulation
from sim.world.growth import DONE, with_room
from sim.world.parameters import GROUP_KINDS, WorldSpec
from sim.world.records import Abuse, ProviderPolicy, RequestStatus
from sim.world.world import World, records
from sim.world.world_pointer import attach

COMMAND, WORLDS = "python -m docs.programs.statements", 20  # of 16 sets
FASTER, HALF, PUNISHED = "faster_mlat", "half of the bound", "all states punish everything"
FEWER, OPENED, GROUPS = "half the staff of providers", "doors of providers open", "groups_brought_down"
REFERENCE = ROOT / "results" / "reference" / "outcomes.csv"
SMALL, SHOWN = 20.0, 5.0  # per cent of groups: policies that move fewer, and what pairs should show
_STRONG, _GRAVE = 0.7, 10.0  # share of cases with law that is called strong; years, more than any instrument asks for


def statements() -> list[Any]:
    """Rows of statements.csv; a missing bound is infinite."""
    rows = pd.read_csv(DOCS / "programs" / "statements.csv", dtype={"item": str})
    rows = rows.fillna({"least": -math.inf, "most": math.inf}).fillna("")
    return [*rows.itertuples(index=False, name="Statement")]


def judged(entry: Any, found: Found) -> tuple[Estimate, Floats]:
    """Estimate of what a statement is about, and its value in each world; no values for a rank correlation."""
    arm, base, factor = entry.arm or TODAY, entry.against or TODAY, 100.0 if "%" in entry.how else 1.0
    values = found.values(arm, entry.figure)
    if entry.how == "rank":
        rank, size = pd.Series(values).corr(pd.Series(found.values(arm, base)), method="spearman"), values.size
        return Estimate(rank, rank - 1.96 / (size - 1) ** 0.5, rank + 1.96 / (size - 1) ** 0.5, size), np.zeros(0)
    if entry.how.startswith("level"):
        return found.mean(factor * values), factor * values
    before = found.values(base, entry.figure)
    if entry.how.startswith("points"):
        return found.mean(factor * (values - before)), factor * (values - before)
    with np.errstate(divide="ignore", invalid="ignore"):  # a world may have none
        return found.per_cent(values, before), 100.0 * (values / before - 1.0)


def arms() -> Mapping[str, Scenario]:
    """Policies to simulate, keyed by the name of the scenario run."""
    today, bound, on = load(BASELINE), load(UPPER_BOUND), WorldSpec().policy_start
    half = replace(bound, changes=tuple(replace(change, value=0.5) for change in bound.changes))
    found = {TODAY: today, FASTER: load(FASTER), UPPER_BOUND: bound, HALF: half, PUNISHED: today}
    moved = {FEWER: ("provider.staff", 0.5), OPENED: ("provider.opens", 3.0)}
    return found | {name: with_lever(today, *lever, on) for name, lever in moved.items()}


def lived_world(task: Task) -> dict[str, dict[str, float]]:
    """Simulates a world; returns figures of every scenario run, by name."""
    first, law, past = date.fromisoformat(task.world.policy_start), legal_order(), warm_up_of(task)
    everything = Step(first, (AdoptOffences(law.states, tuple(Offence), _GRAVE, first),))
    strong = np.isin(law.states, law.parties(STANDARD, first)) & (past.world.implementation >= _STRONG)
    own = _desks(past.fork(Timeline())) | _doors(past)
    found, before, years = {}, len(records(past.world, "evidence")), window(task.world).years
    for name, arm, measured in lived(task, past, {PUNISHED: (everything,)}):
        seen = _requests(arm, past) | _law(arm, before, strong, measured) | _cases(arm, past.day, years, measured)
        found[name] = dict(measured.outcomes) | seen
    found[TODAY] |= own
    return found


def _desks(run: Simulation) -> dict[str, float]:
    """Figures by kind of desk: wait ÷ target wait, trend of the wait, and hours per file."""
    yearly: list[Floats] = []
    figures = {f"ratio {kind.name}": found for kind, found in realised(run, yearly).items()}
    desk, job, since = run.world.desk, records(run.world, "job"), run.world.setting["policy_start"][0]
    files = np.bincount(job["desk"][job["arrived"] >= since], minlength=len(desk))
    for kind in KINDS:
        at = (desk["kind"] == kind) & (files > 0)
        means = [float(np.average(wait[at], weights=files[at])) for wait in yearly]
        figures[f"slope {kind.name}"] = float(np.polyfit(np.arange(len(means)), means, 1)[0])
        figures[f"hours {kind.name}"] = float(np.average(desk["file_hours"][at], weights=files[at]))
    return figures


@kernel
def look_at_doors(world: World, seen: Floats) -> int:
    """Writes openness and median days of each provider by state, float64 [2, provider, state], in compiled code."""
    attached = attach(world)
    for provider in range(seen.shape[1]):
        for state in range(seen.shape[2]):
            seen[0, provider, state] = openness(attached, provider, state, attached.now[0])
            seen[1, provider, state] = days_to(attached, provider, state)
    return DONE


def _doors(past: Simulation) -> dict[str, float]:
    """Shares of states that large providers do not answer, and correlation of providers' days to answer."""
    provider, seen = past.world.provider, np.zeros((2, len(past.world.door_since), len(past.world.state)))
    with_room(past.fork(Timeline()).world, look_at_doors, seen)
    policies, known = provider["policy"][: seen.shape[1]], provider["since"][: seen.shape[1]] <= past.day
    gate, graded = ((policies == kind) & known for kind in (ProviderPolicy.GATE, ProviderPolicy.GRADED))
    apart = pd.DataFrame(seen[1, gate | graded].T).corr(method="spearman").to_numpy()
    shut = {f"shut {name}": float((seen[0, of] == 0.0).mean()) for name, of in (("gate", gate), ("graded", graded))}
    return shut | {"ranks": float(np.median(apart[np.triu_indices(len(apart), 1)]))}


def _requests(arm: Simulation, past: Simulation) -> dict[str, float]:
    """Figures on providers' response times, channels of requests, and refusals for weak proof."""
    request, odds, law = records(arm.world, "request"), past.world.state["gate_odds"], legal_order()
    home = request[(request["ended"] >= past.day) & (request["channel"] == Channel.DOMESTIC)]
    request = request[(request["sent"] >= past.day) & (request["abusive"] == Abuse.NONE)]
    central = np.isin(request["channel"], list(CENTRAL_AUTHORITY_CHANNELS))
    voluntary, few = request["channel"] == Channel.PROVIDER_VOLUNTARY, (odds < np.median(odds))[request["requesting"]]
    large = voluntary & (request["provider"] < len(past.world.door_since))
    large &= request["status"] == RequestStatus.EXECUTED
    usa = central & (request["requested"] == law.index("USA")) & (request["data_kind"] == DataKind.CONTENT)
    usa &= ~np.isnan(request["ended"])
    no_offence = central & (request["ground"] == Ground.DUAL_CRIMINALITY)
    return {
        "voluntary days": float(np.median((request["ended"] - request["sent"])[large])),
        "few open: direct": float((few & voluntary).sum()),
        "few open: assistance": float((few & central).sum()),
        "home returned": float((home["loops"] > 0).mean()),
        "home court": float(_refused_for_proof(home).mean()),
        "home gatekeeper": float((home["status"] == RequestStatus.NOT_SENT).mean()),
        "usa returned": float((request["loops"][usa] > 0).mean()),
        "usa proof": float(_refused_for_proof(request)[usa].mean()),
        "no offence": float(no_offence.sum()),
    }


def _refused_for_proof(request: npt.NDArray[np.void]) -> Mask:
    """True for each request that was refused because its proof was too weak."""
    return np.asarray((request["status"] == RequestStatus.REFUSED) & (request["ground"] == Ground.STANDARD_OF_PROOF))


def _law(arm: Simulation, before: int, strong: Mask, measured: Measured) -> dict[str, float]:
    """Figures on states' legal powers, and on requests that require them."""
    power, country = arm.world.power, measured.breakdowns["country"]
    item, case = records(arm.world, "evidence")[before:], records(arm.world, "case")
    item = item[(item["chain"] >= 0) & (item["state"] != case["state"][item["case"]])]
    needed, asked = (float(country[name][1:][strong].sum()) for name in ("needed", "needed_asked"))
    return {
        "preserve": float(power[:, DataKind.PRESERVATION].sum()),
        "without power": float((power[item["state"], item["data_kind"]] == 0).mean()),
        "asked strong parties": ratio(asked, needed),
    }


def _cases(arm: Simulation, since: float, years: float, measured: Measured) -> dict[str, float]:
    """Figures on progress of cases, action days against extortion, and groups that stay down."""
    progress, action = measured.breakdowns["cases_by_progress"], records(arm.world, "action")
    full = (action["day"] >= since) & (action["disruption"] == 0)
    kind = records(arm.world, "group")["kind"][action["group"]]
    cases, found = progress["cases"], measured.outcomes
    return {
        **{f"came {stage.name}": ratio(cases[stage], cases[Reached.OPENED]) for stage in Reached},
        **{f"months {stage.name}": ratio(progress["months"][stage], progress["months"].sum()) for stage in Reached},
        "extortion": float((full & (kind == GROUP_KINDS.index("attacks_extortion"))).sum()) / years,
        "lasting": ratio(found["takedowns"], found["groups_brought_down"]),
        "lasting a year": found["takedowns"] / years,
        "optimism": found["foreseen_chance"] - (1.0 - found["partial_action_share"]),
        "harder abroad": found["cases_solved_home_share"] - found["cases_solved_abroad_share"],
    }


def verdict(found: Estimate, low: float, high: float) -> str:
    """Text on an interval's position: inside, outside or overlapping the expected interval."""
    if math.isinf(low) and math.isinf(high):
        return ""
    if math.isnan(found.value):
        return "not measured"
    if low <= found.low and found.high <= high:
        return "holds"
    if found.high < low or found.low > high:
        return "**does not hold**"
    return f"open, the estimate lies {'inside' if low <= found.value <= high else 'outside'}"


def table(found: Found) -> str:
    """Markdown table of every statement with its result."""
    rows = []
    for entry in statements():
        came, single = judged(entry, found)
        known, word = single[np.isfinite(single)], verdict(came, entry.least, entry.most)
        within = ((entry.least <= known) & (known <= entry.most)).sum()
        inside = f"{within} of {known.size}" if word and known.size else ""
        ends = (f"{end:g}".replace("-", "−") if math.isfinite(end) else "–" for end in (entry.least, entry.most))
        words = interval(came, 2, "-" if entry.how.startswith("level") else "+")
        rows.append([entry.item, entry.statement, words, inside, " to ".join(ends) if word else "reported", word])
    head = ["item", "statement", "found: mean (95 % interval)", "worlds inside", "expected", "verdict"]
    return markdown_table(head, rows, right={0})


def power() -> str:
    """Markdown table of the pairs of worlds needed to show a small change of groups brought down, by policy."""
    outcomes = pd.read_csv(REFERENCE).pivot(index="seed", columns="scenario", values=GROUPS)
    found = Found([{str(arm): {GROUPS: value} for arm, value in row.items()} for _, row in outcomes.iterrows()])
    rows = []
    for arm in outcomes.columns.drop(BASELINE):
        change = found.change(str(arm), GROUPS, BASELINE)
        pairs = change.pairs * ((change.high - change.value) / SHOWN) ** 2
        if abs(change.value) < SMALL:
            rows.append([f"`{arm}`", interval(change), str(change.pairs), str(math.ceil(pairs))])
    head = ["policy", "groups brought down, %", "from pairs", f"pairs for ± {SHOWN:g} %"]
    return markdown_table(head, rows, range(1, 4))


if __name__ == "__main__":
    found = found_by(COMMAND, lived_world, arms(), WORLDS)
    renew("statements", {"worlds": found.words, "statements": table(found), "power": power()}, COMMAND)
