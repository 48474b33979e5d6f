"""Calculates the effect of faster assistance by hand, without simulation: `python -m docs.programs.by_hand`.

Writes the steps of docs/by_hand.md: queues in series, requests in vain, and steps to the node. It reads what today is
like in results/reference, medians of the calibrated sets, and the doses of the policy; of the policy's own worlds
nothing but what each step and the effect are compared with (docs/by_hand.csv, from docs/programs/steps.py). The same
steps are then taken where they were not chosen: for other policies, and in draws that nothing chose (docs/draws.csv).
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import NormalDist, median
from typing import Any, NamedTuple

import pandas as pd

from docs.programs import DOCS, ROOT, interval, renew, steps, table_of
from docs.programs import TODAY as AS_IT_IS
from sim.calibration import prior
from sim.calibration.ensemble import sets_of_today
from sim.policy.scenario import Scenario, load
from sim.results.labels import BEFORE_SENDING, STAGES
from sim.world.parameters import Parameters, WorldSpec, with_values

COMMAND, NAME = "python -m docs.programs.by_hand", "by_hand"
REFERENCE = ROOT / "results" / "reference"
DRAWN, STAFF = DOCS / "draws.csv", "central_authority_staff"
TODAY, FASTER, EFFECT = "status_quo", "faster_mlat", "takedowns_expected"
NEAR = 1.5  # times, either way: what a reader may expect of means, and of a dozen things left out
#: Parts of the policy of which the sum has a step, as docs/ladders.csv names them, by lever.
_PARTS = {"central_authority.staff": "staff", "court.staff": "courts", "transmission.electronic_share": "electronic"}
_MONTH, _FREEZE = 30.44, 90.0  # days: of a month, and for which a custodian freezes data until that is renewed
_OWN, _SENT, _THEIRS, _COURT = "own central authority", "transmission", "requested central authority", "court order"
_UNSENT = {STAGES[stage] for stage in BEFORE_SENDING}  # stages that pass before sending
#: Stages with a queue: the lever of its people, the section and name of its elasticity.
_QUEUES = {
    _OWN: ("central_authority.staff", "outgoing_elasticity"),
    _THEIRS: ("central_authority.staff", "rebound"),
    _COURT: ("court.staff", "court_elasticity"),
}
#: Stages that a request passes only where it goes through authorities.
_AT_AUTHORITIES = {*_QUEUES, _SENT, "completing what was deficient", "legal and political review"}
_LEAST = 0.05  # share of steps that succeed by other ways, where the sum of shares would leave less


class Line(NamedTuple):
    """A step of the calculation: title, arithmetic with numbers, result, and its name where it is measured."""

    what: str
    sum: str
    result: str
    name: str = ""


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
    groups: float


def known(policy: Scenario | None = None) -> Known:
    """Input of the calculation for a policy, from the stored reference and the calibrated sets."""
    rows = pd.read_csv(REFERENCE / "outcomes.csv")
    doses = _doses(policy or load(FASTER))
    return Known(_days(TODAY), _means(rows)[TODAY], _medians(), doses, float(WorldSpec().groups))


def _days(run: str) -> dict[str, float]:
    """Mean days of a request by stage in the reference, under one scenario."""
    stage = json.loads((REFERENCE / "pooled.json").read_text("utf-8"))[f"stages {run}"]
    return dict(zip(stage["part"], stage["days"], strict=True))


def _means(rows: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Mean of each outcome over worlds, by scenario run."""
    means: Any = rows.groupby("scenario").mean(numeric_only=True)
    return dict(means.to_dict("index"))


def in_draws() -> Iterator[tuple[str, Known, Mapping[str, float]]]:
    """Yields name, input and row of docs/draws.csv for each unselected draw of the prior.

    Numbers are the draw's own, of its one world, instead of means and medians.
    """
    table, measured = pd.read_csv(DRAWN), pd.read_csv(steps.STORED)
    more: Any = measured[measured["kind"] == steps.DRAW].set_index("number")
    rows: Any = table[table["place"].str.startswith("draw")].to_dict("records")
    for row in rows:
        today = {str(key).removeprefix(f"{TODAY}: "): row[key] for key in row if str(key).startswith(f"{TODAY}: ")}
        days = {str(key).removeprefix("days, "): row[key] for key in row if str(key).startswith("days, ")}
        number = int(row["place"].split()[-1])
        today |= {name: more.loc[number, name] for name in steps.KEPT}
        values = _numbers(with_values(Parameters(), prior.values_of(number)))
        yield row["place"], Known(days, today, values, _doses(load(FASTER)), WorldSpec().groups), row


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
    """Numeric values of a scenario's levers by name: a multiple of today (1.5 for +50 %), a share, or days."""
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


def kept(numbers: Mapping[str, float], age: float, wait: float) -> float:
    """Share of data that still exists at an age in days, averaged over kinds of data.

    Data exist while their custodian keeps them or a freeze is renewed; each renewal until the wait ends may be missed.
    """
    shares = {kind: numbers[f"evidence.{kind}_share"] for kind in ("subscriber", "traffic")}
    shares["content"] = 1.0 - sum(shares.values())
    renewals = max(math.ceil(wait / _FREEZE) - 1, 0)
    frozen = numbers["evidence.preservation_use"] * numbers["evidence.preservation_success"]
    frozen *= (1.0 - numbers["evidence.preservation_missed"]) ** renewals
    if renewals > int(numbers["evidence.preservation_renewals"]):
        frozen = 0.0
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
        yield Line(f"Days at the {stage}", equation, _arrow((days, then), 0), stage), then
    spread = math.exp(0.5 * at.median["request.elapsed_sigma"] ** 2)  # mean of a lognormal over its median
    fast, slow = (at.median[f"request.{way}_days"] * spread for way in ("electronic", "diplomatic"))
    share, days = at.dose.get("transmission.electronic_share", 0.0), at.days[_SENT]
    then = min(share * fast + (1.0 - share) * slow, days) if share else days
    equation = f"{share:.1f} × {fast:.1f} + {1.0 - share:.1f} × {slow:.0f}"
    yield Line("Days on the way", equation, _arrow((days, then), 0), _SENT), then


def worked(at: Known) -> Worked:
    """Carries out the calculation step by step."""
    stages = list(_stages(at))
    was = sum(at.days.values())
    saved_at = {stage: at.days[stage] - then for stage, (_, then) in zip((*_QUEUES, _SENT), stages, strict=True)}
    now, unsent = was - sum(saved_at.values()), sum(at.days[stage] for stage in at.days if stage in _UNSENT)
    sent = (was - unsent) / _MONTH
    after = sent - sum(days for stage, days in saved_at.items() if stage not in _UNSENT) / _MONTH
    equation = f"all stages: {was:.0f} → {now:.0f} days"
    lines = [line for line, _ in stages]
    lines.append(Line("Months of a request", equation, _arrow((was / _MONTH, now / _MONTH), 1), "months"))
    trails = list(_trails(at, lines, (was, now), (sent, after)))
    ratio = trails[1] / trails[0]
    lines.append(Line("Lasting takedowns, as many more as trails", "", f"× {ratio:.2f}", "takedowns"))
    return Worked(lines, (was / _MONTH, now / _MONTH), ratio, (sent, after))


def _trails(at: Known, lines: list[Line], days: tuple[float, float], sent: tuple[float, float]) -> Iterator[float]:
    """Share of trails that are completed, today and under the policy; appends the steps to the lines."""
    monthly, first = at.median["request.withdrawal_per_month"], at.median["evidence.first_age_days"]
    in_time = [math.exp(-monthly * months) for months in sent]
    equation = " → ".join(f"exp(−{monthly:.3f} × {months:.1f})" for months in sent)
    lines.append(Line("Sender still waits for the answer", equation, _times(in_time), "in time"))
    there = [kept(at.median, first + wait, wait) for wait in days]
    lines.append(Line(f"Data still there, {first:.0f} days old at first", "by kind of data", _times(there), "there"))
    refused, silent = at.outcomes["refused_share"], at.outcomes["silence_share"]
    granted = 1.0 - refused - silent
    equation = f"1 − {refused:.2f} − {silent:.2f}, as today: most silences that end become refusals"
    lines.append(Line("Neither refused nor left lying", equation, _times([granted, granted]), "granted"))
    through = [one * other * granted for one, other in zip(in_time, there, strict=True)]
    lines.append(Line("A step through authorities succeeds", "product of these", _times(through), "through"))
    share = at.outcomes["mla_requests_per_year"] / at.outcomes["requests_per_year"]
    executed = at.outcomes["executed_per_year"] / at.outcomes["requests_per_year"]
    else_ = min(max((executed - share * there[0] * granted) / (1.0 - share), _LEAST), 1.0)
    step = [share * one + (1.0 - share) * else_ for one in through]
    equation = " → ".join(f"{share:.2f} × {one:.2f} + {1.0 - share:.2f} × {else_:.2f}" for one in through)
    lines.append(Line("A step abroad succeeds, by any way", equation, _times(step), "step"))
    others = sum(at.days[stage] for stage in at.days if stage not in _AT_AUTHORITIES) / _MONTH
    fresh = 12.0 / at.median["case.fresh_traces"]
    months = [
        (share * wait / _MONTH + (1.0 - share) * others + (1.0 - one) * fresh) / one
        for wait, one in zip(days, step, strict=True)
    ]
    equation = " → ".join(
        f"({share:.2f} × {wait / _MONTH:.1f} + {1.0 - share:.2f} × {others:.1f} + {1.0 - one:.2f} × {fresh:.1f}) ÷ "
        f"{one:.2f}"
        for wait, one in zip(days, step, strict=True)
    )
    lines.append(Line("Months until a step succeeds, in vain before", equation, _arrow(months, 1), "tries"))
    ended = (at.outcomes["entries_per_year"] - at.outcomes["groups_brought_down"] / 10.0) / at.groups
    ends = ended + at.median["case.attrition_per_year"]
    lived = [1.0 / (1.0 + ends * one / 12.0) for one in months]
    equation = f"1 ÷ (1 + {ends:.2f} a year × months ÷ 12), with {ends:.2f} = {ended:.2f} + {ends - ended:.2f}"
    lines.append(Line("Done before the group ends or the case is dropped", equation, _times(lived), "lived"))
    further = at.median["evidence.extra_hops"]
    trails = [one * math.exp(-further * (1.0 - one)) for one in lived]
    equation = " → ".join(f"{one:.2f} × exp(−{further:.2f} × {1.0 - one:.2f})" for one in lived)
    lines.append(Line(f"A trail of one step and {further:.2f} more on average", equation, _times(trails), "trail"))
    yield from trails


def _arrow(both: Iterable[float], digits: int) -> str:
    """Text of a number today and under the policy."""
    return " → ".join(f"{one:.{digits}f}" for one in both)


def _times(both: Sequence[float]) -> str:
    """Text of a share today and under the policy, with their ratio."""
    return f"{_arrow(both, 2)}, × {both[1] / both[0]:.2f}"


def as_simulated() -> dict[str, str]:
    """Texts of the simulated steps by name, as docs/programs/steps.py measured them."""
    table = pd.read_csv(steps.STORED)
    means: Any = table[table["kind"] == steps.WORLD].groupby("run").mean(numeric_only=True)
    both = [means.loc[run] for run in (AS_IT_IS, FASTER)]
    days = [_days(run) for run in (TODAY, FASTER)]
    abroad = ("authorities", "others")
    texts = {stage: _arrow((one[stage] for one in days), 0) for stage in (*_QUEUES, _SENT)}
    texts["months"] = _arrow((sum(one.values()) / _MONTH for one in days), 1)
    texts["in time"] = _times([one["answered in time"] / one["answered"] for one in both])
    texts["there"] = _times([one["data there"] / one["data there or gone"] for one in both])
    texts["granted"] = _times([one["granted"] / one["sent, authorities"] for one in both])
    texts["through"] = _times([one["done, authorities"] / one["sent, authorities"] for one in both])
    sums = [[sum(one[f"{what}, {where}"] for where in abroad) for what in ("done", "sent")] for one in both]
    texts["step"] = _times([done / sent for done, sent in sums])
    texts["tries"] = _arrow((12.0 * one["trail years"] / one["steps won"] for one in both), 1)
    texts["trail"] = _times([one["trails complete"] / one["trails begun"] for one in both])
    texts["takedowns"] = f"× {both[1][EFFECT] / both[0][EFFECT]:.2f}; in all worlds × {simulated()[1]:.2f}"
    return texts


def left_out() -> str:
    """Sentences on measured parts of the simulation that the calculation leaves out."""
    table = pd.read_csv(steps.STORED)
    worlds = table[table["kind"] == steps.WORLD]
    means: Any = worlds.groupby("run").mean(numeric_only=True)
    was, now = (means.loc[run] for run in (AS_IT_IS, FASTER))
    shares = [one["asked, authorities"] / (one["asked, authorities"] + one["asked, others"]) for one in (was, now)]
    ends = [one["cases unfinished"] / one["case years"] for one in (was, now)]
    opened, solved, down, without = (
        [one[name] for one in (was, now)]
        for name in ("cases opened", "cases solved", "takedowns of cases", "takedowns without authorities")
    )
    per_case = [one / cases for one, cases in zip(solved, opened, strict=True)]
    return (
        f"In {worlds['number'].nunique()} of the worlds, today and with the policy: {_arrow(shares, 2)} of steps "
        f"abroad go through authorities; {_arrow(opened, 0)} cases are opened in ten years, as investigators are free "
        f"sooner, × {opened[1] / opened[0]:.2f}; {_times(per_case)}, of them are solved; {_arrow(ends, 2)} a year end "
        f"unfinished; and of {_arrow(down, 0)} takedowns by cases, {_arrow(without, 0)} rest on no trail through "
        "authorities."
    )


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
    came, cases = as_simulated(), elsewhere()
    rows = [
        {"step": line.what, "sum": line.sum, "by hand": line.result, "simulated": came.get(line.name, "")}
        for line in hand.lines
    ]
    parts = {"steps": table_of(rows), "compared": compared, "tried": tried(cases), "verdict": verdict(cases)}
    renew(NAME, parts | {"left_out": left_out()}, COMMAND)


if __name__ == "__main__":
    main()
