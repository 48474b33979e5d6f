"""Tests of possible future events of law: their amendments, their probability, and their display."""

from datetime import date, timedelta

import numpy as np
import pytest

from sim.data.load import DataError
from sim.law.candidates import Candidate, _check_instrument, candidates
from sim.law.explain import answer
from sim.law.order import LegalOrder
from sim.law.readiness import share_on
from sim.law.vocabulary import Channel, DataKind, Offence
from sim.policy.expansion import expand
from sim.policy.process import Clock
from sim.policy.scenario import load

END, LATER = date(2040, 1, 1), date(2036, 1, 1)
ROWS = {one.id: one for one in candidates()}


def orders(order: LegalOrder, requesting: str, requested: str, one: Candidate | None = None) -> bool:
    """True if binding orders for content are possible in 2036 after a future event of law."""
    amendments = one.amendments(one.on) if one else ()
    grave = Offence.SYSTEM_INTERFERENCE
    found = answer(order, requesting, requested, DataKind.CONTENT, LATER, grave, amendments)
    return Channel.PROVIDER_BINDING in {channel.channel for channel in found.open}


def test_an_agreement_ends_between_its_pair_alone(order: LegalOrder) -> None:
    assert orders(order, "GBR", "USA") and orders(order, "AUS", "USA")
    assert not orders(order, "GBR", "USA", ROWS["uk_us_ends"])
    assert orders(order, "AUS", "USA", ROWS["uk_us_ends"])


@pytest.mark.parametrize(("name", "state"), [("canada_usa", "CAN"), ("eu_usa", "FRA")])
def test_an_agreement_is_concluded_between_all_its_sides(order: LegalOrder, name: str, state: str) -> None:
    assert not orders(order, state, "USA")
    assert orders(order, state, "USA", ROWS[name])


def test_states_join_and_ratify(order: LegalOrder) -> None:
    for name, treaty in (("canada_protocol", "second_protocol"), ("azerbaijan_un", "un_convention")):
        one = ROWS[name]
        bound = order.treaties[treaty].amended(one.amendments(one.on))  # type: ignore[arg-type]
        assert set(one.states) <= {*bound.memberships, *bound.ratified}
        assert not set(one.states) & set(order.treaties[treaty].memberships)


def test_candidates_come_about_in_their_share_of_worlds_in_current_trends_alone(order: LegalOrder) -> None:
    """Each future event happens in its share of 300 worlds under current trends (five standard errors)."""
    trends, frozen = (load(name).changes for name in ("current_trends", "status_quo"))
    mine = [change for change in trends if change.lever.name == "law.candidates"]
    assert not frozen and len(mine) == 1
    days = {one.id: [] for one in candidates() if one.act}
    for seed in range(300):
        for step in expand(mine, order, Clock(END, seed)).steps:
            for name in days:
                if step.amendments == ROWS[name].amendments(step.on):
                    days[name].append(step.on)
    for name, found in days.items():
        one = ROWS[name]
        assert set(found) <= {one.on}
        share = (one.least + one.most) / 2.0
        assert len(found) / 300 == pytest.approx(share, abs=5.0 * (share * (1.0 - share) / 300) ** 0.5), name
        assert found, name


def test_readers_see_what_may_come_and_how_far_orders_can_be_used(order: LegalOrder) -> None:
    on = ROWS["uk_us_ends"].on
    for day, seen in ((on - timedelta(1), True), (on, False)):
        named = answer(order, "GBR", "USA", DataKind.CONTENT, day).candidates
        assert (ROWS["uk_us_ends"] in named) == seen
        assert all({"GBR", "USA"} & one.concerned for one in named)
    notes = []
    for year in (2027, 2030):
        found = answer(order, "FRA", "IRL", DataKind.SUBSCRIBER, date(year, 1, 1))
        (binding,) = (one for one in found.open if one.channel == Channel.PROVIDER_BINDING)
        notes.append("; ".join(binding.notes))
        assert f"{share_on(date(2026, 8, 18), date(year, 1, 1)):.0%}" in notes[-1]
    assert notes[0] != notes[1]


def test_expected_readiness_rises_from_nothing_to_all() -> None:
    opened = date(2026, 8, 18)
    shares = [share_on(opened, opened + timedelta(days=days)) for days in (-10, 0, 100, 500, 5000)]
    assert shares[:2] == [0.0, 0.0] and (np.diff(shares[1:]) > 0.0).all() and shares[-1] > 0.99


@pytest.mark.parametrize(
    ("act", "instrument", "said"),
    [
        ("join", "nonsense", "is no treaty"),
        ("conclude", "budapest", "join and ratify"),
        ("end", "budapest", "join and ratify"),
        ("join", "mlat", "end and conclude"),
    ],
)
def test_an_act_needs_a_treaty_of_its_form(act: str, instrument: str, said: str) -> None:
    with pytest.raises(DataError, match=f"candidates.csv: mine: .*{said}"):
        _check_instrument({"id": "mine", "act": act, "instrument": instrument})
