"""Stages of a request, one row each: routes, rules, and names in reports.

From the rows come the enumeration, the routes of channels (`agents.assistance.drafting`), the ladders of rules
(`agents.events.stage_ladder`), and the labels, bars and indicators of reports. A new stage is one more row, in the
place in which a request passes it, with the rules that the row names.
"""

from dataclasses import dataclass

from sim.data.members import MemberFromOne
from sim.law.vocabulary import Route


@dataclass(frozen=True)
class StageRow:
    """Properties of a stage that the model and its reports use.

    A rule is named by its name, a parameter in place of one by `setting.` and its name; empty is none.
    """

    label: str  # a noun phrase
    spent: str  # what follows a number of days in an account of a request; a template like those of sentences.csv
    on: frozenset[Route] = frozenset()  # ways that pass it; none: the stage comes in by an event
    begins: str = ""  # rule of request.py: what happens as a request enters it
    waits: str = ""  # rule of request.py: days outside any desk; none: no time
    eased: str = ""  # rule of postings.py: factor on these days by those who help; none: nobody helps
    acts: str = ""  # rule of authority.py: share of requests with which those who act abroad are done at once; none: 0
    desk: str = ""  # rule of request_at_desk.py: row of the desk that works on the file; none: no desk does
    hours: str = ""  # rule of request_at_desk.py: mean hours of work; a stage with work must name one
    ends: str = "advance"  # rule of request.py: the decision at its end
    deadline: bool = False  # a deadline is counted from here: the file first comes to those whom it binds
    starts: bool = False  # the requested state starts the request here, or never
    before_sending: bool = False  # turnaround does not hold it
    indicator: str = ""  # by which a policymaker sees its days: a name of policy.indicators.Indicator
    bar: str = ""  # colour, ink and hatch in figures; stages with the same are drawn as one, without any as none


def _on(*routes: Route) -> frozenset[Route]:
    """Routes that pass through a stage, as a set."""
    return frozenset(routes)


_ALL = frozenset(Route) - {Route.NONE}
_ABROAD = _ALL - {Route.HOME}


class Stage(MemberFromOne):
    """Stages of a request, in order (M6); `stage_days[stage - 1]` are the days in a stage."""

    row: StageRow

    DRAFTING = StageRow(
        "drafting",
        "of drafting",
        on=_ALL,
        waits="drafting_wait",
        before_sending=True,
        indicator="DRAFTING",
        bar="#D0D0D0 black",
    )
    TRANSLATION = StageRow(
        "translation",
        "of translation",
        on=_on(Route.COURTS),  # on the way of treaties the outgoing authority translates while it checks
        desk="at_outgoing",
        hours="translation_hours",
        before_sending=True,
        indicator="DRAFTING",
        bar="#A0A0A0 black",
    )
    OUTGOING_CHECK = StageRow(
        "own central authority",
        "at the central authority of {requesting:state}",
        on=_on(Route.TREATY),
        desk="at_outgoing",
        hours="checking_hours",
        ends="outgoing_check",
        before_sending=True,
        indicator="DRAFTING",
        bar="#6E6E6E white",
    )
    TRANSMISSION = StageRow(
        "transmission",
        "on the way",
        on=_ABROAD,
        begins="leave_country",
        waits="transmission_wait",
        acts="setting.instant_authorities",
        indicator="TRANSMISSION",
        bar="#56B4E9 black",
    )
    INCOMING_TRIAGE = StageRow(
        "requested central authority",
        "at the central authority of {requested:state}",
        on=_on(Route.TREATY),
        begins="seek_officer",
        acts="setting.instant_authorities",
        desk="at_incoming",
        hours="triage_hours",
        ends="triage",
        deadline=True,
        starts=True,
        indicator="INCOMING",
        bar="#0072B2 white",
    )
    DEFICIENCY_RETURN = StageRow(
        "completing what was deficient",
        "to complete it ({loops:# return} as deficient)",
        begins="seek_officer",
        waits="supplement_wait",
        eased="by_eurojust_and_officer",
        desk="at_sender",
        hours="setting.outgoing_touch_hours",
        ends="go_back",
        indicator="RETURNS",
        bar="#D55E00 white",
    )
    REVIEW = StageRow(
        "legal and political review",
        "of legal review in {requested:state}",
        on=_on(Route.TREATY, Route.COURTS, Route.SURRENDER),
        begins="seek_officer",
        waits="ministry_wait",
        eased="by_eurojust_and_officer",
        acts="reviewers_at_once",
        desk="at_reviewer",
        hours="setting.later_pass_hours",
        ends="review",
        starts=True,
        indicator="INCOMING",
        bar="#CC79A7 black",
    )
    COURT_ORDER = StageRow(
        "court order",
        "for a court order in {requested:state}",
        on=_on(Route.TREATY, Route.COURTS, Route.TEAM, Route.SURRENDER, Route.HOME),
        eased="by_eurojust",
        acts="setting.instant_courts",
        desk="at_court",
        hours="setting.court_touch_hours",
        ends="court_decides",
        deadline=True,
        indicator="COURT",
        bar="#E69F00 black",
    )
    PRODUCTION = StageRow(
        "production by the provider",
        "with the provider",
        on=_ALL - {Route.SURRENDER},
        waits="production_wait",
        acts="setting.instant_providers",
        hours="provider_hours",  # a provider has no line (M9)
        ends="provider_decides",
        indicator="PRODUCTION",
        bar="#009E73 white",
    )
    APPEAL = StageRow(
        "appeal",
        "for an appeal",
        waits="appeal_wait",
        acts="setting.instant_courts",
        ends="appeal_decided",
        indicator="COURT",
        bar="#F5D0A9 black //",
    )
    RETURN = StageRow(
        "sending the answer",
        "for filtering and sending the answer",
        on=_ABROAD - {Route.VOLUNTARY},
        waits="answer_wait",
        acts="setting.instant_authorities",
        desk="at_filter",
        hours="setting.later_pass_hours",
        indicator="TRANSMISSION",
        bar="#F5D0A9 black //",
    )
    FORENSICS = StageRow(
        "own laboratory",
        "in the forensic laboratory of {requesting:state}",
        desk="at_laboratory",
        hours="setting.forensic_touch_hours",
        indicator="PRODUCTION",
    )


STAGES = len(Stage)
