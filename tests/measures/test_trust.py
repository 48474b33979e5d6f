"""Outcomes of trust on a few rows, counted by hand."""

import math

import numpy as np
import pytest

from sim.law.vocabulary import Channel, Ground
from sim.measures.trust import by_pair
from sim.world.records import RequestPurpose, RequestStatus
from tests.measures.worlds import START, check, observation, request


def account(one: int, other: int, day: float, trust: float, dealings: int, good: float = 4.0, bad: float = 1.0) -> dict:
    figures = {"trust": trust, "affinity": 0.5, "good": good, "bad": bad, "dealings": dealings}
    return {"trusting": one, "trusted": other, "day": START + day} | figures


ACCOUNTS = [
    account(0, 1, 100, 0.8, 3),
    account(0, 1, 500, 0.6, 1),
    account(1, 0, 100, 0.2, 4, good=1.0, bad=4.0),
    account(2, 0, -100, 1.0, 99),  # before the policy
]


def test_trust_and_accounts_by_pair_are_weighted_by_dealings() -> None:
    """(3 · .8 + .6 + 4 · .2) ÷ 8 = .475; squares from it: 3 · .325² + .125² + 4 · .275²."""
    spread = math.sqrt((3 * 0.325**2 + 0.125**2 + 4 * 0.275**2) / 8)
    check(observation(trust=ACCOUNTS), trust_mean=0.475, trust_spread=spread)
    check(observation(), trust_mean=np.nan, trust_reciprocity=np.nan)
    table = by_pair(observation(trust=ACCOUNTS))
    assert table["trusting"].tolist() == [0, 1] and table["trusted"].tolist() == [1, 0]
    assert table["trust"] == pytest.approx([0.75, 0.2])
    assert table["dealings"].tolist() == [4.0, 4.0]


def test_reciprocity_is_of_shares_of_experience_and_needs_both_directions() -> None:
    """Two pairs whose directions agree, two of the other kind; one with too little evidence does not count."""
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
        request(0, 90, phoned=1),
        request(0, 90, phoned=1, loops=1),
        *[request(0, 90, loops=2)] * 3,
        request(0, 90),
        request(0, phoned=1),  # not at its end
        request(0, 90, phoned=1, channel=Channel.JUDICIAL_DIRECT),
    ]
    check(observation(request=files), returns_avoided_share=2 / 5)
