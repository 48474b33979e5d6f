"""How many states are bound by an instrument that a scenario makes them join, year by year."""

from datetime import date
from pathlib import Path

from sim.law.order import LegalOrder
from sim.policy.in_force import joined_by_year, joins
from sim.policy.scenario import Scenario, load
from sim.policy.scenario_timeline import timeline_of

START, END = date(2027, 1, 1), date(2031, 12, 31)


def written(folder: Path, *changes: str) -> Scenario:
    path = folder / "joining.yaml"
    entries = "".join(f"  - {{lever: law.join, {change}}}\n" for change in changes)
    path.write_text(f"title: x\nquestion: x\nauthor: x\nchanges:\n{entries}", "utf-8")
    return load(str(path))


def test_other_changes_make_nobody_join() -> None:
    assert joins(load("second_protocol")) and not joins(load("faster_mlat"))


def joined(scenario: Scenario, law: LegalOrder, seed: int) -> list[tuple[str, int, int, int, int]]:
    timeline = timeline_of(scenario, law, START, END, seed)
    found = joined_by_year(scenario, timeline, law, START, END)
    return [(entry.states, entry.of, entry.year, entry.in_force, entry.usable) for entry in found]


def test_states_that_join_are_counted_year_by_year(tmp_path: Path, law: LegalOrder) -> None:
    scenario = written(
        tmp_path,
        "value: budapest, date: 2029-07-01, states: [CHN, IND, DEU]",
        "value: budapest, phased: {from: 2027-01-01, until: 2030-12-31}, states: [RUS, BLR, SAU, IRN]",
    )
    expected = (("CHN, IND, DEU", 3, (1, 1, 3, 3, 3)), ("RUS, BLR, SAU, IRN", 4, (0, 1, 2, 4, 4)))
    assert joined(scenario, law, 1) == [
        (states, of, year, number, number)
        for states, of, numbers in expected
        for year, number in enumerate(numbers, 2027)
    ]


def test_days_that_a_process_draws_differ_from_seed_to_seed(tmp_path: Path, law: LegalOrder) -> None:
    drawn = "value: budapest, date: 2027-01-01, states: non_parties of budapest, process: ratification"
    scenario = written(tmp_path, drawn)
    by_seed = [joined(scenario, law, seed) for seed in (1, 2, 3)]
    assert len({tuple(rows) for rows in by_seed}) > 1
    for rows in by_seed:
        bound, usable = ([row[place] for row in rows] for place in (3, 4))
        assert bound == sorted(bound) and bound[-1] > 0
        assert all(one >= other for one, other in zip(bound, usable, strict=True))
        assert sum(bound) > sum(usable), "law and offices come after ratification"


def test_a_treaty_that_waits_for_ratifications_is_in_force_nowhere_before(tmp_path: Path, law: LegalOrder) -> None:
    few = written(tmp_path, "value: un_convention, date: 2027-01-01, states: [DEU, FRA]")
    assert {row[3] for row in joined(few, law, 1)} == {0}
    many = written(tmp_path, "value: un_convention, date: 2028-01-01, states: all")
    assert [row[3] for row in joined(many, law, 1)][:2] == [0, 196]
