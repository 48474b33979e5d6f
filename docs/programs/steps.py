"""Measures the steps of the calculation by hand in simulated worlds: `python -m docs.programs.steps`.

Writes docs/by_hand.csv, with which docs/programs/by_hand.py compares each of its steps. Worlds are those of the
reference comparison, under today's law and with faster assistance. In draws that nothing chose, what the sum needs to
know of today is added.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from docs.programs import DOCS, TODAY, asked, in_sets, lived, ran
from docs.programs.draws import NUMBER
from docs.programs.ladders import CHAIN
from sim.calibration import prior
from sim.calibration.ensemble import sets_of_today
from sim.experiments.run import Task, warm_up_of, window
from sim.law.days import YEAR
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS, Channel
from sim.measures.arrays import Floats, Mask, Table
from sim.policy.scenario import load
from sim.policy.well_known import BASELINE
from sim.simulate import Simulation
from sim.world.parameters import Parameters, WorldSpec, with_values
from sim.world.records import Abuse, CaseStatus, ChainStatus, MilestoneKind, RequestPurpose, RequestStatus
from sim.world.world import records

COMMAND, STORED, WORLDS = "python -m docs.programs.steps", DOCS / "by_hand.csv", 12
WORLD, DRAW = "world", "draw"
#: Outcomes that are kept: the effect, and what the sum needs to know of a draw's world today.
KEPT = ("takedowns_expected", "executed_per_year", "refused_share", "silence_share")
_FOLLOWED, _BEGUN = 7.0 * YEAR, 5.0 * YEAR  # days from the first; of what is sent or begun then, the end is seen
_UNFINISHED = (CaseStatus.CLOSED_GROUP_GONE, CaseStatus.DROPPED_ATTRITION, CaseStatus.DROPPED_HOPELESS)
_OPENED = (*_UNFINISHED, CaseStatus.INVESTIGATING, CaseStatus.PREPARING, CaseStatus.SOLVED, CaseStatus.MERGED)


def measured(run: Simulation, task: Task) -> dict[str, float]:
    """Counts of requests, trails and cases in the policy years, from the tables of a finished run."""
    return dict(_requests(run, task)) | dict(_trails(run, task)) | dict(_cases(run, task))


def _requests(run: Simulation, task: Task) -> Iterator[tuple[str, float]]:
    """Counts of requests for a step of a trail, by addressee: authorities, others abroad, own state."""
    start, end = window(task.world).start, window(task.world).end
    request: Table = np.asarray(records(run.world, "request"))
    request = request[(request["purpose"] == RequestPurpose.CHAIN) & (request["abusive"] == Abuse.NONE)]
    by_authorities = np.isin(request["channel"], list(CENTRAL_AUTHORITY_CHANNELS))
    home = request["channel"] == Channel.DOMESTIC
    in_time = np.isnan(request["given_up"]) | (request["given_up"] > request["ended"])
    ended = (request["ended"] >= start) & (request["ended"] <= end)
    executed, without = request["status"] == RequestStatus.EXECUTED, request["status"] == RequestStatus.NO_DATA
    left = np.where(home, request["drafted"], request["sent"])  # at home nothing is sent
    sent = (left >= start) & (left < start + _FOLLOWED)
    drafted = (request["drafted"] >= start) & (request["drafted"] <= end)
    for name, those in {"authorities": by_authorities, "others": ~by_authorities & ~home, "home": home}.items():
        yield f"asked, {name}", _number(those & drafted)
        yield f"sent, {name}", _number(those & sent)
        yield f"done, {name}", _number(those & sent & executed & in_time)
    answered = by_authorities & ended & (executed | without | (request["status"] == RequestStatus.REFUSED))
    yield "answered", _number(answered)
    yield "answered in time", _number(answered & in_time)
    yield "data there", _number(answered & executed)
    yield "data there or gone", _number(answered & (executed | without))
    yield "granted", _number(by_authorities & sent & (executed | without))
    yield "steps won", _number(ended & executed & in_time)


def _trails(run: Simulation, task: Task) -> Iterator[tuple[str, float]]:
    """Counts of trails, and years for which cases follow them."""
    start, end = window(task.world).start, window(task.world).end
    chain, case, milestone = (np.asarray(records(run.world, name)) for name in ("chain", "case", "milestone"))
    begun, over = (_days(milestone, kind, len(chain)) for kind in (MilestoneKind.LEAD_OPENED, MilestoneKind.LEAD_ENDED))
    closed = np.where(np.isnan(over), case["closed"][chain["case"]], over)
    until = np.where(np.isnan(closed), end, closed)
    yield "trail years", float((np.clip(until, start, end) - np.clip(begun, start, end)).clip(0.0).sum() / YEAR)
    first = (begun >= start) & (begun < start + _BEGUN)
    yield "trails begun", _number(first)
    yield "trails complete", _number(first & (chain["status"] == ChainStatus.COMPLETE))


def _cases(run: Simulation, task: Task) -> Iterator[tuple[str, float]]:
    """Counts of cases and takedowns, and of takedowns without a trail through authorities."""
    start, end = window(task.world).start, window(task.world).end
    tables = (np.asarray(records(run.world, name)) for name in ("case", "chain", "request", "action"))
    case, chain, request, action = tables
    opened, closed = np.isin(case["status"], _OPENED), (case["closed"] >= start) & (case["closed"] <= end)
    until = np.where(np.isnan(case["closed"]), end, case["closed"])
    years = (np.clip(until, start, end) - np.clip(case["opened"], start, end)).clip(0.0)[opened]
    yield "cases opened", _number(opened & (case["opened"] >= start) & (case["opened"] <= end))
    yield "cases solved", _number(closed & (case["status"] == CaseStatus.SOLVED))
    yield "case years", float(years.sum() / YEAR)
    yield "cases unfinished", _number(closed & np.isin(case["status"], _UNFINISHED))
    executed = (request["status"] == RequestStatus.EXECUTED) & (request["chain"] >= 0)
    through = np.isin(request["channel"], list(CENTRAL_AUTHORITY_CHANNELS)) & executed
    steps = np.bincount(request["chain"][through], minlength=len(chain)) > 0
    lead = _leads(case)
    with_one = np.zeros(len(case), bool)
    with_one[lead[chain["case"][steps & (chain["status"] == ChainStatus.COMPLETE)]]] = True
    down = action[(action["down"] == 1) & (action["day"] >= start) & (action["day"] <= end)]
    yield "takedowns of cases", float(len(down))
    yield "takedowns without authorities", _number(~with_one[lead[down["case"]]])


def _leads(case: Table) -> np.ndarray:
    """Row of the leading case of each case after all mergers, i8[cases]."""
    lead = np.arange(len(case))
    while (merged := case["status"][lead] == CaseStatus.MERGED).any():
        lead[merged] = case["merged_into"][lead[merged]]
    return lead


def _days(milestone: Table, kind: MilestoneKind, chains: int) -> Floats:
    """Day on which each chain came to a milestone, f8[chains]; NaN if it did not."""
    days = np.full(chains, np.nan)
    rows = milestone[milestone["kind"] == kind]
    days[rows["subject"]] = rows["day"]
    return days


def _number(those: Mask) -> float:
    return float(np.count_nonzero(those))


def lived_world(task: Task) -> dict[str, dict[str, float]]:
    """Simulates a world; returns counts and outcomes by scenario."""
    return {
        key: measured(run, task) | {name: outcomes.outcomes[name] for name in KEPT}
        for key, run, outcomes in lived(task, warm_up_of(task), {})
    }


def draws() -> Iterator[tuple[str, Task]]:
    """Yields name and task of each draw that nothing chose, under today's law."""
    today, usual, sets = load(BASELINE), Parameters(), sets_of_today()
    for n in range(prior.FIRST, prior.FIRST + NUMBER):
        parameters = with_values(usual, prior.values_of(n))
        yield f"{DRAW} {n}", Task("", 1000 + n, (today,), WorldSpec(), parameters, prices=sets.prices(1000 + n))


def main() -> None:
    """Simulates what is missing, and writes the table."""
    wanted = asked(COMMAND, worlds=WORLDS)
    jobs = dict(draws()) | in_sets(wanted.worlds, {TODAY: load(BASELINE), CHAIN: load(CHAIN)})
    rows = []
    for name, results in ran(COMMAND, lived_world, jobs, wanted.workers).items():
        kind, number = (DRAW if name.startswith(DRAW) else WORLD), int(name.partition(",")[0].split()[1])
        for run, values in results.items():
            rows.append({"kind": kind, "number": number, "run": TODAY if run == BASELINE else run} | values)
    pd.DataFrame(rows).to_csv(STORED, index=False, float_format="%.6g")


if __name__ == "__main__":
    main()
