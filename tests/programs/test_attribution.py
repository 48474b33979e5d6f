"""Tests of where the months of a request pass: the median request, offices, and policies where months lie elsewhere."""

import numpy as np
import pandas as pd
import pytest

from docs.programs import DOCS, attribution
from docs.programs.attribution import ahead, by_stage, elsewhere, median_request, offices, rows, sentence, when
from docs.programs.months import LASTING, PLACES, WAIT
from sim.calibration.targets import Role, targets
from sim.policy.well_known import BASELINE
from sim.world.parameters import declarations
from sim.world.records.stages import Stage

TITLES = {"one": "One", "two": "Two"}


def test_the_median_request_is_of_those_in_the_middle() -> None:
    waited = np.arange(1.0, 101.0)
    days = np.array([waited, np.where(waited > 90, 1000.0, 0.0), np.full(100, 7.0)])
    assert median_request(days, waited) == pytest.approx([50.5, 0.0, 7.0])
    assert np.isnan(median_request(np.zeros((3, 0)), np.zeros(0))).all()


def test_every_stage_has_its_office_parameters_and_facts_that_exist() -> None:
    known, names = rows(), {name for name, _, _ in declarations()}
    facts = {one.key: one.role for one in targets()}
    assert list(known) == list(Stage)
    for stage, row in known.items():
        assert row["office"] and row["rests on"] and row["parameters"], stage
        assert names.issuperset(row["parameters"].split()), stage
        assert all(facts[key] is Role.USED for key in row["facts"].split()), stage
        assert all(facts[key] is Role.VALIDATION for key in row["judges"].split()), stage


def cells(table: str) -> dict[str, list[str]]:
    return {line.split(" | ")[0].strip("| "): line.strip("| ").split(" | ") for line in table.splitlines()[2:]}


def test_months_add_up_by_stage_by_office_and_before_and_after_sending() -> None:
    draw = np.random.default_rng(4)
    worlds = [{stage.name: float(months) for stage, months in zip(Stage, draw.uniform(0, 3, len(Stage)), strict=True)}]
    worlds.append(dict.fromkeys(worlds[0], 1.0))
    means = pd.DataFrame(worlds).mean()
    by_row = cells(by_stage(worlds))
    for stage in Stage:
        assert float(by_row[stage.row.label][2].split(" (")[0]) == pytest.approx(means[stage.name], abs=0.051)
    for part in (attribution.BEFORE, attribution.UNTIL, attribution.AFTER):
        months = sum(means[stage.name] for stage in Stage if when(stage) == part)
        assert float(by_row[f"**{part}**"][2].split(" (")[0]) == pytest.approx(months, abs=0.051)
    office = cells(offices(worlds))
    assert sum(float(row[1].split(" (")[0]) for row in office.values()) == pytest.approx(means.sum(), abs=0.5)
    assert sum(int(row[2]) for row in office.values()) == pytest.approx(100, abs=4)
    courts = means["COURT_ORDER"] + means["APPEAL"]
    assert float(office["courts"][1].split(" (")[0]) == pytest.approx(courts, abs=0.051)
    # stages with a figure of their own: a whole of 12 equal stages
    published = sum(bool(row["facts"]) for row in rows().values())
    assert f"{100 * published / len(Stage):.0f} % of the median request" in sentence(worlds[1:])


def made_up(sets: int, slope: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Outcomes of two policies in some sets, and shares of months: one is the better the more months are at courts."""
    share = np.linspace(0.1, 0.5, sets)
    months = pd.DataFrame({"number": range(sets), **dict.fromkeys(PLACES, np.tile([0.1, 0.2], sets)[:sets])})
    months["courts"] = share[[1, 0, *range(2, sets)]]  # almost in the order of the effect
    worlds = []
    for scenario, factor in ((BASELINE, np.ones(sets)), ("one", 1.2 + slope * share), ("two", np.full(sets, 1.3))):
        lasting, number = 40.0 * factor, np.arange(sets)
        worlds.append(pd.DataFrame({"scenario": scenario, "parameter_set": number, LASTING: lasting, WAIT: 9 / factor}))
    return pd.concat(worlds, ignore_index=True), months


def test_effects_are_of_the_sets_with_fewest_and_most_months_at_a_place() -> None:
    lines = elsewhere(*made_up(60, 1.0), TITLES).splitlines()[2:]
    assert len(lines) == len(TITLES) * len(PLACES)
    first = lines[0].strip("| ").split(" | ")
    # the first and the last 20 of 60 equal steps from 0.1 to 0.5 have means 0.164 and 0.436
    assert first[:2] == ["One", "at courts"] and first[2].startswith("+36 (") and first[3].startswith("+64 (")
    assert first[4].startswith("**+1.00") and first[7].startswith("**−1.00")
    assert all("**" not in line and line.count("+30 (") == 2 for line in lines[len(PLACES) :])


@pytest.mark.parametrize(("slope", "words"), [(2.0, "is the same in all 8 thirds: “One” and “Two”"), (0.3, "one of 2")])
def test_the_order_of_policies_is_the_same_or_not(slope: float, words: str) -> None:
    assert words in ahead(*made_up(60, slope), TITLES)


def test_the_page_has_what_the_program_makes_of_stored_outcomes() -> None:
    page = (DOCS / f"{attribution.NAME}.md").read_text("utf-8")
    outcomes, months, titles = attribution.stored()
    assert elsewhere(outcomes, months, titles) in page and ahead(outcomes, months, titles) in page
    for row in rows().values():
        assert f"| {row['office']} |" in page and row["rests on"] in page
