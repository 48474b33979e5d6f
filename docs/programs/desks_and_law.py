"""Do desks, providers, drawn law and those asked abroad do what the design says?

`python -m docs.programs.desks_and_law` renews docs/statements.md, in draws of the prior and at the defaults. The draws
are not selected: every one that is taken counts. Waits are means over some seeds of each draw; the rest is of the first
seed. Policies continue its past, and so does a world in which all states punish everything.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, StrMethodFormatter

from docs.programs import DOCS, HEAD, bounds, framed, known, lines, ran, renew, spread, verdict
from docs.programs.requests import look_at_doors
from sim.calibration.prior import FIRST, values_of
from sim.calibration.runs import HIGH, KINDS, LOW, realised
from sim.cases.real_case import operations
from sim.experiments.run import tables_of, window
from sim.experiments.statistics import Estimate, mean
from sim.law.amendments import AdoptOffences
from sim.law.order import STANDARD, legal_order
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS, Channel, DataKind, Ground, Offence
from sim.measures.arrays import Columns, Floats, Mask, ratio
from sim.measures.cases import Reached
from sim.measures.harm import harm_rates
from sim.measures.observation import Observation
from sim.measures.outcomes import Measured, measure
from sim.policy.scenario import load
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.policy.timeline import Assignment, Step, Timeline
from sim.report.marking import markdown_table
from sim.report.style import BLUE, SKY, VERMILLION, name_rows, new_figure, save, small_print, styled
from sim.simulate import Simulation, start
from sim.world.growth import with_room
from sim.world.parameters import Parameters, WorldSpec, with_values
from sim.world.records import Abuse, DeskKind, ProviderPolicy, RequestStatus
from sim.world.world import World, records

COMMAND = "python -m docs.programs.desks_and_law"
DRAWS = range(FIRST)
SEEDS = 2  # of a draw
DEFAULT_SEEDS = range(1, 5)
_SPEC = replace(WorldSpec(), follow_up_days=0)
_FEWEST = 10  # answers of which a median is taken
#: Figures of worlds, by name.
Figures = Sequence[Mapping[str, float]]


class Draw(NamedTuple):
    """Worlds with the same parameters: by dotted name, and run seeds."""

    values: Mapping[str, float]
    seeds: Sequence[int]


def one_lever(lever: str, value: float) -> Timeline:
    """A lever moved everywhere on the first day of policy."""
    return Timeline((Step(date.fromisoformat(_SPEC.policy_start), assignments=(Assignment(lever, value),)),))


def of_desks(draw: Draw) -> dict[str, float]:
    """All figures of one parameter set; those of waits are means over the seeds."""
    parameters, seeds = with_values(Parameters(), draw.values), draw.seeds
    run = start(_SPEC, parameters, legal_order(), Timeline(), seeds[0])
    run.advance(float(run.world.setting["policy_start"][0]))
    shut, ranks = _doors(run)
    arms = [run.fork(one_lever(*moved)) for moved in (("provider.staff", 0.5), ("provider.opens", 3.0))]
    waits = [_desks(run)]
    for arm in arms:
        arm.advance(arm.end)
    few, opened = (arm.world for arm in arms)
    usual = voluntary_days(run.world)
    waits += [_desks(start(_SPEC, parameters, legal_order(), Timeline(), seed)) for seed in seeds[1:]]
    figures = {name: float(np.mean([one[name] for one in waits])) for name in waits[0]}
    figures |= {f"spread {kind.name}": float(np.std([one[f"ratio {kind.name}"] for one in waits])) for kind in KINDS}
    figures |= {"shut gate": shut[0], "shut graded": shut[1], "ranks": ranks, "voluntary": usual}
    figures["half the staff"] = 100.0 * (voluntary_days(few) / usual - 1.0)
    for name, channels in (("direct", (Channel.PROVIDER_VOLUNTARY,)), ("assistance", CENTRAL_AUTHORITY_CHANNELS)):
        before, after = (_sent_by_shut(world, run, channels) for world in (run.world, opened))
        figures[f"opened: {name}"] = 100.0 * (after / before - 1.0) if before else np.nan
    return figures


def _doors(run: Simulation) -> tuple[tuple[float, float], float]:
    """Share of states shut out by gates and by graded providers, and rank correlation of days between two of them."""
    from scipy.stats import spearmanr

    provider = run.world.provider
    seen = np.zeros((4, len(run.world.door_since), len(run.world.state)))
    with_room(run.fork(Timeline()).world, look_at_doors, seen)
    doors, _, days, _ = seen
    policies, since = provider["policy"][: len(doors)], provider["since"][: len(doors)]
    gate, graded = ((policies == one) & (since <= run.day) for one in (ProviderPolicy.GATE, ProviderPolicy.GRADED))
    between = np.asarray(spearmanr(days[gate | graded], axis=1).statistic)
    apart = between[np.triu_indices(len(between), 1)]
    return (float((doors[gate] == 0.0).mean()), float((doors[graded] == 0.0).mean())), float(np.median(apart))


def _desks(run: Simulation) -> dict[str, float]:
    """Figures of waits; the run is lived to its end.

    By kind of desk realised ÷ target wait, days a year by which waits grow, and hours of a file; by channel the median
    days from sending a request to its answer, of those sent in the policy years.
    """
    yearly: list[Floats] = []
    figures = {f"ratio {kind.name}": ratio for kind, ratio in realised(run, yearly).items()}
    desk, job, request = run.world.desk, records(run.world, "job"), records(run.world, "request")
    policy_start = run.world.setting["policy_start"][0]
    files = np.bincount(job["desk"][job["arrived"] >= policy_start], minlength=len(desk))
    for kind in KINDS:
        at = (desk["kind"] == kind) & (files > 0)
        means = [float(np.average(wait[at], weights=files[at])) for wait in yearly]
        figures[f"slope {kind.name}"] = float(np.polyfit(np.arange(len(means)), means, 1)[0])
        figures[f"hours {kind.name}"] = float(np.average(desk["file_hours"][at], weights=files[at]))
    answered = (request["sent"] >= policy_start) & (request["case"] >= 0) & (request["abusive"] == 0)
    answered &= np.isin(request["status"], (RequestStatus.EXECUTED, RequestStatus.NO_DATA))
    for channel in Channel:
        days = (request["ended"] - request["sent"])[answered & (request["channel"] == channel)]
        figures[f"days {channel.name}"] = float(np.median(days)) if days.size >= _FEWEST else np.nan
    return figures


def voluntary_days(world: World) -> float:
    """Median days of a large provider to answer without an order, of what was sent in the policy years."""
    request = records(world, "request")
    large = (request["channel"] == Channel.PROVIDER_VOLUNTARY) & (request["status"] == RequestStatus.EXECUTED)
    large &= (request["sent"] >= world.setting["policy_start"][0]) & (request["provider"] < len(world.door_since))
    return float(np.median((request["ended"] - request["sent"])[large]))


def _sent_by_shut(world: World, run: Simulation, channels: Sequence[Channel]) -> float:
    """Requests of the policy years from the half of states that fewest gates answer."""
    request, odds = records(world, "request"), run.world.state["gate_odds"]
    rows = (request["sent"] >= world.setting["policy_start"][0]) & np.isin(request["channel"], list(channels))
    return float(np.count_nonzero(rows & (odds[request["requesting"]] < np.median(odds))))


_SHORT = {"FORENSIC": "laboratory", "CONTACT_POINT": "24/7 point", "MLAT": "MLA treaty"}
_SHORT |= {"BUDAPEST": "Budapest Convention", "UN_CONVENTION": "UN Convention"}
_SHORT |= {"PRESERVATION_24_7": "preservation, 24/7 point"}


def _named(code: DeskKind | Channel) -> str:
    """Name of a kind of desk or a channel in a table."""
    return _SHORT.get(code.name, code.name.lower().replace("_", " "))


def _rank(drawn: Figures, kind: DeskKind) -> list[str]:
    """Rank correlation over draws of realised ÷ target wait with the hours of a file, as a row."""
    from scipy.stats import spearmanr

    ratio, hours = ([one[f"{what} {kind.name}"] for one in drawn] for what in ("ratio", "hours"))
    rank, error = float(spearmanr(ratio, hours).statistic), 1.96 / (len(drawn) - 1) ** 0.5
    judged = verdict(Estimate(rank, rank - error, rank + error, len(drawn)), -np.inf, 0.3)
    text = f"Rank correlation of realised ÷ target with hours of a file, {_named(kind)}"
    return [text, "ρ", f"{rank:+.2f} ± {error:.2f}", judged, "–", "–", bounds(-np.inf, 0.3)]


def desk_parts(drawn: Figures, default: Figures) -> dict[str, str]:
    """Parts of the page."""
    rows = [line.row(drawn, default) for line in lines("desks")] + [_rank(drawn, kind) for kind in KINDS]
    spreads = {kind: np.mean([one[f"spread {kind.name}"] ** 2 for one in drawn]) for kind in KINDS}
    chance = ", ".join(f"{_named(k)} {(v * SEEDS / (SEEDS - 1)) ** 0.5:.2f}" for k, v in spreads.items())
    days = []
    for channel in Channel:
        of_draws, of_seeds = (known(found, f"days {channel.name}") for found in (drawn, default))
        if of_draws.size:
            days.append([_named(channel), spread(of_draws, 1), spread(of_seeds, 1), str(of_draws.size)])
    head = ["channel", "draws: median over draws (p10 to p90)", "default: median over seeds (p10 to p90)", "draws"]
    return {
        "desks": markdown_table(HEAD, rows, right=set()),
        "chance": f"Standard deviation of realised ÷ target between runs of one draw: {chance}.",
        "channels": markdown_table(head, days, right=set()),
    }


def figure(drawn: Figures, default: Figures) -> Figure:
    """Realised ÷ target wait of each kind of desk, and median days of each channel, over draws."""
    made = new_figure(10.5, 4.6)
    desks, channels = made.subplots(1, 2)
    asked = [channel for channel in Channel if known(drawn, f"days {channel.name}").size]
    panels = (
        (desks, [f"ratio {kind.name}" for kind in KINDS], [_named(kind) for kind in KINDS]),
        (channels, [f"days {one.name}" for one in asked], [_named(one) for one in asked]),
    )
    for axes, keys, names in panels:
        for row, key in enumerate(keys):
            p10, median, p90 = np.quantile(known(drawn, key), [0.1, 0.5, 0.9])
            axes.plot([one[key] for one in drawn], np.full(len(drawn), row), "o", color=SKY, alpha=0.5, markersize=4)
            axes.plot([p10, p90], [row, row], color=BLUE)
            axes.plot([median], [row], "o", color=BLUE)
            axes.plot([np.median(known(default, key))], [row], "D", color=VERMILLION, markersize=5)
        name_rows(axes, names)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
    desks.axvspan(LOW, HIGH, color="#E8F3EC", zorder=0)
    desks.set_xlim(0.5, 2.0)
    desks.set_xticks([0.5, LOW, 1.0, HIGH, 2.0])
    desks.set_xlabel("realised ÷ target wait")
    channels.set_xlabel("days from sending to an answer, median")
    words = (
        "Do desks hold their targets, and how long do channels take?",
        f"{len(drawn)} draws that nobody selected, today's law, 2027 to 2036. The band is what the design asks for.",
        small_print(COMMAND, "Waits weighted by followed files."),
    )
    marks = (("a draw of the prior", SKY, "o"), ("median over draws, p10 to p90", BLUE, "-o"))
    return framed(made, words, (*marks, ("default parameters", VERMILLION, "D")), 3)


_WORLD = WorldSpec()
_SPAN = window(_WORLD)
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
    on = date.fromisoformat(_WORLD.policy_start)
    return Timeline((Step(on, (AdoptOffences(legal_order().states, tuple(Offence), _GRAVE, on),)),))


def of_law(draw: Draw) -> dict[str, float]:
    """All figures of one parameter set under one seed."""
    (seed,), law, parameters = draw.seeds, legal_order(), with_values(Parameters(), draw.values)
    run = start(_WORLD, parameters, law, Timeline(), seed)
    run.advance(_SPAN.start)
    before, kinds = len(records(run.world, "evidence")), _kinds(run)
    policy = timeline_of(load("faster_mlat"), law, *policy_days(_WORLD), seed, parameters.reform, _WORLD.states)
    punished, faster = run.fork(everything_punished()), run.fork(policy)
    for arm in (run, punished):
        arm.advance(_SPAN.end)
    figures = {"preserve": float(run.world.power[:, DataKind.PRESERVATION].sum())}
    figures |= _hops(run, before) | _authority(run)
    for name, arm in (("", run), (" punished", punished)):
        grounds, central = refused(arm)
        for ground in (Ground.DUAL_CRIMINALITY, Ground.MISTAKE, Ground.NO_POWER):
            number = float((grounds == ground).sum())
            figures[f"{ground.name}{name}"] = 100.0 * number / max(central, 1)
        figures[f"a year{name}"] = float((grounds == Ground.DUAL_CRIMINALITY).sum()) / _SPAN.years
    today, then = _followed_up(run), _followed_up(faster)
    figures |= {name: factor * today.outcomes[key] for key, (name, factor) in _SHOWN.items()}
    for key in ("needed_asked_share", "usable_within_12_months"):
        figures[f"{_SHOWN[key][0]} more"] = 100.0 * (then.outcomes[key] - today.outcomes[key])
    return figures | _by_kind(today.breakdowns["country"], kinds) | _funnel(today.breakdowns["cases_by_progress"])


def _followed_up(run: Simulation) -> Measured:
    """What came of an arm, lived on until the last takedown can be classified."""
    run.advance(run.end)
    return measure(Observation(_SPAN, tables_of(run), harm_rates()), checks=True)


def _kinds(run: Simulation) -> dict[str, Mask]:
    """States of each of `_KINDS` as of today."""
    law = legal_order()
    party = np.isin(law.states, law.parties(STANDARD, date.fromisoformat(_WORLD.policy_start)))
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


def refused(run: Simulation) -> tuple[np.ndarray, int]:
    """Grounds of genuine requests to central authorities that were refused in the policy years, and all that ended."""
    request = records(run.world, "request")
    ended = (request["ended"] >= _SPAN.start) & (request["abusive"] == Abuse.NONE)
    ended &= np.isin(request["channel"], list(CENTRAL_AUTHORITY_CHANNELS))
    return request["ground"][ended & (request["status"] == RequestStatus.REFUSED)], int(ended.sum())


def law_parts(drawn: Figures, default: Figures) -> dict[str, str]:
    """Parts of the page."""
    held = [
        [
            words,
            *(spread(known(drawn, f"{name} {kind}"), 0) for name in ("states", "needed")),
            *(spread(known(found, f"{name} {kind}"), 1) for found in (drawn, default) for name in ("asked", "in time")),
        ]
        for kind, words in _KINDS.items()
    ]
    stages = [
        [
            stage.name.lower().replace("_", " "),
            *(spread(known(found, f"{n} {stage.name}"), 1) for found in (drawn, default) for n in ("came", "months")),
        ]
        for stage in Reached
    ]
    of_kinds = ["asked for, %", "usable within 12 months, %", "default: asked for, %", "default: usable, %"]
    of_stages = ["cases that came there, %", "months in which it was the furthest, %"]
    found = mean(known(drawn, "usable more"))
    falls = "**falls**" if found.high < 0.0 else "does not fall beyond chance"
    return {
        "law": markdown_table(HEAD, [line.row(drawn, default) for line in lines("law")], right=set()),
        "faster": f"Under faster assistance usable evidence within 12 months of need {falls}: "
        f"{found.value:+.2f} points\n({found.low:+.2f} to {found.high:+.2f}, mean over draws with its 95 % interval).\n"
        f"{_record()}",
        "held": markdown_table(["held in", "states", "steps needed, a run", *of_kinds], held, right=set()),
        "stages": markdown_table(
            ["stage", *of_stages, *(f"default: {name}" for name in of_stages)], stages, right=set()
        ),
    }


def _record() -> str:
    """Operations on record beside which removals stand."""
    record = operations()
    known = [case for case in record if case.resurgence == "none" or case.return_months is not None]
    lasted = sum(case.resurgence == "none" or (case.return_months or 0.0) >= 6.0 for case in known)
    years = Counter(case.acted.year for case in record)
    late = [number for year, number in years.items() if year >= 2021]
    return (
        f"On record (sim/data/operations.csv) are {len(record)} operations of {min(years)} to {max(years)},\n"
        f"{min(late)} to {max(late)} a year since 2021; of {len(known)} with a known end\n"
        f"{lasted} lasted six months or more."
    )


def worlds(measure: Callable[[Draw], dict[str, float]], runs: int) -> tuple[Figures, Figures]:
    """Figures of every draw, over some runs of each, and of the default parameters under every seed."""
    jobs = {
        f"draw {number}": Draw(values_of(number), [1000 * (1 + run) + number for run in range(runs)])
        for number in DRAWS
    }
    jobs |= {f"default, seed {seed}": Draw({}, [seed]) for seed in DEFAULT_SEEDS}
    found = list(ran(f"{COMMAND}.{measure.__name__}", measure, jobs, 1).values())
    return found[: len(DRAWS)], found[len(DRAWS) :]


def main() -> None:
    """Measures and writes."""
    desks = worlds(of_desks, SEEDS)
    renew("statements", desk_parts(*desks) | law_parts(*worlds(of_law, 1)), COMMAND)
    with styled():
        save(figure(*desks), DOCS / "figures", "desks")


if __name__ == "__main__":
    main()
