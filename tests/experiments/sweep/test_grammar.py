"""Tests of a sweep's command line: axes, their values, and error messages."""

import json
from pathlib import Path

import pytest

from sim.experiments.grammar import declared, parameters, read_words
from sim.experiments.sweep import prepare
from sim.policy.problem import InputError
from sim.world.parameters import Scale
from tests.tables import rows


def test_lists_and_ranges_become_levels_of_which_the_ends_are_checked() -> None:
    for word, values in rows(Path(__file__).with_name("listed.txt")):
        (axis,) = read_words([word], ()).axes
        assert [level.value for level in axis.levels] == json.loads(values)
    (long,) = read_words(["uncertainty.desk.rebound=" + ",".join(f"0.{n}1" for n in (7, *range(100, 300), 5))], ()).axes
    assert [level.value for level in long.extremes()] == [0.1001, 0.71]
    odd = read_words(["uncertainty.desk.rebound=nan," + ",".join(f"0.{n}1" for n in range(100, 300))], ())
    assert ["nan is outside 0 to 2" in str(problem) for problem in odd.mistakes] == [True]
    (short,) = read_words(["uncertainty.desk.rebound=0,1,0.5"], ()).axes
    assert len(short.extremes()) == 3


def test_intervals_reach_both_ends_and_may_be_logarithmic() -> None:
    words = ("desk.rebound=interval(0,2)", "desk.hours_per_day=tag(log,interval(1,4))")
    words += ("request.deficiency=tag(logit,interval(0.1,0.9))",)
    plain, logarithmic, logit = read_words([f"uncertainty.{word}" for word in words], ()).axes
    assert [plain.at(share).value for share in (0.0, 0.25, 1.0)] == [0.0, 0.5, 2.0]
    assert [logarithmic.at(share).value for share in (0.0, 0.5, 1.0)] == pytest.approx([1.0, 2.0, 4.0])
    assert logit.at(0.5).value == pytest.approx(0.5)
    (problem,) = read_words(["uncertainty.request.deficiency=tag(logit,interval(0,0.9))"], ()).mistakes
    assert "between 0 and 1" in str(problem)


def test_a_lever_takes_both_ends_of_its_range_and_nothing_beyond() -> None:
    (axis,) = read_words(["court.staff=interval(0,20)"], ()).axes
    assert [axis.at(share).value for share in (0.0, 1.0)] == [0.0, 20.0]
    for wrong in ("interval(-0.1,20)", "interval(0,20.1)"):
        (problem,) = read_words([f"court.staff={wrong}"], ()).mistakes
        assert "out of range" in str(problem) and "from 0 to 20" in str(problem)


def test_typed_axes_and_overrides_win_over_a_theme() -> None:
    reading = read_words(["world=tiny", "world.groups=5", "court.staff=2", "uncertainty.desk.rebound=0,1"], ())
    assert reading.overrides == ("world=tiny", "world.groups=5")
    assert [axis.key for axis in reading.axes] == ["court.staff", "uncertainty.desk.rebound"]
    axes = read_words(["uncertainty.desk.rebound=0,1", "uncertainty.desk.hours_per_day=5"], ["desk"]).axes
    assert axes[0].listed
    keys = [axis.key for axis in axes]
    assert keys.count("uncertainty.desk.rebound") == 1
    assert "uncertainty.desk.hours_per_day" not in keys


def test_a_theme_varies_over_plausible_ranges_without_switches_each_on_its_own_scale() -> None:
    axes = {axis.key: axis for axis in declared(["uncertainty.desk"])}
    assert axes and all(key.startswith("uncertainty.desk.") for key in axes)
    everything = declared(["uncertainty"])
    assert not any(axis.unit == "switch" for axis in everything)
    assert len(declared(["judgement"])) < len(everything)
    (switch,) = declared(["uncertainty.mechanism.with_learning"])
    assert [level.value for level in switch.levels] == [0.0, 1.0]
    scales = {"desk.rebound": Scale.LINEAR, "desk.court_wait_days": Scale.LOG, "request.deficiency": Scale.LOGIT}
    for key, scale in scales.items():
        (axis,) = declared([f"uncertainty.{key}"])
        span = parameters()[f"uncertainty.{key}"][0].plausible
        assert (axis.low, axis.high, axis.scale) == (span.low, span.high, span.scale)
        assert axis.scale is scale
        assert axis.at(0.5).value == pytest.approx(scale.between(span.low, span.high, 0.5))
        assert [axis.at(0.0).value, axis.at(1.0).value] == pytest.approx([span.low, span.high])


def test_allowed_before_a_name_takes_all_that_the_model_allows() -> None:
    key = "uncertainty.desk.court_wait_days"
    (axis,) = declared(["allowed:desk.court_wait_days"])
    about = parameters()[key][0]
    assert (axis.key, axis.low, axis.high, axis.scale) == (key, about.low, about.high, Scale.LINEAR)
    assert {axis.key for axis in declared(["allowed:judgement"])} == {axis.key for axis in declared(["judgement"])}
    with pytest.raises(InputError, match=r"'allowed:desk\.court_wait_day'"):
        declared(["allowed:desk.court_wait_day"])
    mixed = {axis.key: axis for axis in declared(["desk", "allowed:desk.court_wait_days"])}
    assert mixed[key].high == about.high
    assert mixed["uncertainty.desk.rebound"].high < parameters()["uncertainty.desk.rebound"][0].high


#: Words; what the message must name. `SCENARIO:` is before names of scenarios.
MISTAKES = rows(Path(__file__).parent / "mistakes.txt")


def test_a_mistake_is_one_message() -> None:
    for given, *parts in MISTAKES:
        words = given.split()
        names = [word.removeprefix("SCENARIO:") for word in words if word.startswith("SCENARIO:")]
        typed = [word for word in words if not word.startswith("SCENARIO:")]
        with pytest.raises(InputError) as caught:
            prepare(names, typed, (), "comity sweep")
        said = str(caught.value)
        assert "\n" not in said and all(part in said for part in parts), (given, said)
        assert "uncertainty." not in said, "parameters are named as users write them"


def test_mistakes_of_all_words_are_reported_at_once() -> None:
    """All mistakes in keys, values, scenarios and --vary are reported in one message, each once."""
    wrong = dict(rows(Path(__file__).parent / "wrong.txt"))
    right = ["forensic.staff=1,2", "world.end=2034-01-01"]
    with pytest.raises(InputError) as caught:
        prepare((), [*right, *wrong], ["desc"], "comity sweep")
    heading, *lines = str(caught.value).splitlines()
    assert heading == f"command line: {len(wrong) + 3} mistakes"  # two values of two words, and --vary
    for word, part in wrong.items():
        key = word.partition("=")[0].replace("scenario", "SCENARIO").removeprefix("uncertainty.")
        assert [line for line in lines if f"{key} = " in line and part in line], word
    assert any("--vary = 'desc'" in line for line in lines)
    assert not any(word.partition("=")[0] in line for word in right for line in lines)
