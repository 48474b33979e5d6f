"""Tests of preparing a study's data for analysis, and of sensitivity indices by hand."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.experiments.analyse import cases as reading
from sim.experiments.analyse import effects, tradeoff
from sim.experiments.analyse import sensitivity as indices
from sim.experiments.analyse.cases import Cases, Condition, Contrast, axis_label, meaning, read_condition
from sim.experiments.analyse.effects import jackknife
from sim.experiments.axis import Axis, AxisKind, Level, span_of
from sim.measures.outcomes import outcome
from sim.policy.levers import LEVERS
from sim.policy.problem import InputError
from sim.world.parameters import Scale

nan = float("nan")
DEFICIENCY = Axis("uncertainty.request.deficiency", AxisKind.UNCERTAINTY, "share", (), 0.1, 0.9)


def cases(rows: list[tuple[int, str, int, float]], points: int, seeds: str = "common", axes: tuple = ()) -> Cases:
    table = pd.DataFrame(rows, columns=["point", "scenario", "seed", "harm"]).assign(x=lambda some: some["point"] * 2.0)
    about = {
        "design": {"points": points, "seeds": seeds, "design": "lhs"},
        "scenarios": ["b", "a", "c"],
        "blocks": [],
        "first_seed": 7,
    }
    return Cases(SimpleNamespace(about=about), axes, table, 0)


def test_values_stand_by_point_and_seed_and_differences_are_paired() -> None:
    rows = [(0, "a", 7, 1.0), (2, "a", 7, 3.0), (2, "a", 9, 5.0), (0, "b", 7, 0.5), (2, "b", 9, 1.0), (0, "b", 8, 2.0)]
    found = cases(rows, 3)
    np.testing.assert_equal(found.values("harm", Contrast("a")), [[1, nan], [nan, nan], [3, 5]])
    np.testing.assert_equal(found.values("harm", Contrast("a", "b")), [[0.5, nan, nan], [nan] * 3, [nan, nan, 4]])
    np.testing.assert_equal(found.means("harm", Contrast("a")), [1, nan, 4])
    own = cases([(0, "a", 7, 1.0), (1, "a", 8, 3.0)], 2, "own")
    np.testing.assert_equal(own.values("harm", Contrast("a")), [[1], [3]])
    assert found.scenarios == ["b", "a"], "in the order of the study, with results"
    assert [one.label for one in found.contrasts()] == ["b", "a", "a − b"]
    by_point = cases(rows, 3, axes=(Axis("scenario", AxisKind.SCENARIO, "", ()),))
    assert by_point.contrasts() == [Contrast("")] and Contrast("").label == "all scenarios"
    np.testing.assert_equal(by_point.values("harm", Contrast(""))[1], [nan] * 3)
    np.testing.assert_equal(found.levels(Axis("x", AxisKind.LEVER, "", ())).tolist(), [0, nan, 4])
    wide = cases(rows, 3, axes=(DEFICIENCY,))
    assert wide.axis("request.deficiency", "--x") is wide.axis(DEFICIENCY.key, "--x") is DEFICIENCY
    assert [level.value for level in wide.axis("scenario", "--x").levels] == ["b", "a"]
    for ask, said in (
        (lambda: wide.axis("request.x", "--x"), "does not vary"),
        (lambda: wide.scenario("c", "--y"), "c"),
    ):
        with pytest.raises(InputError, match=said):
            ask()


def test_cases_of_a_folder_count_what_is_missing_and_leave_outcomes_of_later_versions_blank(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = pd.DataFrame({"point": [0, 0, 1], "requests_per_year": [1.0, 2.0, 3.0]})
    study = {"about": {"runs": "5", "axes": []}, "command": "comity sweep a"}
    monkeypatch.setattr(reading.Study, "open", lambda _: SimpleNamespace(**study, outcomes=lambda: table))
    found = Cases.read(Path("study"))
    assert (found.missing, found.axes) == (2, ())
    assert found.rows["requests_per_year"].tolist() == [1.0, 2.0, 3.0]
    assert found.rows[outcome("groups_brought_down").key].isna().all()
    monkeypatch.setattr(reading.Study, "open", lambda _: SimpleNamespace(**study, outcomes=lambda: table[:0]))
    with pytest.raises(InputError, match=r"no run has succeeded yet.*Resume it: comity sweep a"):
        Cases.read(Path("study"))


def test_of_a_comparison_scenarios_under_every_seed_are_portfolios_at_the_main_point() -> None:
    runs = [(0, "a", 1), (0, "a", 2), (0, "b", 1), (1, "c", 1), (1, "c", 2), (1, "c", 3), (0, "d", 3), (0, "d", 4)]
    table = pd.DataFrame(runs, columns=["point", "scenario", "seed"]).assign(**dict.fromkeys(tradeoff.RIGHTS, 1.0))
    axes, study = (DEFICIENCY,), {"scenarios": list("dcba"), "rows": table.assign(**{DEFICIENCY.key: table["seed"]})}
    for named, kept, states in ((True, [("d", 3), ("d", 4), ("a", 1), ("a", 2)], 1), (False, None, 4)):
        found = tradeoff._Runs.of(SimpleNamespace(axes=axes, named=named, **study))
        assert kept is None or list(zip(found.rows["scenario"], found.rows["seed"], strict=True)) == kept
        assert found.rows["state"].nunique() == states and (found.uncertain == ()) == named
        by_value = found.rows.sort_values(DEFICIENCY.key)["state"]
        assert by_value.is_monotonic_increasing and by_value.min() == 0, "states are numbered by what is uncertain"
        assert found.rows["portfolio"].nunique() == found.rows["scenario"].nunique() == (2 if named else 4)


@pytest.mark.parametrize(
    ("written", "above", "bound", "met"),
    [
        *(("harm<3", False, 3.0, [0, 1, 2]), ("harm <= 3", False, 3.0, [0, 1, 2])),
        ("harm > 3e0", True, 3.0, [4, 5, 6, 7, 8, 9]),
        *(("frozen_share>=70%", True, 0.7, [1, 2, 3, 4, 5, 6, 7, 8, 9]), ("harm", True, None, [9])),
        ("takedown_rate", False, None, [0]),
    ],
)
def test_a_condition_is_read_and_met_beyond_its_bound(written: str, above: bool, bound: float, met: list[int]) -> None:
    found = read_condition(written, "--interest")
    assert (found.above, found.bound) == (above, bound)
    assert np.flatnonzero(found.met(np.arange(10.0))).tolist() == met


def test_the_worst_tenth_includes_its_bound_and_words_have_the_unit() -> None:
    values = np.array([*range(11), nan])
    for above, limit, met in ((True, 9.0, [9, 10]), (False, 1.0, [0, 1])):
        found = Condition(outcome("harm"), above)
        assert found.limit(values) == limit and np.flatnonzero(found.met(values)).tolist() == met
        words = found.words(values)
        assert ("highest" in words and "from 9 " in words and words.endswith("on)")) == above
        assert ("lowest" in words and "up to 1 " in words) != above
    assert Condition(outcome("frozen_share"), True, 0.25).words(values).endswith("is above 25 %")
    assert Condition(outcome("harm"), False, 0.25).words(values).endswith(f"is below 0.25 {outcome('harm').unit}")
    for written, said in (("harm<", "not a condition"), ("harn<3", "unknown outcome")):
        with pytest.raises(InputError, match=said):
            read_condition(written, "--interest")
    assert read_condition("harm<3", "--require", bounded=True).bound == 3.0
    assert [reading.read_money(text) for text in ("3k", "2 thousand euros", "1m", "4")] == [0.003, 0.002, 1.0, 4e-6]


def test_an_axis_is_said_in_words_with_its_unit_and_takes_its_levels_evenly() -> None:
    staff = Axis("court.staff", AxisKind.LEVER, "times today's", tuple(Level(float(n), float(n)) for n in range(1, 4)))
    assert axis_label(staff) == f"{LEVERS['court.staff'].title} (times today's)" and meaning(
        "court.staff"
    ) in axis_label(staff)
    said = axis_label(DEFICIENCY)
    assert said.endswith(" (share)") and said[0].isupper() and said[1:].startswith(meaning(DEFICIENCY.key)[1:])
    assert axis_label(Axis("world.groups", AxisKind.WORLD, "groups", ())).endswith("at a time (groups)")
    assert axis_label(Axis("scenario", AxisKind.SCENARIO, "", ())) == "Scenario"
    assert axis_label(Axis("odd", AxisKind.WORLD, "u", ())) == "odd"
    assert [staff.at(share).value for share in (0.0, 0.33, 0.34, 0.67, 1.0)] == [1.0, 1.0, 2.0, 3.0, 3.0]
    whole = Axis("world.groups", AxisKind.WORLD, "groups", (), 1.0, 4.0, Scale.LINEAR, True)
    assert [whole.at(share).value for share in (0.0, 0.4, 0.6, 1.0)] == [1, 2, 3, 4] and whole.numeric
    assert DEFICIENCY.at(1.0 + 1e-12).value == 0.9 and whole.integral > DEFICIENCY.integral == DEFICIENCY.listed
    words = Axis("world", AxisKind.CHOICE, "", (Level("tiny", "tiny"), Level(2, 2)))
    assert not words.numeric and words.column([2, "tiny"]).tolist() == ["2", "tiny"] and words.level("2").value == 2
    assert staff.column([1, 2]).dtype == np.float64 and whole.column([1, 2]).dtype == np.int64
    for number, count in ((100, 100), (101, 2)):
        long = Axis("a", AxisKind.LEVER, "", tuple(Level(float(n), float(n)) for n in range(number)))
        assert len(long.extremes()) == count, "of a longer list of numbers the ends"
    assert len(Axis("a", AxisKind.LEVER, "", (*long.levels, Level("x", "x"))).extremes()) == 102
    assert [level.value for level in DEFICIENCY.extremes()] == [0.1, 0.9]
    assert span_of(DEFICIENCY.plain()) == "0.1 to 0.9 share" and span_of(staff.plain()) == "1, 2, 3 times today's"
    eight = [Axis("a", AxisKind.LEVER, "", long.levels[:n]) for n in (8, 9)]
    assert [span_of(axis.plain()) for axis in eight] == ["0, 1, 2, 3, 4, 5, 6, 7", "0, 1, 2, …, 8"]
    assert span_of(Axis("a", AxisKind.LEVER, "days", (), 1.0, 8.0, Scale.LOG).plain()) == "1 to 8 (log scale) days"


def test_axes_of_a_study_are_read_as_they_were_written() -> None:
    usual = {"unit": "u", "values": None, "low": 1, "high": 4, "scale": "linear"}
    for key, kind in (("world.groups", "world"), (DEFICIENCY.key, "uncertainty"), ("court.staff", "lever")):
        found = reading._axis(usual | {"key": key, "kind": AxisKind(kind)})
        assert (found.low, found.high, found.integral, found.levels) == (1.0, 4.0, kind == "world", ())
    listed = reading._axis(usual | {"key": "a", "kind": AxisKind.LEVER, "values": [2, 1.5]})
    assert [level.value for level in listed.levels] == [2, 1.5] and listed.low == 0.0


def test_indices_of_an_outcome_are_those_of_one_contrast_the_largest_first() -> None:
    table = pd.DataFrame({"outcome": list("aaab"), "contrast": list("xxyx"), "value": [1.0, -3.0, 2.0, 9.0]})
    found = indices.Sensitivity(indices.Method.RANKS, table.assign(noise_share=[0.9, 0.9, 0.1, indices.HIDES]))
    assert [found.of(*one)["value"].tolist() for one in ("ax", "ay", "bx")] == [[-3.0, 1.0], [2.0], [9.0]]
    assert [found.hidden(*one) for one in ("ax", "ay", "bx")] == [True, False, False]


def test_coefficients_of_words_lose_what_chance_gives_them() -> None:
    """Coefficients of categories are corrected for chance, as computed by hand."""
    found, error = np.array([0.6, 0.6, 0.3, 0.5]), np.array([0.2, 0.2, 0.2, 0.2])
    value, low, high = indices._coefficients(found, error, np.array([0, 1, 4, 3]), 30)
    reach = stats.t.ppf(0.975, 30) * 0.2
    assert value == pytest.approx([0.6, 0.6, 0.0, np.sqrt(0.25 - 2 * 0.04)])
    assert high == pytest.approx(value + reach)
    assert low == pytest.approx([0.6 - reach, 0.6 - reach, 0.0, 0.0])
    clear = indices._coefficients(np.array([0.9]), error[:1], np.array([3]), 30)
    assert 3 * 0.04 * stats.f.ppf(0.95, 3, 30) < 0.81 and clear[1][0] == pytest.approx(np.sqrt(0.81 - 0.08) - reach)
    assert indices._coefficients(np.array([-0.6]), error[:1], np.array([0]), 30)[0].tolist() == [-0.6]
    assert indices._standard(np.array([1.0, 3.0])).tolist() == [-1.0, 1.0] and not indices._standard(np.ones(3)).any()
    np.testing.assert_equal(indices._share(np.array([1.0, -5.0, 3.0])), [0.25, 0.0, 0.75])
    assert np.isnan(indices._share(np.array([-1.0, 0.0]))).all()
    np.testing.assert_equal(indices._parts(np.array([[1.0, 0.0], [2.0, 1.0]])), [0.75, 0.25])
    assert not indices._parts(np.zeros((2, 3))).any()


def test_trajectories_left_out_in_turn_give_students_interval_and_labels_are_compared_with_rounding() -> None:
    left_out = np.array([[1.0, 5.0], [2.0, 5.0], [4.5, 5.0]])
    found = jackknife(np.array([2.5, 5.0]), left_out)
    reach = stats.t.ppf(0.975, 2) * np.sqrt(2 / 3 * (1.5**2 + 0.5**2 + 2.0**2))
    assert found.high.tolist() == pytest.approx([2.5 + reach, 5.0]) and found.low.tolist() == [0.0, 5.0]
    assert np.isfinite(jackknife(np.ones(2), left_out[:2]).high).all()
    assert np.isnan([*jackknife(np.ones(2), left_out[:1])[1:]]).all(), "one says nothing"
    for left, right, same in (
        *((1.0, 1.0 + 1e-12, True), (1, 2, False), (1, "1", True), ("a", 1, False), ("a", "a", True)),
    ):
        assert effects._same(left, right) == same


def test_a_regression_on_ranks_is_exact_where_one_axis_decides_and_needs_three_points_more_than_axes() -> None:
    axes = tuple(Axis(key, AxisKind.LEVER, "", ()) for key in "ab")
    levels = {"a": pd.Series([1.0, 2.0, 3.0, 4.0, 5.0]), "b": pd.Series([2.0, 1.0, 3.0, 2.0, 1.0])}

    def made(values: list[float]) -> SimpleNamespace:
        table = np.array(values)[:, None]
        study = SimpleNamespace(folder="here")
        return SimpleNamespace(
            axes=axes,
            study=study,
            levels=lambda axis: levels[axis.key],
            values=lambda *_: table,
            means=lambda *_: table[:, 0],
        )

    (rows,) = indices._ranks(made([1.0, 8.0, 9.0, 20.0, 100.0]), "harm", Contrast(""))
    assert rows["value"].tolist() == pytest.approx([1.0, 0.0], abs=1e-9) and rows["share"].iloc[0] == pytest.approx(1.0)
    assert rows["r_squared"].tolist() == pytest.approx([1.0, 1.0]) and not rows["confounded"].any()
    assert not list(indices._ranks(made([3.0] * 5), "harm", Contrast(""))), "nothing changes"
    with pytest.raises(InputError, match=r"4 points say nothing about 2 axes.*At least 5 points"):
        list(indices._ranks(made([1.0, nan, 2.0, 3.0, 4.0]), "harm", Contrast("")))
    noisy = [3.0, 1.0, 2.0, 5.0, 4.0]
    (rows,) = indices._ranks(made(noisy), "harm", Contrast(""))
    design = np.column_stack([stats.zscore(stats.rankdata(levels[key])) for key in "ab"])
    wanted = stats.zscore(stats.rankdata(noisy))
    beta = np.linalg.solve(design.T @ design, design.T @ wanted)
    left = wanted - design @ beta
    error = np.sqrt(left @ left / 2 * np.diag(np.linalg.inv(design.T @ design)))
    assert rows["value"].tolist() == pytest.approx(beta.tolist())
    assert rows["high"].tolist() == pytest.approx((beta + stats.t.ppf(0.975, 2) * error).tolist())
    assert rows["r_squared"].iloc[0] == pytest.approx(1 - (left @ left / 2) / (wanted @ wanted / 4))
