"""Tests of whole analyses, with stand-ins for the model whose answers are known."""

import re
from dataclasses import replace
from io import StringIO
from operator import attrgetter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from SALib.analyze import morris

from sim.cli import INPUT_ERROR, main
from sim.experiments import statistics
from sim.experiments.analyse.cases import Cases, Contrast, noise_share, read_condition, read_money
from sim.experiments.analyse.discover import discover
from sim.experiments.analyse.effects import Effects, differences_from, effects, paired_differences, unit_cube
from sim.experiments.analyse.sensitivity import Method, _ranks, _shares, influence, sensitivity
from sim.experiments.analyse.tradeoff import pareto, tradeoff
from sim.experiments.axis import Axis, AxisKind, Level
from sim.experiments.design import unit_problem
from sim.experiments.run import Replicate, ScenarioRun
from sim.measures.outcomes import OUTCOMES, Measured, outcome
from sim.policy.problem import InputError
from sim.report.sweep.analyse import TABLES
from sim.report.sweep.plot import PlotOptions, plots, scatter_data, scatter_figure
from sim.report.sweep.shown import changes_from, show
from sim.results.words import number
from tests.experiments.sweep.studies import ISHIGAMI, OVER_ISHIGAMI, carried_out, ishigami, ready
from tests.report.reading import answer_in, check_first_screen

NAMES = ("status_quo", "faster_mlat")


def known(task) -> Replicate:
    """Stand-in: staff of courts costs money and averts harm, rebound reduces the gain, seeds shift outcomes."""
    arms = []
    for scenario in task.scenarios:
        changes = {change.lever.name: change.value for change in scenario.changes}
        staff = float(changes.get("court.staff", 1.0))
        fast = "request.template" in changes
        rebound = task.parameters.desk.rebound
        values = {outcome.key: 1.0 for outcome in OUTCOMES}
        values["harm"] = 100 - 10 * staff - 5 * fast + 8 * rebound + task.seed + 0.1 * ((task.seed * staff) % 3)
        values["policy_cost"] = 200 * (staff - 1) + 50 * fast
        values["turnaround_median"] = 8 - staff
        curve = {"month": np.arange(3.0), "taken_down": np.array([0.0, 0.1, 0.1 * staff]), "at_risk": np.ones(3)}
        arms.append(ScenarioRun(scenario.key, Measured(values, {"takedown_curve": curve}), {}))
    return Replicate(tuple(arms))


def everywhere(task, value: float) -> Replicate:
    """Stand-in: each outcome of each scenario has the same value."""
    values = {outcome.key: value for outcome in OUTCOMES}
    return Replicate(tuple(ScenarioRun(scenario.key, Measured(values, {}), {}) for scenario in task.scenarios))


def boxed(task) -> Replicate:
    """Stand-in: takedowns fail if both rebound and deficiency are high."""
    low = task.parameters.desk.rebound > 0.7 and task.parameters.request.deficiency > 0.5
    return everywhere(task, 0.1 if low else 1.0)


def chancy(task) -> Replicate:
    """Stand-in: nothing that a study varies has an effect."""
    point = [round(1e6 * attrgetter(key.partition(".")[2])(task.parameters)) for key in ISHIGAMI]
    return everywhere(task, np.random.default_rng([task.seed, *point]).random())


def studied(folder, evaluate, *words: str, seeds: int = 1, names=(), vary=OVER_ISHIGAMI) -> Cases:
    """A study of a stand-in model."""
    fixed = (f"execution.replicates={seeds}", *(["sweep.breakdowns=[]"] if vary else []))
    made, _ = carried_out(ready(folder, *words, *fixed, names=names, vary=vary), evaluate)
    return Cases.read(made.folder)


def sampled(design: str, number: int) -> tuple[str, str]:
    return f"sweep.design={design}", f"sweep.samples={number}"


@pytest.fixture(scope="module")
def factorial(tmp_path_factory) -> Cases:
    words = ("court.staff=1,2,3", "uncertainty.desk.rebound=0,0.5")
    return studied(tmp_path_factory.mktemp("factorial"), known, *words, seeds=3, names=NAMES, vary=())


@pytest.fixture(scope="module")
def morris_study(tmp_path_factory) -> Cases:
    return studied(tmp_path_factory.mktemp("morris"), ishigami, *sampled("morris", 12), seeds=2)


def test_ishigami_from_sweep_to_indices(tmp_path) -> None:
    """Sensitivity indices of Ishigami's function are right, within three times the sampling error."""
    found = sensitivity(studied(tmp_path, ishigami, *sampled("sobol", 512)), ["harm"], [Contrast("status_quo")])
    rows = found.table.set_index("parameter").loc[list(ISHIGAMI)]
    assert found.method is Method.SOBOL
    np.testing.assert_allclose(rows["first"], [0.3139, 0.4424, 0.0], atol=0.08)
    np.testing.assert_allclose(rows["value"], [0.5576, 0.4424, 0.2437], atol=0.08)
    assert (rows["size"] == 512).all() and rows["first"].between(rows["first_low"], rows["first_high"]).all()
    assert ((rows["low"] < [0.5576, 0.4424, 0.2437]) & (rows["high"] > [0.5576, 0.4424, 0.2437])).all()
    assert rows["noise_share"].isna().all(), "one seed per point shows nothing of noise"


def test_morris_agrees_with_salib_and_influence_adds_up(morris_study: Cases) -> None:
    contrast = Contrast("status_quo")
    found = effects(morris_study, "harm", contrast)
    values = morris_study.means("harm", contrast)
    theirs = morris.analyze(unit_problem(3), unit_cube(morris_study), values, num_levels=4, seed=1)
    np.testing.assert_allclose(found.mu, np.asarray(theirs["mu"], float))
    np.testing.assert_allclose(found.mu_star().value, np.asarray(theirs["mu_star"], float))
    np.testing.assert_allclose(found.sigma().value, np.asarray(theirs["sigma"], float))
    np.testing.assert_allclose(found.noise_share(), 0.0, atol=1e-12)
    rows = influence(morris_study, Contrast("status_quo"), ["harm"])
    assert rows["share"].sum() == pytest.approx(1.0) and rows["share"].is_monotonic_decreasing
    assert {f"uncertainty.{name}" for name in rows["parameter"]} == set(ISHIGAMI)


def test_noise_is_what_seeds_do_differently_at_different_points() -> None:
    """The share of noise between seeds is estimated within a quarter, with 400 points and 5 seeds."""
    generator = np.random.default_rng(1)
    points, seeds = generator.normal(0, 2, (400, 1)), generator.normal(0, 5, (1, 5))
    found = noise_share(points + seeds + generator.normal(0, 1, (400, 5)))
    assert found == pytest.approx((1 / 5) / (4 + 1 / 5), rel=0.25)
    assert noise_share(points + seeds) == pytest.approx(0.0, abs=1e-9)


def test_noise_of_elementary_effects_is_its_share_of_their_mean_square() -> None:
    """The noise of elementary effects is its share of their mean square, as computed by hand."""
    found = Effects(np.array([[[1.0, 3.0], [0.0, 0.0]], [[2.0, 2.0], [0.0, 0.0]]]), np.arange(2))
    noise = (2.0 + 0.0) / 2 / 2  # the variance of a mean over two seeds, on average over trajectories
    assert found.noise_share() == pytest.approx([noise / 2.0**2, np.nan], nan_ok=True)


def answered(folder, *words: str) -> tuple[str, ...]:
    """The first three sentences of an analysis page."""
    assert main(["analyse", str(folder), *words, "--quiet"]) == 0
    answer = answer_in((folder / "analysis.md").read_text("utf-8"))
    check_first_screen(answer)
    return answer


def test_the_first_screen_of_an_analysis_answers_part_by_part(factorial: Cases, morris_study: Cases) -> None:
    asked, found, limits = answered(factorial.study.folder, "--tradeoff", "--budget", "260 million euros")
    assert asked.startswith("36 runs over 2 settings were asked") and "what money buys" in asked
    made = tradeoff(factorial, 260.0)
    row, tables = made.front.iloc[0], factorial.study.folder / TABLES
    for table, name in ((made.table.reset_index(), "portfolios"), (made.by_state, "portfolios_by_world")):
        written = pd.read_csv(StringIO(table.to_csv(index=False)))
        pd.testing.assert_frame_equal(pd.read_csv(tables / f"{name}.csv"), written)
    assert "“faster_mlat, court.staff 2” averts most harm" in found
    page = (factorial.study.folder / "analysis.md").read_text("utf-8")
    assert "what satisfies: less harm than under today's law and practice" in " ".join(page.split())
    assert f"{number(row['averted_low'])} to {number(row['averted_high'])}" in found, "with its interval"
    assert "3 seeds" in limits
    asked, found, limits = answered(morris_study.study.folder, "--sensitivity", "--y", "harm")
    assert "what moves outcomes" in asked and "24 runs" not in asked
    tables = morris_study.study.folder / TABLES
    assert set(pd.read_csv(tables / "sensitivity.csv")["outcome"]) == {"harm"} and (tables / "influence.csv").exists()
    assert re.search(r"moves victims' losses over the policy years most \(mean effect [\d.]+ billion", found)
    assert (morris_study.study.folder / "figures" / "sensitivity.svg").exists()
    again = answered(morris_study.study.folder, "--sensitivity", "--y", "harm")
    assert again == (asked, found, limits)
    asked, *_ = answered(factorial.study.folder, "--sensitivity", "--y", "harm")
    assert "what money buys" not in asked and (factorial.study.folder / "figures" / "tradeoff.svg").exists()


def test_what_chance_hides_is_said_first(tmp_path) -> None:
    made = studied(tmp_path, chancy, *sampled("lhs", 60)).study
    _, found, limits = answered(made.folder, "--sensitivity", "--y", "harm")
    assert found.startswith("No setting moves victims' losses over the policy years by more than chance (most: “")
    assert "with one seed per point, chance cannot be distinguished from settings" in limits


def test_a_known_box_is_found_in_words(tmp_path) -> None:
    pytest.importorskip("ema_workbench.analysis", exc_type=ImportError)
    keys = ("uncertainty.desk.rebound", "uncertainty.request.deficiency")
    words = (*sampled("lhs", 200), "sweep.breakdowns=[]", *(f"{key}=interval(0,0.95)" for key in keys))
    cases = studied(tmp_path, boxed, *words, vary=())
    found = discover(cases, read_condition("takedown_rate<0.5", "--interest"))
    for method in ("PRIM", "CART"):
        box = next(box for box in found.boxes if box.method == method)
        bounds = {entry.axis: entry.low for entry in box.restrictions}
        assert bounds == pytest.approx({keys[0]: 0.7, keys[1]: 0.5}, abs=0.1)  # 2.5 and 3 peel differently
        assert min(box.coverage, box.density) > 0.75 and "request.deficiency ≥ 0." in box.words
    _, answer, _ = answered(cases.study.folder, "--discover", "--interest", "takedown_rate<0.5")
    first = found.boxes[0]
    assert answer.startswith("Takedown rate is below 0.5 per 100 group-years mostly where ")
    assert f"({100 * first.density:.0f} % of {first.cases} cases, " in answer


@pytest.mark.slow
def test_chance_makes_no_box(tmp_path) -> None:
    """No box is reported if nothing has an effect (fixed draws; one draw in ten would fail)."""
    pytest.importorskip("ema_workbench.analysis", exc_type=ImportError)
    made = studied(tmp_path, chancy, *sampled("lhs", 300)).study
    assert main(["analyse", str(made.folder), "--discover", "--quiet"]) == 0
    page = (made.folder / "analysis.md").read_text()
    check_first_screen(answer_in(page))
    assert "no box is fuller than chance would make" in answer_in(page)[1]
    for method in ("PRIM", "CART"):
        assert f"- {method}: no box was found that is clearly fuller" in page
    assert len(pd.read_csv(made.folder / "analysis" / "boxes.csv")) == 0


def test_noise_that_hides_everything_is_said_and_no_index_given(tmp_path) -> None:
    made = studied(tmp_path, chancy, *sampled("sobol", 64), seeds=2).study
    assert main(["analyse", str(made.folder), "--sensitivity", "--y", "harm", "--quiet"]) == 0
    page = (made.folder / "analysis.md").read_text()
    assert "more than 80 % is replicate noise" in page
    assert "Chance hides what settings do to victims' losses" in answer_in(page)[1]
    assert "`custody.arrest`" not in page


def wordy(draw: int) -> SimpleNamespace:
    """Study whose points differ in a categorical axis without effect."""
    levels = pd.Series([str(place % 12) for place in range(60)])
    values = np.random.default_rng(draw).normal(size=(60, 1))
    axes = (Axis("words", AxisKind.SCENARIO, "", tuple(Level(str(word), str(word)) for word in range(12))),)
    return SimpleNamespace(axes=axes, levels=lambda _: levels, values=lambda *_: values, means=lambda *_: values[:, 0])


def test_words_explain_no_more_than_chance_where_they_do_nothing() -> None:
    """If categories have no effect, at most 8.8 % of 300 intervals exclude zero (5 % expected)."""
    found = pd.concat([next(_ranks(wordy(draw), "harm", Contrast(""))) for draw in range(300)])
    assert (found["low"] > 0).mean() < 0.088
    assert found["r_squared"].mean() == pytest.approx(0.0, abs=0.03)
    assert found["value"].mean() < 0.2, "unadjusted, 12 words make 0.43 of chance alone"


def test_a_trajectory_is_left_out_of_every_outcome_at_once() -> None:
    """Intervals do not depend on the order of trajectories, even if an outcome lacks one."""
    generator = np.random.default_rng(1)
    whole, other = generator.normal(size=(2, 6, 3, 1))
    order = np.array([3, 0, 5, 1, 4, 2])  # trajectory 5, which the second outcome lacks, comes third
    there, turned_there = np.arange(5), np.flatnonzero(order != 5)
    said = _shares({"a": Effects(whole, np.arange(6)), "b": Effects(other[there], there)})
    turned = _shares({"a": Effects(whole[order], np.arange(6)), "b": Effects(other[order][turned_there], turned_there)})
    for one, two in zip(said, turned, strict=True):
        np.testing.assert_allclose(one, two)


def test_a_known_front_and_a_portfolio_within_a_budget_with_its_regret(factorial: Cases) -> None:
    assert pareto(np.array([[1.0, 5.0], [2.0, 4.0], [1.0, 4.0], [3.0, np.nan]])).tolist() == [True, True, False, True]
    found = tradeoff(factorial, 260.0, [read_condition("harm<95", "--require")])
    table = found.table.set_index(["scenario", "court.staff"])
    assert found.name(found.baseline) == "status_quo, court.staff 1"
    assert table["affordable"].to_dict() == {
        (scenario, staff): staff < 3 for scenario in NAMES for staff in (1.0, 2.0, 3.0)
    }
    assert table.loc[("faster_mlat", 2.0), "harm_averted"] == pytest.approx(15, abs=0.3)
    assert table.loc[("faster_mlat", 2.0), "regret_harm_averted"] == 0.0
    assert table.loc[("status_quo", 1.0), "regret_harm_averted"] == pytest.approx(15, abs=0.3)
    assert not table.loc[("faster_mlat", 3.0), "front"], "too dear"
    harm = factorial.rows.groupby(["scenario", "court.staff", "seed"])["harm"].mean()
    for which, row in table.iterrows():
        averted = statistics.mean((harm["status_quo", 1.0] - harm[which]).to_numpy())
        np.testing.assert_allclose(row[["averted_low", "averted_high"]].astype(float), averted[1:3], atol=1e-9)
    assert table.loc[("status_quo", 1.0), "satisfied"] == 0.5, "only where nothing rebounds"


def test_the_status_quo_is_the_reference_where_something_else_costs_as_little(tmp_path) -> None:
    names = ("no_cooperation", "status_quo")
    found = tradeoff(studied(tmp_path, known, "court.staff=1,2", seeds=2, names=names, vary=()))
    assert found.table.set_index(["scenario", "court.staff"])["policy_cost"]["no_cooperation", 1.0] == 0.0
    assert found.name(found.baseline) == "status_quo, court.staff 1"
    assert found.reference == "today's law and practice"


def test_few_seeds_are_drawn_each(tmp_path) -> None:
    for seeds, shown in ((3, True), (8, False)):
        cases = studied(tmp_path / str(seeds), known, "court.staff=1,2", seeds=seeds, vary=())
        (drawing,) = plots(show(cases, (), "", (), "comity plot"), PlotOptions(y=("harm",)))
        text = " ".join(" ".join(part.get_text() for part in drawing.figure.texts).split())
        dots = [line for line in drawing.figure.axes[0].lines if line.get_marker() == "."]
        assert sum(len(line.get_xdata()) for line in dots) == (2 * seeds if shown else 0)
        assert ("single seeds" in text) == shown


def test_money_as_people_write_it() -> None:
    written = {"500 million euros": 500, "1.5bn €": 1500, "EUR 500,000,000": 500, "2000000": 2}
    assert {text: read_money(text) for text in written} == written
    for text in ("", "much", "5 dollars", "-3 million euros"):
        with pytest.raises(InputError, match="500 million euros"):
            read_money(text)
    for text in ("1,5 million euros", "2,5 billion", "1,50,000"):
        with pytest.raises(InputError, match="a point before decimals"):
            read_money(text)
    with pytest.raises(InputError, match="needs a bound"):
        read_condition("harm", "--require", bounded=True)


def drawn(folder, words: str, capsys) -> tuple[str, pd.DataFrame]:
    """The figure that `comity plot` names, and the table of its content."""
    assert main(["plot", str(folder), *words.split(), "--quiet"]) == 0
    png = capsys.readouterr().out.strip()
    assert png.endswith(".png") and Path(png).with_suffix(".svg").stat().st_size > 1000
    return png, pd.read_csv(png.replace(".png", ".csv"))


def test_figures_show_the_numbers_of_the_table_and_lines_the_change_in_each_world(factorial: Cases, capsys) -> None:
    columns = {"at": "court.staff", "x": "court.staff", "y": "uncertainty.desk.rebound"}
    for words, name, keys in (
        ("--y harm --levels", "/lines-court.staff-harm-levels.png", ["scenario", "at"]),
        ("--heat court.staff desk.rebound --y harm", "", ["scenario", "x", "y"]),
        ("--scatter policy_cost harm", "/scatter-policy_cost-harm.png", ["scenario", "point"]),
    ):
        png, table = drawn(factorial.study.folder, words, capsys)
        assert png.endswith(name)
        means = factorial.rows.groupby([columns.get(key, key) for key in keys])["harm"].mean()
        values = table.set_index(keys)["value" if "value" in table else "harm"].sort_index()
        np.testing.assert_allclose(values, means.sort_index())
    columns = ["scenario", "court.staff", "uncertainty.desk.rebound", "seed"]
    table = drawn(factorial.study.folder, "--x court.staff --y harm", capsys)[1].set_index(["scenario", "at"])
    harm = factorial.rows.groupby(columns)["harm"].mean().unstack("court.staff")
    changes = harm.sub(harm.iloc[:, 0], axis=0).stack()
    np.testing.assert_allclose(table["value"].sort_index(), changes.groupby(["scenario", "court.staff"]).mean())
    by_seed = changes.groupby(["scenario", "court.staff", "seed"]).mean()
    last = by_seed.xs(harm.columns[-1], level="court.staff").xs("status_quo").to_numpy()
    ends = table.loc[("status_quo", harm.columns[-1]), ["low", "high"]]
    np.testing.assert_allclose(ends, statistics.interval(last), atol=1e-9)


def test_a_map_shows_the_change_from_the_cell_of_today_where_there_is_one(tmp_path) -> None:
    words = "court.staff=1,2", "central_authority.staff=1,3"
    cases = studied(tmp_path, known, *words, seeds=4, names=NAMES, vary=())
    options = PlotOptions(heat=("court.staff", "central_authority.staff"), y=("harm",))
    for where, levels, base in (((), False, 1.0), ((), True, 0.0), (("court.staff=2",), False, 0.0)):
        picked = show(cases, ("status_quo",), "", where, "comity plot")
        (drawing,) = plots(picked, replace(options, levels=levels))
        harm = picked.rows.groupby(["court.staff", "central_authority.staff"])["harm"].mean()
        expected = harm - base * harm.iloc[0]
        found = drawing.data.astype({"x": float, "y": float}).set_index(["x", "y"])["value"].sort_index()
        np.testing.assert_allclose(found, expected.sort_index(), atol=1e-9)
        written = {text.get_text() for text in drawing.figure.axes[0].texts}
        assert written == {number(value) for value in found}


def test_each_panel_draws_its_own_lines(factorial: Cases) -> None:
    options = PlotOptions(x="court.staff", y=("harm",), by="uncertainty.desk.rebound", levels=True)
    (drawing,) = plots(show(factorial, ("status_quo",), "", (), "comity plot"), options)
    assert len(set(drawing.data["panel"])) == 2
    (tall,) = plots(
        show(factorial, (), "", (), "comity plot"), replace(options, y=("harm", "policy_cost", "takedown_rate"))
    )
    assert tall.figure.get_size_inches()[1] > drawing.figure.get_size_inches()[1] + 4.0, "a row of panels for each"
    for axes, (_, rows) in zip(drawing.figure.axes, drawing.data.groupby("panel", sort=True), strict=True):
        lines = [list(line.get_ydata()) for line in axes.lines if len(line.get_ydata()) == 3]
        assert rows["value"].tolist() in lines


def uneven(task) -> Replicate:
    """Stand-in: faster assistance averts more harm in later seeds."""
    made = known(task)
    for arm in made.arms:
        fast, missing = (
            arm.scenario == "faster_mlat",
            arm.measured.outcomes["turnaround_median"] == 6 and task.seed == 3,
        )
        arm.measured.outcomes["harm"] = np.nan if missing else 100.0 - fast * task.seed**2
    return made


def test_differences_at_each_point_have_the_intervals_of_their_pairs(tmp_path) -> None:
    found = paired_differences(studied(tmp_path, uneven, "court.staff=1,2,3", seeds=4, names=NAMES, vary=()))
    rows = found[found["outcome"] == "harm"].set_index("court.staff")
    assert len(found) == 3 * len(OUTCOMES) and set(rows["baseline"]) == {"status_quo"}
    for staff, pairs in ((1, [-1.0, -4, -9, -16]), (2, [-1.0, -4, -16])):
        expected = statistics.mean(np.array(pairs))
        ends = rows.loc[staff, ["difference", "low", "high", "pairs"]]
        np.testing.assert_allclose(ends.astype(float), expected)
    single = studied(tmp_path / "one", uneven, "court.staff=1,2", seeds=1, names=NAMES, vary=())
    ends = paired_differences(single)[["difference", "low", "high"]].iloc[[0, -1]]
    assert ends["difference"].notna().all() and ends[["low", "high"]].isna().all(axis=None)


def test_points_differ_from_those_at_a_reference_level_in_the_same_seeds(factorial: Cases) -> None:
    found = differences_from(factorial, {"court.staff": 1}).query("outcome == 'harm'")
    assert found["point"].tolist() == 2 * list(range(6)), "each point under each of two scenarios"
    for staff, rows in found.groupby("court.staff"):
        pairs = [10 * (1 - staff) + 0.1 * ((seed * staff) % 3 - seed % 3) for seed in (1, 2, 3)]
        ends = rows[["difference", "low", "high", "pairs"]].astype(float)
        np.testing.assert_allclose(ends, [statistics.mean(np.array(pairs))] * 4, atol=1e-12)
    for reference, said in (({"court.staf": 1}, "no axis"), ({"court.staff": 4}, "no point has this level")):
        with pytest.raises(InputError, match=said):
            differences_from(factorial, reference)


def test_shares_are_scattered_in_per_cent(factorial: Cases) -> None:
    shown = show(factorial, ("status_quo",), "", (), "comity plot")
    share = replace(outcome("harm"), unit="share")
    data = scatter_data(shown, share, share, None)
    assert data["harm"].nunique() > 1
    for ends in ((share, outcome("harm")), (outcome("harm"), share)):
        points = scatter_figure(shown, *ends, data).points
        for end, about in zip("xy", ends, strict=True):
            np.testing.assert_allclose(points[end], data["harm"] * (100 if about is share else 1))


def test_changes_are_from_the_first_level_of_the_same_world_or_from_its_mean() -> None:
    """Changes are measured within each world, so equal changes in all worlds have no interval."""
    axis = Axis("court.staff", AxisKind.LEVER, "times today's", (Level(1.0, 1.0), Level(2.0, 2.0)))
    rows = pd.DataFrame({"seed": np.repeat(np.arange(4), 2), "place": np.tile([0, 1], 4), "scenario": "p"})
    rows = rows.assign(**{"point": rows["place"], "court.staff": rows["place"] + 1.0})
    rows["harm"] = 10.0 ** rows["seed"] + rows["court.staff"]
    changed = changes_from(rows, rows[rows["place"] == 0], [axis.key], (axis,), ["harm"])
    assert changed["harm"].tolist() == pytest.approx([0, 1] * 4)
    later = rows.drop(index=0)
    missing = changes_from(later, later[later["place"] == 0], [axis.key], (axis,), ["harm"])
    assert 0 not in set(missing["seed"]), "a world without its first level has nothing to be compared with"
    axes = tuple(Axis(key, AxisKind.LEVER, "", ()) for key in ("a", "b"))
    rows = pd.DataFrame(
        {"point": [0, 1, 2], "seed": 1, "scenario": "p", "a": [0.1, 0.2, 0.9], "b": [0.5, 0.4, 0.3], "place": [0, 0, 1]}
    ).assign(harm=[1.0, 3.0, 7.0])
    changed = changes_from(rows, rows[rows["place"] == 0], ["a"], axes, ["harm"])
    assert changed["harm"].tolist() == [-1.0, 1.0, 5.0]


def test_differences_are_paired_and_curves_are_by_level(factorial: Cases, capsys) -> None:
    folder = factorial.study.folder
    _, table = drawn(folder, "--x court.staff --y harm --against status_quo", capsys)
    np.testing.assert_allclose(table[["value", "low", "high"]], -5.0)  # the same in every seed
    _, table = drawn(folder, "--survival --x court.staff", capsys)
    last = table[(table["month"] == 2) & (table["scenario"] == "status_quo")]
    np.testing.assert_allclose(last.sort_values("place")["value"], [0.1, 0.2, 0.3])


def test_a_mistake_is_one_message(factorial: Cases, capsys) -> None:
    for command, words, said in (
        *(("plot", "--x court.staf", "court.staff"), ("plot", "--y harms", "harm")),
        *(("plot", "--scenario faster_mla", "faster_mlat"), ("plot", "--where court.staff=9", "It has 1, 2, 3")),
        ("plot", "--survival --y harm", "does not go with"),
        ("analyse", "--tradeoff --budget much", "500 million euros"),
        ("analyse", "--discover", "cases are too few"),
    ):
        assert main([command, str(factorial.study.folder), *words.split()]) == INPUT_ERROR
        message = capsys.readouterr().err
        assert message.count("\n") == 1 and said in message
