"""Hazards follow from the dates in the data; ratification, reservation and implementation act in the law."""

from datetime import date

import numpy as np
import pytest

from sim.data.load import read_table
from sim.law.amendments import Implement, Join, Ratify, Reserve
from sim.law.channels import Question
from sim.law.order import LegalOrder
from sim.law.ratification import concluding, ratifying, signing
from sim.law.vocabulary import Channel, DataKind, Offence

ON = date(2033, 6, 1)


def test_the_budapest_hazard_is_events_over_waiting() -> None:
    hazard = ratifying("budapest")
    assert hazard.events == 48  # of 50 that signed and are among the 196
    assert hazard.low < hazard.events / hazard.years < hazard.high
    assert 0.10 < hazard.rate < 0.20
    assert -4 < hazard.slope < 0.5


def test_a_new_protocol_is_ratified_by_a_few_per_cent_a_year_and_little_is_known() -> None:
    hazard = ratifying("second_protocol")
    rows = read_table("budapest_convention.csv").rows
    assert hazard.events == sum(1 for row in rows if row["protocol2_ratification_date"]) == 3
    assert 0.01 < hazard.rate < 0.05
    assert hazard.high > 5 * hazard.low
    assert ratifying("un_convention").events == 1


def test_signing_is_quicker_than_ratifying_and_bilateral_treaties_are_rare() -> None:
    assert signing().rate > ratifying("budapest").rate
    assert concluding().rate < 0.02


def test_a_hazard_is_not_carried_beyond_the_states_that_it_rests_on() -> None:
    hazard = ratifying("budapest")
    assert hazard.of(0.0) == hazard.of(hazard.least) > hazard.of(hazard.most) == hazard.of(1.0)


def test_ratifications_bring_a_treaty_into_force_before_all_can_use_it(order: LegalOrder) -> None:
    one, joined = ((Join(states, "second_protocol", date(2031, 1, 1)),) for states in (("DEU",), ("DEU", "NLD")))
    some = ("FRA", "ITA")
    for amendments, in_force in ((one, False), (joined, True), ((*one, Ratify(some, "second_protocol", ON)), True)):
        arrays = order.arrays(ON, amendments)
        pair = order.index("DEU"), order.index("SRB")
        assert (arrays.instrument[(*pair, Channel.PROVIDER_BINDING)] >= 0) == in_force
    # The two that ratified count, but cannot be asked yet.
    arrays = order.arrays(ON, (*joined, Ratify(some, "second_protocol", ON)))
    ap2 = next(row for row, terms in enumerate(order.terms) if terms.id == "ap2_art7")
    assert arrays.instrument[order.index("DEU"), order.index("FRA"), Channel.PROVIDER_BINDING] != ap2


def test_a_reservation_closes_one_article_both_ways(order: LegalOrder) -> None:
    joined = Join(("USA", "NZL", "AUS"), "second_protocol", date(2031, 1, 1))
    ways = (("USA", "NZL"), ("NZL", "USA"))

    def names(aside: tuple[Reserve, ...]) -> list[set[str]]:
        questions = [Question(*way, DataKind.SUBSCRIBER, Offence.ILLEGAL_ACCESS, ON) for way in ways]
        return [{channel.terms.id for channel in order.channels(asked, (joined, *aside))} for asked in questions]

    assert all("ap2_art7" in found for found in names(()))
    assert all(
        "ap2_art7" not in found and "budapest_ap2" in found for found in names((Reserve(("NZL",), "ap2_art7", ON),))
    )
    with pytest.raises(ValueError, match="ap2_art7"):
        order.arrays(ON, (Reserve(("NZL",), "ap2_art77", ON),))


def test_law_in_action_grows_from_the_day_of_the_implementing_law(order: LegalOrder) -> None:
    row = order.index("IND")
    late = (Join(("IND",), "budapest", date(2028, 1, 1)), Implement(("IND",), date(2028, 1, 1)))
    years = [date(year, 6, 1) for year in range(2028, 2037)]
    plain = [order.national(day, late[:1]).implementation[row] for day in years]
    dated = [order.national(day, late).implementation[row] for day in years]
    none = [order.national(day).implementation[row] for day in years]
    assert dated[0] == plain[0] == none[0]
    assert (np.diff(dated) > 0).all()
    assert all(a >= b for a, b in zip(dated, plain, strict=True))  # no further lag after the law
    steps = np.diff(dated)
    assert (np.diff(steps) < 0).all()  # 1 − exp(−t ÷ τ): ever less is left
