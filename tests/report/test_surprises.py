"""Each rule on what is surprising, on comparisons where it must fire and where it must not."""

from collections.abc import Mapping

import numpy as np
import pytest

from sim.experiments.design import comparison
from sim.report import studies, summary, tables
from sim.report.story import Story
from sim.report.surprises import CAUSES, NOT_EXPLAINED, WATCHED, surprises
from tests.experiments.fakes import experiment, story_of
from tests.report.pages import with_results

STAFF, CLOSED, FREE = "central_authority_staff", "no_cooperation", "geopolitical_thaw"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A policy that adds staff, one that closes channels, and one that costs nothing."""
    asked = experiment(tmp_path_factory.mktemp("story"), ("status_quo", STAFF, CLOSED, FREE), replicates=4)
    return story_of(asked, comparison(asked, studies.rungs(), court_fewest=2))


Changes = Mapping[str, Mapping[str, float]]


def moved_by(story: Story, changes: Changes, costs: Mapping[str, float] | None = None) -> Story:
    """The story in which scenarios differ from the baseline by some outcomes alone, given as factors."""
    outcomes = story.results.outcomes.copy()
    outcomes["scenario"] = outcomes["scenario"].astype(str)
    numbers = [name for name in outcomes if name not in ("block", "scenario", "seed")]
    base = outcomes["scenario"] == "status_quo"
    outcomes[numbers] = np.repeat(0.3 + 0.01 * outcomes[["seed"]].to_numpy(float), len(numbers), axis=1)
    outcomes.loc[base, "policy_cost"] = 0.0
    for scenario in (STAFF, CLOSED, FREE):
        mine = outcomes["scenario"] == scenario
        for key, factor in changes.get(scenario, {}).items():
            outcomes.loc[mine, key] *= factor + 0.002 * (outcomes.loc[mine, "seed"] % 2)
        outcomes.loc[mine, "policy_cost"] = (costs or {}).get(scenario, 0.0)
    return with_results(story, outcomes)


def found(story: Story) -> list[tuple[str, str]]:
    return [(one.entry.scenario, one.entry.outcome) for one in surprises(story)]


def test_a_shorter_wait_where_fewer_are_executed_is_explained_by_who_still_asks(story: Story) -> None:
    fewer = {"turnaround_median": 0.9, "executed_per_year": 0.1, "mla_requests_per_year": 0.02, "silence_share": 2.5}
    shown = moved_by(story, {CLOSED: fewer})
    assert found(shown) == [(CLOSED, "turnaround_median")]
    (one,) = surprises(shown)
    assert [cause.outcome for cause in one.causes] == ["mla_requests_per_year", "silence_share"]
    words = one.words("T")
    assert words.startswith("“T”: median turnaround of mutual legal assistance (−9.9")
    assert "although fewer requests" in words
    levels = "requests for mutual legal assistance, from 0.3", " to 0.007 per year (−97.9 %; "
    assert all(part in words for part in levels)
    table = tables.headlines(shown)
    row = next(line for line in table.splitlines() if line.startswith("| Median turnaround"))
    assert row.count("[1]") == 1 and "\\[1\\] “Lower bound" in table
    assert "\\[1\\] “Lower bound" in summary.comparison(shown)


def test_what_one_expects_surprises_nobody(story: Story) -> None:
    """A shorter wait where more are executed; a loss where fewer are and nobody pays; and what lies within noise."""
    more = {"turnaround_median": 0.9, "executed_per_year": 1.1, "takedown_rate": 1.1, "harm": 0.9}
    assert found(moved_by(story, {FREE: more, STAFF: more}, {STAFF: 5.0})) == []
    assert "against what one would expect" not in tables.headlines(moved_by(story, {FREE: more}))
    less = {"takedown_rate": 0.5, "executed_per_year": 0.1, "harm": 1.2, "turnaround_median": 1.2}
    assert found(moved_by(story, {CLOSED: less})) == []
    shown = moved_by(story, {STAFF: {"takedown_rate": 0.99}})
    outcomes = shown.results.outcomes
    mine = outcomes["scenario"] == STAFF
    outcomes.loc[mine, "takedown_rate"] += np.where(outcomes.loc[mine, "seed"] % 2 == 0, 0.1, -0.1)
    assert found(shown) == []


def test_fewer_takedowns_with_more_staff_are_explained_by_what_is_scarce_elsewhere(story: Story) -> None:
    scarce = {"takedown_rate": 0.8, "cases_dropped_share": 1.4, "cases_opened_per_year": 1.5}
    (one,) = surprises(moved_by(story, {STAFF: scarce}, {STAFF: 5.0}))
    assert (one.entry.outcome, one.although) == ("takedown_rate", "the policy adds staff")
    assert [cause.outcome for cause in one.causes] == ["cases_dropped_share"], "more cases opened explain nothing"
    assert "cases dropped for lack of people, from 32.5 % to 45.5 % (+40.1 %; " in one.words("T")


def test_a_loss_is_surprising_where_money_is_spent_or_nothing_is_executed_less(story: Story) -> None:
    less = {"executed_within_12_months": 0.9, "requests_per_year": 1.2}
    (paid,) = surprises(moved_by(story, {FREE: less}, {FREE: 23.0}))
    (free,) = surprises(moved_by(story, {FREE: less}))
    assert paid.although == "the policy costs 23.0 million euros"
    assert free.although == "no fewer requests are executed, beyond chance"
    assert [cause.outcome for cause in free.causes] == ["requests_per_year"], "the share is taken of more"


def test_what_has_no_measured_reason_is_said_to_have_none(story: Story) -> None:
    """Neither does a small change explain a large one."""
    for dropped, causes in ((1.0, 0), (1.05, 0), (1.15, 1)):
        shown = moved_by(story, {STAFF: {"takedown_rate": 0.8, "cases_dropped_share": dropped}})
        (one,) = surprises(shown)
        assert len(one.causes) == causes and one.words("T").endswith(NOT_EXPLAINED) == (not causes)
        glance = tables.glance(shown)
        assert "[1]" in next(line for line in glance.splitlines() if story.title[STAFF] in line)
        assert (NOT_EXPLAINED.split(";")[0] in glance) == (not causes)
    assert "[1]" not in tables.glance(moved_by(story, {}))


def test_every_watched_outcome_has_causes_that_are_outcomes(story: Story) -> None:
    assert set(CAUSES) == set(WATCHED)
    for causes in CAUSES.values():
        assert set(causes) <= set(story.outcomes.columns) and set(causes.values()) <= {-1, 1}
