"""Do drawn law and those asked abroad do what the design says? `python -m docs.programs.law_statements` measures it.

It renews docs/statements.md, in the draws and seeds of docs/programs/desk_statements.py. Two worlds continue from the
same past: one in which all states punish everything, and one with faster assistance.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date

import numpy as np

from docs.programs import HEAD, known, lines, renew, spread
from docs.programs.desk_statements import Draw, Figures, worlds
from sim.cases.real_case import operations
from sim.experiments.run import tables_of, window
from sim.experiments.statistics import mean
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

COMMAND = "python -m docs.programs.law_statements"
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


def measured(draw: Draw) -> dict[str, float]:
    """All figures of one parameter set under one seed."""
    (seed,), law, parameters = draw.seeds, legal_order(), with_values(Parameters(), draw.values)
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


def refused(run: Simulation) -> tuple[np.ndarray, int]:
    """Grounds of genuine requests to central authorities that were refused in the policy years, and all that ended."""
    request = records(run.world, "request")
    ended = (request["ended"] >= _SPAN.start) & (request["abusive"] == Abuse.NONE)
    ended &= np.isin(request["channel"], list(CENTRAL_AUTHORITY_CHANNELS))
    return request["ground"][ended & (request["status"] == RequestStatus.REFUSED)], int(ended.sum())


def parts(drawn: Figures, default: Figures) -> dict[str, str]:
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


if __name__ == "__main__":
    renew("statements", parts(*worlds(COMMAND, measured, 1)), COMMAND)
