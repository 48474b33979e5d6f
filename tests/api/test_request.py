"""Tests that arguments of a study become an experiment or one error message, without simulation."""

from collections.abc import Callable
from dataclasses import replace
from inspect import unwrap
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import sim
from sim.api import studies
from sim.api.answers import pairs_of
from sim.api.entry_point import Request, _request_from
from sim.api.simulating import DEFAULT_ABLATION, DEFAULT_COMPARISON, inert, prepared
from sim.experiments.config import Experiment
from sim.experiments.statistics import FEWEST_PAIRS, MOST_WORLDS
from sim.policy.problem import InputError
from sim.policy.scenario import catalogue, load

Ask = Callable[..., Request]
Body = Callable[..., Any]
WIDTH = "takedown_rate=0.02"


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Fixture: function that turns scenarios and options into a request for a study."""

    def asking(*typed: str) -> Request:
        words = [*(word for word in typed if "=" in word), f"execution.results={tmp_path}"]
        return Request("run", [word for word in typed if "=" not in word], words, "comity …", Console(file=StringIO()))

    return asking


@pytest.fixture
def body(monkeypatch: pytest.MonkeyPatch) -> Body:
    """Fixture: function that returns the experiment that a study would run, and a portfolio's budget."""
    begun: list[Any] = []
    for place in ("studies", "portfolio"):
        monkeypatch.setattr(f"sim.report.{place}.report", lambda *given: begun.append(given) or Path())

    def asking(kind: str, request: Request, **options: object) -> Any:
        unwrap(getattr(studies, kind))(replace(request, kind=kind), **options)
        experiment, euros, _ = begun.pop()
        return (experiment, euros) if kind == "portfolio" else experiment

    return asking


def test_a_study_of_which_nothing_is_kept_touches_no_folder(ask: Ask, tmp_path: Path) -> None:
    asked = replace(ask("status_quo"), words=[f"execution.results={tmp_path / 'kept'}"])
    prepared(replace(asked, temporary=True), (load("status_quo"),))
    assert not list(tmp_path.iterdir())
    prepared(asked, (load("status_quo"),))
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def keys(experiment: Experiment) -> tuple[str, ...]:
    return tuple(scenario.key for scenario in experiment.scenarios)


def test_a_comparison_has_its_baseline_first_and_the_question_where_none_is_named(ask: Ask, body: Body) -> None:
    for typed, against, expected, baseline in (
        ((), "", DEFAULT_COMPARISON, ""),
        (("faster_mlat",), "", ("status_quo", "faster_mlat"), ""),
        (("faster_mlat", "status_quo"), "", ("status_quo", "faster_mlat"), ""),
        (("faster_mlat",), "current_trends", ("current_trends", "faster_mlat"), "current_trends"),
    ):
        made = body("compare", ask(*typed), against=against, point=True)
        assert (keys(made), made.baseline, made.sets) == (expected, baseline, None)
        assert (made.until, made.places, made.replicates) == (None, (), 100)
    assert body("compare", ask("faster_mlat", "execution.first_seed=9")).first_seed == 9
    sided = body("compare", ask("faster_mlat"), point=True, places="BRA,EU", by_change=True)
    assert [place.title[:5] for place in sided.places] == ["Brazi", "EU (2"] and sided.by_change


def test_worlds_until_an_interval_is_narrow_are_as_many_as_may_be_needed_unless_a_number_is_given(
    ask: Ask, body: Body
) -> None:
    for typed, worlds in (((), MOST_WORLDS), ((f"execution.replicates={FEWEST_PAIRS}",), FEWEST_PAIRS)):
        made = body("compare", ask("faster_mlat", *typed), until=WIDTH)
        assert (made.replicates, made.until.outcome, made.until.half_width) == (worlds, "takedown_rate", 0.02)
    with pytest.raises(InputError, match="too few worlds for --until"):
        body("compare", ask("faster_mlat", f"execution.replicates={FEWEST_PAIRS - 1}"), until=WIDTH)


def test_a_horizon_is_years_of_policy_from_its_first_day_on(ask: Ask, body: Body) -> None:
    for years, typed, end in (
        *((20, (), "2046-12-31"), (1, (), "2027-12-31"), (50, (), "2076-12-31")),
        *((20, ("world.policy_start=2026-06-15",), "2046-06-14"), (20, ("world=tiny",), "2046-12-31")),
    ):
        assert body("compare", ask("harmonised_law", *typed), point=True, horizon=years).world.end == end
    for years in (0, 51):
        with pytest.raises(InputError, match=f"--horizon = '{years}'"):
            body("compare", ask("harmonised_law"), point=True, horizon=years)


def test_a_league_has_the_catalogue_and_what_is_named_but_for_what_begins_after_the_end(ask: Ask, body: Body) -> None:
    main = [key for key in catalogue() if load(key).group == "main"]
    end = max(change.start for key in main for change in load(key).changes)
    late = [key for key in main if any(change.start >= end for change in load(key).changes)]
    asking = ask("instant_courts", "faster_mlat", f"world.end={end}")
    made = body("league", asking, against="current_trends", point=True)
    assert (keys(made)[0], made.baseline, made.sets) == ("current_trends", "current_trends", None)
    assert sorted([*keys(made)[1:], *late]) == sorted({*main, "instant_courts"} - {"current_trends"})
    assert late and all(key in asking.console.file.getvalue() for key in late)


def test_other_questions_have_their_own_scenarios(ask: Ask, body: Body) -> None:
    assert keys(body("run", ask("faster_mlat"))) == ("faster_mlat",)
    bought, euros = body("portfolio", ask("execution.replicates=4"), budget="1 billion euros")
    assert (keys(bought), bought.replicates, bought.sets is None, euros) == (("status_quo",), 4, False, 1e9)
    left_out = body("ablate", ask(), mechanisms=["queues", "silence"])
    assert keys(left_out) == DEFAULT_ABLATION and [one.key for one in left_out.mechanisms] == ["queues", "silence"]
    assert keys(body("ablate", ask("no_cooperation"))) == ("status_quo", "no_cooperation")
    for words in ("execution.replicates=4", "monitor_and_update"):
        assert keys(body("regret", ask(words)))[:2] == ("status_quo", "monitor_and_update")


def test_check_finds_what_changes_nothing_and_takes_one_scenario(tmp_path: Path) -> None:
    *doses, total, nothing = inert(["faster_mlat"], [])
    assert "persons" in total and "euros" in total
    assert nothing == "faster_mlat: nothing found against law, data and world."
    assert [words.split(",")[0] for words in doses] == ["Dose: central_authority.staff", "Dose: court.staff"]
    mine = tmp_path / "mine.yaml"
    change = "{lever: court.staff, value: 100 %, date: 2027-01-01}"
    mine.write_text(f"title: T\nquestion: Q?\nauthor: A\nchanges:\n  - {change}\n", encoding="utf-8")
    (found,) = inert([str(mine)], [])
    assert "mine.yaml:5" in found
    for names, said in (([], "one scenario is needed"), (["faster_mlat", "training"], "'faster_mlat training'")):
        with pytest.raises(InputError, match="SCENARIO") as raised:
            inert(names, [])
        assert said in str(raised.value) and "= ''" not in str(raised.value)


def test_what_makes_no_experiment_is_one_message(ask: Ask, body: Body) -> None:
    for door, typed, said in (
        ("portfolio", "training", "'training': a portfolio takes no scenario"),
        ("portfolio", "execution.replicates=3", "'3': too few replicates"),
        ("regret", "monitor_and_update training", "more than one scenario"),
        ("regret", "execution.replicates=3", "'3': too few replicates"),
    ):
        with pytest.raises(InputError) as raised:
            body(door, ask(*typed.split()), **({"budget": "1 million euros"} if door == "portfolio" else {}))
        assert said in str(raised.value) and "\n" not in str(raised.value)


def test_arguments_become_the_command_and_a_bar_is_shown_in_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for colour, progress, quiet in (("1", "bar", False), ("", "bar", True), ("1", None, True), ("1", print, True)):
        monkeypatch.setenv("FORCE_COLOR", colour)  # a terminal, or none
        request = _request_from(sim.run, {"scenario": "x", "progress": progress})
        assert request.console.quiet == quiet and (request.progress is print) == (progress is print)
    for kind, given, ensemble, command in (
        *(("run", {}, "", "run x"), ("run", {"ensemble": "none"}, "", "run x")),
        ("run", {"ensemble": "package", "replicates": 2}, "package", "run x --ensemble package execution.replicates=2"),
        ("compare", {"ensemble": None, "set": {"world": "tiny"}}, "none", "compare x --ensemble none world=tiny"),
        ("compare", {"ensemble": "package", "places": ["BRA", "EU"], "point": False}, "", "compare x --for BRA,EU"),
        ("ablate", {"mechanisms": "queues,silence"}, "", "ablate x --mechanism queues --mechanism silence"),
        ("sweep", {"values": {"a": [1, 2]}, "vary": ["b", "c"]}, "", "sweep x --vary b --vary c a=1,2"),
    ):
        request = _request_from(getattr(sim, kind), {"scenarios": ["x"], **given})
        assert (request.ensemble, request.command) == (ensemble, f"comity {command}")


def test_a_question_about_a_group_is_asked_of_each_of_its_other_states() -> None:
    assert pairs_of("DEU", "USA") == [("DEU", "USA")] and pairs_of("DEU", "DEU") == [("DEU", "DEU")]
    one, other = pairs_of("DEU", "EU"), pairs_of("EU", "DEU")
    assert len(one) == 26 and {first for first, _ in one} == {"DEU"} and ("DEU", "DEU") not in one
    assert sorted(other) == sorted((second, first) for first, second in one)
