"""One experiment, composed from Hydra's configuration and checked before any work starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.policy.scenario import Scenario
    from sim.world.parameters import Parameters, WorldSpec


@dataclass(frozen=True)
class Experiment:
    """Everything that a run or a comparison needs, and all that its manifest records.

    Attributes:
        command: the command line as it would be typed again.
        scenarios: the arms, in the order in which they are shown.
        world: which world, from when to when.
        parameters: every uncertainty at its chosen value.
        replicates: number of seeds; each seed is run under every scenario.
        first_seed: replicate i has seed first_seed + i.
        workers: worker processes, 1 or more.
        results: folder under which the run's own folder is made.
        events: whether the event tables are kept.
        resolved: the whole configuration as plain values, for the manifest.
        overrides: what the user changed from the default, as typed.
        quiet: no progress bar.
    """

    command: str
    scenarios: tuple[Scenario, ...]
    world: WorldSpec
    parameters: Parameters
    replicates: int
    first_seed: int
    workers: int
    results: Path
    events: bool
    resolved: dict[str, Any]
    overrides: tuple[str, ...]
    quiet: bool = False
