"""Tests of conclusions that depend on a mechanism, and of confidence ratings."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from docs.programs.evidence import facts
from sim.data.load import read_table
from sim.experiments.design import MAIN, Design, ablation
from sim.experiments.settings import chosen, is_on, mechanisms
from sim.experiments.statistics import with_own_error
from sim.measures.outcomes import OUTCOMES
from sim.policy.problem import InputError
from sim.results import conclusions
from sim.results.conclusions import Conclusion, Flip
from sim.results.confidence import (
    FILE,
    Confidence,
    Grounds,
    grounds_of,
    in_a_sentence,
    in_brief,
    in_words,
    of_direction,
    of_nothing,
    of_size,
    record,
    record_in_full,
)
from sim.results.effects import PairedArms, PairedEffect, Verdict
from sim.results.words import rough_ends, rough_sizes, rough_wait
from sim.world.parameters import Parameters, declarations, with_values
from tests.experiments.fakes import experiment
from tests.tables import rows

LOW, MEDIUM, HIGH = Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH
SURE = Grounds(worlds=0.97, ablations=1.0, met=3, missed=0, judged=0.3, low=0.10, high=0.18)


def test_the_weakest_ground_decides_and_little_changes_where_the_interval_is_narrow_beside_todays_level() -> None:
    """The weakest evidence determines the confidence in an effect's direction, size or absence."""
    for change, words in rows(Path(__file__).with_name("grounds.txt")):
        grounds, expected = replace(SURE, **json.loads(change)), words.split()
        found = [of_direction(grounds), of_size(grounds)] if len(expected) == 2 else [of_nothing(grounds)]
        assert [one.name.lower() for one in found] == expected, change


def test_confidence_in_words() -> None:
    sure = replace(SURE, about="waits", most=0.99)
    for change, words in rows(Path(__file__).with_name("confidence.txt")):
        assert in_words(replace(sure, **json.loads(change))).endswith(words), change
        said = in_words(replace(sure, **json.loads(change)), about="own requests")
        assert "(own requests): " in said and max(len(part.split()) for part in said.split(". ")) <= 20, said
    assert in_words(sure, drawn=False).endswith(
        "direction and size. This is one set of parameters: what nobody knows is left out."
    )


@pytest.mark.parametrize(
    ("outcome", "about"),
    [("turnaround_median", "waits and channels"), ("groups_brought_down", "operations and counts")],
)
@pytest.mark.parametrize("verdict", [Verdict.DISTINGUISHABLE, Verdict.NOT_DISTINGUISHABLE])
def test_grounds_are_those_on_file(outcome: str, about: str, verdict: Verdict) -> None:
    rows = read_table(FILE).rows
    tried = [row["holds"] for row in rows if (row["scenario"], row["outcome"]) == ("faster_mlat", outcome)]
    facts = [row["holds"] for row in rows if row["ground"] == "fact" and row["about"] in about.split()]
    tags = [said.tag for _, _, said in declarations()]
    names = {"block": "main", "scenario": "faster_mlat", "baseline": "b", "outcome": outcome, "title": "", "unit": ""}
    levels = {"baseline_mean": 5.0, "scenario_mean": 6.0, "pairs": 9, "difference": 1.0, "low": 0.5, "high": 1.5}
    more = {"relative": 0.2, "relative_low": 0.1, "relative_high": 0.3, "holds_low": 0.8, "holds_high": 0.9}
    found = grounds_of(PairedEffect(**names, **levels, **more, verdict=verdict))
    assert (found.about, found.worlds, found.most, found.low, found.high) == (about, 0.8, 0.9, 0.5, 1.5)
    assert (found.met, found.missed) == (facts.count("yes"), len(facts) - facts.count("yes")) and facts
    assert found.judged == tags.count("judgement") / len(tags)
    assert found.ablations == pytest.approx(tried.count("yes") / len(tried) if tried else math.nan, nan_ok=True)
    assert (found.level == 5.0) == (verdict is Verdict.NOT_DISTINGUISHABLE)


def test_facts_on_file_are_those_of_the_page_of_validation() -> None:
    """Facts in evidence.csv equal those of the validation page; `python -m docs.programs.evidence` renews them."""
    on_file = [list(row.values()) for row in read_table(FILE).rows if row["ground"] in ("fact", "revised")]
    assert on_file == facts() and len(on_file) > 5


@pytest.mark.parametrize(
    ("levels", "shown"),
    [
        *(((104.0, 109.0), ("104", "109")), ((97.7, 161.4), ("98", "162")), ((29.5, 31.4), ("30", "32"))),
        *(((164.16, 167.8), ("164", "168")), ((7.742, 3.472), ("7.7", "3.5")), ((9.6, 10.4), ("9.6", "10.4"))),
        *(((33.0, 35.7), ("33", "36")), ((2870.0, 2875.0), ("2 870", "2 870"))),
        *(((140_947.0, 153_797.0), ("141 000", "154 000")), ((0.0, 3.0), ("0", "3.0"))),
        ((float("nan"), 3.0), ("–", "3.0")),
    ],
)
def test_two_levels_are_as_far_apart_as_their_difference_in_two_figures(levels, shown):
    entry = SimpleNamespace(baseline_mean=levels[0], scenario_mean=levels[1])
    assert rough_ends(entry) == shown
    tenth = SimpleNamespace(**{name: value / 10 for name, value in vars(entry).items()})
    assert rough_ends(tenth, 10.0) == shown


def test_the_record_counts_every_fact_once_by_kind_and_by_side_and_says_what_the_prior_meets() -> None:
    rows = [row for row in read_table(FILE).rows if row["ground"] == "fact"]
    met = [row for row in rows if row["holds"] == "yes"]
    said, lines = record(), record_in_full()

    def counts(text: str) -> list[tuple[int, int]]:
        return [(int(some), int(whole)) for some, whole in re.findall(r"(\d+) of (\d+)", text)]

    whole = len(met), len(rows)
    sides = counts(said)
    kinds, (prior, _) = [counts(line)[0] for line in lines[:4]], (counts(line)[0] for line in lines[4:])
    for some in (sides, kinds):
        assert tuple(map(sum, zip(*some, strict=True))) == whole, "no fact is left out, none counts twice"
    assert prior == (sum(row["prior"] == "yes" for row in rows), len(rows))
    revised = [row["holds"] == "yes" for row in read_table(FILE).rows if row["ground"] == "revised"]
    assert counts(lines[5]) == [(sum(revised), len(revised))] and f"{len(revised)} others" in lines[5]


def test_one_word_for_a_number_is_that_of_its_reasons() -> None:
    for change in ({}, {"missed": 1}, {"met": 0}, {"low": -0.01, "high": 0.01, "level": 1.0}):
        grounds = replace(SURE, **change)
        words = set(re.findall("low|medium|high", in_brief(grounds)))
        assert words == set(re.findall("low|medium|high", in_words(grounds).split(". ")[0])), change
        said = in_a_sentence(grounds, "they rise")
        assert words == set(re.findall("low|medium|high", said)) and ("rise" in said) == (grounds.level != 1.0), said
    assert "one set" in in_brief(SURE, drawn=False)


def test_the_models_own_error_widens_a_level_of_worlds_on_its_scale() -> None:
    """The model's own error widens intervals of outcomes, in logs or logits."""
    same, spread = np.full(50, 100.0), np.exp(np.linspace(-1.0, 1.0, 201))
    median, low, high, _ = with_own_error(same, 1.0, share=False)
    assert (median, low * high) == pytest.approx((100.0, 1e4)) and high == pytest.approx(100.0 * np.exp(1.959964))
    _, low, high, _ = with_own_error(np.full(50, 0.9), 1.0, share=True)
    assert 0.0 < low < 0.9 < high < 1.0 and low / (1.0 - low) == pytest.approx(9.0 / np.exp(1.959964))
    bare, wide = (with_own_error(spread, own, share=False) for own in (0.0, 1.0))
    assert bare.low == pytest.approx(np.exp(-0.95)) and wide.high == pytest.approx(np.exp(np.hypot(0.95, 1.959964)))
    assert with_own_error(np.zeros(9), 1.0, share=False).high == 0.0


def test_short_waits_are_in_days_few_groups_whole_and_no_end_beside_zero_is_none() -> None:
    for low, high, unit, shown in (
        *((-0.48, 2.8, "groups", "1 3"), (0.3, 2.4, "groups", "under 1 3"), (0.0, 56.4, "groups", "0 57")),
        *((0.84, 2.6, "per year", "0.84 2.6"), (-0.048, -0.23, "months", "1 8 day")),
        *((-0.001, 0.5, "months", "1 16 day"), (-4.5, -4.0, "months", "4.5 4.0 month")),
        (1.0, 2.0, "months", "1.0 2.0 month"),
    ):
        assert " ".join(rough_sizes(low, high, unit)).strip() == shown
    waits = {0.2: "6 days", 0.03: "1 day", 0.001: "under 1 day", 1.0: "1.0 months"}
    assert {months: rough_wait(months) for months in waits} == waits


KEY = "takedown_rate"
SEEDS = np.arange(1, 21)
#: Two patterns over seeds with mean zero and standard deviation about one, that have nothing to do with each other.
FIRST, SECOND = np.resize([-1.0, 1.0], SEEDS.size), np.resize([-1.0, -1.0, 1.0, 1.0], SEEDS.size)
Effects = Mapping[str, npt.NDArray[np.float64]]


def outcomes(blocks: Mapping[str, Effects]) -> pd.DataFrame:
    """Outcomes by block, in which each scenario has the given effects, seed by seed."""
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
    """The conclusion on one policy from its effects with and without queues."""
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
    warm_ups = list(made.plan.warm_ups(np.ones(len(made.plan), bool)))
    assert len(warm_ups) == 9, "each point has a past of its own"
    for point, block in enumerate(made.blocks):
        tasks = [made.plan.base.task(past) for past in warm_ups if past[0].point == point]
        assert [task.seed for task in tasks] == [1, 2, 3]
        assert {task.scenarios for task in tasks} == {asked.scenarios}
        switched_off = [one.key for one in mechanisms() if not is_on(tasks[0].parameters, one)]
        assert switched_off == ([] if block == MAIN else [block.removeprefix("without ").replace(" ", "_")])
        assert all(task.events == (block == MAIN) for task in tasks)
    assert made.plan.points["left_out"].tolist() == ["nothing", "hop_chain", "silence"]
