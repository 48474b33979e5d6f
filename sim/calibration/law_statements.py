"""Does drawn law do what the design says, in draws of the prior and at the defaults?

`python -m sim.calibration.law_statements` measures it and writes it into docs/statements.md. Draws and seeds are those
of sim/calibration/desk_statements.py; a world in which all states punish everything continues from the same past.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np

from sim.calibration.desk_statements import DEFAULT_SEEDS, DRAWS
from sim.calibration.interim import values_of
from sim.calibration.statements import END, LAW_MARK, PAGE, renewed
from sim.law.amendments import AdoptOffences
from sim.law.days import YEAR
from sim.law.order import legal_order
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS, DataKind, Ground, Offence
from sim.policy.timeline import Step, Timeline
from sim.report.marking import markdown_table
from sim.simulate import Simulation, start
from sim.world.parameters import Parameters, WorldSpec, with_values
from sim.world.records import Abuse, RequestStatus
from sim.world.world import records

_SPEC = replace(WorldSpec(), follow_up_days=0)
#: More years than any instrument asks for.
_GRAVE = 10.0


def everything_punished() -> Timeline:
    """All states punish all offences from the first day of policy, without further elements."""
    on = date.fromisoformat(_SPEC.policy_start)
    return Timeline((Step(on, (AdoptOffences(legal_order().states, tuple(Offence), _GRAVE, on),)),))


def measured(parameters: Parameters, seed: int) -> dict[str, float]:
    """All figures of one parameter set."""
    run = start(_SPEC, parameters, legal_order(), Timeline(), seed)
    run.advance(float(run.world.setting["policy_start"][0]))
    before = len(records(run.world, "evidence"))
    punished = run.fork(everything_punished())
    for arm in (run, punished):
        arm.advance(arm.end)
    years = (run.end - float(run.world.setting["policy_start"][0])) / YEAR
    figures = {"preserve": float(run.world.power[:, DataKind.PRESERVATION].sum())}
    figures |= _hops(run, before) | _authority(run)
    for name, arm in (("", run), (" punished", punished)):
        refused, central = _refused(arm)
        for ground in (Ground.DUAL_CRIMINALITY, Ground.MISTAKE, Ground.NO_POWER):
            number = float((refused == ground).sum())
            figures[f"{ground.name}{name}"] = 100.0 * number / max(central, 1)
        figures[f"a year{name}"] = float((refused == Ground.DUAL_CRIMINALITY).sum()) / years
    return figures


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
    asked = partner[(partner["joined"] >= run.world.setting["policy_start"][0]) & (partner["attempt"] > 0)]
    given = asked["authorised"] == 1
    return {
        "authority": 100.0 * float(given.mean()),
        "met again": 100.0 * float((asked["attempt"][given] > 1).mean()) if given.any() else np.nan,
    }


def _refused(run: Simulation) -> tuple[np.ndarray, int]:
    """Grounds of genuine requests to central authorities that were refused in the policy years, and all that ended."""
    request = records(run.world, "request")
    ended = (request["ended"] >= run.world.setting["policy_start"][0]) & (request["abusive"] == Abuse.NONE)
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
)


def section(drawn: Sequence[Mapping[str, float]], default: Sequence[Mapping[str, float]]) -> str:
    """The part of the page."""
    rows = []
    for key, text, unit, low, high in _LINES:
        expected = not np.isinf(low)
        cells = []
        for found in (drawn, default):
            values = np.array([one[key] for one in found if not np.isnan(one[key])])
            p10, middle, p90 = np.quantile(values, [0.1, 0.5, 0.9])
            inside = int(((values >= low) & (values <= high)).sum())
            cells += [f"{middle:.2f} ({p10:.2f} to {p90:.2f})", f"{inside} of {len(values)}" if expected else ""]
        bounds = f"{low:g} to {high:g}" if np.isfinite(high) else "some" if expected else "reported"
        rows.append([text, unit, *cells, bounds])
    head = ["statement", "unit", "draws: median (p10 to p90)", "inside", "default: median (p10 to p90)", "inside"]
    lines = [
        LAW_MARK,
        "## Law as it is drawn",
        "",
        f"{len(drawn)} draws of the prior that nobody selected (`sim.calibration.interim.values_of(draw)`, draw 0",
        f"to {len(drawn) - 1}, run seed 1000 + draw), and {len(default)} seeds of the default parameters; 2027 to",
        "2036, today's law. How many states of drawn worlds have what was counted, by date: docs/law.md.",
        "",
        markdown_table([*head, "expected"], rows, right=set()),
        END,
        "",
    ]
    return "\n".join(lines)


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
