"""Tests of the registry of levers, their values as text, and their monotone effects."""

import math
import pickle
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import numpy as np
import pytest
from ruamel.yaml import YAML

from sim.data.load import DataError
from sim.experiments.run import Task, run_replicate
from sim.law.amendments import Conclude, RemoveDataConflict
from sim.law.vocabulary import Channel
from sim.measures.arrays import Floats
from sim.measures.outcomes import outcome
from sim.policy import levers as registry
from sim.policy.lever import LawLever, Lever, NoScale, OwnStage, Quantity, Selected, Shape
from sim.policy.levers import LEVERS, find_lever
from sim.policy.levers.shared import world_lever
from sim.policy.problem import InputError
from sim.policy.units import read_months, read_value
from sim.world.parameters import Parameters, declarations, with_values
from tests.policy.gates import GATES, OPEN, WORLD, scenario_of

THEMES = [
    import_module(f"{registry.__name__}.{module.name}")
    for module in iter_modules(registry.__path__)
    if module.name != "shared"
]


def test_the_registry_has_every_lever_of_every_theme_once() -> None:
    """The registry contains every lever of every theme once, with complete fields."""
    found = [lever for theme in THEMES for lever in theme.LEVERS]
    assert len(found) == len(LEVERS) and {lever.name: lever for lever in found} == dict(LEVERS)
    for lever in found:
        assert lever.title and lever.cost and lever.source and lever.acts_on and lever.low <= lever.high
        assert pickle.loads(pickle.dumps(lever)) == lever  # noqa: S301  # scenarios travel with their rules
    with pytest.raises(InputError, match=r"central_authority\.staff"):
        find_lever("central_autority.staff")
    with pytest.raises(DataError, match=r"levers\.csv: court\.stuff"):
        world_lever("court.stuff", LEVERS["court.staff"].writes, None)


READ = YAML(typ="safe").load(Path(__file__).parent / "files" / "values.yaml")


def test_a_value_is_read_in_the_levers_unit_and_a_ramp_in_months() -> None:
    for lever, values in READ.items():
        assert {text: read_value(LEVERS[lever], text) for text in values} == pytest.approx(values), lever
    assert read_value(LEVERS["law.powers"], ["content", "traffic"]) == ("traffic", "content")
    assert [read_months(written) for written in ("24 months", "2 years", "1 month")] == [24, 24, 1]
    for written in ("24", "90 days", "0 months", "-3 months", "1.5 months", "100 years", ""):
        with pytest.raises(InputError):
            read_months(written)
    # All closes every channel but a state's own procedure.
    assert set(read_value(LEVERS["channels.closed"], "all")) == {c.name.lower() for c in Channel} - {"domestic"}  # type: ignore[arg-type]


REFUSED: dict[str, tuple[object, ...]] = {
    "central_authority.staff": ("-0.5", "-120 %", "nan", "1e400", "90 days", "21", None, True),
    **{"request.template": ("101 %", "many"), "central_authority.deadline": ("90", "90 fortnights", "0 days")},
    **{"police.before_formal": ("maybe",), "channels.closed": (["mlat", "pigeon"], [])},
}


def test_what_is_no_value_of_a_lever_is_refused_with_a_fix() -> None:
    for lever, values in REFUSED.items():
        for written in values:
            with pytest.raises(InputError) as caught:
                read_value(LEVERS[lever], written)
            assert caught.value.fix, (lever, written)


def test_a_lever_that_acts_only_with_another_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """The list of levers shows what else a lever needs to have an effect."""
    from sim.policy.listing import print_levers

    assert "central_authority.deadline " in LEVERS["central_authority.deadline_enforceable"].needs
    assert "in force" in LEVERS["law.join"].needs
    themes = "|".join({name.partition(".")[0] for name in LEVERS})
    for lever in LEVERS.values():
        assert set(re.findall(rf"\b(?:{themes})\.\w+", lever.needs)) <= set(LEVERS), lever.name
        print_levers(lever.name)
        assert ("Needs: " in capsys.readouterr().out) == bool(lever.needs)


def test_states_conclude_with_each_other_alone_and_a_conflict_of_data_protection_is_removed_or_left() -> None:
    treaty, conflict, on = LEVERS["law.conclude"], LEVERS["law.data_conflict_removed"], date(2027, 1, 1)
    assert isinstance(treaty, LawLever) and isinstance(conflict, LawLever)
    chosen = Selected("mlat", on, (), requesting=("BEL", "AUT"), requested=("AUT", "USA", "BEL"))
    assert treaty.amends(chosen) == (Conclude((("AUT", "BEL"), ("AUT", "USA"), ("BEL", "USA")), "mlat", on),)
    chosen = Selected(1.0, on, (), requesting=("USA",), requested=("AUT",))
    assert conflict.amends(chosen) == (RemoveDataConflict(("USA",), ("AUT",), on),)
    assert conflict.amends(replace(chosen, value=0.0)) == ()


WITHOUT_ORDER = (Quantity.SWITCH, Quantity.CHOICE, Quantity.CHOICES, Quantity.INSTRUMENT)


def test_gates_are_of_levers_and_hold_levers_and_parameters_that_there_are() -> None:
    known = {name for name, _, _ in declarations()}
    assert set(GATES) <= set(LEVERS)
    assert all(set(gate.levers) <= set(LEVERS) and set(gate.parameters) <= known for gate in GATES.values())


def test_every_lever_names_its_stage_or_why_it_has_no_scale() -> None:
    """Every lever names an outcome that it moves directly, or the reason why it has none."""
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
        *(([[3, 2, 1], [5, 4, 4]], True, False), ([[3, 2, 1], [4, 4, 5]], False, False)),
        *(([[1, 9, 2], [1, 9, 2]], False, False), ([[1, 1, 2], [1, 1.05, 2]], False, True)),
        *(([[1, 1, 1], [1, 1, 1]], False, False), ([[1, 2, np.nan], [1, 2, 3]], False, False)),
    ],
)
def test_one_way_is_distinguished_from_back_and_forth(values: list[list[float]], falls: bool, rises: bool) -> None:
    assert moves_one_way(np.array(values, np.float64), rises=False) is falls
    assert moves_one_way(np.array(values, np.float64), rises=True) is rises


@pytest.mark.slow
def test_stages_of_all_levers_move_one_way() -> None:
    """Each lever moves its direct outcome one way in six worlds (a useless lever passes in 1 of 50)."""
    assert not not_one_way(not_one_way(LEVERS, range(1, 7)), range(7, 19), least=11 / 12)


def moves_one_way(values: Floats, *, rises: bool, least: float = 1.0) -> bool:
    """True if enough worlds change in the right direction and no step goes back by a tenth of the mean whole change."""
    steps = np.diff(values, axis=1) * (1.0 if rises else -1.0)
    whole = steps.sum(axis=1)
    return bool((whole > 0.0).mean() >= least and (steps.mean(axis=0) >= -0.1 * whole.mean()).all())


def not_one_way(names: Iterable[str], seeds: Iterable[int], least: float = 1.0) -> dict[str, list[float]]:
    """Levers whose direct outcome does not move as declared, each with mean outcomes along its scale."""
    found = along([LEVERS[name] for name in names], seeds)
    stages = {name: LEVERS[name].stage for name in found}
    return {
        name: values.mean(axis=0).round(4).tolist()
        for name, values in found.items()
        if not isinstance(stage := stages[name], NoScale) and not moves_one_way(values, rises=stage.rises, least=least)
    }


def scale(lever: Lever) -> tuple[float, float, float]:
    """Points of a lever's scale: lowest, neutral or middle, and highest value."""
    low, neutral, high = float(lever.low), float(lever.neutral), float(lever.high)
    if low < neutral < high:
        return low, neutral, high
    return low, math.sqrt(low * high) if low > 0.0 else (low + high) / 2.0, high


def along(levers: Sequence[Lever], seeds: Iterable[int]) -> dict[str, Floats]:
    """Direct outcomes of levers along their scales, float64 [seed, point], by lever.

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
