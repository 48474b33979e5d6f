"""Derived national law and relations: the order they must show, and what they must not depend on."""

from datetime import date

import numpy as np
import pytest

from sim.law.national import OFFENCE_RANGES, stable_number
from sim.law.order import LegalOrder
from sim.law.vocabulary import CORE_OFFENCES, DataKind, EvidenceTag, Offence

ON = date(2026, 9, 1)


def affinity(order: LegalOrder, pair: str) -> float:
    return float(order.arrays(ON).affinity[order.index(pair[:3]), order.index(pair[4:])])


@pytest.mark.parametrize(
    ("closer", "further"),
    [
        ("USA-GBR", "USA-IND"),
        ("USA-IND", "BFA-TCD"),
        ("BFA-TCD", "USA-CHN"),
        ("BFA-TCD", "USA-RUS"),
        ("DEU-FRA", "DEU-BRA"),
        ("DEU-UKR", "DEU-RUS"),
        ("RUS-BLR", "RUS-USA"),
        ("RUS-CHN", "RUS-DEU"),
        ("SWE-DNK", "SWE-TUR"),
        ("IND-GBR", "IND-PAK"),
    ],
)
def test_affinity_is_ordered(order: LegalOrder, closer: str, further: str) -> None:
    assert affinity(order, closer) > affinity(order, further) + 0.05


def test_affinity_of_adversaries_is_low_and_of_allies_high(order: LegalOrder) -> None:
    assert max(affinity(order, pair) for pair in ("USA-RUS", "USA-CHN", "UKR-RUS", "KOR-PRK")) < 0.2
    assert min(affinity(order, pair) for pair in ("USA-GBR", "DEU-FRA", "AUS-NZL", "USA-JPN")) > 0.85


def test_affinity_is_directed(order: LegalOrder) -> None:
    assert affinity(order, "NGA-GBR") > affinity(order, "GBR-NGA")


def test_parties_cover_the_offences_within_the_written_range(order: LegalOrder) -> None:
    law = order.arrays(ON)
    parties = [order.index(state) for state in order.parties("budapest", ON)]
    others = [index for index in range(len(order.states)) if index not in parties]
    assert len(parties) == 81
    derived = [i for i in others if order.profiles.tags[order.states[i]] is EvidenceTag.JUDGEMENT]
    (least, most), _ = OFFENCE_RANGES
    assert law.offence[np.ix_(parties, CORE_OFFENCES)].mean() >= 0.90
    assert least <= law.offence[np.ix_(derived, CORE_OFFENCES)].mean() <= most


def test_accession_adds_offences_and_takes_none(order: LegalOrder) -> None:
    before, after = order.arrays(date(2022, 1, 1)).offence, order.arrays(ON).offence
    assert (after >= before).all()
    acceded = [order.index(state) for state in ("NGA", "BRA", "CMR", "TUN", "BEN", "CIV", "ECU", "FJI", "GRD")]
    assert after[acceded].sum() > before[acceded].sum()


def test_members_of_the_union_punish_by_at_least_two_years(order: LegalOrder) -> None:
    law = order.arrays(ON)
    for state in ("BGR", "IRL", "SWE", "PRT"):
        assert (law.penalty_years[order.index(state), CORE_OFFENCES] >= 2).all()


def test_known_statutes_replace_the_derived_profile(order: LegalOrder) -> None:
    law = order.arrays(ON)
    mexico, germany, britain = (order.index(state) for state in ("MEX", "DEU", "GBR"))
    assert not law.offence[mexico, Offence.COMPUTER_FRAUD]
    assert law.elements[germany, Offence.ILLEGAL_ACCESS] == 1  # overcoming a security measure, s. 202a
    assert law.penalty_years[britain, Offence.ILLEGAL_ACCESS] == 2
    assert law.proof[order.index("USA"), DataKind.CONTENT] == pytest.approx(0.8)
    assert order.profiles.tags["MEX"] is EvidenceTag.RECALLED
    assert order.profiles.tags["TCD"] is EvidenceTag.JUDGEMENT


def test_stable_numbers_do_not_move() -> None:
    assert stable_number("TCD", "ILLEGAL_ACCESS", "offence") == pytest.approx(0.14138360733199945, abs=1e-12)
    many = [stable_number("X", str(index)) for index in range(2000)]
    assert abs(np.mean(many) - 0.5) < 0.03 and abs(np.std(many) - 12**-0.5) < 0.02


def test_data_protection_conflict(order: LegalOrder) -> None:
    conflict = order.arrays(ON).conflict
    cases = {"IND-DEU": 1, "USA-DEU": 0, "GBR-FRA": 0, "JPN-FRA": 0, "DEU-USA": 0, "DEU-CHN": 1, "IND-USA": 0}
    found = {pair: int(conflict[order.index(pair[:3]), order.index(pair[4:])]) for pair in cases}
    assert found == cases


def test_hubs_and_languages(order: LegalOrder) -> None:
    law = order.arrays(ON)
    hubs = {"DEU-USA": 3, "GRC-IRL": 2, "DEU-ISL": 2, "CHN-BRA": 1, "PRK-RUS": 0, "TWN-USA": 0}
    assert {pair: int(law.hub[order.index(pair[:3]), order.index(pair[4:])]) for pair in hubs} == hubs
    assert law.shared_language[order.index("DEU"), order.index("AUT")]
    assert not law.shared_language[order.index("DEU"), order.index("FRA")]
    assert law.eurojust[order.index("FRA"), order.index("UKR")]
    assert not law.eurojust[order.index("USA"), order.index("UKR")]
