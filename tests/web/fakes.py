"""Pools of stand-in workers, and streams for them."""

from pathlib import Path

from sim.experiments.run import Task
from sim.results.countries import COUNTRY_OUTCOMES
from sim.web.form import scenario_of, scenario_text
from sim.web.pool import Arms, Stream
from sim.web.state import Draft
from sim.web.worker import Errand
from sim.world.parameters import Parameters, WorldSpec
from tests.web.standin import StandIn

#: All that a test waits for has come long before, on any machine.
PATIENCE = 60.0
COLUMNS = tuple(sorted({column for entry in COUNTRY_OUTCOMES for column in (*entry.parts, *entry.over, *entry.events)}))


def stand_in(folder: Path) -> StandIn:
    """A worker function that reads its instructions from a folder."""
    return StandIn(folder, COLUMNS)


def arms(draft: Draft, world: str = "world") -> Arms:
    """Scenario runs of a policy in a made-up world."""
    scenario = scenario_of(draft)
    return Arms(
        world,
        scenario_text(draft),
        lambda seed: Errand(world, Task("page", seed, (scenario,), WorldSpec(), Parameters())),
    )


def stream(world: str, *drafts: Draft, seeds: int = 8) -> Stream:
    """A stream that waits for today's law and some policies."""
    wanted = tuple(arms(draft, world) for draft in (Draft(), *drafts))
    return Stream(wanted, tuple(range(1, seeds + 1)))
