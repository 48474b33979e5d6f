"""Dependences of effects: chance is seldom named, planted ones are, and one half of the sets shows them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, rankdata, spearmanr

from sim.calibration import prior
from sim.experiments.plan import MAIN
from sim.experiments.sets import ParameterSets
from sim.measures.arrays import Floats
from sim.measures.outcomes import outcome
from sim.measures.ranks import beyond_chance, rank_correlations, seen_in_most
from sim.results.depends import (
    FEWEST_SETS,
    Dependences,
    Drawn,
    choosing_half,
    dependences,
    drawn_by,
    open_choices,
)
from sim.results.effects import Comparison, PairedArms, effects
from sim.results.words import change
from sim.world.parameters import declarations

SETS, SEEDS, TRIALS = 100, 125, 200  # a fifth of the seeds repeats a set
#: Pearson's correlation of two normal columns whose rank correlation is 0.5.
HALF = 2.0 * np.sin(np.pi / 12.0)
CONTRAST = Comparison((MAIN, "policy"), (MAIN, "today"))


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    """Open choices and parameters of 100 draws of the prior."""
    return drawn_by(pd.DataFrame(prior.unselected()[:SETS]))


def arms_of(relative: Floats) -> PairedArms:
    """Worlds in which a policy changes outcomes of 100 by a share in each set, f8[sets, trials]."""
    sets = ParameterSets([{} for _ in range(len(relative))])
    seeds = np.arange(1, 1 + len(relative) * SEEDS // SETS)
    frames = []
    for scenario, more in (("today", 0.0), ("policy", relative[sets.numbers(seeds)])):
        values = 100.0 * (1.0 + np.broadcast_to(more, (len(seeds), relative.shape[1])))
        columns = pd.DataFrame(values, columns=[f"trial_{trial}" for trial in range(relative.shape[1])])
        frames.append(columns.assign(block=MAIN, scenario=scenario, seed=seeds))
    return PairedArms(pd.concat(frames), sets)


def found(arms: PairedArms, drawn: Drawn, trial: int = 0) -> Dependences:
    """Dependences of one trial."""
    about = replace(outcome("takedowns_expected"), key=f"trial_{trial}")
    entry, *_ = effects(arms, [CONTRAST], [about])
    return dependences(arms, CONTRAST, entry, about, drawn)


def as_normal(values: Floats) -> Floats:
    """Values as a normal sample of the same ranks."""
    return np.asarray(norm.ppf((rankdata(values) - 0.5) / len(values)))


def planted(drawn: Drawn, places: Sequence[int], seed: int, strength: float = HALF) -> Floats:
    """Relative effects of which each goes with one choice, f8[sets, trials]."""
    rest = np.random.default_rng(seed).normal(size=(len(drawn.values), len(places)))
    column = np.column_stack([as_normal(drawn.values[:, place]) for place in places])
    return np.asarray(0.5 * np.exp(0.3 * (strength * column + np.sqrt(1.0 - strength**2) * rest)))


def places_of(drawn: Drawn, *, are_open: bool) -> list[int]:
    """Places of 200 choices, some of them repeatedly."""
    there = np.flatnonzero(drawn.is_open == are_open)
    return np.resize(there, TRIALS).tolist()  # type: ignore[no-any-return]


def test_an_effect_that_depends_on_nothing_seldom_has_a_dependence_named(drawn: Drawn) -> None:
    """At most 15 of 200 effects without a dependence have one named (4.6 % expected; P = 2 %)."""
    noise = 0.5 * np.exp(np.random.default_rng(64).normal(0.0, 0.6, (SETS, TRIALS)))
    arms = arms_of(noise)
    assert sum(bool(found(arms, drawn, trial).named) for trial in range(TRIALS)) <= 15


@pytest.mark.parametrize(("are_open", "seed"), [(True, 1), (False, 2)])
def test_a_rank_correlation_of_a_half_is_named(drawn: Drawn, are_open: bool, seed: int) -> None:
    """A choice with a planted rank correlation of a half is named in at least 180 of 200 trials.

    An open choice is named in 98 of 100 cases, another parameter in 95, so that one of 1,000 other seeds would fail.
    """
    places = places_of(drawn, are_open=are_open)
    arms = arms_of(planted(drawn, places, seed))
    named = [
        drawn.choices[place] in [one.choice for one in found(arms, drawn, trial).named]
        for trial, place in enumerate(places)
    ]
    assert sum(named) >= 180


def test_intervals_of_quarters_hold_what_is_true_of_them(drawn: Drawn) -> None:
    """Over 92 % of some 350 intervals for quarters of the sets contain the planted effect.

    Fewer than 0.92 of 350 intervals that hold with 0.95 would hold in one of 100 cases.
    """
    places = places_of(drawn, are_open=True)
    arms, shows = arms_of(planted(drawn, places, 3)), ~choosing_half(np.arange(SETS))
    held = []
    for trial, place in enumerate(places):
        mine = [one for one in found(arms, drawn, trial).named if one.choice == drawn.choices[place]]
        column = drawn.values[:, place]
        expected = 0.5 * np.exp(0.3 * HALF * as_normal(column) + 0.045 * (1.0 - HALF**2))
        for one in mine:
            for at in (0, -1):
                low, high = one.ranges[at]
                inside = np.flatnonzero(shows & (column >= low) & (column <= high))
                weights = 1 + (inside % 4 == 0)  # sets that two seeds share
                truth = float(np.average(expected[inside], weights=weights))
                held.append(one.quarters[at].relative_low <= truth <= one.quarters[at].relative_high)
    assert len(held) > 340 and np.mean(held) > 0.92


def test_quarters_show_the_half_of_the_sets_that_did_not_choose(drawn: Drawn) -> None:
    relative, chooses = planted(drawn, [0], 4, 0.95), choosing_half(np.arange(SETS))
    first = found(arms_of(relative), drawn).named[0]
    relative[chooses] *= 1.1
    other = found(arms_of(relative), drawn).named[0]
    assert first.choice == other.choice == drawn.choices[0] and first.effect != other.effect
    assert [change(one) for one in first.quarters] == [change(one) for one in other.quarters]
    assert chooses.sum() == 52  # 13 of 25 blocks between repeats
    middles = [quarter.relative for quarter in first.quarters]
    assert middles == sorted(middles) and sum(quarter.pairs for quarter in first.quarters) == 60
    assert all(low <= high < after for (low, high), (after, _) in zip(first.ranges, first.ranges[1:], strict=False))


def test_the_three_strongest_are_shown_by_the_half_that_chooses(drawn: Drawn) -> None:
    columns = np.column_stack([as_normal(drawn.values[:, place]) for place in range(4)])
    relative = 0.5 * np.exp(0.3 * columns @ np.array([0.9, 0.8, 0.7, 0.6]))[:, None]
    seen = found(arms_of(relative), drawn)
    chooses = choosing_half(np.arange(SETS))
    own = [abs(spearmanr(drawn.values[chooses, place], relative[chooses, 0]).statistic) for place in range(4)]
    by_strength = [drawn.choices[place] for place in np.argsort(own)[::-1]]
    assert [one.choice for one in seen.named] == by_strength[: len(seen.named)] and len(seen.named) == 3


def test_a_quarter_that_is_unclear_or_of_the_other_sign_changes_the_verdict_of_a_clear_effect(drawn: Drawn) -> None:
    column = as_normal(drawn.values[:, 0])[:, None]
    noise = np.random.default_rng(5).normal(0.0, 0.05, (SETS, 1))
    for slope, expected in ((0.1, ()), (0.4, (0,)), (-0.4, (-1,))):
        assert found(arms_of(0.35 + slope * column + noise), drawn).named[0].changes_verdict == expected
    unclear = found(arms_of(0.4 * column + noise), drawn).named[0]
    assert unclear.changes_verdict == () and unclear.correlation > 0.9


def test_a_rule_with_two_alternatives_has_two_parts(drawn: Drawn) -> None:
    switch = (np.arange(SETS) % 3 == 0).astype(np.float64)
    both = replace(drawn, values=np.column_stack([switch, drawn.values[:, 1:]]))
    noise = np.random.default_rng(6).normal(0.0, 0.05, (SETS, 1))
    one = found(arms_of(0.3 + 0.3 * switch[:, None] + noise), both).named[0]
    assert [round(quarter.relative, 1) for quarter in one.quarters] == [0.3, 0.6] and one.ranges == ((0, 0), (1, 1))


def test_few_sets_sets_without_differences_and_effects_without_differences_name_nothing(drawn: Drawn) -> None:
    relative = planted(drawn, [0], 7, 0.99)
    some = replace(drawn, values=drawn.values[: FEWEST_SETS - 1])
    few = found(arms_of(relative[: FEWEST_SETS - 1]), some)
    assert (few.named, few.is_judged, few.sets) == ((), False, FEWEST_SETS - 1)
    assert found(arms_of(np.full((SETS, 1), 0.5)), drawn).named == ()
    nothing = drawn_by(pd.DataFrame([{"desk.rebound": 0.5}] * SETS))
    assert not nothing.choices and found(arms_of(relative), nothing).named == ()
    assert set(nothing.missing) == set(open_choices())


def test_effects_are_differences_where_today_is_zero_in_some_set(drawn: Drawn) -> None:
    relative = planted(drawn, [0], 8, 0.99)
    arms = arms_of(relative)
    frame = pd.concat([rows.reset_index() for rows in arms._rows.values()])
    frame.loc[frame["seed"] == 3, "trial_0"] -= 100.0
    shifted = PairedArms(frame.assign(block=MAIN, scenario=np.repeat(["today", "policy"], SEEDS)), arms._sets)
    assert found(shifted, drawn).correlations == found(arms, drawn).correlations


def test_several_parameters_make_one_choice_and_a_minus_turns_one_round() -> None:
    rng = np.random.default_rng(9)
    waits = [f"desk.incoming_wait_tier_{tier}" for tier in (1, 2, 3, 4)]
    table = pd.DataFrame(rng.random((SETS, 6)), columns=["desk.court_wait_days", *waits, "desk.usual_days"])
    drawn = drawn_by(table)
    months, other = drawn.choices
    assert (months.key, other.key, other.is_open) == ("months_at_courts", "desk.usual_days", False)
    assert spearmanr(drawn.values[:, 0], table["desk.court_wait_days"]).statistic > 0.2
    assert all(spearmanr(drawn.values[:, 0], table[name]).statistic < -0.2 for name in waits)


def test_the_declared_list_is_short_and_names_parameters_that_are_there() -> None:
    names, declared = [one.key for one in open_choices()], {name for name, _, _ in declarations()}
    assert len(names) <= 15 and len(set(names)) == len(names)
    parameters = [name.removeprefix("-") for one in open_choices() for name in one.parameters]
    assert set(parameters) <= declared and len(set(parameters)) == len(parameters)
    assert all(one.parameters for one in open_choices())
    assert all(one.title and one.low and one.high and one.source and one.low != one.high for one in open_choices())
    assert not any(word in f"{one.title} {one.low} {one.high}" for one in open_choices() for word in (".", "because"))


def test_rank_correlations_are_those_of_scipy_and_chance_exceeds_the_limit_as_often_as_it_says() -> None:
    """Rank correlations equal SciPy's, and chance exceeds its 10 % limit in 8 to 12 % of 4,000 trials."""
    rng = np.random.default_rng(10)
    columns, values = rng.integers(0, 5, (30, 4)).astype(np.float64), rng.normal(size=30)
    columns[:, 3] = 2.0
    mine = rank_correlations(columns, values)
    assert mine[:3] == pytest.approx([spearmanr(columns[:, at], values).statistic for at in range(3)])
    assert np.isnan(mine[3])
    limit = beyond_chance(30, 8, 0.1)
    over = [np.abs(rank_correlations(rng.random((30, 8)), rng.random(30))).max() > limit for _ in range(4000)]
    assert 0.08 < np.mean(over) < 0.12
    assert beyond_chance(30, 0, 0.1) == beyond_chance(3, 1, 0.1) == np.inf
    assert limit < seen_in_most(30, limit, 0.5 + 1e-9) + 1e-6 < seen_in_most(30, limit) < 1.0
