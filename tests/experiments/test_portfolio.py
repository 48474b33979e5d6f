"""Tests of allocating a budget: prices, emulator and search, with a known answer."""

from pathlib import Path

import numpy as np
import pytest

from sim.cli import main
from sim.data.costs import central_prices
from sim.experiments.plan import Run
from sim.experiments.portfolio import POINTS, STEPS, Shop, best_five, design, learn, portfolio, price, purchases, shop
from sim.policy.problem import INPUT_ERROR
from sim.policy.scenario import catalogue, load
from sim.world.parameters import WorldSpec
from tests.experiments.fakes import experiment

WORLD = WorldSpec()


def test_measures_of_the_catalogue_have_prices_that_add_up() -> None:
    found = {entry.key: entry for entry in purchases(WORLD)}
    assert found["liaison.posts"].value(1.0) == max(
        change.value for key in catalogue() for change in load(key).changes if change.lever.name == "liaison.posts"
    )
    assert found["court.staff"].value(0.0) == 1.0, "today"
    deadline = found["central_authority.deadline"]
    assert deadline.value(0.5) == pytest.approx(np.sqrt(deadline.value(0.0) * deadline.value(1.0))), "days by halves"
    assert "police.first" not in found, "it is free"
    assert "politics.affinity_shift" not in found and "law.core_offences" not in found, "not for sale, or without dose"
    assert "agency.training" not in found, "a programme that ends has no single dose"
    bought = purchases(WORLD)[:6]
    at = shop(WORLD, bought, 1000.0)
    assert (at.prices[:, 0] == 0.0).all() and (np.diff(at.prices) >= 0.0).all()
    steps = np.array([[4, 2, 0, 1, 3, 4]])
    together = price(WORLD, bought, (steps[0] / STEPS).tolist())
    assert at.cost(steps)[0] == pytest.approx(together, rel=1e-9)
    assert 1.0 < price(WORLD, [found["liaison.posts"]], [1.0]) < 2_000.0, "million euros of a decade"
    twice = {name: 2.0 * euros for name, euros in central_prices().items()}
    assert price(WORLD, bought, [1.0] * 6, twice) > 1.5 * price(WORLD, bought, [1.0] * 6)


def test_each_world_has_today_and_random_doses_with_one_past(tmp_path: Path) -> None:
    bought, asked = purchases(WORLD)[:3], experiment(tmp_path, ("status_quo",), replicates=4)
    plan, doses = design(asked, bought)
    assert len(plan) == len(doses) == 4 * (1 + POINTS) and (doses[:4] == 0.0).all()
    assert len(set(plan.runs["past"].tolist())) == 4, "one for each world"
    assert set(np.bincount(plan.runs["seed"]).tolist()) == {0, 1 + POINTS}
    today = plan.base.scenario(Run(0, 0, 0, 1, plan.levels(0)))
    assert [change.value for change in today.changes] == [entry.value(0.0) for entry in bought]
    assert 0.15 < np.mean(doses[4:] == 0.0) < 0.25 and 0.15 < np.mean(doses[4:] == 1.0) < 0.25
    one, other = (portfolio(bought, some, "") for some in ([1.0, 0.0, 0.5], [1.0, 0.0, 0.25]))
    assert one.key != other.key and len(one.changes) == 2, "what is not bought does not move"


#: What a whole dose of each of four measures gains, and costs; the first two help each other, the last does harm.
GAINS, COSTS = np.array([4.0, 4.0, 10.0, -5.0]), np.array([10.0, 10.0, 30.0, 1.0])


def planted(doses: np.ndarray, sets: np.ndarray) -> np.ndarray:
    """Known gain from doses of four measures, one of which does harm in half of the parameter sets."""
    third = np.where(sets % 2 == 1, 14.0 * doses[:, 2], 0.0)
    return np.asarray(doses @ GAINS + 8.0 * doses[:, 0] * doses[:, 1] - third)


def test_a_planted_truth_is_bought_and_what_sets_choose_differs() -> None:
    """The search finds the best portfolio for a known benefit with noise, in 40 worlds of 15 points."""
    rng = np.random.default_rng(3)
    sets = np.repeat(np.arange(40), POINTS)
    doses = np.clip((rng.random((sets.size, 4)) - 0.2) / 0.6, 0.0, 1.0)
    found = learn(doses, planted(doses, sets) + rng.normal(0.0, 1.0, sets.size), sets)
    assert found.explained > 0.9
    at = Shop(COSTS[:, None] * np.arange(STEPS + 1) / STEPS, 30.0)
    best = best_five(found, at)
    assert best[0].tolist() == [1.0, 1.0, 0.25, 0.0], "both that help each other, and a quarter for what is left"
    assert (np.diff(found.gain(best)) <= 0.0).all() and (best[:, 3] == 0.0).all()
    assert all((best[:, place] == 0.0).any() for place in range(3)), "and the best without each that adds most"
    third = [at.best(lambda some, row=row: found.gain(some, row), np.ones(4, np.bool_))[2] for row in range(40)]
    odd, even = np.array(third[1::2]), np.array(third[::2])
    assert np.mean(even > 0.0) > np.mean(odd > 0.0) + 0.5


def test_what_gains_most_for_its_money_is_bought_where_the_largest_gain_would_spend_it_all() -> None:
    gains, prices = np.array([10.0, 6.0, 5.0]), np.array([30.0, 10.0, 10.0])[:, None] * np.arange(STEPS + 1) / STEPS
    for budget, dear, doses in ((30.0, 10.0, [0.25, 1.0, 1.0]), (30.0, 40.0, [1.0, 0.0, 0.0]), (2.0, 10.0, [0.0] * 3)):
        gains[0] = dear
        assert Shop(prices, budget).best(lambda some: some @ gains, np.ones(3, np.bool_)).tolist() == doses
    gains[0], spare = 10.0, np.array([True, False, True])
    assert Shop(prices, 30.0).best(lambda some: some @ gains, spare).tolist() == [0.75, 0.0, 0.75]


def test_a_budget_that_is_none_is_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["portfolio", "--budget", "0 euros"]) == INPUT_ERROR
    assert "less than most measures cost" in capsys.readouterr().err
    assert main(["portfolio", "--budget", "1 zillion"]) == INPUT_ERROR
    message = capsys.readouterr().err
    assert "--budget = '1 zillion'" in message and "billion euros" in message and len(message.splitlines()) == 1
