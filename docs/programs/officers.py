"""Checks the work of liaison officers in simulated worlds: `python -m docs.programs.officers`.

Writes the table of docs/officers.md: in draws that nothing chose and in calibrated sets, hours that officers work and
those that they have, followed requests that they look after by the number of posts, and posts that are filled.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from docs.programs import asked, lived, ran, renew, table_of
from docs.programs.elasticity import DRAWS, Place, places
from sim.calibration.ensemble import sets_of_today
from sim.experiments.plan import with_lever
from sim.experiments.run import Task, warm_up_of
from sim.policy.scenario import load
from sim.policy.well_known import BASELINE
from sim.world.parameters import WorldSpec, with_values
from sim.world.world import records

COMMAND, NAME = "python -m docs.programs.officers", "officers"
TIMES = (0.0, 1.0, 2.0, 4.0)  # today's posts
#: Rules of priority: as drawn; followed requests first, with ordinary ones counted and without.
RULES: Mapping[str, Mapping[str, float]] = {
    "as drawn": {},
    "first": {"liaison.followed_first": 1.0},
    "alone": {"liaison.followed_first": 1.0, "liaison.ordinary_share": 0.0},
}
SHARE, FILLED, OVER = "officer_share", "posts_filled_share", "hours over"


def looked_after(place: Place) -> dict[str, float]:
    """Shares of requests with an officer and of filled posts, by rule and number of posts, and excess hours."""
    result, today, spec = {}, load(BASELINE), WorldSpec()
    for rule, values in RULES.items():
        doses = TIMES if not values else (1.0,)
        arms = tuple(
            replace(
                today if times == 1.0 else with_lever(today, "liaison.posts", times, spec.policy_start),
                key=f"{times:g}",
            )
            for times in doses
        )
        parameters = with_values(place.parameters, dict(values))
        task = Task("", place.seed, arms, spec, parameters, prices=sets_of_today().prices(place.seed))
        for name, run, measured in lived(task, warm_up_of(task), {}):
            posting = records(run.world, "posting")
            planned = posting["hours"] > 0.0
            over = np.maximum(posting["spent"] - posting["reserved"], posting["reserved"] - posting["hours"])[planned]
            result[f"{rule}, {name}, {OVER}"] = float(over.max(initial=0.0))
            result |= {f"{rule}, {name}, {key}": measured.outcomes[key] for key in (SHARE, FILLED)}
    return result


def rows(results: Mapping[str, Mapping[str, float]]) -> list[dict[str, str]]:
    """Table rows, one per parameter set."""
    sets = []
    for name, one in results.items():
        shares = [one[f"as drawn, {times:g}, {SHARE}"] for times in TIMES]
        over = max(value for key, value in one.items() if key.endswith(OVER))
        sets.append(
            {
                "set": name,
                "looked after at 0, 1, 2 and 4 times the posts, %": ", ".join(f"{100.0 * s:.1f}" for s in shares),
                "rises": "yes" if shares == sorted(shares) else "no",
                "followed first, ordinary counted, %": f"{100.0 * one[f'first, 1, {SHARE}']:.1f}",
                "not counted, %": f"{100.0 * one[f'alone, 1, {SHARE}']:.1f}",
                "filled of posts at 1, 2, 4 times": ", ".join(
                    f"{one[f'as drawn, {times:g}, {FILLED}']:.2f}" for times in TIMES[1:]
                ),
                "hours": "add up" if over < 1e-6 else f"{over:.0f} over",
            }
        )
    return sets


def summary(results: Mapping[str, Mapping[str, float]]) -> str:
    """Sentence on the number of sets that meet each check."""
    sets, number = rows(results), len(results)
    first, alone = (np.array([one[f"{rule}, 1, {SHARE}"] for one in results.values()]) for rule in ("first", "alone"))
    return (
        f"Hours add up in {sum(row['hours'] == 'add up' for row in sets)} of {number} sets; the share that is looked "
        f"after rises with posts in {sum(row['rises'] == 'yes' for row in sets)}. Where followed requests go first, "
        f"officers look after {100.0 * first.mean():.2f} % of them if ordinary ones are counted, and "
        f"{100.0 * alone.mean():.2f} % if not; fewer in {int((first < alone).sum())} sets."
    )


def main() -> None:
    """Simulates missing worlds and updates the page."""
    wanted = asked(COMMAND, draws=DRAWS)
    result = ran(COMMAND, looked_after, {place.name: place for place in places(wanted.draws)}, wanted.workers)
    renew(NAME, {"checks": table_of(rows(result), (4, 5)), "summary": summary(result)}, COMMAND)


if __name__ == "__main__":
    main()
