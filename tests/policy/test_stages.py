"""Every lever moves the stage that it works on one way along its scale, or says why it has no such scale."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from sim.experiments.run import Task, run_replicate
from sim.measures.arrays import Floats
from sim.measures.outcomes import outcome
from sim.policy.lever import Lever, NoScale, OwnStage, Quantity, Shape
from sim.policy.levers import LEVERS
from sim.world.parameters import Parameters, declarations, with_values
from tests.policy.gates import GATES, OPEN, WORLD, scenario_of

WITHOUT_ORDER = (Quantity.SWITCH, Quantity.CHOICE, Quantity.CHOICES, Quantity.INSTRUMENT)


def test_gates_are_of_levers_and_hold_levers_and_parameters_that_there_are() -> None:
    known = {name for name, _, _ in declarations()}
    assert set(GATES) <= set(LEVERS)
    assert all(set(gate.levers) <= set(LEVERS) and set(gate.parameters) <= known for gate in GATES.values())


def test_every_lever_names_its_stage_or_why_it_has_no_scale() -> None:
    """Only what is a number can move something one way; a number that is a switch or idle says why."""
    for lever in LEVERS.values():
        if isinstance(lever.stage, OwnStage):
            assert outcome(lever.stage.outcome)
            assert lever.quantity not in WITHOUT_ORDER, lever.name
            assert list(scale(lever)) == sorted(set(scale(lever))), lever.name
        else:
            assert len(lever.stage.reason) > 10
            assert lever.stage.shape is Shape.SWITCH or lever.quantity not in WITHOUT_ORDER, lever.name


@pytest.mark.parametrize(
    ("values", "falls", "rises"),
    [
        ([[3, 2, 1], [5, 4, 4]], True, False),
        ([[3, 2, 1], [4, 4, 5]], False, False),
        ([[1, 9, 2], [1, 9, 2]], False, False),
        ([[1, 1, 2], [1, 1.05, 2]], False, True),
        ([[1, 1, 1], [1, 1, 1]], False, False),
        ([[1, 2, np.nan], [1, 2, 3]], False, False),
    ],
)
def test_one_way_is_distinguished_from_back_and_forth(values: list[list[float]], falls: bool, rises: bool) -> None:
    assert moves_one_way(np.array(values, np.float64), rises=False) is falls
    assert moves_one_way(np.array(values, np.float64), rises=True) is rises


@pytest.mark.slow
def test_stages_of_all_levers_move_one_way() -> None:
    """In six worlds: a lever that does nothing but stir chance would pass in one of 64."""
    assert not not_one_way(LEVERS, range(1, 7))


def moves_one_way(values: Floats, *, rises: bool) -> bool:
    """Whether the ends differ the right way in every world, and no step goes back by a tenth of the way on average."""
    steps = np.diff(values, axis=1) * (1.0 if rises else -1.0)
    whole = steps.sum(axis=1)
    return bool((whole > 0.0).all() and (steps.mean(axis=0) >= -0.1 * whole.mean()).all())


def not_one_way(names: Iterable[str], seeds: Iterable[int]) -> dict[str, list[float]]:
    """Levers whose stage does not move as declared, with its means along the scale."""
    found = along([LEVERS[name] for name in names], seeds)
    stages = {name: LEVERS[name].stage for name in found}
    return {
        name: values.mean(axis=0).round(4).tolist()
        for name, values in found.items()
        if not isinstance(stage := stages[name], NoScale) and not moves_one_way(values, rises=stage.rises)
    }


def scale(lever: Lever) -> tuple[float, float, float]:
    """Least and greatest value of a lever, and between them the neutral one, else the middle (geometric above 0)."""
    low, neutral, high = float(lever.low), float(lever.neutral), float(lever.high)
    if low < neutral < high:
        return low, neutral, high
    return low, math.sqrt(low * high) if low > 0.0 else (low + high) / 2.0, high


def along(levers: Sequence[Lever], seeds: Iterable[int]) -> dict[str, Floats]:
    """Outcomes of the levers' own stages along their scales, float64 [seed, point] by lever.

    Runs of a seed share their past, as far as the same settings let levers act. What has no scale is left out.

    Raises:
        RuntimeError: a run failed.
    """
    by_past: dict[tuple[tuple[str, float], ...], list[tuple[str, float, str]]] = defaultdict(list)
    for lever in levers:
        if isinstance(lever.stage, OwnStage):
            past = tuple(GATES.get(lever.name, OPEN).parameters.items())
            by_past[past] += [(lever.name, value, lever.stage.outcome) for value in scale(lever)]
    found: dict[str, list[float]] = defaultdict(list)
    for seed in seeds:
        for values, moved in by_past.items():
            scenarios = tuple(scenario_of(GATES.get(name, OPEN), {name: value}) for name, value, _ in moved)
            parameters = with_values(Parameters(), dict(values))
            replicate = run_replicate(Task("along scales", seed, scenarios, WORLD, parameters))
            if replicate.failures:
                raise RuntimeError(replicate.failures[0].text)
            for (name, _, key), arm in zip(moved, replicate.arms, strict=True):
                found[name].append(arm.measured.outcomes[key])
    return {name: np.array(values).reshape(-1, 3) for name, values in found.items()}
