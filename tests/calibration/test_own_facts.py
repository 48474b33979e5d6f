"""Tests of a user's own figures: weights, order of sets, refusals, and what a figure would be worth."""

import math
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.calibration import worth
from sim.calibration.ensemble import Ensemble, load
from sim.calibration.own_facts import (
    FEWEST,
    OwnFigure,
    effective,
    log_weights,
    measurable,
    normalised,
    quantiles,
    set_means,
    to_fit,
    turns,
    weigh,
)
from sim.calibration.targets import Bound, Role, of_role
from sim.experiments.sets import ParameterSets
from sim.policy.problem import InputError

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "howto" / "own_figures.yaml"
#: Facts of a ministry's: months, requests, what becomes of them, cases, servers.
FIVE = ("mla_parties", "brazil_executed", "incoming_brazil", "case_months", "top_three_hosts")
#: Half of the range of a planted figure, in logs or logits.
REACH = 0.2


@pytest.fixture(scope="module")
def ensemble() -> Ensemble:
    return load()


def planted(ensemble: Ensemble, place: int) -> list[OwnFigure]:
    """Figures that lie where one set has them."""
    figures = []
    for key in FIVE:
        target = measurable(ensemble)[key]
        middle = set_means(ensemble, target)[0][place]
        low, high = target.unscaled(np.array([middle - REACH, middle + REACH])).tolist()
        figures.append(OwnFigure(target, low, high, ""))
    return figures


def test_planted_figures_of_a_set_raise_its_weight(ensemble: Ensemble) -> None:
    """A set of which all figures are known weighs more than before; by chance half of the sets would."""
    weights = [normalised(log_weights(ensemble, planted(ensemble, place)))[place] for place in range(0, 100, 5)]
    assert np.mean(np.array(weights) > 1.5 / ensemble.size) > 0.9
    assert np.mean(weights) > 2.0 / ensemble.size


def test_a_useless_figure_changes_nothing(ensemble: Ensemble) -> None:
    target = measurable(ensemble)["mla_parties"]
    low, high = target.unscaled(np.array([target.middle - 8.0, target.middle + 8.0])).tolist()
    weights = normalised(log_weights(ensemble, [OwnFigure(target, low, high, "")]))
    assert effective(weights) > 0.99 * ensemble.size
    bound = normalised(log_weights(ensemble, [OwnFigure(target, 0.01, math.nan, "")]))
    assert effective(bound) == pytest.approx(ensemble.size, rel=1e-6)


def test_published_facts_again_leave_the_shipped_means_within_their_errors(ensemble: Ensemble) -> None:
    """The sets were chosen by these facts: to weigh them by the same again moves no mean by an error of the fact."""
    figures = []
    for target in of_role(Role.FIT):
        low, high = target.unscaled(target.middle + 1.96 * target.error * np.array([-1.0, 1.0])).tolist()
        ends = (low, math.nan) if target.bound is Bound.LOWER else (math.nan, high)
        figures.append(OwnFigure(target, *((low, high) if target.bound is Bound.NONE else ends), ""))
    weights = normalised(log_weights(ensemble, figures))
    for target in of_role(Role.FIT):
        means = set_means(ensemble, target)[0]
        if target.bound is Bound.NONE:
            assert abs(float(weights @ means) - float(means.mean())) < target.error, target.key


def test_a_bound_weighs_one_side_alone(ensemble: Ensemble) -> None:
    target = measurable(ensemble)["incoming_brazil"]
    means = set_means(ensemble, target)[0]
    middle = float(target.unscaled(np.array([np.median(means)]))[0])
    for low, high, side in ((middle, math.nan, 1.0), (math.nan, middle, -1.0)):
        weights = normalised(log_weights(ensemble, [OwnFigure(target, low, high, "")]))
        assert side * (weights @ means - means.mean()) > 0.0
        assert weights[side * (means - np.median(means)) > 0.0].sum() > 0.8


def test_seeds_take_sets_by_their_weights_in_any_long_part() -> None:
    drawn = np.random.default_rng(1)
    for weights in (drawn.dirichlet(np.full(100, 0.3)), drawn.dirichlet(np.ones(12)), np.full(7, 1.0 / 7.0)):
        order = turns(weights)
        share = np.bincount(order, minlength=len(weights)) / len(order)
        assert np.abs(share - weights).max() < 1.0 / len(order)
        half = np.bincount(order[: len(order) // 2], minlength=len(weights)) / (len(order) // 2)
        assert np.abs(half - weights).max() < 4.0 / len(order)
    assert np.bincount(turns(np.full(5, 0.2))).tolist() == [4] * 5


def test_two_worlds_of_one_set_share_its_number() -> None:
    sets = ParameterSets([{"desk.rebound": 0.1 * n} for n in range(4)], order=(2, 0, 2, 3))
    assert sets.numbers(np.arange(1, 7)).tolist() == [2, 0, 2, 3, 2, 2]  # the fifth seed has that of the first again
    assert sets.number(2) == 0


def test_five_figures_of_a_ministry_weigh_the_shipped_sets(ensemble: Ensemble) -> None:
    found = sim.facts(EXAMPLE)
    assert FEWEST <= found.effective <= ensemble.size
    assert found.weights.sum() == pytest.approx(1.0) and len(found.weights) == ensemble.size
    moved = found.moved.set_index("fact")
    assert moved["is_given"].sum() == 5 and len(moved) > 40
    assert ((moved["before_low"] <= moved["before"]) & (moved["before"] <= moved["before_high"])).all()
    assert moved.loc["brazil_executed", "after"] < moved.loc["brazil_executed", "before"]


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("whose: A\nfigures: [{fact: mla_partys, low: 6, high: 9}]", "figures.0.fact", "mla_partys"),
        ("whose: A\nfigures: [{fact: mla_parties, low: 9, high: 6}]", "figures.0.low", 9.0),
        ("whose: A\nfigures: [{fact: frozen, low: 0.1, high: 5}]", "figures.0.high", 5.0),
        ("whose: A\nfigures: [{fact: mla_parties}]", "figures.0.fact", "mla_parties"),
        ("whose: A\nfigures: [{fact: frozen, low: 0.1}, {fact: frozen, low: 0.2}]", "fact", "frozen"),
        ("whose: A\nfigures: [{fact: frozen, low: -1}]", "figures.0.low", None),
        ("whose: A\nfigures: [{fact: frozen, lowest: 1}]", "figures.0.lowest", None),
        ("whose: A\nfigures: []", "figures", None),
        ("figures: [{fact: frozen, low: 0.1}]", "whose", None),
        ("- a\n- b", "--facts", None),
        ("whose: A\nfigures: [{fact: mla_parties, low: 1.0, high: 1.01}]", "--facts", None),
        ("whose: &a [x]\nfigures: [*a, *a]", "", None),
        ("whose: !!python/object/apply:os.system ['true']\nfigures: []", "", None),
    ],
)
def test_a_wrong_file_is_one_message_with_place_and_fix(
    text: str, key: str, value: object, tmp_path: Path, ensemble: Ensemble
) -> None:
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        weigh(tmp_path / "mine.yaml", ensemble)
    said = raised.value
    assert said.fix and (said.where or said.key)
    assert said.key == key or not key
    assert value is None or said.value == value


def test_figures_need_sets_that_were_calibrated() -> None:
    with pytest.raises(InputError, match="figures need calibrated parameter sets"):
        sim.compare("faster_mlat", facts=EXAMPLE, point=True, world="tiny", replicates=2, progress=None)
    with pytest.raises(InputError, match="nothere"):
        sim.facts("nothere.yaml")


def test_a_comparison_takes_sets_by_weight_and_says_so(tmp_path: Path) -> None:
    made = sim.compare(
        "faster_mlat", facts=EXAMPLE, world="tiny", replicates=6, progress=None, executor="serial", results=tmp_path
    )
    order = turns(sim.facts(EXAMPLE).weights.to_numpy())
    places = [0, 1, 2, 3, 0, 4]
    today = made.outcomes[made.outcomes["scenario"] == "status_quo"].sort_values("seed")
    assert today["parameter_set"].tolist() == order[places].tolist()
    again = sim.open(made.folder)
    assert again.summary == made.summary and "Ministry of Justice of Brazil" in again.summary
    assert "register" not in again.summary and "0.22" not in again.summary  # names of figures, and no values
    assert (again.outcomes["parameter_set"] == made.outcomes["parameter_set"]).all()


def test_figures_choose_sets_in_place_of_published_ones_on_the_same_quantity(ensemble: Ensemble) -> None:
    from sim.calibration.own_facts import read_figures

    facts = {one.key: one for one in to_fit(read_figures(EXAMPLE, ensemble))}
    published = {one.key for one in of_role(Role.FIT)}
    assert set(facts) == published | {"brazil_executed"}
    assert facts["mla_parties"].low == pytest.approx(6.5, rel=0.02)
    assert facts["mla_parties"].high == pytest.approx(11.5, rel=0.02)
    assert facts["frozen"].bound is Bound.LOWER and facts["frozen"].value == 0.01


def test_a_figure_that_an_answer_rests_on_is_worth_most_and_chance_is_named_seldom() -> None:
    """A planted figure is found; of 40 answers that rest on nothing fewer than seven have one in 19 of 20 cases."""
    drawn = np.random.default_rng(5)
    known = drawn.normal(size=(80, 12))
    answers = np.column_stack([known[:, 3] + 0.5 * drawn.normal(size=80), drawn.normal(size=(80, 1))])
    found = np.array([worth.explained(column, answers) for column in known.T])
    assert found[:, 0].argmax() == 3 and found[3, 0] == pytest.approx(0.8, abs=0.12)
    assert found[:, 1].max() < 0.2
    curved = worth.explained(known[:, 0], (known[:, 0] ** 2)[:, np.newaxis])
    assert curved[0] > 0.95


def test_quantiles_by_weight() -> None:
    values, weights = np.array([3.0, 1.0, np.nan, 2.0]), np.array([0.1, 0.1, 0.7, 0.1])
    assert quantiles(values, weights, [0.5]) == pytest.approx([2.0])
    heavy = quantiles(np.arange(5.0), np.array([0.9, 0.025, 0.025, 0.025, 0.025]), [0.5])
    assert heavy[0] < 0.2
    assert np.isnan(quantiles(np.full(3, np.nan), np.full(3, 1.0 / 3.0), [0.5])).all()


def test_evidence_ranks_figures_of_the_stored_comparison() -> None:
    table = sim.evidence(ROOT / "results" / "reference")
    assert table["narrows"].is_monotonic_decreasing and table["narrows"].between(0.0, 1.0).all()
    assert table["beyond_chance"].any() and not table["beyond_chance"].all()
    assert not table.duplicated(["fact", "policy", "outcome"]).any()
    with pytest.raises(InputError, match="no comparison there"):
        sim.evidence("nothere")
