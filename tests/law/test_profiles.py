"""Tests of derived national law and relations: expected orderings, and facts without influence.

And data files: flags on every row, sources, agreement between files.
"""

from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np

import sim.data
from sim.agents.assistance.drafting import OFFENCE_OF_KIND
from sim.data.bodies import liaison_row
from sim.data.load import catalogue, read_entries, read_table
from sim.law.amendments import Join
from sim.law.order import CONDUCTS, LegalOrder
from sim.law.statutes import DIRECTIVE
from sim.law.vocabulary import CORE_OFFENCES, ELEMENTS, DataKind, EvidenceTag, Offence
from sim.world.parameters import GROUP_KINDS
from sim.world.retention import mandatory_days

ON = date(2026, 9, 1)


def test_accession_supplies_what_a_statute_lacks_and_takes_no_offence(order: LegalOrder) -> None:
    """Accession to the Convention adds missing offences and removes none.

    Panama is a Party already: what it lacks, its accession has not brought.
    """
    own, party = order.reading.chances[0][-1, 0], order.reading.party
    mexico, chad, panama = (order.index(state) for state in ("MEX", "TCD", "PAN"))
    lacks = own[mexico] == 0
    assert 0 < lacks.sum() < len(lacks)
    assert (party[mexico, lacks] == party[chad, lacks]).all() and (party[mexico, lacks] > 0.5).all()
    assert (own[mexico, ~lacks] == 1).all() and set(party[panama].tolist()) == {0.0, 1.0}
    law, joined = order.arrays(ON).offence, order.arrays(ON, (Join(order.states, "budapest", ON),)).offence
    assert (joined >= law).all() and joined.sum() > law.sum() + 80
    party = np.isin(order.states, order.parties("budapest", ON))
    assert party.sum() == 81
    assert law[np.ix_(party, CORE_OFFENCES)].mean() > law[np.ix_(~party, CORE_OFFENCES)].mean() + 0.05


def test_penalties_and_declared_elements_are_what_the_texts_say(order: LegalOrder) -> None:
    """Maximum penalties and declared elements equal those of the treaties' texts.

    Budapest art. 13 fixes no maximum; Directive 2013/40 does, and does not bind Denmark.
    """
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
        assert found.penalty_years[britain, Offence.ILLEGAL_ACCESS] == 2 and found.power[germany].all()
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
    """The conduct of a group includes more offences than the one that labels its requests."""
    leading: dict[str, Offence] = {}
    for row in read_table(CONDUCTS).rows:
        leading.setdefault(row["kind"], Offence[row["offence"].upper()])
    assert tuple(leading) == GROUP_KINDS and list(leading.values()) == OFFENCE_OF_KIND.tolist()
    assert all(mask >> offence & 1 for mask, offence in zip(order.conducts.tolist(), leading.values(), strict=True))
    extortion = order.conducts[GROUP_KINDS.index("attacks_extortion")]
    assert extortion >> Offence.COMPUTER_FRAUD & 1 and not extortion >> Offence.MONEY_LAUNDERING & 1


def test_affinity_is_that_of_friends_and_adversaries_and_directed(order: LegalOrder) -> None:
    def of(pair: str) -> float:
        return float(order.arrays(ON).affinity[order.index(pair[:3]), order.index(pair[4:])])

    lines = ["USA-GBR USA-IND BFA-TCD USA-CHN", "BFA-TCD USA-RUS", "DEU-FRA DEU-BRA", "DEU-UKR DEU-RUS"]
    lines += ["RUS-BLR RUS-USA", "RUS-CHN RUS-DEU", "SWE-DNK SWE-TUR", "IND-GBR IND-PAK"]
    for closer, further in (pair for line in lines for pair in pairwise(line.split())):
        assert of(closer) > of(further) + 0.05, (closer, further)
    assert max(map(of, ("USA-RUS", "USA-CHN", "UKR-RUS", "KOR-PRK"))) < 0.2
    assert min(map(of, ("USA-GBR", "DEU-FRA", "AUS-NZL", "USA-JPN"))) > 0.85 and of("NGA-GBR") > of("GBR-NGA")


def test_conflicts_police_bodies_languages_and_bars_are_those_of_the_data(order: LegalOrder) -> None:
    """Conflicts, police bodies, languages and bars on nationals equal those of the data."""
    law = order.arrays(ON)
    interpol, europol, jcat, eurojust = (liaison_row(name).code for name in ("INTERPOL", "EUROPOL", "JCAT", "EUROJUST"))
    police = 1 << interpol | 1 << europol
    expected = {
        "conflict": {
            "IND-DEU": 1,
            "DEU-CHN": 1,
            **dict.fromkeys(["USA-DEU", "GBR-FRA", "JPN-FRA", "DEU-USA", "IND-USA"], 0),
        },
        "police_body": {"DEU-USA": jcat, "GRC-IRL": europol, "DEU-ISL": europol, "CHN-BRA": interpol}
        | {"PRK-RUS": -1, "TWN-USA": -1},
        "bodies": {"FRA-UKR": police | 1 << eurojust, "USA-UKR": 1 << interpol, "USA-AUS": police | 1 << jcat}
        | {"CHN-BRA": 1 << interpol, "PRK-RUS": 0},
        "shared_language": {"DEU-AUT": 1, "DEU-FRA": 0},
    }
    for field, cases in expected.items():
        found = {pair: getattr(law, field)[order.index(pair[:3]), order.index(pair[4:])] for pair in cases}
        assert found == cases, field
    bars = {"RUS": 1, "BRA": 1, "DEU": 1, "CZE": 1, "ITA": 0, "USA": 0, "TCD": 0}
    assert {state: law.nationals_bar[order.index(state)] for state in bars} == bars


TABLES = sorted(name for name in catalogue() if name.endswith(".csv"))
FOLDER = Path(sim.data.__file__).parent


def test_every_file_is_catalogued_and_every_row_has_a_flag_and_a_source(order: LegalOrder) -> None:
    there = {path.name for path in FOLDER.iterdir() if path.suffix in (".csv", ".yaml")}
    assert there - {"files.csv", "ensemble.yaml"} == set(catalogue())
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert not [name for name in catalogue() if name not in text]
    for name in TABLES:
        for row in read_table(name).rows:
            flag = row["flag" if name == "parameters.csv" else "status"]
            assert EvidenceTag(flag) and (row["source"] or flag == "recalled"), (name, row)
    assert not any("wjp" in column for column in read_table("countries.csv").columns)  # doubtful, so left out
    assert all(terms.source and terms.article and terms.refusal for terms in order.terms)
    for treaty in order.treaties.values():
        assert treaty.source and treaty.reference, treaty.id
        assert all(b.source for b in (*treaty.memberships.values(), *treaty.pairs.values())), treaty.id


def test_terms_agree_with_the_instruments_in_words(order: LegalOrder) -> None:
    """Deadlines in terms.yaml equal those in instruments.csv."""
    instruments = {row["id"]: row for row in read_table("instruments.csv").rows}
    entries = {str(entry["id"]): entry for entry in read_entries("terms.yaml")}
    compared = 0
    for terms in order.terms:
        if "instrument" not in entries[terms.id]:
            continue
        said = instruments[str(entries[terms.id]["instrument"])]["answer_days"]
        evidence = {terms.deadline_days.get(kind) for kind in terms.carries - {DataKind.PRESERVATION}}
        if said and terms.id != "cloud_uk_order":
            assert max(days for days in evidence if days is not None) == float(said), terms.id
            compared += 1
        elif terms.id != "cloud_uk_order":
            assert evidence <= {None}, terms.id
    assert compared >= 5


def test_ranks_are_unambiguous_and_only_some_instruments_ask_for_the_asking_states_penalty(order: LegalOrder) -> None:
    """Two instruments of one channel have the same rank only if no pair of states has both."""
    seen: dict[tuple[int, int], list[str]] = {}
    for terms in order.terms:
        seen.setdefault((terms.channel, terms.rank), []).append(terms.id)
    shared = [sorted(ids) for ids in seen.values() if len(ids) > 1]
    assert sorted(shared) == [["eu_japan_mla", "eu_us_mla"], ["mlat", "mlat_us"]]
    # As their entries say; the others ask for it on both sides.
    alone = {terms.id for terms in order.terms if not terms.penalty_both}
    assert {"untoc_art18", "cloud", "cloud_uk_order"} <= alone
    written = (FOLDER / "terms.yaml").read_text(encoding="utf-8")
    assert len(alone) == written.count("states: requesting")


def test_mandatory_retention_is_that_of_the_day(order: LegalOrder) -> None:
    in_2024, in_2020 = (mandatory_days("traffic/IP", date(year, 1, 1)) for year in (2024, 2020))
    assert in_2024[order.index("RUS")] == 1096
    assert in_2024[order.index("USA")] == 0  # no duty, and that is known
    assert np.isnan(in_2024[order.index("TUV")])  # nothing is known
    assert (in_2020[order.index("NOR")], in_2024[order.index("NOR")]) == (0, 365)  # in force since 2022
    assert mandatory_days("subscriber", date(2025, 1, 1))[order.index("PRT")] == 365
