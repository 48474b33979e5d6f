"""Do drawn law and those who are asked abroad do what the design says, in draws of the prior and at the defaults?

`python -m docs.programs.law_statements` measures it and writes it into docs/statements.md. Draws and seeds are those
of docs/programs/desk_statements.py. Two worlds continue from the same past: one in which all states punish
everything, and one with faster assistance.
"""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial

import numpy as np

from docs.programs.desk_statements import DEFAULT_SEEDS, DRAWS
from docs.programs.statements import END, LAW_MARK, PAGE, level, renewed
from sim.calibration.interim import values_of
from sim.data.load import read_table
from sim.experiments.run import tables_of, window
from sim.law.amendments import AdoptOffences
from sim.law.order import STANDARD, legal_order
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS, DataKind, Ground, Offence
from sim.measures.arrays import Columns, Mask, ratio
from sim.measures.cases import Reached
from sim.measures.harm import harm_rates
from sim.measures.observation import Observation
from sim.measures.outcomes import Measured, measure
from sim.policy.scenario import load
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.policy.timeline import Step, Timeline
from sim.report.marking import markdown_table
from sim.simulate import Simulation, start
from sim.world.parameters import Parameters, WorldSpec, with_values
from sim.world.records import Abuse, RequestStatus
from sim.world.world import records

_SPEC = WorldSpec()
_SPAN = window(_SPEC)
_FASTER = "faster_mlat"
#: Share of cases in which a state applies its law, from which on its law is called strong.
_STRONG = 0.7
#: Kinds of states: whether Party to the Budapest Convention, and whether law is strong there.
_KINDS = {
    "strong parties": "Parties that apply their law in 70 % of cases or more",
    "other parties": "other Parties",
    "strong others": "other states that apply their law in 70 % of cases or more",
    "others": "all other states",
}
#: Outcomes that are shown: name of the figure, and factor.
_SHOWN = {
    "needed_asked_share": ("asked", 100.0),
    "usable_within_12_months": ("usable", 100.0),
    "usable_tenth_months": ("tenth", 1.0),
    "needed_lost_share": ("lost", 100.0),
    "long_shot_share": ("long shots", 100.0),
    "partial_action_share": ("partial", 100.0),
}
#: More years than any instrument asks for.
_GRAVE = 10.0


def everything_punished() -> Timeline:
    """All states punish all offences from the first day of policy, without further elements."""
    on = date.fromisoformat(_SPEC.policy_start)
    return Timeline((Step(on, (AdoptOffences(legal_order().states, tuple(Offence), _GRAVE, on),)),))


def measured(parameters: Parameters, seed: int) -> dict[str, float]:
    """All figures of one parameter set."""
    law = legal_order()
    run = start(_SPEC, parameters, law, Timeline(), seed)
    run.advance(_SPAN.start)
    before, kinds = len(records(run.world, "evidence")), _kinds(run)
    policy = timeline_of(load(_FASTER), law, *policy_days(_SPEC), seed, parameters.reform, _SPEC.states)
    punished, faster = run.fork(everything_punished()), run.fork(policy)
    for arm in (run, punished):
        arm.advance(_SPAN.end)
    figures = {"preserve": float(run.world.power[:, DataKind.PRESERVATION].sum())}
    figures |= _hops(run, before) | _authority(run)
    for name, arm in (("", run), (" punished", punished)):
        refused, central = _refused(arm)
        for ground in (Ground.DUAL_CRIMINALITY, Ground.MISTAKE, Ground.NO_POWER):
            number = float((refused == ground).sum())
            figures[f"{ground.name}{name}"] = 100.0 * number / max(central, 1)
        figures[f"a year{name}"] = float((refused == Ground.DUAL_CRIMINALITY).sum()) / _SPAN.years
    today, then = _followed_up(run), _followed_up(faster)
    figures |= {name: factor * today.outcomes[key] for key, (name, factor) in _SHOWN.items()}
    for key in ("needed_asked_share", "usable_within_12_months"):
        figures[f"{_SHOWN[key][0]} more"] = 100.0 * (then.outcomes[key] - today.outcomes[key])
    return figures | _by_kind(today.breakdowns["country"], kinds) | _funnel(today.breakdowns["cases_by_progress"])


def _followed_up(run: Simulation) -> Measured:
    """What came of an arm, lived on until the last takedown can be classified."""
    run.advance(run.end)
    return measure(Observation(_SPAN, tables_of(run), harm_rates()))


def _kinds(run: Simulation) -> dict[str, Mask]:
    """States of each of `_KINDS` as of today."""
    law = legal_order()
    party = np.isin(law.states, law.parties(STANDARD, date.fromisoformat(_SPEC.policy_start)))
    strong = run.world.implementation >= _STRONG
    return dict(zip(_KINDS, (party & strong, party & ~strong, ~party & strong, ~party & ~strong), strict=True))


def _by_kind(country: Columns, kinds: Mapping[str, Mask]) -> dict[str, float]:
    """Steps abroad by the kind of state that holds them: number in a run, and shares; groups removed a year."""
    figures = {"removals": float(country["takedowns"].sum()) / _SPAN.years}
    for kind, chosen in kinds.items():
        needed, asked, in_time = (
            float(country[name][1:][chosen].sum()) for name in ("needed", "needed_asked", "needed_in_time")
        )
        figures |= {f"needed {kind}": needed, f"states {kind}": float(chosen.sum())}
        figures |= {f"asked {kind}": 100.0 * ratio(asked, needed), f"in time {kind}": 100.0 * ratio(in_time, needed)}
    return figures


def _funnel(progress: Columns) -> dict[str, float]:
    """Cases that come to each stage, in per cent of those opened, and months of which it was the furthest, of all."""
    cases, months = progress["cases"], progress["months"]
    shares = {"came": cases / max(cases[Reached.OPENED], 1.0), "months": months / max(float(months.sum()), 1.0)}
    return {f"{name} {stage.name}": 100.0 * float(of[stage]) for name, of in shares.items() for stage in Reached}


def _hops(run: Simulation, before: int) -> dict[str, float]:
    """Hops abroad of the policy years that lead to a state whose law gives no power for the data, in per cent."""
    item, case = records(run.world, "evidence")[before:], records(run.world, "case")
    abroad = (item["chain"] >= 0) & (item["state"] != case["state"][item["case"]])
    item = item[abroad]
    power = run.world.power[item["state"], item["data_kind"]]
    content = item["data_kind"] == DataKind.CONTENT
    return {"hops": 100.0 * float((power == 0).mean()), "hops content": 100.0 * float((power[content] == 0).mean())}


def _authority(run: Simulation) -> dict[str, float]:
    """States asked to act in the policy years that authorise in the end, and how many of them had refused before."""
    partner = records(run.world, "partner")
    asked = partner[(partner["joined"] >= _SPAN.start) & (partner["attempt"] > 0)]
    given = asked["authorised"] == 1
    return {
        "authority": 100.0 * float(given.mean()),
        "met again": 100.0 * float((asked["attempt"][given] > 1).mean()) if given.any() else np.nan,
    }


def _refused(run: Simulation) -> tuple[np.ndarray, int]:
    """Grounds of genuine requests to central authorities that were refused in the policy years, and all that ended."""
    request = records(run.world, "request")
    ended = (request["ended"] >= _SPAN.start) & (request["abusive"] == Abuse.NONE)
    ended &= np.isin(request["channel"], list(CENTRAL_AUTHORITY_CHANNELS))
    return request["ground"][ended & (request["status"] == RequestStatus.REFUSED)], int(ended.sum())


#: What is shown of each figure: words, unit, what should come out.
_LINES: tuple[tuple[str, str, str, float, float], ...] = (
    ("preserve", "States with the power to preserve at the end", "states", 94.0, 112.0),
    ("hops", "Hops abroad that lead to a state without the power needed", "%", -np.inf, np.inf),
    ("hops content", "The same of content", "%", -np.inf, np.inf),
    ("NO_POWER", "Answers of central authorities: refused for lack of a power", "%", -np.inf, np.inf),
    ("DUAL_CRIMINALITY", "Refused since the deed is no offence there", "%", -np.inf, np.inf),
    ("MISTAKE", "Refused by mistake, though it is one", "%", -np.inf, np.inf),
    ("a year", "Refused since the deed is no offence there", "a year", -np.inf, np.inf),
    ("a year punished", "The same where all states punish everything", "a year", 0.0, 0.0),
    ("MISTAKE punished", "Refused by mistake there", "%", -np.inf, np.inf),
    ("authority", "States asked to act that authorise in the end", "%", -np.inf, np.inf),
    ("met again", "Of these, after a request that brought nothing", "%", 1e-9, np.inf),
    ("asked", "Steps abroad that are needed: asked for", "%", -np.inf, np.inf),
    ("asked strong parties", f"The same, held in {_KINDS['strong parties']}", "%", 50.0, np.inf),
    ("usable", "Usable evidence within 12 months of need", "%", -np.inf, np.inf),
    ("tenth", "Time until a tenth of needed steps have it", "months", -np.inf, np.inf),
    ("lost", "Data lost within 12 months of need", "%", -np.inf, np.inf),
    ("asked more", "Faster assistance: steps asked for", "points", -np.inf, np.inf),
    ("usable more", "Faster assistance: usable evidence within 12 months of need", "points", -np.inf, np.inf),
    ("long shots", "Action days foreseen below one in five", "%", -np.inf, np.inf),
    ("partial", "Action days that do not take their group down", "%", -np.inf, np.inf),
    ("removals", "Groups removed for 180 days and more", "a year", 3.0, 6.0),
)


def _values(found: Sequence[Mapping[str, float]], key: str) -> np.ndarray:
    """A figure of all worlds in which it is defined."""
    values = np.array([one[key] for one in found])
    return values[~np.isnan(values)]


def _spread(values: np.ndarray, digits: int) -> str:
    """Median, p10 and p90."""
    if not values.size:
        return "–"
    p10, middle, p90 = np.quantile(values, [0.1, 0.5, 0.9])
    return f"{middle:.{digits}f} ({p10:.{digits}f} to {p90:.{digits}f})"


def section(drawn: Sequence[Mapping[str, float]], default: Sequence[Mapping[str, float]]) -> str:
    """The part of the page."""
    rows = []
    for key, text, unit, low, high in _LINES:
        expected = not np.isinf(low)
        cells = []
        for found in (drawn, default):
            values = _values(found, key)
            inside = int(((values >= low) & (values <= high)).sum())
            cells += [_spread(values, 2), f"{inside} of {len(values)}" if expected else ""]
        least = f"{low:g} or more" if low > 1e-6 else "some"
        bounds = f"{low:g} to {high:g}" if np.isfinite(high) else least if expected else "reported"
        rows.append([text, unit, *cells, bounds])
    head = ["statement", "unit", "draws: median (p10 to p90)", "inside", "default: median (p10 to p90)", "inside"]
    lines = [
        LAW_MARK,
        "## Law as it is drawn, and who is asked",
        "",
        f"{len(drawn)} draws of the prior that nobody selected (`sim.calibration.interim.values_of(draw)`, draw 0",
        f"to {len(drawn) - 1}, run seed 1000 + draw), and {len(default)} seeds of the default parameters; 2027 to",
        "2036, today's law. How many states of drawn worlds have what was counted, by date: docs/law.md. Steps abroad",
        f"are counted whether or not anybody asks for them; `{_FASTER}` is faster assistance, from the same past.",
        "",
        markdown_table([*head, "expected"], rows, right=set()),
        "",
        *_more(drawn),
        *_record(),
        "",
        *_states(drawn, default),
        "",
        *_stages(drawn, default),
        END,
        "",
    ]
    return "\n".join(lines)


def _more(drawn: Sequence[Mapping[str, float]]) -> list[str]:
    """Whether usable evidence falls where assistance is faster: it may not, beyond chance."""
    mean, low, high = level(_values(drawn, "usable more"))
    verdict = "**falls**" if high < 0.0 else "does not fall beyond chance"
    return [
        f"Under faster assistance usable evidence within 12 months of need {verdict}: {mean:+.2f} points",
        f"({low:+.2f} to {high:+.2f}, mean over draws with its 95 % interval).",
    ]


def _record() -> list[str]:
    """Operations on record beside which removals stand."""
    rows = read_table("operations.csv").rows
    ends = [row["resurgence"] == "none" or float(row["months_to_resurgence"]) >= 6.0 for row in rows if _has_end(row)]
    years = Counter(row["action_date"][:4] for row in rows)
    late = [number for year, number in years.items() if year >= "2021"]
    return [
        f"On record (sim/data/operations.csv) are {len(rows)} operations of {min(years)} to {max(years)}, {min(late)}",
        f"to {max(late)} a year since 2021; of {len(ends)} with a known end {sum(ends)} lasted six months or more. The",
        "record holds famous and mostly successful operations: it says nothing of chances foreseen, and little of",
        "partial actions. Nothing is fitted to it.",
    ]


def _has_end(row: Mapping[str, str]) -> bool:
    """Whether it is known how long an operation lasted."""
    return row["resurgence"] == "none" or bool(row["months_to_resurgence"])


def _states(drawn: Sequence[Mapping[str, float]], default: Sequence[Mapping[str, float]]) -> list[str]:
    """Steps abroad by membership and law in action of the state that holds them."""
    rows = []
    for kind, words in _KINDS.items():
        figures = ((f"{name} {kind}", digits) for name, digits in (("states", 0), ("needed", 0)))
        shares = ((f"{name} {kind}", 1) for name in ("asked", "in time"))
        cells = [_spread(_values(drawn, key), digits) for key, digits in (*figures, *shares)]
        usual = [_spread(_values(default, f"{name} {kind}"), 1) for name in ("asked", "in time")]
        rows.append([words, *cells, *usual])
    head = ["held in", "states", "steps needed, a run", "asked for, %", "usable within 12 months, %"]
    head += ["default: asked for, %", "default: usable, %"]
    return [
        "Steps abroad that have had 12 months, by who holds the evidence on the policy's first day; medians over draws",
        "(p10 to p90):",
        "",
        markdown_table(head, rows, right=set()),
    ]


def _stages(drawn: Sequence[Mapping[str, float]], default: Sequence[Mapping[str, float]]) -> list[str]:
    """How far leading cases come."""
    rows = []
    for stage in Reached:
        keys = [f"{name} {stage.name}" for name in ("came", "months")]
        cells = [_spread(_values(found, key), 1) for found in (drawn, default) for key in keys]
        rows.append([stage.name.lower().replace("_", " "), *cells])
    head = ["stage", "cases that came there, %", "months in which it was the furthest, %"]
    return [
        "Leading cases opened in the policy years, by how far they came; medians over draws (p10 to p90). A stage may",
        "be left out: a case whose servers are all at home needs no partner.",
        "",
        markdown_table([*head, *(f"default: {column}" for column in head[1:])], rows, right=set()),
    ]


def main() -> None:
    """Measures and writes."""
    progress = partial(print, file=sys.stderr, flush=True)
    drawn, default = [], []
    for number in DRAWS:
        drawn.append(measured(with_values(Parameters(), values_of(number)), 1000 + number))
        progress(number, {key: round(value, 2) for key, value in drawn[-1].items()})
    for seed in DEFAULT_SEEDS:
        default.append(measured(Parameters(), seed))
        progress(seed, {key: round(value, 2) for key, value in default[-1].items()})
    PAGE.write_text(renewed(PAGE.read_text("utf-8"), section(drawn, default), LAW_MARK), "utf-8")


if __name__ == "__main__":
    main()
