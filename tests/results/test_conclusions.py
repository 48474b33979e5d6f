"""Which conclusions rest on a mechanism: found in tables whose answer is known."""

from collections.abc import Mapping
from dataclasses import replace
from operator import attrgetter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from sim.experiments.design import MAIN, Design, ablation
from sim.experiments.settings import chosen, is_on, mechanisms
from sim.measures.outcomes import OUTCOMES
from sim.policy.problem import InputError
from sim.results import conclusions
from sim.results.conclusions import Conclusion, Flip
from sim.results.effects import PairedArms
from sim.world.parameters import Parameters, declarations, with_values
from tests.experiments.fakes import experiment

KEY = "takedown_rate"
SEEDS = np.arange(1, 21)
#: Two patterns over seeds with mean zero and standard deviation about one, that have nothing to do with each other.
FIRST, SECOND = np.resize([-1.0, 1.0], SEEDS.size), np.resize([-1.0, -1.0, 1.0, 1.0], SEEDS.size)
Effects = Mapping[str, npt.NDArray[np.float64]]


def outcomes(blocks: Mapping[str, Effects]) -> pd.DataFrame:
    """Tables of blocks in which each scenario has the given effects, seed by seed."""
    rows = [
        pd.DataFrame({"block": block, "scenario": scenario, "seed": SEEDS, KEY: 10.0 + SECOND + effect})
        for block, effects in blocks.items()
        for scenario, effect in {"status_quo": 0.0 * SEEDS, **effects}.items()
    ]
    table = pd.concat(rows, ignore_index=True)
    others = pd.DataFrame(1.0, index=table.index, columns=[one.key for one in OUTCOMES if one.key != KEY])
    return pd.concat([table, others], axis=1)


def design(*scenarios: str) -> Design:
    asked = experiment(Path("results"), ("status_quo", *scenarios))
    return ablation(replace(asked, mechanisms=chosen(["queues"], "")))


def concluded(whole: npt.NDArray[np.float64], rest: npt.NDArray[np.float64]) -> Conclusion:
    """The conclusion on one policy, for its effects with and without queues."""
    table = outcomes({MAIN: {"faster_mlat": whole}, "without queues": {"faster_mlat": rest}})
    (entry,) = conclusions.of_policies(PairedArms(table), design("faster_mlat"), [KEY])
    return entry


def test_what_becomes_of_a_conclusion() -> None:
    for whole, rest, flip in (
        *((1.0, 1.0, Flip.HOLDS), (1.0, 3.0, Flip.HOLDS), (0.0, 0.0, Flip.HOLDS), (np.nan, np.nan, Flip.HOLDS)),
        *((1.0, -1.0, Flip.REVERSED), (1.0, 0.0, Flip.LOST), (0.0, -1.0, Flip.GAINED), (1.0, np.nan, Flip.UNDEFINED)),
    ):
        entry = concluded(whole + 0.2 * FIRST, rest + 0.2 * SECOND)
        assert entry.flip is flip
        assert entry.flips == (flip is not Flip.HOLDS) and not entry.borderline


def test_effects_are_compared_seed_by_seed_and_noise_is_no_flip_by_itself() -> None:
    entry = concluded(1.0 + 5.0 * FIRST, 3.0 + 5.0 * FIRST)
    assert entry.whole.low < 0.0 < entry.without.low, "each by itself is uncertain"
    shift = entry.shift
    assert (shift.difference, shift.low, shift.high, shift.pairs) == pytest.approx((2.0, 2.0, 2.0, SEEDS.size))
    assert entry.moved
    # Half the width of an interval is 0.48: an effect of 0.50 can be distinguished from noise, one of 0.42 cannot.
    entry = concluded(0.50 + FIRST, 0.42 + SECOND)
    assert entry.flip is Flip.LOST and entry.borderline
    assert not entry.flips
    table = outcomes({MAIN: {"faster_mlat": 1.0 + FIRST}, "without queues": {"faster_mlat": 2.0 + FIRST}})
    lost = (table["block"] == "without queues") & (table["scenario"] == "status_quo") & (table["seed"] == 4)
    (entry,) = conclusions.of_policies(PairedArms(table[~lost]), design("faster_mlat"), [KEY])
    assert entry.shift.pairs == SEEDS.size - 1 and entry.shift.difference == pytest.approx(1.0)


def test_policies_are_ranked_and_grounds_are_what_a_mechanism_does_to_the_baseline() -> None:
    policies = ("harmonised_law", "faster_mlat")
    whole = dict(zip(policies, (0.1 * FIRST, 1.0 + 0.1 * SECOND), strict=True))
    rest = dict(zip(policies, (2.0 + 0.1 * FIRST, 1.0 + 0.1 * SECOND), strict=True))
    (entry,) = conclusions.of_rankings(
        PairedArms(outcomes({MAIN: whole, "without queues": rest})), design(*policies), [KEY]
    )
    assert (entry.whole.scenario, entry.whole.baseline) == ("faster_mlat", "harmonised_law")
    assert entry.flip is Flip.REVERSED and entry.whole.difference == pytest.approx(1.0)
    assert entry.without.difference == pytest.approx(-1.0)
    table = outcomes({MAIN: {}, "without queues": {}})
    table.loc[table["block"] == "without queues", KEY] += 4.0
    (shift,) = conclusions.of_baseline(PairedArms(table), design(), [KEY])["queues"]
    assert (shift.scenario_mean, shift.low, shift.high) == pytest.approx((14.0, 4.0, 4.0))


def test_every_switch_is_a_mechanism_that_changes_nothing_else_and_mistakes_are_reported() -> None:
    declared = {name for name, _, declaration in declarations() if declaration.unit == "switch"}
    assert {mechanism.switch for mechanism in mechanisms()} == declared
    assert len({mechanism.key for mechanism in mechanisms()}) == len(declared) >= 14
    for mechanism in mechanisms():
        assert mechanism.meaning and mechanism.source
        changed = with_values(Parameters(), {mechanism.switch: 0.0})
        assert is_on(Parameters(), mechanism) and not is_on(changed, mechanism)
        values = [attrgetter(*(name for name, _, _ in declarations()))(one) for one in (Parameters(), changed)]
        assert sum(one != other for one, other in zip(*values, strict=True)) == 1
    for keys, *parts in ((["quues"], "unknown", "quues", "queues"), (["queues"] * 2, "twice"), ([], "no mechanism")):
        with pytest.raises(InputError) as raised:
            chosen(keys, "--mechanism")
        assert all(part in str(raised.value) for part in ("command line", "--mechanism", *parts))


def test_the_design_leaves_out_one_at_a_time_under_the_same_seeds(tmp_path: Path) -> None:
    left_out = chosen(["hop_chain", "silence"], "")
    asked = replace(experiment(tmp_path, ("status_quo", "faster_mlat"), events=True), mechanisms=left_out)
    made = ablation(asked)
    assert made.blocks == (MAIN, "without hop chain", "without silence")
    pasts = list(made.plan.pasts(np.ones(len(made.plan), bool)))
    assert len(pasts) == 9, "each point has a past of its own"
    for point, block in enumerate(made.blocks):
        tasks = [made.plan.base.task(past) for past in pasts if past[0].point == point]
        assert [task.seed for task in tasks] == [1, 2, 3]
        assert {task.scenarios for task in tasks} == {asked.scenarios}
        switched_off = [one.key for one in mechanisms() if not is_on(tasks[0].parameters, one)]
        assert switched_off == ([] if block == MAIN else [block.removeprefix("without ").replace(" ", "_")])
        assert all(task.events == (block == MAIN) for task in tasks)
    assert made.plan.points["left_out"].tolist() == ["nothing", "hop_chain", "silence"]
