"""Simulates worlds in a checkout of an earlier commit, whose tree it is run in, or in today's.

See docs/programs/before_after.py and docs/programs/ways.py. It imports only what those commits have as well. A line of
JSON per world: outcomes by policy and, of named states, requests to large providers by way and year.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from docs.programs import lived
from sim.calibration.ensemble import sets_of_today
from sim.data.load import states
from sim.experiments.run import Task, warm_up_of
from sim.policy.scenario import load
from sim.world.parameters import Parameters, WorldSpec, declarations, with_values
from sim.world.records import Addressee, Ordinary

_LARGE = (Addressee.GATE, Addressee.GRADED, Addressee.STRICT, Addressee.NEVER)
#: Ways of asking large providers for data in ordinary cases, with the kinds of request that take them.
WAYS: Mapping[str, Sequence[int]] = {
    "voluntary": [Ordinary.VOLUNTARY + one for one in _LARGE],
    "binding": [Ordinary.BINDING + one for one in _LARGE],
    "through authorities": [Ordinary.ASSISTED_USA, Ordinary.ASSISTED_IRL],
}


def requests_of(rows: Any, asking: Sequence[str]) -> dict[str, float]:
    """Yearly requests of some states by `STATE way year`, from the table of ordinary requests."""
    places = {states().index(state): state for state in asking}
    ways = {kind: way for way, kinds in WAYS.items() for kind in kinds}
    requests: dict[str, float] = {}
    for row in rows:
        state, way = places.get(int(row["state"])), ways.get(int(row["kind"]))
        if state and way:
            key = f"{state} {way} {int(row['year'])}"
            requests[key] = requests.get(key, 0.0) + float(row["requests"])
    return requests


def simulated(one: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Simulates one world: its `seed`, parameter `values`, `policies`, wanted `outcomes` and `states`, and `world`."""
    known = {name for name, _, _ in declarations()}
    values = {name: value for name, value in one["values"].items() if name in known}
    policies = tuple(replace(load(key), key=key) for key in one["policies"])
    parameters, prices = with_values(Parameters(), values), sets_of_today().prices(one["seed"])
    world = WorldSpec(**one.get("world", {}))
    task, outcomes = Task("", one["seed"], policies, world, parameters, prices=prices), {}
    for key, run, measured in lived(task, warm_up_of(task), {}):
        outcomes[key] = {name: float(measured.outcomes[name]) for name in one["outcomes"]}
        outcomes[key] |= requests_of(run.world.ordinary, one.get("states", ()))
    return outcomes


def main() -> None:
    """Simulates what standard input names, world by world."""
    for one in json.load(sys.stdin):
        sys.stdout.write(f"{json.dumps(simulated(one))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
