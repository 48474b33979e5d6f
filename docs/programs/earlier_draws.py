"""Simulates draws of the prior with the code of an earlier commit; see docs/programs/before_after.py.

It imports only what that commit has as well. A line of JSON per draw: outcomes by policy.
"""

import json
import sys
from dataclasses import replace

from docs.programs import lived
from sim.calibration.ensemble import sets_of_today
from sim.experiments.run import Task, warm_up_of
from sim.policy.scenario import load
from sim.world.parameters import Parameters, WorldSpec, declarations, with_values


def main() -> None:
    """Simulates the draws that standard input lists as JSON."""
    request, known = json.load(sys.stdin), {name for name, _, _ in declarations()}
    for one in request["wanted"]:
        values = {name: value for name, value in one["values"].items() if name in known}
        policies = tuple(replace(load(key), key=key) for key in one["policies"])
        parameters, prices = with_values(Parameters(), values), sets_of_today().prices(one["seed"])
        task = Task("", one["seed"], policies, WorldSpec(), parameters, prices=prices)
        outcomes = {
            key: {name: measured.outcomes[name] for name in request["outcomes"]}
            for key, _, measured in lived(task, warm_up_of(task), {})
        }
        sys.stdout.write(f"{json.dumps(outcomes)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
