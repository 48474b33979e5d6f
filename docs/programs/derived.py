"""Measures numbers of the default world for sim/data/derived.csv: `python -m docs.programs.derived`.

Parameters start from these numbers (see `sim.data.load.derived`). They are means over a few default worlds under the
law as it is, with the standard error over their seeds. What a world gives depends a little on what it starts from, so
that `make renew` measures twice.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from docs.programs import DATA, ran
from sim.agents.assistance import let_through
from sim.data.load import DERIVED, read_table
from sim.data.spreadsheet import write_rows
from sim.engine.compiling import kernel
from sim.law.days import YEAR
from sim.law.order import legal_order
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS, EVIDENCE_CHANNELS, Channel
from sim.measures.arrays import Floats
from sim.policy.timeline import Timeline
from sim.simulate import start
from sim.world.growth import DONE, with_room
from sim.world.parameters import Parameters, WorldSpec
from sim.world.records import Abuse, Concern, GroupStatus, RequestStatus
from sim.world.world import World, records
from sim.world.world_pointer import attach

COMMAND, SEEDS = "python -m docs.programs.derived", range(4)
LEAST = 100  # cases in all worlds together; what is rarer keeps its number
CHANNELS = EVIDENCE_CHANNELS
_QUARTER = 91.3125


class Derived(NamedTuple):
    """A number measured in a few worlds: mean over cases, standard error over seeds, and number of cases."""

    value: float
    error: float
    cases: int


#: What one world adds to a number: a sum over cases, what the sum is divided by, and how many cases there are.
_Part = tuple[float, float, int]


def measure() -> dict[str, Derived]:
    """Simulates worlds and measures every number of derived.csv, by name."""
    worlds = [*ran(COMMAND, _parts, {f"seed {seed}": (WorldSpec(), seed) for seed in SEEDS}, 1).values()]
    return {name: _mean([world[name] for world in worlds]) for name in worlds[0]}


def _mean(parts: list[_Part]) -> Derived:
    """Ratio of sums over worlds, with its standard error."""
    total, weight, cases = (sum(numbers) for numbers in zip(*parts, strict=True))
    value = total / weight if weight > 0 else math.nan
    residuals = [one - value * other for one, other, _ in parts]
    error = math.sqrt(len(parts) * float(np.var(residuals, ddof=1))) / weight if weight > 0 else math.nan
    return Derived(value, error, int(cases))


def _parts(job: tuple[WorldSpec, int]) -> dict[str, _Part]:
    """Simulates one world; returns its contribution to each number."""
    spec, seed = job
    run = start(spec, Parameters(), legal_order(), Timeline(), seed)
    since = float(run.world.setting["policy_start"][0])
    run.advance(since)
    news = []
    while run.day < run.end:
        news.append(_news(run.world))
        run.advance(min(run.day + _QUARTER, run.end))
    world = run.world
    action, case, request = (np.asarray(records(world, name)) for name in ("action", "case", "request"))
    complete = action[(action["down"] == 1) & (action["day"] >= since)]  # no control node survived
    genuine = request[(request["abusive"] == Abuse.NONE) & (request["channel"] != Channel.DOMESTIC)]
    sent = genuine[genuine["sent"] >= since]
    decided = sent[np.isin(sent["channel"], CENTRAL_AUTHORITY_CHANNELS) & ~np.isnan(sent["trust"])]
    heard = genuine[(genuine["ended"] >= since) & (genuine["status"] != RequestStatus.NOT_SENT)]
    found = {
        "risk.usual_news": _of(np.concatenate(news)),
        "risk.sanction_delay": _of((complete["day"] - case["opened"][complete["case"]]) / YEAR),
        "trust.trust_usual": _of(decided["trust"]),
        "rights.usual_requests": (len(sent), spec.groups * (run.day - since) / YEAR, len(sent)),
    }
    passing = np.ones((len(world.state), len(world.state)))
    run.world = with_room(world, shares_let_through, passing)
    for channel in CHANNELS:
        ended, name = heard[heard["channel"] == channel], f"channel.{channel.name.lower()}"
        executed = float(np.count_nonzero(ended["status"] == RequestStatus.EXECUTED))
        direct = channel in (Channel.PROVIDER_BINDING, Channel.PROVIDER_VOLUNTARY)
        let_by = len(ended) if direct else passing[ended["requesting"], ended["requested"]].sum()
        found[f"{name}.days"] = _of(ended["ended"] - ended["drafted"])
        found[f"{name}.success"] = executed, float(let_by), len(ended)
    return found


@kernel
def shares_let_through(world: World, shares: Floats) -> int:
    """Writes the share of requests that law and relations allow for each pair of states, in compiled code."""
    attached = attach(world)
    for requesting in range(len(shares)):
        for requested in range(len(shares)):
            shares[requesting, requested] = let_through(attached, requesting, requested)
    return DONE


def _of(values: Any) -> _Part:
    """Contribution of one world to a mean over cases: their sum, and their number as divisor and as count."""
    return float(np.sum(values)), float(len(values)), len(values)


def _news(world: World) -> Any:
    """News of enforcement heard by each active group: about servers, about people anywhere, and about its home."""
    group, setting = records(world, "group"), world.setting[0]
    running = group[group["status"] == GroupStatus.ACTIVE]
    left = np.exp(-math.log(2.0) * (world.now[0] - world.news_day) / (7.0 * setting.memory_weeks))
    heard = world.news * left
    among = heard[:, :-1] + heard[:, -1:]  # about one's own kind, and in public
    kind, home, anywhere = running["kind"], running["home"], heard.shape[2] - 1
    servers, people = Concern.SERVERS.value, Concern.PEOPLE.value
    return among[servers, kind, anywhere] + among[people, kind, anywhere] + among[people, kind, home]


def write(found: Mapping[str, Derived], path: Path) -> None:
    """Updates derived.csv, except numbers measured on too few cases."""
    old, today = read_table(DERIVED), datetime.now(UTC).date().isoformat()
    rows = [dict(row) for row in old.rows]
    for row in rows:
        if (new := found[row["name"]]).cases >= LEAST:
            row |= {"value": f"{new.value:.3g}", "error": f"{new.error:.1g}", "made": today}
    write_rows([old.columns, *(row.values() for row in rows)], path)


if __name__ == "__main__":
    write(measure(), DATA / DERIVED)
