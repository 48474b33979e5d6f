"""Tests of ladders: changes of each scenario run, joint effects, and tables of steps."""

import re
from pathlib import Path

import numpy as np
import pytest

from docs.programs import TODAY, Found, ladders
from docs.programs.ladders import CHAIN, LAW, MEASURES, arms, names, rung, rungs
from sim.measures.outcomes import outcome
from sim.policy.scenario import load
from sim.policy.selection import StateSelection
from sim.report.style import styled

WORLDS = 4


def made_up(values: dict[str, float]) -> Found:
    """Worlds with noise and given numbers of groups by scenario run; all other figures are 1."""
    known = {*ladders.SHOWN.values(), *dict(ladders.PARTS.values()).values(), *(one.stage for one in MEASURES.values())}
    figures = dict.fromkeys([*known, *MEASURES, "policy_cost", "postings"], 1.0)
    noise = (0.0, 0.01, 0.02, 0.03)
    return Found(
        [{arm: figures | {ladders.GROUPS: values.get(arm, 1.0) * (1.0 + off)} for arm in arms()} for off in noise]
    )


def test_each_part_stands_alone_and_is_left_out_and_the_ladder_ends_at_the_package() -> None:
    for package in (LAW, CHAIN):
        whole = load(package).changes
        assert len(names(package)) == len(whole) == len(set(names(package)))
        for name, change in zip(names(package), whole, strict=True):
            (alone,) = arms()[name].changes
            assert alone.lever is change.lever
            if package == CHAIN:
                left = arms()[f"without {name}"].changes
                assert {*left, change} == {*whole} and len(left) == len(whole) - 1
    climbed = [len(arms()[one.arm].changes) for one in rungs() if one.ladder == LAW and one.series != "alone"]
    assert climbed[: len(load(LAW).changes)] == list(range(1, len(load(LAW).changes) + 1))


def test_each_dose_moves_its_own_levers_alone_and_beside_faster_assistance() -> None:
    """Each dose changes its own levers alone, or in addition to faster assistance."""
    for faster, base in ((False, TODAY), (True, CHAIN)):
        already = arms()[base].changes
        for key, measure in MEASURES.items():
            for dose in measure.doses:
                policy = arms()[rung(key, dose, faster)].changes
                kept = tuple(change for change in already if change.lever.name not in measure.levers)
                moved = policy[len(kept) :]
                assert policy[: len(kept)] == kept
                assert {change.lever.name: change.value for change in moved} == {
                    lever: values[dose] for lever, values in measure.levers.items()
                }
                assert (moved[0].states == StateSelection()) == (key != "single")


def test_all_of_liaison_leaves_investigators_and_courts_as_they_are() -> None:
    for faster, base in ((False, TODAY), (True, CHAIN)):
        levers = {change.lever.name for change in arms()[rung("all", 10, faster)].changes}
        own = {change.lever.name for change in arms()[base].changes}
        assert "agency.investigators" not in levers and "liaison.posts" in levers and own <= levers


def test_every_rung_is_of_arms_that_are_run_and_of_a_figure_that_is_measured() -> None:
    for one in rungs():
        assert {one.arm, one.base} <= arms().keys()
        assert one.stage in ("", ladders.URGENT) or outcome(one.stage)
    assert {one.arm for one in rungs()} | {one.base for one in rungs()} == arms().keys()


def test_what_is_left_over_is_what_parts_bring_only_together() -> None:
    """The joint effect of a package is its total effect minus the sum of its parts' effects."""
    found = made_up({CHAIN: 2.0} | dict.fromkeys(names(CHAIN), 1.1))
    (line,) = (
        line for line in ladders.parts(found, ladders.table(found))["sums"].splitlines() if "faster mlat" in line
    )
    assert "add up to +60.0 (" in line and "left over is +40.0 (" in line


def test_a_rung_is_set_beside_its_own_base() -> None:
    found = made_up({CHAIN: 2.0, rung("officers", 10): 1.5, rung("officers", 10, faster=True): 2.5})
    made = ladders.table(found).set_index(["ladder", "series", "name"])["groups brought down, %"]
    assert made["officers", "alone", "×10"] == pytest.approx(50.0)
    assert made["officers", "on top of faster assistance", "×10"] == pytest.approx(25.0)
    assert made["officers", "alone", "today"] == 0.0


@pytest.mark.parametrize(("last", "back"), [(4.0, 0), (1.5, 1)])
def test_a_step_that_goes_back_is_counted(last: float, back: int) -> None:
    found = made_up({})
    steps = dict(zip([0, 1, *ladders.DOSES[1:]], (1.0, 1.2, 2.0, 3.0, last), strict=True))
    for world, noise in zip(found.worlds, np.linspace(0.0, 0.03, WORLDS), strict=True):
        for dose, value in steps.items():
            own = world[TODAY if dose == 1 else rung("teams", dose)]
            own[MEASURES["teams"].stage] = value * (1.0 + noise)
    (line,) = (line for line in ladders.shape(found) if line.startswith("- joint teams"))
    assert f"{back} of 4 steps go back" in line


def test_figures_have_a_panel_for_each_ladder_and_a_number_beside_each_mark() -> None:
    made = ladders.table(made_up({CHAIN: 1.5}))
    with styled():
        drawn = ladders.figure(made, {LAW: "law", CHAIN: "chain"}, "title", (11.5, 4.6), 2).draw()
    assert [axes.get_title(loc="left") or axes.get_title() for axes in drawn.axes] == ["law", "chain"]
    assert any(text.get_text() == "+50.0 %" for text in drawn.axes[1].texts)


def test_figures_for_a_phone_are_short_and_names_of_rows_touch_no_mark(tmp_path: Path) -> None:
    """Figures for phones together contain every ladder once, without overlaps of names and marks."""
    moved = {CHAIN: 1.5, LAW: 1.1} | {rung(measure, 10): 1.3 for measure in MEASURES}
    made = ladders.table(made_up(moved))
    ladders.draw(made, tmp_path)
    pages = [path.read_text("utf-8") for path in tmp_path.glob("*_phone.svg")]
    heights = [float(found[1]) for text in pages if (found := re.search(r'height="([\d.]+)pt"', text))]
    assert len(heights) == len(pages) > 1 and max(heights) < 750.0, "ten inches or so"
    titles = {LAW: "law", CHAIN: "chain"}
    with styled(for_phone=True):
        drawn = ladders.figure(made, titles, "", (0.0, 0.0), 1).draw()
    drawn.draw_without_rendering()
    for axes in drawn.axes:
        inside = axes.get_window_extent()
        assert all(label.get_window_extent().x1 <= inside.x0 for label in axes.get_yticklabels())
        assert all(text.get_window_extent().x0 >= inside.x1 for text in axes.texts)
    for measure in MEASURES.values():
        title = f"{measure.name[0].upper()}{measure.name[1:]}"
        assert sum(title in text for text in pages) == 1
