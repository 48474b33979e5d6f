"""Tests of texts and figures of a sweep, on made-up tables."""

from dataclasses import replace
from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from sim.experiments.analyse.cases import Cases, Contrast
from sim.experiments.analyse.discover import Box, Discovery, Restriction
from sim.experiments.analyse.sensitivity import Method, Sensitivity
from sim.experiments.analyse.tradeoff import AVERTED, MONEY, RIGHTS_COST, TIME
from sim.experiments.axis import Axis, AxisKind
from sim.measures.outcomes import outcome
from sim.report.style import look, styled
from sim.report.sweep import analyse, plot
from sim.report.sweep.plot import PlotOptions, plots
from sim.report.sweep.shown import Shown, panels, show
from sim.results.words import number
from tests.experiments.analyse.test_analyse import known
from tests.experiments.sweep.studies import carried_out, ready

nan = float("nan")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """A study of two levels and one seed, in which groups are observed for at most two months."""

    def watched_shortly(task):
        made = known(task)
        for arm in made.arms:
            curve = arm.measured.breakdowns["takedown_curve"]
            curve["at_risk"] = np.array([3.0, 1.0, 0.0])
            arm.measured.breakdowns["turnaround_curve"] = {"month": np.arange(3.0), "answered": np.arange(3.0) / 2}
        return made

    words = ("court.staff=1,2", "execution.replicates=1", "sweep.breakdowns=[takedown_curve,turnaround_curve]")
    made, _ = carried_out(ready(tmp_path_factory.mktemp("study"), *words), watched_shortly)
    return show(Cases.read(made.folder), (), "", (), "comity plot")


def words_of(figure) -> str:
    return " ".join(" ".join(part.get_text() for part in figure.texts).split())


def test_curves_say_what_they_leave_out_and_end_where_nobody_is_at_risk(shown: Shown) -> None:
    takedown, turnaround = plots(shown, PlotOptions(survival=True))
    assert "those met with silence are left out" in words_of(turnaround.figure)
    assert "silence" not in words_of(takedown.figure)
    assert {tuple(line.get_xdata()) for line in takedown.figure.axes[0].lines} == {(0.0, 1.0)}
    assert {tuple(line.get_xdata()) for line in turnaround.figure.axes[0].lines} == {(0.0, 1.0, 2.0)}


def test_figures_of_a_tiny_world_say_that_its_numbers_mean_nothing(shown: Shown) -> None:
    """Figures of a tiny world carry a warning that its numbers mean nothing."""
    for words, warned in (("comity sweep", False), ("comity sweep world=tiny --seed 2", True)):
        study = replace(shown.study, about=shown.study.about | {"command": words})
        cases = replace(shown, study=study)
        (drawing,) = plots(cases, PlotOptions(x="court.staff"))
        assert ("its numbers mean nothing" in words_of(drawing.figure)) == warned
        (run,) = analyse._page(cases, {}, words).sections
        assert ("its numbers mean nothing" in run.markdown) == warned
    one = replace(shown, rows=shown.rows.head(1))
    assert "2 points, 1 seed per point, 1 run shown." in one.basis


def test_a_long_title_of_a_scatter_is_not_cut_off(shown: Shown) -> None:
    keys = ("without_criminality_per_year", "evidence_lost_retention_share")
    (drawing,) = plots(shown, PlotOptions(scatter=keys))
    title = drawing.figure.texts[0]
    assert title.get_window_extent().x1 <= drawing.figure.bbox.width
    assert all(outcome(key).title.lower() in " ".join(title.get_text().split()).lower() for key in keys)


def test_each_panel_has_the_rows_and_the_title_of_its_level(shown: Shown) -> None:
    (axis,) = shown.axes
    found = list(panels(shown, axis))
    assert [title for title, _ in found] == [
        f"Staff of the courts that order execution: {staff} {axis.unit}" for staff in (1, 2)
    ]
    assert [set(rows["court.staff"]) for _, rows in found] == [{1.0}, {2.0}]
    ((title, rows),) = panels(shown, None)
    assert (title, len(rows)) == ("", 2)
    data, _ = plot.line_data(shown, axis, [outcome("harm")], None)
    for change, zero in (({}, False), ({"paired": True}, True), ({"against": "status_quo"}, True)):
        figure = plot.line_figure(replace(shown, **change), axis, [outcome("harm")], None, data, data.head(0))
        assert figure.levels == ((0.0, ""),) * zero, "a line where nothing changes"


def ranks(**columns) -> Sensitivity:
    """Rank regressions of two outcomes on one axis, as a table of sensitivities."""
    table = {"outcome": ["harm", "takedown_rate"], "contrast": "status_quo", "parameter": "court.staff"}
    table |= {"value": -0.48, "low": -0.9, "high": -0.1, "size": 6, "seeds": 2}
    table |= {"noise_share": float("nan"), "r_squared": 0.4, "confounded": False}
    return Sensitivity(Method.RANKS, pd.DataFrame(table | columns))


def sentences_of(found: Sensitivity) -> str:
    outcomes = [outcome(key) for key in ("harm", "takedown_rate")]
    return analyse.sensitivity_chapter(found, outcomes, [Contrast("status_quo", "")], []).markdown


@pytest.mark.parametrize(
    ("method", "row", "line"),
    [
        (Method.MORRIS, {"noise_share": 0.256}, ", million x: `court.staff` 3.00 (1.00 to 5.00, 26 % noise)."),
        (Method.MORRIS, {"low": 3.0, "high": 3.0}, ", million x: `court.staff` 3.00 (no interval)."),
        (Method.RANKS, {"low": nan}, ": `court.staff` 3.00 (no interval)."),
        (
            Method.RANKS,
            {"value": 1e12, "low": 1e12 - 9, "high": 1e12},
            f": `court.staff` {number(1e12)} (no interval).",
        ),
        (Method.SOBOL, {}, ": `court.staff` 300.0 % (100.0 % to 500.0 %)."),
    ],
)
def test_an_index_has_the_unit_of_its_method_and_its_interval(method: Method, row: dict, line: str) -> None:
    about = replace(outcome("harm"), unit="million x")
    usual = {"outcome": ["harm"], "parameter": "court.staff", "value": 3.0, "low": 1.0, "high": 5.0, "noise_share": nan}
    found = replace(ranks(**usual | row), method=method)
    assert analyse._line(found, about, Contrast("status_quo", "")) == f"- {about.title}{line}"
    size = {Method.MORRIS: "(mean effect 3.00 million x,", Method.SOBOL: "(share of the variance 300.0 %,"}
    said = analyse.sensitivity_clause(found, [about], [Contrast("status_quo", "")])
    assert size.get(method, "(coefficient on ranks ") in said


def test_what_moves_most_or_hardly_is_said_with_its_size() -> None:
    for row, floor, said in (
        ({"low": 0.1, "high": 0.9}, 0.0, " moves victims' losses over the policy years most (coefficient on ranks"),
        ({"low": -0.9, "high": -0.1}, 0.0, "” moves victims"),
        ({"low": 0.0, "high": 0.9}, 0.0, "no setting moves victims' losses over the policy years by more than chance"),
        ({"low": 0.2, "high": 0.9}, 0.2, "no setting moves"),
        ({"low": 0.2, "high": 0.9}, 0.1, "” moves victims"),
        ({"low": 0.5, "high": 0.5}, 0.7, "” moves victims"),
    ):
        found = ranks(noise_floor=floor, value=0.5, **row)
        assert said in analyse.sensitivity_clause(found, [outcome("harm")], [Contrast("status_quo", "")]), row


def portfolios(*front: tuple[str, float, float, float], satisfied: float = 0.5) -> SimpleNamespace:
    """Portfolios with averted harm and its interval, by name; the first is the reference."""
    table = pd.DataFrame(
        [(averted, low, high, 5.0, 7.0, 8.0, 0.25, satisfied) for _, averted, low, high in front],
        columns=[AVERTED, "averted_low", "averted_high", RIGHTS_COST, MONEY, TIME, f"regret_{AVERTED}", "satisfied"],
    )
    names = [name for name, *_ in front]
    return SimpleNamespace(front=table, baseline=0, name=lambda key: names[key], requirements=["harm < 95"])


def test_portfolios_of_the_front_have_their_numbers_and_ties_stand_together() -> None:
    found = portfolios(("today", 0.0, nan, nan), ("some", 2.0, 1.0, 3.0), ("one seed", 2.0, nan, nan))
    cells = [analyse._front_row(found, 1, key, row)[1:3] for key, row in found.front.iterrows()]
    assert cells == [["today", "0: the reference"], ["some", "2.00 (1.00 to 3.00)"], ["one seed", "2.00"]]
    assert analyse._front_row(found, 4, 1, found.front.iloc[1])[3:] == ["5.00", "7.00", "8.00", "0.25", "50.0 %"]


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (("today", 0.0, nan, nan), "no portfolio averts more harm than today's law and practice on average"),
        (("some", 2.0, 1.0, 3.0), "“some” averts most harm (2.00 billion USD, 1.00 to 3.00) for 7.00 million euros"),
        (("some", 2.0, 0.0, 3.0), "no portfolio averts harm by more than chance (most: “some”, 2.00 billion USD, 0.00"),
        (("some", 2.0, nan, nan), "“some” averts most harm (2.00 billion USD, one seed)"),
    ],
)
def test_the_portfolio_that_averts_most_is_named_where_it_is_more_than_chance(first: tuple, said: str) -> None:
    found = portfolios(first, ("other", 0.0, nan, nan))
    found.baseline = int(first[0] != "today")
    assert analyse.tradeoff_clause(found).startswith(said)


def test_a_box_is_said_with_the_interval_of_its_density() -> None:
    """A box is described with the exact interval of its density: 44 to 97 % for eight of ten."""
    bounds = tuple(Restriction(f"a{number}", 0.1, nan, (), f"a{number} ≥ 0.1") for number in range(3))
    found = SimpleNamespace(words="harm is low", boxes=(Box("PRIM", 0.5, 0.8, 0.1, 10, bounds),))
    said = "harm is low mostly where a0 ≥ 0.1, a1 ≥ 0.1 and 1 more (80 % of 10 cases, 44 to 97 %)"
    assert analyse.discovery_clause(found) == said
    two = SimpleNamespace(words="harm is low", boxes=(replace(found.boxes[0], restrictions=bounds[:2]),))
    assert "where a0 ≥ 0.1 and a1 ≥ 0.1 (" in analyse.discovery_clause(two)
    assert "no box is fuller" in analyse.discovery_clause(SimpleNamespace(words="x", boxes=()))
    (one, *_, last) = analyse.box_table(found).to_dict("records")
    assert (one["box"], one["axis"], one["low"], last["axis"]) == (1, "a0", 0.1, "a2")


def test_what_explains_nothing_is_said_to_explain_nothing_and_an_interval_without_width_is_withheld() -> None:
    assert "It explains 40 % or more of the ranks (R²" in sentences_of(ranks())
    assert "distinguished from zero" not in sentences_of(ranks())
    some = sentences_of(ranks(r_squared=[0.4, -0.2]))
    assert "cannot be distinguished from zero" in some and "for: Takedown rate." in some
    assert "It explains 40 % or more of the ranks of the others" in some
    assert " 0 % or more" not in sentences_of(ranks(r_squared=[0.001, -0.2]))
    assert sentences_of(ranks()).count("−0.48 (−0.90 to −0.10)") == 2
    exact = sentences_of(ranks(low=[-0.48 - 1e-15, -0.9], high=[-0.48, -0.1]))
    assert exact.count("−0.48 (no interval)") == 1
    assert "(–" not in sentences_of(ranks(low=float("nan"), high=float("nan")))
    few = [sentences_of(replace(ranks(size=size), method=Method.SOBOL)) for size in (63, 64)]
    assert ["That is few" in said for said in few] == [True, False]


def test_cells_say_their_change_and_whether_chance_hides_it() -> None:
    for value, low, high, changes, said in (
        *((3.0, 1.0, 5.0, False, "3.00"), (3.0, 1.0, 5.0, True, "+3.00"), (-3.0, -5.0, -1.0, True, "−3.00")),
        *((3.0, 0.0, 5.0, True, "(+3.00)"), (-3.0, -5.0, 0.0, True, "(−3.00)"), (0.0, -1.0, 1.0, True, "0.00")),
    ):
        assert plot._words(SimpleNamespace(value=value, low=low, high=high), changes) == said
    for *values, centred, ends in (
        *((-3, 2, True, (-3, 3)), (1, 4, True, (-4, 4)), (1, 4, False, (1, 4)), (2, False, (2, 3))),
    ):
        norm, palette = plot._colours(pd.Series(values), centred)
        assert (norm.vmin, norm.vmax, palette == "PuOr") == (*ends, centred)


def test_what_a_figure_of_lines_rests_on_and_where_its_points_lie(shown: Shown) -> None:
    (axis,), keys = shown.axes, ("harm", "takedown_five_year")
    table = pd.DataFrame({"outcome": keys * 2, "panel": list("ppqq"), "seeds": 7, "value": [1.0, 0.2, 3.0, 0.4]})
    table = table.assign(low=0.1, high=0.5, scenario="status_quo", spread_low=nan, place=0, level="1")
    placed = plot._placed(table, [(key, panel) for key in keys for panel in "pq"])
    assert placed["value"].tolist() == [1.0, 20.0, 3.0, 40.0] and placed["panel"].tolist() == [0, 2, 1, 3]
    assert placed["low"].tolist() == [0.1, 10.0, 0.1, 10.0] and set(placed["series"]) == {"status_quo"}
    usual = {"own_seeds": False, "against": "", "paired": False, "scenarios": ["status_quo"]}
    against, paired = {"against": "status_quo"}, {"paired": True, "scenarios": ["status_quo", "training"]}
    for change, single, low, spread, there, absent in (
        ({}, False, 0.1, nan, "Under “|over seeds", "dots|dotted|Change|Differences"),
        (against, True, nan, 0.1, "Differences from|One seed|Faint dots|Between dotted", "Under “|Band"),
        (paired, False, 0.1, nan, "first level, 1", "Under “"),
        ({"own_seeds": True}, False, 0.1, nan, "over points", "over seeds"),
    ):
        data = table.assign(low=low, spread_low=spread)
        said = plot._explanation(SimpleNamespace(**usual | change), axis, data, single)
        assert all(part in said for part in there.split("|")), said
        assert not any(part in said for part in absent.split("|")), said


def test_the_axis_of_indices() -> None:
    """The axis of sensitivity indices ends at its outermost marks and intervals."""
    noisy, none = {"size": 3, "noise_share": 0.25}, {"value": 0.0, "low": 0.0, "high": 0.0}
    for method, key, row, ends, label in (
        (Method.MORRIS, "takedown_five_year", {}, (0.0, 70.0), "percentage points (1 trajectory, no interval)"),
        (Method.SOBOL, "harm", noisy, (-20.0, 70.0), "points\n(replicate noise: 25 % of it)"),
        (Method.RANKS, "harm", none, (0.0, 1.0), "coefficient"),
        (Method.MORRIS, "harm", {"noise_share": 1.0}, (0.0, 1.0), ""),
    ):
        usual = {"outcome": [key], "value": 0.4, "low": 0.1, "high": 0.7, "noise_floor": 0.3, "size": 1}
        found = replace(ranks(**usual | {"first": -0.1, "first_low": -0.2, "first_high": 0.3} | row), method=method)
        panel = analyse._panel(found, outcome(key), found.of(key, "status_quo"))
        assert panel.span == pytest.approx(ends) and panel.label.endswith(label), panel.label


def test_portfolios_stand_at_what_they_cost_and_what_they_avert() -> None:
    steps = np.arange(13.0)
    table = pd.DataFrame({MONEY: 3.0 * steps, AVERTED: steps, RIGHTS_COST: 5.0 - steps, "front": True})
    table = table.assign(averted_low=steps - 1.0, averted_high=steps + 2.0)
    for many, budget, worlds in ((13, 9.0, 2), (12, np.inf, 1)):
        held, by_state = table.head(many), pd.DataFrame({"state": range(worlds)})
        found = SimpleNamespace(table=held, front=held, baseline=0, by_state=by_state, budget=budget)
        shown = analyse.front_figure(SimpleNamespace(**vars(found), uncertain=[], reference="today"), "comity")
        assert shown.points[["x", "y"]].to_numpy().tolist() == held[[MONEY, AVERTED]].to_numpy().tolist()
        assert shown.points["shade"].tolist() == (-held[AVERTED]).tolist() and shown.shades.vmax == many - 1
        assert shown.points["words"].tolist() == [str(place) if place <= 12 else "" for place in range(1, many + 1)]
        assert ("are numbered)" in shown.caption.explanation) == (many == 13)
        assert ("one world" in shown.caption.small_print) == (worlds == 1) and len(shown.lines) == 1 + (budget == 9.0)


def made(**values: object) -> SimpleNamespace:
    """A study of one scenario, with some settings changed."""
    usual = {"own_seeds": False, "against": "", "paired": False, "scenarios": ["a"], "command": "", "basis": "Basis."}
    return SimpleNamespace(**usual | {"unit": lambda about: about.unit} | values)


@pytest.mark.parametrize(
    ("many", "axes", "method", "size", "names"),
    [
        (1, 3, Method.RANKS, (7.6, 3.92), []),
        (2, 10, Method.MORRIS, (10.0, 5.6), ["mu*", "replicate noise alone"]),
        (3, 12, Method.SOBOL, (10.0, 9.1), ["total: with others", "first: alone"]),
    ],
)
def test_a_figure_of_indices_has_a_panel_for_each_outcome_and_room_for_ten_rows(many, axes, method, size, names):
    keys = ["harm", "takedown_rate", "turnaround_median"]
    rows = [{"outcome": key, "size": 6 + place, "seeds": 2} for place, key in enumerate(keys[:many])]
    rows += [{"outcome": "harm", "contrast": "other", "size": 99, "seeds": 99}]
    usual = {"contrast": "today", "parameter": "court.staff", "value": 0.5, "low": 0.1, "high": 0.9, "noise_share": 0.1}
    usual |= {"first": 0.4, "first_low": 0.2, "first_high": 0.6, "noise_floor": 0.05}
    found = Sensitivity(method, pd.DataFrame([usual | row for row in rows]))
    drawn = analyse.index_figure(made(axes=[0] * axes), found, list(map(outcome, keys)), Contrast("today"), "comity")
    assert (len(drawn.panels), drawn.across, drawn.size) == (many, min(many, 2), pytest.approx(size))
    assert list(dict(drawn.labels).values()) == names and list(drawn.looks) == list(analyse.METHODS[method]["indices"])
    assert f"up to {5 + many} " in drawn.caption.small_print and "2 seeds per point" in drawn.caption.small_print
    ends = [50.0, 10.0, 90.0] if method is Method.SOBOL else [0.5, 0.1, 0.9]
    shown = drawn.panels[0].marks.set_index("series").loc["value", ["value", "start", "end"]]
    assert shown.tolist() == pytest.approx(ends)


def test_a_figure_of_a_box_lies_over_the_axes_that_bound_it_or_else_over_any() -> None:
    """A figure lies along the axes that bound its box; if none does, it lies along others, without a box."""
    inputs = pd.DataFrame({"a": [0.0, 10.0], "policy": ["p", "q"], "b": [5.0, 15.0], "c": [1.0, 2.0]})
    bounds = tuple(Restriction(key, 2.0, nan, (), key) for key in ("policy", "c"))
    harm, values = outcome("harm"), np.array([7.0, 8.0])
    for keys, boxes, x, y, box in (
        ("a policy b c", [bounds], [1.0, 2.0], [0.0, 10.0], ((2.0, -0.2), 0.02, 10.4)),
        ("a policy b", [], [0.0, 10.0], [5.0, 15.0], None),
        ("policy c", [bounds], [1.0, 2.0], [7.0, 8.0], ((2.0, 6.98), 0.02, 1.04)),
        ("policy a", [bounds[:1]], [0.0, 10.0], [7.0, 8.0], None),
        ("policy", [bounds], [0.0, 1.0], [7.0, 8.0], None),
    ):
        drawn = tuple(Box("PRIM", 0.25, 0.75, 0.1, 10, own) for own in boxes)
        about = SimpleNamespace(outcome=harm)
        found = Discovery(about, "harm", inputs[keys.split()], values, values < 8.0, drawn, pd.DataFrame())
        shown = analyse.box_figure(found, "comity")
        assert (shown.points["x"].tolist(), shown.points["y"].tolist()) == (x, y), keys
        assert shown.points["series"].tolist() == ["interest", "other"], keys
        assert shown.box == (box and (pytest.approx(box[0]), *map(pytest.approx, box[1:]))), keys
        said = "25 % of such cases, and 75 % of its cases are such (50 % of all)" in " ".join(
            shown.caption.explanation.split()
        )
        assert said == bool(boxes)
        with styled():
            frames = [patch for patch in shown.draw().axes[0].patches if isinstance(patch, Rectangle)]
        assert len(frames) == (box is not None)


COURTS, SCENARIOS = Axis("court.staff", AxisKind.LEVER, "x", ()), ("status_quo", "faster_mlat")
#: A row of the table behind any figure of a study.
ROW = {"at": 1.0, "level": "1", "value": 0.5, "low": -0.25, "high": 1.5, "seeds": 9, "month": 2.0, "point": 1, "x": "1"}
ROW |= {"points": 1, "place": 0, "x_place": 0, "y": "1", "y_place": 0, "spread_low": nan, "spread_high": nan}


def test_lines_of_a_study_have_room_for_their_panels_and_a_key_where_scenarios_differ() -> None:
    keys = ("harm", "takedown_rate", "policy_cost", "trust_mean")
    for outcomes, titles, by, scenarios, size, across, key in (
        (1, [""], None, "a", (7.0, 4.75), 1, 0),
        (4, [""], None, "ab", (9.9, 7.4), 3, 2),
        (2, ["p", "q"], COURTS, "abcd", (7.0, 7.4), 2, 4),
    ):
        shown, abouts = made(scenarios=list(scenarios)), list(map(outcome, keys[:outcomes]))
        parts = product(abouts, titles, scenarios)
        data = pd.DataFrame([ROW | {"outcome": one.key, "panel": two, "scenario": three} for one, two, three in parts])
        drawn = plot.line_figure(shown, COURTS, abouts, by, data, data.head(0))
        assert (drawn.size, drawn.across, len(drawn.labels)) == (pytest.approx(size), across, key)
        assert len(drawn.panes) == outcomes * len(titles) and bool(drawn.shared) == bool(by) and not drawn.steps
        assert plot.line_figure(made(against="b"), COURTS, abouts, by, data, data.head(0)).labels
    for scenarios, size in (("a", (7.4, 6.2)), ("ab", (7.4, 5.5)), ("abc", (10.2, 5.5)), ("abcd", (10.2, 8.5))):
        rows = pd.DataFrame([ROW | {"scenario": one, "place": place} for one, place in product(scenarios, range(2))])
        drawn = plot.curve_figure(made(scenarios=list(scenarios)), COURTS, plot.CURVES[0], rows)
        assert (drawn.size, drawn.across, len(drawn.labels)) == (pytest.approx(size), min(len(scenarios), 3), 2)
        assert set(drawn.points["low"]) == {0.0} and set(drawn.points["high"]) == {1.0}
        assert drawn.points["panel"].tolist() == [panel for panel in range(len(scenarios)) for _ in range(2)]
    assert [look[0] for look in drawn.looks.values()] == ["#440154", "#86d549"], "from dark to light along numbers"
    policies = Axis("scenario", AxisKind.SCENARIO, "", ())
    rows = pd.DataFrame([ROW | {"scenario": "", "place": place, "level": key} for place, key in enumerate(SCENARIOS)])
    drawn = plot.curve_figure(made(scenarios=list(SCENARIOS)), policies, plot.CURVES[0], rows)
    assert [one[0] for one in drawn.looks.values()] == [look(key, SCENARIOS)[0] for key in SCENARIOS], "as elsewhere"


def test_maps_and_points_of_a_study_have_room_for_their_panels() -> None:
    data = pd.DataFrame([ROW | {"panel": title, "scenario": "a", "harm": 1.0} for title in "pqrs"])
    sizes, harm = (((7.4, 5.3), (7.2, 6.3)), ((13.2, 5.3), (10.2, 5.2)), ((13.2, 8.6), (10.2, 8.1))), outcome("harm")
    for many, (size, scattered) in zip((1, 3, 4), sizes, strict=True):
        tiles = plot.heat_figure(made(), COURTS, COURTS, harm, data.head(many))
        points = plot.scatter_figure(made(), harm, harm, data.head(many))
        assert (tiles.size, tiles.across, len(tiles.panels)) == (pytest.approx(size), min(many, 3), many)
        assert (points.size, points.across) == (pytest.approx(scattered), min(many, 3)) and not points.lines
        assert "everything else" not in tiles.caption.explanation and tiles.shades.vmax == 1.5
        assert set(tiles.cells["words"]) == {"0.50"}
    data = data.assign(points=2, value=[1.0, -3.0, 2.0, 0.0])
    for ends, said in (({}, True), ({"low": 0.5}, False)):
        changed = plot.heat_figure(made(against="b"), COURTS, COURTS, harm, data.assign(**ends))
        words = changed.caption.explanation
        assert changed.shades.vmax == 3.0 and "against “b”" in changed.caption.title
        assert ("In brackets" in words) == said and "everything else" in words
    assert len(plot.scatter_figure(made(against="b"), harm, harm, data).lines) == 2
    wide = pd.concat([data.head(1).assign(x=str(place), x_place=place) for place in range(10)])
    for many, numbered in ((9, True), (10, False)):
        cells = plot.heat_figure(made(), COURTS, COURTS, harm, wide.head(many)).cells
        assert (cells["words"] != "").all() == numbered == (cells["words"] != "").any(), "as long as there is room"
