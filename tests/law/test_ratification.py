"""Tests of ratification: hazards from dated events, and their effects in the law."""

from datetime import date

import numpy as np
import pytest
from scipy.optimize import minimize

from sim.data.load import parse_table
from sim.law import ratification
from sim.law.amendments import Join, Ratify, Reserve
from sim.law.channels import Question
from sim.law.order import LegalOrder
from sim.law.ratification import DATED, SLOPE_PRIOR, TREATY_DATES, acceding, concluding, ratifying, signing
from sim.law.vocabulary import Channel, DataKind, Offence

ON = date(2033, 6, 1)


def test_hazards_rest_on_the_events_in_the_data() -> None:
    """Hazards of ratification follow from the dated events in the data."""
    old, new = ratifying("budapest"), ratifying("second_protocol")
    assert 0.10 < old.rate < 0.20 and 0.01 < new.rate < 0.05 and concluding().rate < 0.02 and signing().rate > old.rate
    assert -4 < old.slope < 0.5
    # A hazard is not carried beyond the states that it rests on.
    assert old.of(0.0) == old.of(old.least) > old.of(old.most) == old.of(1.0)


@pytest.mark.parametrize("treaty", TREATY_DATES)
def test_signatories_are_expected_to_ratify_as_often_as_they_did(treaty: str) -> None:
    waits, done, score = ratification._waits(treaty)
    hazard = ratifying(treaty)
    expected = sum(wait * hazard.of(governance) for wait, governance in zip(waits, score, strict=True))
    assert expected == pytest.approx(done.sum()) == pytest.approx(hazard.events)
    assert hazard.of(hazard.centre) == pytest.approx(hazard.rate)


def test_the_slope_is_the_likeliest_under_its_prior() -> None:
    """The slope maximises the posterior, as a general optimiser confirms on two data sets."""
    score = np.linspace(0.05, 0.95, 20)
    twenty = 30.0 ** (1.0 - 2.2 * score), (np.arange(20) % 5 > 0).astype(float), score
    slopes = []
    for waits, done, score in (ratification._waits(DATED), twenty):

        def unlikely(beta: np.ndarray, given: tuple[np.ndarray, ...] = (waits, done, score)) -> float:
            waits, done, score = given
            log = beta[0] + beta[1] * (score - score.mean())
            return float((waits * np.exp(log) - done * log).sum() + 0.5 * (beta[1] / SLOPE_PRIOR) ** 2)

        slopes.append(ratification._slope(waits, done, score))
        assert slopes[-1] == pytest.approx(minimize(unlikely, np.array([0.5, 0.5])).x[1], abs=1e-3)
    assert slopes[0] == ratifying(DATED).slope < 0 < slopes[1]


FEW = """iso3,signature_date,ratification_date,protocol2_signature_date,protocol2_ratification_date
AUT,2001-11-23,2003-11-23,2022-05-12,
BEL,2005-01-01,,,
CHE,,2014-01-01,2024-05-12,2025-05-12
DNK,2010-01-01,2012-01-01,,
FIN,,2013-01-01,,
HUN,,2030-01-01,,
IRL,,2026-04-25,,
XXX,2010-01-01,2012-01-01,2023-01-01,"""
FEW_OF_UN = """iso3,signature_date,ratification_date
AUT,,
BEL,2025-11-01,2026-01-01"""
FEW_PAIRS = """iso3_a,iso3_b,instrument,in_force_date
AUT,USA,MLAT,1997-01-01
USA,BEL,MLA agreement,2000-01-01
BEL,USA,MLAT,1990-01-01
CHE,USA,CLOUD Act executive agreement,1990-01-01
DNK,USA,MLAT,
FIN,BEL,MLAT,1990-01-01"""
TABLES = {"budapest_convention.csv": FEW, "un_cybercrime_convention.csv": FEW_OF_UN, "bilateral.csv": FEW_PAIRS}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Data of a few states with waits counted by hand; Estonia is in no table."""
    governance = {"AUT": 0.9, "BEL": 0.7, "CHE": 0.8, "DNK": 1.0, "EST": 0.5, "FIN": 1.0, "HUN": 0.3, "IRL": 0.9}
    monkeypatch.setattr(ratification, "read_table", lambda name: parse_table(name, TABLES[name]))
    monkeypatch.setattr(ratification, "_governance", lambda: governance)
    monkeypatch.setattr(ratification, "states", lambda: ("AUT", "BEL", "CHE", "DNK", "USA"))


def years(start: date, end: date) -> float:
    return (end - start).days / 365.25


@pytest.mark.usefixtures("few")
def test_signatories_wait_from_their_signature_to_their_ratification_or_today() -> None:
    """A signatory's wait is counted from signature to ratification or today."""
    waits, done, score = ratification._waits("budapest")
    assert waits == pytest.approx([730 / 365.25, years(date(2005, 1, 1), date(2026, 4, 25)), 730 / 365.25])
    assert (done.tolist(), score.tolist()) == ([1, 0, 1], [0.9, 0.7, 1.0])
    waits, done, _ = ratification._waits("un_convention")
    assert waits == pytest.approx([years(date(2025, 10, 25), date(2026, 2, 28)), 61 / 365.25])
    assert done.tolist() == [0, 1]
    # Austria signed at once, which counts as a day; Switzerland after two years; four Parties have not.
    opened, today = date(2022, 5, 12), date(2026, 2, 5)
    waited = 1 / 365.25 + years(opened, date(2024, 5, 12)) + 4 * years(opened, today)
    hazard = signing.__wrapped__()
    assert (hazard.events, hazard.years) == (2, pytest.approx(waited))
    assert hazard.rate == pytest.approx(2 / waited)


@pytest.mark.usefixtures("few")
def test_outsiders_accede_and_pairs_conclude_as_often_as_they_did() -> None:
    """Hazards of accession and of bilateral treaties are events divided by years at risk, as by hand."""
    since, today = date(2013, 1, 1), date(2026, 4, 25)
    hazard = acceding.__wrapped__("budapest")
    assert hazard.events == 3
    assert hazard.years == pytest.approx(1 / 365.25 + years(since, date(2014, 1, 1)) + 4 * years(since, today))
    assert hazard.rate == pytest.approx(3 / hazard.years)
    assert acceding.__wrapped__("un_convention").events == 1
    # Of the USA with Austria and Belgium; Switzerland has another kind, Denmark's is in force on no known day.
    since, today = date(1977, 1, 1), date(2026, 5, 1)
    waited = years(since, date(1997, 1, 1)) + years(since, date(1990, 1, 1)) + 2 * years(since, today)
    hazard = concluding.__wrapped__()
    assert (hazard.events, hazard.years) == (2, pytest.approx(waited))
    assert hazard.rate == pytest.approx(2 / waited)


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
    aside = (Reserve(("NZL",), "ap2_art7", ON),)
    assert all("ap2_art7" not in found and "budapest_ap2" in found for found in names(aside))
    with pytest.raises(ValueError, match="ap2_art7"):
        order.arrays(ON, (Reserve(("NZL",), "ap2_art77", ON),))
