"""Tests of outcomes of liaison bodies, officers and trust, on small tables counted by hand."""

import math

import numpy as np
import pytest

from sim.law.vocabulary import Channel, Ground
from sim.measures.trust import by_pair
from sim.world.records import Body, MilestoneKind, ReferralTask, RequestPurpose, RequestStatus, TaskResult
from tests.measures.worlds import START, WINDOW, check, observation, request


def referral(
    body: Body, task: ReferralTask, asked: float, answered: float = np.nan, **fields: object
) -> dict[str, object]:
    """A task that a liaison body received some days after the policy's start."""
    result = TaskResult.OPEN if np.isnan(answered) else TaskResult.HELPED
    asked_of = {"body": body, "task": task, "asked": START + asked, "answered": START + answered}
    return asked_of | {"result": result, "state": 0, "other": 1} | fields


def test_matches_and_replies_by_body() -> None:
    seen = observation(
        referral=[
            referral(Body.INTERPOL, ReferralTask.COMPARE, 10, 20),
            referral(Body.INTERPOL, ReferralTask.COMPARE, 10, 30, result=TaskResult.NOTHING),
            referral(Body.INTERPOL, ReferralTask.NOTICE, 10, 40),
            referral(Body.JCAT, ReferralTask.COMPARE, 10, 12),
            referral(Body.EUROPOL, ReferralTask.COMPARE, 10, 14),
            referral(Body.EUROPOL, ReferralTask.ANALYSE, 10, 99),  # no first reply
            referral(Body.INTERPOL, ReferralTask.COMPARE, -10, 5),  # before the policy
        ],
        milestone=[{"kind": MilestoneKind.MERGED, "day": START + day} for day in (-1.0, 5.0, 6.0, 7.0)],
    )
    matches = {"interpol": 1, "europol": 2}
    check(seen, **{f"matches_{body}_per_year": number / WINDOW.years for body, number in matches.items()})
    check(seen, matches_per_year=3 / WINDOW.years, interpol_reply_median=20, europol_reply_p80=4)


def test_referrals_that_are_open_are_censored_and_voluntary_answers_over_all_that_ended() -> None:
    length = WINDOW.end - WINDOW.start
    seen = observation(
        referral=[
            referral(Body.EUROJUST, ReferralTask.COORDINATE, 0, job=0),
            referral(Body.CONTACT_POINTS, ReferralTask.FREEZE, 0, 3, job=1),  # neither has a staffed desk of its own
        ],
        job=[
            {"arrived": START, "started": START + length / 2, "desk": 0, "referral": 0},
            {"arrived": START, "started": START + 2, "desk": 0, "referral": 1},
        ],
    )
    check(seen, preservation_reply_median=3, hub_backlog=0.5)
    # Of four voluntary requests one is open, one answered, two refused; a binding order is another matter.
    voluntary = {"channel": Channel.PROVIDER_VOLUNTARY, "officer": -1}
    refused = voluntary | {"status": RequestStatus.REFUSED}
    files = [request(0, 9, **voluntary), request(0, **voluntary), request(0, 9, **refused), request(0, 5, **refused)]
    seen = observation(request=[*files, request(0, 9, channel=Channel.PROVIDER_BINDING, officer=-1)])
    check(seen, voluntary_answered_share=1 / 3)


def test_teams_readiness_and_action_days() -> None:
    days = {"joined": START + 10.0}
    seen = observation(
        case=[
            {"state": 0, "team_formed": START + 50, "closed": np.nan},
            {"state": 0, "team_formed": np.inf, "closed": START + 100},
            {"state": 0, "closed": START + 60},
        ],
        partner=[
            {"case": 0, "state": 0, "ready_at": START + 11} | days,  # the lead itself
            {"case": 0, "state": 1, "ready_at": START + 40} | days,
            *({"case": 1, "state": 1, "ready_at": START + 60} | days, {"case": 2, "state": 2} | days),
        ],
        action=[
            {"day": START + 1, "states": 3, "synchronous": 1, "support": 2, "known_nodes": 4, "ready_nodes": 3},
            {"day": START + 2, "states": 2, "synchronous": 0, "support": 0, "known_nodes": 4, "ready_nodes": 1},
            {"day": START + 3, "states": 1, "synchronous": 1},
            {"day": START + 4, "states": 2, "synchronous": 0, "support": 0, "known_nodes": 4, "ready_nodes": 2},
        ],
    )
    check(seen, team_share=1 / 3, readiness_days=50, synchronous_share=1 / 3, hosted_share=1 / 3, ready_share=0.5)
    check(seen, synchronous_actions_per_year=1 / WINDOW.years)


def test_requests_helped_officers_and_arrests() -> None:
    seen = observation(
        request=[
            *(request(1, 50, helped=1 << Body.EUROJUST, officer=-1), request(2, 60, officer=0, returns_saved=2)),
            request(3, 70, officer=-1),
            request(4, 80, officer=-1, channel=Channel.POLICE),  # no formal request
            request(4, 50, officer=-1, channel=Channel.PROVIDER_BINDING),
            request(5, 50, officer=-1, purpose=RequestPurpose.LEAD),
        ],
        posting=[
            {"sending": 0, "host": 1, "since": START - 100, "until": np.nan, "handled": 1},
            {"sending": 0, "host": 1, "since": WINDOW.end - 10, "until": WINDOW.end + 10, "handled": 4},
        ],
        member=[
            *({"by_notice": 1, "arrested": START + 9}, {"by_notice": 1, "arrested": START + 9}),
            *({"by_notice": 0, "arrested": START + 9}, {"by_notice": 1, "arrested": START - 9}),
        ],
    )
    length = WINDOW.end - WINDOW.start
    check(seen, eurojust_share=1 / 3, officer_share=1 / 3, returns_avoided_per_year=2 / WINDOW.years)
    check(seen, postings=(length + 10) / length, arrests_by_notice_per_year=2 / WINDOW.years)


def account(one: int, other: int, day: float, trust: float, dealings: int, good: float = 4.0, bad: float = 1.0) -> dict:
    figures = {"trust": trust, "affinity": 0.5, "good": good, "bad": bad, "dealings": dealings}
    return {"trusting": one, "trusted": other, "day": START + day} | figures


ACCOUNTS = [
    *(account(0, 1, 100, 0.8, 3), account(0, 1, 500, 0.6, 1), account(1, 0, 100, 0.2, 4, good=1.0, bad=4.0)),
    account(2, 0, -100, 1.0, 99),  # before the policy
]


def test_trust_and_accounts_by_pair_are_weighted_by_dealings() -> None:
    """Mean trust is weighted by the number of interactions, as computed by hand.

    (3 · 0.8 + 0.6 + 4 · 0.2) ÷ 8 = 0.475; squares from it: 3 · 0.325² + 0.125² + 4 · 0.275².
    """
    spread = math.sqrt((3 * 0.325**2 + 0.125**2 + 4 * 0.275**2) / 8)
    check(observation(trust=ACCOUNTS), trust_mean=0.475, trust_spread=spread)
    check(observation(), trust_mean=np.nan, trust_reciprocity=np.nan)
    table = by_pair(observation(trust=ACCOUNTS))
    assert table["trusting"].tolist() == [0, 1] and table["trusted"].tolist() == [1, 0]
    assert table["trust"] == pytest.approx([0.75, 0.2]) and table["dealings"].tolist() == [4.0, 4.0]


def test_reciprocity_is_of_shares_of_experience_and_needs_both_directions() -> None:
    """Reciprocity correlates shares of good experience, over pairs with evidence in both directions."""
    shares = {(0, 1): (4, 1), (1, 0): (4, 1), (2, 3): (1, 4), (3, 2): (1, 4), (0, 2): (0.5, 0.1), (2, 0): (0.1, 0.5)}
    for changed, expected in (({}, 1.0), ({(1, 0): (1, 4), (3, 2): (4, 1)}, -1.0)):
        pairs = (shares | changed).items()
        accounts = [account(i, j, 10, 0.5, 1, good=good, bad=bad) for (i, j), (good, bad) in pairs]
        check(observation(trust=accounts), trust_reciprocity=expected)
    # Shares of 0.8 and 0.6, of 0.3 and 0.5, of unequal evidence; one is enough, one side alone is not.
    shares = {
        **{(0, 1): (8.0, 2.0), (1, 0): (0.6, 0.4), (2, 3): (1.5, 3.5), (3, 2): (4.0, 4.0)},
        **{(0, 2): (9.0, 1.0), (1, 3): (0.1, 5.0)},
    }
    rows = [account(i, j, 10, 0.5, 1, good=good, bad=bad) for (i, j), (good, bad) in shares.items()]
    there, back = [0.8, 0.6, 0.3, 0.5], [0.6, 0.8, 0.5, 0.3]
    check(observation(trust=rows), trust_reciprocity=np.corrcoef(there, back)[0, 1])


def test_declined_by_police_and_completed_by_phone() -> None:
    police = {"purpose": RequestPurpose.LEAD, "channel": Channel.POLICE}
    declined = police | {"status": RequestStatus.REFUSED, "ground": Ground.DECLINED_BY_POLICE}
    withdrawn = police | {"status": RequestStatus.WITHDRAWN}
    asked = [request(0, 4, **police), request(0, 4, **police), request(0, 4, **declined), request(0, 4, **withdrawn)]
    check(observation(request=asked), police_declined_share=1 / 3)
    files = [
        *(request(0, 90, phoned=1), request(0, 90, phoned=1, loops=1)),
        *[request(0, 90, loops=2)] * 3,
        request(0, 90),
        request(0, phoned=1),  # not at its end
        request(0, 90, phoned=1, channel=Channel.JUDICIAL_DIRECT),
    ]
    check(observation(request=files), returns_avoided_share=2 / 5)
