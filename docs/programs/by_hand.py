"""Works out by hand the effect of faster assistance: `python -m docs.programs.by_hand`. It simulates nothing.

Writes the steps of docs/by_hand.md: queues in series, data that is lost meanwhile, and steps to the node. It reads what
today is like in results/reference, medians of the calibrated sets, and the doses of the policy; of the policy's own
worlds nothing but the effect to compare with.
"""

import json
import math
from collections.abc import Iterator, Mapping
from statistics import NormalDist, median
from typing import Any, NamedTuple

import pandas as pd

from docs.programs import ROOT, renew, table_of
from sim.calibration.ensemble import sets_of_today
from sim.policy.scenario import Scenario, load
from sim.world.parameters import Parameters, WorldSpec

COMMAND, NAME = "python -m docs.programs.by_hand", "by_hand"
REFERENCE = ROOT / "results" / "reference"
TODAY, FASTER, ALONE, EFFECT = "status_quo", "faster_mlat", "no_cooperation", "takedowns_expected"
_MONTH, _YEAR = 30.44, 365.25  # days
_OWN, _SENT, _THEIRS, _COURT = "own central authority", "transmission", "requested central authority", "court order"
#: Stages with a queue: the lever of its people, the section and name of its elasticity.
_QUEUES = {
    _OWN: ("central_authority.staff", "outgoing_elasticity"),
    _THEIRS: ("central_authority.staff", "rebound"),
    _COURT: ("court.staff", "court_elasticity"),
}


class Line(NamedTuple):
    """A step of the sum: what it finds, its arithmetic in numbers, and what comes out."""

    what: str
    sum: str
    result: str


class Worked(NamedTuple):
    """The sum by hand: its steps, months of a request today and then, and takedowns relative to today."""

    lines: list[Line]
    months: tuple[float, float]
    ratio: float


class Known(NamedTuple):
    """Input of the sum: days by stage and outcomes today, medians of sets by name, and doses by lever."""

    days: Mapping[str, float]
    outcomes: Mapping[str, float]
    median: Mapping[str, float]
    dose: Mapping[str, float]
    alone: float  # share of takedowns that are left where no state helps another
    groups: float


def known() -> Known:
    """Numbers of the stored reference, of the calibrated sets and of the policy."""
    rows = pd.read_csv(REFERENCE / "outcomes.csv")
    both = _means(rows[rows["seed"].isin(rows.loc[rows["scenario"] == ALONE, "seed"])])
    stage = json.loads((REFERENCE / "pooled.json").read_text("utf-8"))[f"stages {TODAY}"]
    return Known(
        dict(zip(stage["part"], stage["days"], strict=True)),
        _means(rows)[TODAY],
        _medians(),
        _doses(load(FASTER)),
        both[ALONE][EFFECT] / both[TODAY][EFFECT],
        float(WorldSpec().groups),
    )


def _means(rows: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Mean of each outcome over worlds, by scenario run."""
    means: Any = rows.groupby("scenario").mean(numeric_only=True)
    return dict(means.to_dict("index"))


def _medians() -> dict[str, float]:
    """Median of each number over the sets of the first hundred seeds, by `section.name`."""
    sets, usual = sets_of_today(), Parameters()
    drawn = [sets.parameters(usual, seed) for seed in range(1, 101)]
    return {
        f"{section}.{name}": median(float(getattr(getattr(one, section), name)) for one in drawn)
        for section in ("desk", "request", "evidence", "case")
        for name, value in vars(getattr(usual, section)).items()
        if isinstance(value, int | float)
    }


def _doses(scenario: Scenario) -> dict[str, float]:
    """Value of each lever under a policy: people as a multiple of today's, else a share."""
    doses = {change.lever.name: change.value for change in scenario.changes}
    return {name: float(value) for name, value in doses.items() if isinstance(value, int | float)}


def shorter(people: float, elasticity: float, gone: float) -> float:
    """Wait at a full desk with some times its people, relative to today's.

    As much comes as is withdrawn or done. With x the wait relative to today's, other work answers by x^−ε, and of all
    that came the share exp(−gone · x) is still there after the wait: x^−ε · exp(gone) = people · exp(gone · x).
    """
    low, high = 1e-6, 1.0
    for _ in range(60):
        x = 0.5 * (low + high)
        too_short = -elasticity * math.log(x) + gone * (1.0 - x) > math.log(people)
        low, high = (x, high) if too_short else (low, x)
    return 0.5 * (low + high)


def kept(numbers: Mapping[str, float], age: float) -> float:
    """Share of data that is still there at an age in days, over its kinds: kept so long, or frozen."""
    shares = {kind: numbers[f"evidence.{kind}_share"] for kind in ("subscriber", "traffic")}
    shares["content"] = 1.0 - sum(shares.values())
    frozen = numbers["evidence.preservation_use"] * numbers["evidence.preservation_success"]
    usual, spread = NormalDist(), numbers["evidence.retention_sigma"]
    total = 0.0
    for kind, share in shares.items():
        there = usual.cdf(math.log(numbers[f"evidence.{kind}_retention_days"] / age) / spread)
        total += share * (there + (1.0 - there) * frozen)
    return total


def _stages(at: Known) -> Iterator[tuple[Line, float]]:
    """Each stage that the policy shortens, with its days then."""
    monthly = at.median["request.withdrawal_per_month"]
    for stage, (lever, elasticity) in _QUEUES.items():
        people, days, answer = at.dose[lever], at.days[stage], at.median[f"desk.{elasticity}"]
        gone = monthly * days / _MONTH
        x = shorter(people, answer, gone)
        then = days * x
        equation = f"−{answer:.2f} ln x + {gone:.2f} (1 − x) = ln {people:.1f}, x = {x:.2f}"
        yield Line(f"Days at the {stage}", equation, f"{days:.0f} → {then:.0f}"), then
    spread = math.exp(0.5 * at.median["request.elapsed_sigma"] ** 2)  # mean of a lognormal over its median
    fast, slow = (at.median[f"request.{way}_days"] * spread for way in ("electronic", "diplomatic"))
    share, days = at.dose["transmission.electronic_share"], at.days[_SENT]
    then = min(share * fast + (1.0 - share) * slow, days)
    equation = f"{share:.1f} × {fast:.1f} + {1.0 - share:.1f} × {slow:.0f}"
    yield Line("Days on the way", equation, f"{days:.0f} → {then:.0f}"), then


def worked(at: Known) -> Worked:
    """The sum, step by step."""
    stages = list(_stages(at))
    was = sum(at.days.values())
    now = was + sum(then - at.days[stage] for stage, (_, then) in zip((*_QUEUES, _SENT), stages, strict=True))
    lines, saved = [line for line, _ in stages], (was - now) / _MONTH
    lines.append(
        Line(
            "Months of a request",
            f"all stages: {was:.0f} → {now:.0f} days",
            f"{was / _MONTH:.1f} → {now / _MONTH:.1f}",
        )
    )
    monthly = at.median["request.withdrawal_per_month"]
    patient = math.exp(monthly * saved)
    lines.append(Line("Fewer are withdrawn", f"exp({monthly:.3f} × {saved:.1f})", f"× {patient:.3f}"))
    first = at.median["evidence.first_age_days"]
    before, after = (kept(at.median, first + days) for days in (was, now))
    lines.append(
        Line(
            f"Data still there, {first:.0f} days old at first",
            f"{before:.3f} → {after:.3f} by kind of data",
            f"× {after / before:.3f}",
        )
    )
    share = at.outcomes["mla_requests_per_year"] / at.outcomes["requests_per_year"]
    step = 1.0 + share * (patient * after / before - 1.0)
    equation = f"1 + {share:.2f} × ({patient:.3f} × {after / before:.3f} − 1)"
    lines.append(Line("A step abroad, of which this share goes through authorities", equation, f"× {step:.3f}"))
    hops = 1.0 + at.median["evidence.extra_hops"]
    trail = step**hops
    lines.append(Line("A trail, all of whose steps are needed", f"{step:.3f}^{hops:.2f}", f"× {trail:.2f}"))
    years = hops * share * saved / 12.0
    ended = (at.outcomes["entries_per_year"] - at.outcomes["groups_brought_down"] / 10.0) / at.groups
    dropped = at.median["case.attrition_per_year"]
    lived = math.exp((ended + dropped) * years)
    equation = (
        f"{hops:.2f} × {share:.2f} × {saved:.1f} months = {years:.2f} years; exp(({ended:.2f} + {dropped:.2f}) × "
        f"{years:.2f})"
    )
    lines.append(Line("Fewer groups end, and fewer cases are dropped, before it is done", equation, f"× {lived:.2f}"))
    ratio = 1.0 + (1.0 - at.alone) * (trail * lived - 1.0)
    equation = f"1 + (1 − {at.alone:.2f}) × ({trail:.2f} × {lived:.2f} − 1)"
    lines.append(Line("Lasting takedowns, of which this share needs nothing from abroad", equation, f"× {ratio:.2f}"))
    return Worked(lines, (was / _MONTH, now / _MONTH), ratio)


def simulated() -> tuple[tuple[float, float], float]:
    """Values of the reference: mean months of a request today and with the policy, and takedowns relative to today."""
    means = _means(pd.read_csv(REFERENCE / "outcomes.csv"))
    was, now = (means[run]["turnaround_mean"] for run in (TODAY, FASTER))
    return (was, now), means[FASTER][EFFECT] / means[TODAY][EFFECT]


def main() -> None:
    """Renews the steps of docs/by_hand.md."""
    hand, (months, ratio) = worked(known()), simulated()
    compared = (
        f"By hand: {100.0 * (hand.ratio - 1.0):+.0f} %, a request {hand.months[0]:.1f} → {hand.months[1]:.1f} months. "
        f"Simulated (results/reference): {100.0 * (ratio - 1.0):+.0f} %, {months[0]:.1f} → {months[1]:.1f} months."
    )
    table = table_of([dict(zip(("step", "sum", "result"), line, strict=True)) for line in hand.lines])
    renew(NAME, {"steps": table, "compared": compared}, COMMAND)


if __name__ == "__main__":
    main()
