"""Numbers that go against what a reader expects, each with its reason as far as the comparison measured one.

A gain is surprising under a policy by which fewer requests are executed. A loss is surprising under a policy that adds
staff or money, or by which no fewer requests are executed. The reason is what moved together with it in the direction
that would bring it about, and by at least half as much in per cent; where nothing did, that is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from types import MappingProxyType

from sim.experiments.compare import Difference
from sim.measures.outcome import Better
from sim.measures.outcomes import outcome
from sim.report.answer import ANSWER, moved
from sim.report.marking import marked
from sim.report.story import Story
from sim.report.words import counted, in_unit, listing, lowered, number, relative_span

#: Outcomes that are looked at: those of the table of headlines.
WATCHED = ANSWER[:7]
EXECUTED = "executed_per_year"
#: Levers that add people.
_STAFF = (
    *("central_authority.staff", "court.staff", "provider.staff", "forensic.staff", "contact_point.staff"),
    *("agency.investigators", "liaison.posts"),
)
_OF_REQUESTS = {
    "requests_per_year": -1,
    "refused_share": -1,
    "given_up_share": -1,
    "withdrawn_share": -1,
    "silence_share": -1,
    "no_data_share": -1,
    "authority_backlog": -1,
    "court_backlog": -1,
}
_OF_TAKEDOWNS = {
    "evidence_obtained_share": 1,
    "cases_opened_per_year": 1,
    "cases_dropped_share": -1,
    "cases_hopeless_share": -1,
    "leads_per_year": 1,
    "partial_action_share": -1,
    "synchronous_share": 1,
    "foreseen_chance": 1,
    "alerted_targets_per_year": -1,
}
#: What moves an outcome, by its key: +1 where more of it means more of the outcome, −1 where it means less. The median
#: wait counts a refusal as an answer and leaves silent requests out, and data that are no content are given sooner.
CAUSES: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "turnaround_median": {
            "mla_requests_per_year": 1,
            "mla_non_content_share": -1,
            "refused_share": -1,
            "silence_share": -1,
            "authority_backlog": 1,
            "court_backlog": 1,
            "touch_days": 1,
            "transmission_days": 1,
            "returned_share": 1,
        },
        "executed_within_12_months": _OF_REQUESTS,
        "mla_executed_within_12_months": {
            "mla_requests_per_year": -1,
            "mla_refused_share": -1,
            "mla_abandoned_share": -1,
            "silence_share": -1,
            "no_data_share": -1,
            "authority_backlog": -1,
            "court_backlog": -1,
        },
        EXECUTED: {**_OF_REQUESTS, "requests_per_year": 1},
        "takedown_rate": _OF_TAKEDOWNS,
        "takedown_five_year": _OF_TAKEDOWNS,
        "harm": {
            "takedown_rate": -1,
            "disruption_rate": -1,
            "entries_per_year": 1,
            "return_within_year": 1,
            "return_days": -1,
            "self_exit_five_year": -1,
        },
    }
)
_LARGE, _NAMED = 0.5, 2  # least size of a cause beside what it explains, and how many are named
_ALL = 0.9  # causes that change by more than this part are equally large: then the order of CAUSES decides
NOT_EXPLAINED = (
    "It is not explained by what was measured; of forty numbers that do not change, one seems to be on this side by "
    "chance alone."
)


@dataclass(frozen=True)
class Surprise:
    """A number on the side that nobody expects.

    Attributes:
        entry: the number, as a difference from the baseline.
        although: what makes it surprising.
        causes: what moved with it in the direction that would bring it about, the largest first.
    """

    entry: Difference
    although: str
    causes: tuple[Difference, ...]

    def words(self, title: str) -> str:
        """The surprise and its reason in plain text.

        Args:
            title: of the policy.
        """
        about = self.entry
        head = f"“{title}”: {lowered(about.title)} ({relative_span(about)}), although {self.although}"
        if not self.causes:
            return f"{head}. {NOT_EXPLAINED}"
        return f"{head}. The reason, as far as it was measured: {listing([_cause(cause) for cause in self.causes])}."


def surprises(story: Story) -> list[Surprise]:
    """Every surprising number of a comparison, in the order of scenarios and outcomes."""
    found = []
    for scenario in story.compared:
        for entry in (story.difference(scenario, key) for key in WATCHED):
            although = _although(story, entry) if entry is not None and moved(entry) else ""
            if entry is not None and although:
                found.append(Surprise(entry, although, _causes(story, entry)))
    return found


def _although(story: Story, entry: Difference) -> str:
    """What makes a number surprising; empty where it is on the side that one expects."""
    gain = (entry.difference > 0) == (outcome(entry.outcome).better is Better.MORE)
    executed = story.difference(entry.scenario, EXECUTED)
    fewer = executed is not None and moved(executed) and executed.difference < 0
    if gain:
        return f"fewer requests are executed ({_from_to(executed)})" if fewer and executed is not None else ""
    cost = story.difference(entry.scenario, "policy_cost")
    if _adds_staff(story, entry.scenario):
        return "the policy adds staff"
    if cost is not None and cost.difference > 0:
        return f"the policy costs {number(cost.difference)} million euros"
    return "" if fewer or executed is None else "no fewer requests are executed, beyond chance"


def _adds_staff(story: Story, scenario: str) -> bool:
    """Whether a scenario's file adds people somewhere."""
    found = next(entry for entry in story.design.scenarios if entry.key == scenario)
    return any(
        change.lever.name in _STAFF and isinstance(change.value, int | float) and change.value > 1
        for change in found.changes
    )


def _causes(story: Story, entry: Difference) -> tuple[Difference, ...]:
    """What moved by more than chance, in the direction that would bring the number about, and by enough."""
    found = []
    for key, coupling in CAUSES[entry.outcome].items():
        cause = story.difference(entry.scenario, key)
        if cause is None or not moved(cause) or (cause.difference > 0) != (coupling * entry.difference > 0):
            continue
        if not isnan(cause.relative) and abs(cause.relative) >= _LARGE * abs(entry.relative):
            found.append(cause)
    return tuple(sorted(found, key=lambda cause: -min(abs(cause.relative), _ALL))[:_NAMED])


def _cause(entry: Difference) -> str:
    """A cause with both levels and the interval of its change."""
    return f"{lowered(entry.title)}, from {_from_to(entry)} ({relative_span(entry)})"


def _from_to(entry: Difference) -> str:
    """Levels under the baseline and the policy."""
    before, after = (number(value, entry.unit) for value in (entry.baseline_mean, entry.scenario_mean))
    return f"{before} to {after}{in_unit(entry.unit)}"


class Notes:
    """Marks behind the surprising numbers of a table, and the list of reasons below it."""

    def __init__(self, story: Story, scenarios: Sequence[str], outcomes: Sequence[str]) -> None:
        """Finds those among some scenarios and outcomes."""
        self._title = story.title
        self._found = [
            one for one in surprises(story) if one.entry.scenario in scenarios and one.entry.outcome in outcomes
        ]

    def mark(self, scenario: str, key: str) -> str:
        """What stands behind a number; empty where nobody wonders at it."""
        places = enumerate(self._found, 1)
        return next(
            (f" [{at}]" for at, one in places if (one.entry.scenario, one.entry.outcome) == (scenario, key)), ""
        )

    def reasons(self) -> str:
        """The list, in Markdown; empty where nothing is surprising."""
        lines = [
            f"- \\[{place}\\] {marked(one.words(self._title[one.entry.scenario]))}"
            for place, one in enumerate(self._found, 1)
        ]
        head = f"{counted(len(lines), 'number')} against what one would expect:"
        return f"{head}\n\n" + "\n".join(lines) if lines else ""
