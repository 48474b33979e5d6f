"""Derived national law and relations: the order they must show, and what they must not depend on."""

from datetime import date

import numpy as np

from sim.agents.drafting import OFFENCE_OF_KIND
from sim.data.load import read_table
from sim.law.amendments import Join
from sim.law.order import CONDUCTS, LegalOrder
from sim.law.statutes import DIRECTIVE
from sim.law.vocabulary import CORE_OFFENCES, ELEMENTS, EvidenceTag, Offence
from sim.world.parameters import GROUP_KINDS

ON = date(2026, 9, 1)


def test_accession_supplies_what_a_statute_lacks_and_takes_no_offence(order: LegalOrder) -> None:
    """Mexico's statute lacks offences, Chad's is unread: as Parties both would have them with a Party's probability.

    Panama is a Party already: what it lacks, its accession has not brought.
    """
    own, party = order.reading.chances[0][-1, 0], order.reading.party
    mexico, chad, panama = (order.index(state) for state in ("MEX", "TCD", "PAN"))
    lacks = own[mexico] == 0
    assert 0 < lacks.sum() < len(lacks)
    assert (party[mexico, lacks] == party[chad, lacks]).all() and (party[mexico, lacks] > 0.5).all()
    assert (own[mexico, ~lacks] == 1).all()
    assert set(party[panama].tolist()) == {0.0, 1.0}
    law, joined = order.arrays(ON).offence, order.arrays(ON, (Join(order.states, "budapest", ON),)).offence
    assert (joined >= law).all() and joined.sum() > law.sum() + 80
    party = np.isin(order.states, order.parties("budapest", ON))
    assert party.sum() == 81
    assert law[np.ix_(party, CORE_OFFENCES)].mean() > law[np.ix_(~party, CORE_OFFENCES)].mean() + 0.05


def test_penalties_and_declared_elements_are_what_the_texts_say(order: LegalOrder) -> None:
    """Budapest art. 13 fixes no maximum; Directive 2013/40 does, and does not bind Denmark."""
    law = order.arrays(ON)
    assert law.penalty_years[order.index("ARG"), Offence.ILLEGAL_ACCESS] == 0.5
    assert law.penalty_years[order.index("FRA"), Offence.ILLEGAL_INTERCEPTION] == 1
    for number in range(5):
        drawn = order.drawn(number).arrays(ON)
        assert (drawn.penalty_years[order.index("BGR"), DIRECTIVE] >= 2).all()
    assert (order.reading.least_years[order.index("DNK")] == 0).all()
    distribution = 1 << ELEMENTS.index("distribution")
    assert law.elements[order.index("CHL"), Offence.DATA_INTERFERENCE] & 1 << ELEMENTS.index("serious_damage")
    assert law.elements[order.index("DEU"), Offence.MISUSE_OF_DEVICES] & distribution  # article 6(3)
    assert not law.elements[order.index("GBR"), Offence.MISUSE_OF_DEVICES] & distribution


def test_statutes_that_have_been_read_stand_in_every_draw(order: LegalOrder) -> None:
    law = order.arrays(ON)
    mexico, germany, britain = (order.index(state) for state in ("MEX", "DEU", "GBR"))
    for found in (law, order.drawn(1).arrays(ON), order.drawn(2).arrays(ON)):
        assert not found.offence[mexico, Offence.SYSTEM_INTERFERENCE]
        assert found.elements[germany, Offence.ILLEGAL_ACCESS] == 1  # overcoming a security measure, s. 202a
        assert found.penalty_years[britain, Offence.ILLEGAL_ACCESS] == 2
        assert found.power[germany].all()
    assert order.reading.tag["MEX", Offence.ILLEGAL_ACCESS] is EvidenceTag.RECALLED
    assert order.reading.tag["DEU", Offence.ILLEGAL_ACCESS] is EvidenceTag.VERIFIED
    assert order.reading.tag["TCD", Offence.ILLEGAL_ACCESS] is EvidenceTag.JUDGEMENT


def test_draws_are_repeatable_and_have_the_probabilities_that_are_reported(order: LegalOrder) -> None:
    one, again, other = order.drawn(7).arrays(ON), LegalOrder.load().drawn(7).arrays(ON), order.drawn(8).arrays(ON)
    for name in ("offence", "penalty_years", "elements", "power"):
        assert np.array_equal(getattr(one, name), getattr(again, name))
        assert not np.array_equal(getattr(one, name), getattr(other, name))
    assert np.array_equal(one.instrument, other.instrument)  # treaties are no matter of chance
    # 100 draws and the 40 that count: no probability is 6 standard errors off (by chance 1 time in 100,000).
    draws = [order.reading.filled(draw) for draw in range(100)]
    for known, topic in zip(order.reading.chances, ("offence", "power"), strict=True):
        share = np.mean([getattr(draw, topic)[-1] for draw in draws], axis=0)
        error = np.sqrt(np.maximum(known[-1] * (1 - known[-1]), 0.01) * (1 / 100 + 1 / 40))
        assert (np.abs(share - known[-1]) <= 6 * error).all(), topic
        assert ((known[-1] > 0) & (known[-1] < 1)).sum() > 300


def test_what_groups_do_is_more_than_its_label(order: LegalOrder) -> None:
    """The label that requests carry is the first offence of the kind, and the conduct holds it."""
    leading: dict[str, Offence] = {}
    for row in read_table(CONDUCTS).rows:
        leading.setdefault(row["kind"], Offence[row["offence"].upper()])
    assert tuple(leading) == GROUP_KINDS
    assert list(leading.values()) == OFFENCE_OF_KIND.tolist()
    assert all(mask >> offence & 1 for mask, offence in zip(order.conducts.tolist(), leading.values(), strict=True))
    extortion = order.conducts[GROUP_KINDS.index("attacks_extortion")]
    assert extortion >> Offence.COMPUTER_FRAUD & 1 and not extortion >> Offence.MONEY_LAUNDERING & 1


def test_affinity_is_that_of_friends_and_adversaries_and_directed(order: LegalOrder) -> None:
    def of(pair: str) -> float:
        return float(order.arrays(ON).affinity[order.index(pair[:3]), order.index(pair[4:])])

    ordered = {
        **{"USA-GBR": "USA-IND", "USA-IND": "BFA-TCD", "DEU-FRA": "DEU-BRA", "DEU-UKR": "DEU-RUS"},
        **{"RUS-BLR": "RUS-USA", "RUS-CHN": "RUS-DEU", "SWE-DNK": "SWE-TUR", "IND-GBR": "IND-PAK"},
    }
    for closer, further in (*ordered.items(), ("BFA-TCD", "USA-CHN"), ("BFA-TCD", "USA-RUS")):
        assert of(closer) > of(further) + 0.05, (closer, further)
    assert max(map(of, ("USA-RUS", "USA-CHN", "UKR-RUS", "KOR-PRK"))) < 0.2
    assert min(map(of, ("USA-GBR", "DEU-FRA", "AUS-NZL", "USA-JPN"))) > 0.85
    assert of("NGA-GBR") > of("GBR-NGA")


def test_conflicts_police_bodies_languages_and_bars_are_those_of_the_data(order: LegalOrder) -> None:
    """A treaty lifts a bar on nationals; what only an arrest warrant lifts stands (surrender exempts warrants)."""
    law = order.arrays(ON)
    expected = {
        "conflict": {
            "IND-DEU": 1,
            "DEU-CHN": 1,
            **dict.fromkeys(["USA-DEU", "GBR-FRA", "JPN-FRA", "DEU-USA", "IND-USA"], 0),
        },
        "police_body": {"DEU-USA": 3, "GRC-IRL": 2, "DEU-ISL": 2, "CHN-BRA": 1, "PRK-RUS": 0, "TWN-USA": 0},
        "shared_language": {"DEU-AUT": 1, "DEU-FRA": 0},
        "eurojust": {"FRA-UKR": 1, "USA-UKR": 0},
    }
    for field, cases in expected.items():
        found = {pair: getattr(law, field)[order.index(pair[:3]), order.index(pair[4:])] for pair in cases}
        assert found == cases, field
    bars = {"RUS": 1, "BRA": 1, "DEU": 1, "CZE": 1, "ITA": 0, "USA": 0, "TCD": 0}
    assert {state: law.nationals_bar[order.index(state)] for state in bars} == bars
