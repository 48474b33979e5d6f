"""Calculates the effect of faster assistance by hand, without simulation: `python -m docs.programs.by_hand`.

Writes the steps of docs/by_hand.md: queues in series, data that is lost meanwhile, and steps to the node. It reads what
today is like in results/reference, medians of the calibrated sets, and the doses of the policy; of the policy's own
worlds nothing but the effect to compare with. The same steps are then taken where they were not chosen: for other
policies, and in draws that nothing chose (docs/draws.csv).
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from statistics import NormalDist, median
from typing import Any, NamedTuple

import pandas as pd

from docs.programs import DOCS, ROOT, interval, renew, table_of
from sim.calibration import prior
from sim.calibration.ensemble import sets_of_today
from sim.policy.scenario import Scenario, load
from sim.results.labels import BEFORE_SENDING, STAGES
from sim.world.parameters import Parameters, WorldSpec, with_values

COMMAND, NAME = "python -m docs.programs.by_hand", "by_hand"
REFERENCE = ROOT / "results" / "reference"
DRAWN, STAFF = DOCS / "draws.csv", "central_authority_staff"
TODAY, FASTER, ALONE, EFFECT = "status_quo", "faster_mlat", "no_cooperation", "takedowns_expected"
NEAR = 1.5  # times, either way: what a reader may expect of means, and of a dozen things left out
#: Parts of the policy of which the sum has a step, as docs/ladders.csv names them, by lever.
_PARTS = {"central_authority.staff": "staff", "court.staff": "courts", "transmission.electronic_share": "electronic"}
_MONTH, _YEAR = 30.44, 365.25  # days
_OWN, _SENT, _THEIRS, _COURT = "own central authority", "transmission", "requested central authority", "court order"
_UNSENT = {STAGES[stage] for stage in BEFORE_SENDING}  # stages that pass before sending
#: Stages with a queue: the lever of its people, the section and name of its elasticity.
_QUEUES = {
    _OWN: ("central_authority.staff", "outgoing_elasticity"),
    _THEIRS: ("central_authority.staff", "rebound"),
    _COURT: ("court.staff", "court_elasticity"),
}


class Line(NamedTuple):
    """A step of the calculation: title, arithmetic with numbers, and result."""

    what: str
    sum: str
    result: str


class Worked(NamedTuple):
    """The calculation by hand: steps, months of a request today and under the policy, ratio of takedowns."""

    lines: list[Line]
    months: tuple[float, float]
    ratio: float
    sent: tuple[float, float]  # months of a request from sending to the answer, which outcomes count


class Known(NamedTuple):
    """Input of the calculation: today's days by stage and outcomes, median parameters, and doses by lever."""

    days: Mapping[str, float]
    outcomes: Mapping[str, float]
    median: Mapping[str, float]
    dose: Mapping[str, float]
    alone: float  # share of takedowns that are left where no state helps another
    groups: float


def known(policy: Scenario | None = None) -> Known:
    """Input of the calculation for a policy, from the stored reference and the calibrated sets."""
    rows = pd.read_csv(REFERENCE / "outcomes.csv")
    both = _means(rows[rows["seed"].isin(rows.loc[rows["scenario"] == ALONE, "seed"])])
    stage = json.loads((REFERENCE / "pooled.json").read_text("utf-8"))[f"stages {TODAY}"]
    return Known(
        dict(zip(stage["part"], stage["days"], strict=True)),
        _means(rows)[TODAY],
        _medians(),
        _doses(policy or load(FASTER)),
        both[ALONE][EFFECT] / both[TODAY][EFFECT],
        float(WorldSpec().groups),
    )


def _means(rows: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Mean of each outcome over worlds, by scenario run."""
    means: Any = rows.groupby("scenario").mean(numeric_only=True)
    return dict(means.to_dict("index"))


def in_draws() -> Iterator[tuple[str, Known, Mapping[str, float]]]:
    """Yields name, input and row of docs/draws.csv for each unselected draw of the prior.

    Numbers are the draw's own, of its one world, instead of means and medians.
    """
    table = pd.read_csv(DRAWN)
    rows: Any = table[table["place"].str.startswith("draw")].to_dict("records")
    for row in rows:
        today = {str(key).removeprefix(f"{TODAY}: "): row[key] for key in row if str(key).startswith(f"{TODAY}: ")}
        days = {str(key).removeprefix("days, "): row[key] for key in row if str(key).startswith("days, ")}
        values = with_values(Parameters(), prior.values_of(int(row["place"].split()[-1])))
        alone = row[f"{ALONE}: {EFFECT}"] / today[EFFECT]
        yield row["place"], Known(days, today, _numbers(values), _doses(load(FASTER)), alone, WorldSpec().groups), row


def _medians() -> dict[str, float]:
    """Median of each parameter over the sets of the first hundred seeds, by `section.name`."""
    sets, usual = sets_of_today(), Parameters()
    drawn = [_numbers(sets.parameters(usual, seed)) for seed in range(1, 101)]
    return {name: median(one[name] for one in drawn) for name in drawn[0]}


def _numbers(parameters: Parameters) -> dict[str, float]:
    """Parameters of a set, by `section.name`."""
    return {
        f"{section}.{name}": float(value)
        for section in ("desk", "request", "evidence", "case")
        for name, value in vars(getattr(parameters, section)).items()
        if isinstance(value, int | float)
    }


def _doses(scenario: Scenario) -> dict[str, float]:
    """Value of each lever under a policy: a multiple of today's people, or a share."""
    doses = {change.lever.name: change.value for change in scenario.changes}
    return {name: float(value) for name, value in doses.items() if isinstance(value, int | float)}


def shorter(people: float, elasticity: float, gone: float) -> float:
    """Relative wait at a busy desk after a change of its number of people.

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
    """Share of data that still exists at an age in days, averaged over kinds of data."""
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
    """Stages that the policy shortens, each with its days under the policy."""
    monthly = at.median["request.withdrawal_per_month"]
    for stage, (lever, elasticity) in _QUEUES.items():
        people, days, answer = at.dose.get(lever, 1.0), at.days[stage], at.median[f"desk.{elasticity}"]
        gone = monthly * days / _MONTH
        x = shorter(people, answer, gone)
        then = days * x
        equation = f"−{answer:.2f} ln x + {gone:.2f} (1 − x) = ln {people:.1f}, x = {x:.2f}"
        yield Line(f"Days at the {stage}", equation, f"{days:.0f} → {then:.0f}"), then
    spread = math.exp(0.5 * at.median["request.elapsed_sigma"] ** 2)  # mean of a lognormal over its median
    fast, slow = (at.median[f"request.{way}_days"] * spread for way in ("electronic", "diplomatic"))
    share, days = at.dose.get("transmission.electronic_share", 0.0), at.days[_SENT]
    then = min(share * fast + (1.0 - share) * slow, days) if share else days
    equation = f"{share:.1f} × {fast:.1f} + {1.0 - share:.1f} × {slow:.0f}"
    yield Line("Days on the way", equation, f"{days:.0f} → {then:.0f}"), then


def worked(at: Known) -> Worked:
    """Carries out the calculation step by step."""
    stages = list(_stages(at))
    was = sum(at.days.values())
    saved_at = {stage: at.days[stage] - then for stage, (_, then) in zip((*_QUEUES, _SENT), stages, strict=True)}
    now, before_sending = was - sum(saved_at.values()), [at.days[stage] for stage in at.days if stage in _UNSENT]
    sent = (was - sum(before_sending)) / _MONTH
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
    after = sent - sum(days for stage, days in saved_at.items() if stage not in _UNSENT) / _MONTH
    return Worked(lines, (was / _MONTH, now / _MONTH), ratio, (sent, after))


def simulated() -> tuple[tuple[float, float], float]:
    """Mean months of a request today and under the policy, and ratio of takedowns, in the reference."""
    means = _means(pd.read_csv(REFERENCE / "outcomes.csv"))
    was, now = (means[run]["turnaround_mean"] for run in (TODAY, FASTER))
    return (was, now), means[FASTER][EFFECT] / means[TODAY][EFFECT]


def simulated_effect() -> tuple[float, float, float]:
    """Effect of the policy on takedowns in the reference, in per cent, with its 95 % interval."""
    rows: Any = pd.read_csv(REFERENCE / "differences.csv").set_index(["scenario", "baseline", "outcome"])
    return _ends(100.0 * rows.loc[(FASTER, TODAY, EFFECT)][["relative", "relative_low", "relative_high"]].astype(float))


class Case(NamedTuple):
    """Result for another policy or draw: effects on takedowns by hand and simulated, and months saved."""

    name: str
    hand: float  # in per cent
    came: tuple[float, float, float]  # in per cent, with its interval; NaN if a single world has none
    saved: tuple[float, float] = (math.nan, math.nan)  # by hand and simulated

    @property
    def factor(self) -> float:
        """Effect by hand divided by the simulated effect."""
        return self.hand / self.came[0] if self.came[0] else math.nan

    @property
    def is_near(self) -> bool:
        """True if the ratio is between 1 ÷ `NEAR` and `NEAR`."""
        return 1.0 / NEAR <= self.factor <= NEAR


def elsewhere() -> list[Case]:
    """Results for other policies with stored effects, and for unselected draws of the prior."""
    league: Any = pd.read_csv(ROOT / "results" / "league" / "differences.csv").set_index(["scenario", "outcome"])
    ladders: Any = pd.read_csv(DOCS / "ladders.csv").set_index(["ladder", "series", "name"])
    came = _ends(100.0 * league.loc[(STAFF, EFFECT)][["relative", "relative_low", "relative_high"]].astype(float))
    cases = [Case(f"`{STAFF}`, takedowns", 100.0 * (worked(known(load(STAFF))).ratio - 1.0), came)]
    for change in load(FASTER).changes:
        name = _PARTS.get(change.lever.name)
        if name:
            row = ladders.loc[(FASTER, "alone", name)]
            came = _ends(row[f"groups brought down, {end}"] for end in ("%", "low", "high"))
            ratio = worked(known(replace(load(FASTER), changes=(change,)))).ratio
            cases.append(Case(f"`{FASTER}`, {name} alone, groups", 100.0 * (ratio - 1.0), came))
    for place, at, row in in_draws():
        hand, effect = worked(at), 100.0 * (row[f"{FASTER}: {EFFECT}"] / row[f"{TODAY}: {EFFECT}"] - 1.0)
        months = hand.sent[0] - hand.sent[1], row[f"{TODAY}: turnaround_mean"] - row[f"{FASTER}: turnaround_mean"]
        cases.append(Case(f"`{FASTER}`, {place}", 100.0 * (hand.ratio - 1.0), (effect, math.nan, math.nan), months))
    return cases


def _ends(values: Iterable[float]) -> tuple[float, float, float]:
    value, low, high = map(float, values)
    return value, low, high


def tried(cases: list[Case]) -> str:
    """Markdown table of the calculation applied to other policies and draws."""

    def months(value: float) -> str:
        return "" if math.isnan(value) else f"{value:.1f}".replace("-", "−")

    rows = [
        {
            "where": case.name,
            "by hand, %": f"{case.hand:+.0f}".replace("-", "−"),
            "simulated, %": f"{case.came[0]:+.0f}".replace("-", "−")
            if math.isnan(case.came[1])
            else interval(case.came, 0),
            "factor": f"{case.factor:.2f}".replace("-", "−"),
            "months saved by hand": months(case.saved[0]),
            "simulated": months(case.saved[1]),
        }
        for case in cases
    ]
    return table_of(rows, range(1, 6))


def verdict(cases: list[Case]) -> str:
    """Sentence on how often the calculation is near the simulation for other policies and draws."""
    draws = [case for case in cases if not math.isnan(case.saved[0])]
    others = [case for case in cases if case not in draws]
    hand, came = (sum(values) / len(draws) for values in ([c.hand for c in draws], [c.came[0] for c in draws]))
    months = sum(1.0 / NEAR <= case.saved[0] / case.saved[1] <= NEAR for case in draws)
    return (
        f"Within a factor of {NEAR}: {sum(case.is_near for case in others)} of {len(others)} other policies and parts, "
        f"and {sum(case.is_near for case in draws)} of {len(draws)} draws. Mean over the draws: {hand:+.0f} % by hand, "
        f"{came:+.0f} % simulated, a factor of {hand / came:.2f}. Months saved are within that factor in {months} of "
        f"{len(draws)} draws."
    ).replace("-", "−")


def main() -> None:
    """Updates the calculation in docs/by_hand.md."""
    hand, (months, ratio) = worked(known()), simulated()
    effect = 100.0 * (hand.ratio - 1.0)
    factor, least, most = (end / effect for end in simulated_effect())
    compared = (
        f"By hand: {effect:+.0f} %, and {hand.sent[0]:.1f} → {hand.sent[1]:.1f} months from "
        f"sending to the answer. Simulated (results/reference): {100.0 * (ratio - 1.0):+.0f} %, {months[0]:.1f} → "
        f"{months[1]:.1f} months. The simulated effect is {factor:.2f} times that by hand; by its own 95 % interval "
        f"{least:.2f} to {most:.2f} times."
    )
    table, cases = (
        table_of([dict(zip(("step", "sum", "result"), line, strict=True)) for line in hand.lines]),
        elsewhere(),
    )
    renew(NAME, {"steps": table, "compared": compared, "tried": tried(cases), "verdict": verdict(cases)}, COMMAND)


if __name__ == "__main__":
    main()
