"""A word of confidence follows from its grounds, and the weakest of them decides."""

import math
from dataclasses import replace

import pytest

from sim.data.load import read_table
from sim.results.confidence import FILE, Confidence, Grounds, grounds_of, in_words, of_direction, of_nothing, of_size
from sim.results.effects import PairedEffect, Verdict
from sim.world.parameters import declarations
from tests.grounds import facts

LOW, MEDIUM, HIGH = Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH
SURE = Grounds(worlds=0.97, ablations=1.0, met=3, missed=0, judged=0.3, low=0.10, high=0.18)


@pytest.mark.parametrize(
    ("change", "direction", "size"),
    [
        ({}, HIGH, HIGH),
        ({"low": -0.18, "high": -0.10}, HIGH, HIGH),
        ({"worlds": 0.90}, MEDIUM, MEDIUM),
        ({"worlds": 0.79}, LOW, LOW),
        ({"ablations": 0.85}, MEDIUM, MEDIUM),
        ({"ablations": math.nan}, LOW, LOW),  # nobody tried
        ({"met": 1}, MEDIUM, MEDIUM),
        ({"met": 0}, MEDIUM, LOW),  # a size that no fact speaks for
        ({"missed": 1}, MEDIUM, MEDIUM),
        ({"met": 1, "missed": 2}, LOW, LOW),
        ({"judged": 0.6}, HIGH, MEDIUM),
        ({"judged": 0.9}, HIGH, LOW),
        ({"high": 0.21}, HIGH, MEDIUM),
        ({"high": 0.51}, HIGH, LOW),
        ({"low": -0.01}, HIGH, LOW),  # of no sign
    ],
)
def test_the_weakest_ground_decides(change: dict[str, float], direction: Confidence, size: Confidence) -> None:
    grounds = replace(SURE, **change)
    assert (of_direction(grounds), of_size(grounds)) == (direction, size)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"low": -0.04, "high": 0.05}, HIGH),
        ({"low": -0.06, "high": 0.04}, MEDIUM),
        ({"low": -0.1, "high": 0.21}, LOW),
        ({"level": 0.0}, LOW),
        ({"ablations": 0.85}, MEDIUM),
        ({"worlds": 0.1}, HIGH),  # what is nothing has no sign
    ],
)
def test_little_changes_where_the_interval_is_narrow_beside_todays_level(change: dict, found: Confidence) -> None:
    assert of_nothing(replace(SURE, **{"low": -0.01, "high": 0.01, "level": 1.0} | change)) == found


def test_confidence_in_words() -> None:
    sure = replace(SURE, about="waits", most=0.99)
    holds, rests = "The direction holds in 97 to 99 % of plausible worlds", "30 % of inputs are judgement."
    met = "the model meets 3 of 3 independent facts on waits"
    for change, words in (
        ({}, f"Confidence: high in direction and in size. {holds}, and {met}. {rests}"),
        ({"high": 0.21}, f"Confidence: high in direction, medium in size. {holds}, and {met}. {rests}"),
        ({"met": 1, "missed": 2}, f"in size. {holds}, but the model meets 1 of 3 independent facts on waits. {rests}"),
        ({"met": 0}, f"Confidence: medium in direction, low in size. {holds}. {rests}"),
        ({"ablations": 0.9}, f"{met}. It holds in 90 % of models that lack a part. {rests}"),
        ({"worlds": math.nan}, f"These worlds are too few to say how often the direction holds, and {met}. {rests}"),
        ({"low": -0.01, "high": 0.01, "level": 1.0}, f"little changes: high. T{met[1:]}. {rests}"),
    ):
        assert in_words(replace(sure, **change)).endswith(words), change
    assert in_words(sure, drawn=False).endswith(
        "in size. This is one set of parameters: what nobody knows is left out."
    )


@pytest.mark.parametrize(("outcome", "about"), [("turnaround_median", "waits"), ("groups_brought_down", "operations")])
@pytest.mark.parametrize("verdict", [Verdict.DISTINGUISHABLE, Verdict.NOT_DISTINGUISHABLE])
def test_grounds_are_those_on_file(outcome: str, about: str, verdict: Verdict) -> None:
    rows = read_table(FILE).rows
    tried = [row["holds"] for row in rows if (row["scenario"], row["outcome"]) == ("faster_mlat", outcome)]
    facts = [row["holds"] for row in rows if row["ground"] == "fact" and row["about"] == about]
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
    """Out of date: `python -m tests.grounds`."""
    on_file = [list(row.values()) for row in read_table(FILE).rows if row["ground"] == "fact"]
    assert on_file == facts() and len(on_file) > 5
