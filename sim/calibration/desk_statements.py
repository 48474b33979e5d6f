"""Do desks and providers do what the design says, in draws of the prior and at the defaults?

`python -m sim.calibration.desk_statements` measures it and writes it into docs/statements.md, a page of
sim/report/statements.py. The draws are not selected: every one that is taken counts. Each is one run with a seed of its
own; a policy continues from the same past.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np

from sim.agents.answering import openness, usual_days
from sim.calibration.interim import FIRST, values_of
from sim.calibration.promises import HIGH, KINDS, LOW, realised
from sim.engine.compiling import kernel
from sim.law.order import legal_order
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS, Channel
from sim.measures.arrays import Floats
from sim.policy.timeline import Assignment, Step, Timeline
from sim.report.marking import markdown_table
from sim.report.statements import END, MARK, PAGE, renewed
from sim.simulate import Simulation, start
from sim.world.growth import DONE, with_room
from sim.world.parameters import Parameters, WorldSpec, with_values
from sim.world.records import DeskKind, ProviderPolicy, RequestStatus
from sim.world.world import World, records
from sim.world.world_pointer import attach

DRAWS = range(FIRST)
DEFAULT_SEEDS = range(1, 9)
_SPEC = replace(WorldSpec(), follow_up_days=0)


@kernel
def doors_and_days(world: World, doors: Floats, days: Floats) -> int:
    """How far each large provider opens to each state today, and the usual days of its answers. Adds no rows."""
    attached = attach(world)
    request = attached.request[0]
    request.channel = Channel.PROVIDER_VOLUNTARY.value
    for provider in range(len(doors)):
        for state in range(len(attached.state)):
            doors[provider, state] = openness(attached, provider, state, attached.now[0])
            request.provider, request.requesting = provider, state
            days[provider, state] = usual_days(attached, request)
    return DONE


def policy(lever: str, value: float) -> Timeline:
    """A lever moved everywhere on the first day of policy."""
    return Timeline((Step(date.fromisoformat(_SPEC.policy_start), assignments=(Assignment(lever, value),)),))


def measured(parameters: Parameters, seed: int) -> dict[str, float]:
    """All figures of one parameter set."""
    run = start(_SPEC, parameters, legal_order(), Timeline(), seed)
    run.advance(float(run.world.setting["policy_start"][0]))
    shut, ranks = _doors(run)
    arms = [run.fork(policy(*moved)) for moved in (("provider.staff", 0.5), ("provider.opens", 3.0))]
    ratios, slopes = _desks(run)
    for arm in arms:
        arm.advance(arm.end)
    few, opened = (arm.world for arm in arms)
    usual = voluntary_days(run.world)
    figures = {f"ratio {kind.name}": ratio for kind, ratio in ratios.items()}
    figures |= {f"slope {kind.name}": slope for kind, slope in slopes.items()}
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
    doors, days = np.zeros((2, len(run.world.door_since), len(run.world.state)))
    copy = run.fork(Timeline())
    with_room(copy.world, doors_and_days, doors, days)
    policies, since = provider["policy"][: len(doors)], provider["since"][: len(doors)]
    gate, graded = ((policies == one) & (since <= run.day) for one in (ProviderPolicy.GATE, ProviderPolicy.GRADED))
    between = np.asarray(spearmanr(days[gate | graded], axis=1).statistic)
    apart = between[np.triu_indices(len(between), 1)]
    return (float((doors[gate] == 0.0).mean()), float((doors[graded] == 0.0).mean())), float(np.median(apart))


def _desks(run: Simulation) -> tuple[Mapping[DeskKind, float], Mapping[DeskKind, float]]:
    """Realised ÷ target wait and days a year by which waits grow, by kind of desk; the run is lived to its end."""
    yearly: list[Floats] = []
    ratios = realised(run, yearly)
    desk, job = run.world.desk, records(run.world, "job")
    files = np.bincount(job["desk"][job["arrived"] >= run.world.setting["policy_start"][0]], minlength=len(desk))
    slopes: dict[DeskKind, float] = {}
    for kind in KINDS:
        at = (desk["kind"] == kind) & (files > 0)
        means = [float(np.average(wait[at], weights=files[at])) for wait in yearly]
        slopes[kind] = float(np.polyfit(np.arange(len(means)), means, 1)[0])
    return ratios, slopes


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


#: What is shown of each figure: words, what should come out, and from which figure on it is so.
_LINES: tuple[tuple[str, str, str, float, float], ...] = (
    *(
        (f"ratio {kind.name}", f"Realised ÷ target wait, {kind.name.lower().replace('_', ' ')}", "ratio", LOW, HIGH)
        for kind in KINDS
    ),
    *(
        (f"slope {kind.name}", f"Growth of the wait, {kind.name.lower().replace('_', ' ')}", "days a year", -0.3, 0.3)
        for kind in KINDS
    ),
    ("shut gate", "States shut out by providers that answer some", "share", 0.25, 0.6),
    ("shut graded", "States shut out by graded providers", "share", 0.0, 0.05),
    ("ranks", "Rank correlation of usual days over states, two providers", "ρ", -1.0, 0.4),
    ("voluntary", "Voluntary answer of a large provider, median", "days", 2.0, 12.0),
    ("half the staff", "Half the staff of providers: that median", "%", 7.0, 100.0),
    ("opened: direct", "Shut doors opened: direct requests of states with few open", "%", 0.0, np.inf),
    ("opened: assistance", "Shut doors opened: their mutual assistance", "%", -20.0, np.inf),
)


def section(drawn: Sequence[Mapping[str, float]], default: Sequence[Mapping[str, float]]) -> str:
    """The part of the page."""
    rows = []
    for key, text, unit, low, high in _LINES:
        cells = []
        for found in (drawn, default):
            values = np.array([one[key] for one in found])
            values = values[~np.isnan(values)]
            inside = int(((values >= low) & (values <= high)).sum())
            p10, middle, p90 = np.quantile(values, [0.1, 0.5, 0.9])
            cells += [f"{middle:.2f} ({p10:.2f} to {p90:.2f})", f"{inside} of {len(values)}"]
        bounds = " to ".join(f"{value:g}" if np.isfinite(value) else "–" for value in (low, high))
        rows.append([text, unit, *cells, bounds])
    head = ["statement", "unit", "draws: median (p10 to p90)", "inside", "default: median (p10 to p90)", "inside"]
    return "\n".join(
        [
            MARK,
            "## Desks and providers",
            "",
            f"{len(drawn)} draws of the prior that nobody selected (`sim.calibration.interim.values_of(draw)`, draw 0 "
            f"to {len(drawn) - 1}, run seed 1000 + draw), and",
            f"{len(default)} seeds of the default parameters; 2027 to 2036, today's law. Waits are weighted by the",
            "files that are followed. One run each: growth of a wait is mostly chance there.",
            "",
            markdown_table([*head, "expected"], rows, right=set()),
            END,
            "",
        ]
    )


def main() -> None:
    """Measures and writes."""
    progress = partial(print, file=sys.stderr, flush=True)
    drawn, default = [], []
    for number in DRAWS:
        drawn.append(measured(with_values(Parameters(), values_of(number)), 1000 + number))
        progress(number, {key: round(value, 2) for key, value in drawn[-1].items()})
    for seed in DEFAULT_SEEDS:
        default.append(measured(Parameters(), seed))
        progress(seed)
    PAGE.write_text(renewed(PAGE.read_text("utf-8"), section(drawn, default)), "utf-8")


if __name__ == "__main__":
    main()
