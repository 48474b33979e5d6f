"""Data files: flags on every row, sources, agreement between files, errors on damaged ones."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

import sim.data
from sim.data.geography import INDEX_METRICS, CrimeGeography, ProviderClass, _completed
from sim.data.load import DataError, catalogue, parse_table, read_entries, read_table, states
from sim.law.order import LegalOrder
from sim.law.vocabulary import DataKind, EvidenceTag
from sim.world.retention import mandatory_days

TABLES = sorted(name for name in catalogue() if name.endswith(".csv"))
FOLDER = Path(sim.data.__file__).parent


def test_every_file_is_catalogued_and_every_row_has_a_flag_and_a_source(order: LegalOrder) -> None:
    there = {path.name for path in FOLDER.iterdir() if path.suffix in (".csv", ".yaml")}
    assert there - {"files.csv", "ensemble.yaml"} == set(catalogue())
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert not [name for name in catalogue() if name not in text]
    for name in TABLES:
        for row in read_table(name).rows:
            assert EvidenceTag(row["status"]) and (row["source"] or row["status"] == "recalled"), (name, row)
    assert not any("wjp" in column for column in read_table("countries.csv").columns)  # doubtful, so left out
    assert all(terms.source and terms.article and terms.refusal for terms in order.terms)
    for treaty in order.treaties.values():
        assert treaty.source and treaty.reference, treaty.id
        assert all(b.source for b in (*treaty.bonds.values(), *treaty.pairs.values())), treaty.id


def test_terms_agree_with_the_instruments_in_words(order: LegalOrder) -> None:
    """Deadlines of terms.yaml against the numbers of instruments.csv, where both give one."""
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
    """Two instruments of one channel may share a rank only if no two states have both."""
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


def test_a_damaged_table_is_an_error_and_a_wrong_value_is_named_with_file_and_key() -> None:
    wrong = {
        "": "is empty",
        "a,b\n1,2\n3": "line 3: 1 values for 2 columns",
        "a,b\n1,2\n": "1 rows, files.csv announces 2",
    }
    for text, message in wrong.items():
        with pytest.raises(DataError, match=f"t.csv: {message}"):
            parse_table("t.csv", text, 2)
    table = parse_table("t.csv", "iso3,body,since\nDEU,EU,soon\n")
    for read, kind in ((table.day, "date"), (table.number, "number")):
        with pytest.raises(DataError, match=rf"t\.csv: DEU, EU, soon: since = 'soon' is not a {kind}"):
            read(table.rows[0], "since")


def test_geography_is_normalised_and_concentrated() -> None:
    geography = CrimeGeography.load()
    count = len(states())
    assert CrimeGeography.load() is geography and not any(weights.flags.writeable for weights in geography[:-1])
    for kind in ProviderClass:
        shares = [provider.market_share for provider in geography.providers if provider.provider_class is kind]
        assert sum(shares) == pytest.approx(1)
    assert len(geography.providers) == len(read_table("provider_weights.csv").rows) + 2 * count
    assert geography.wci.shape == (len(INDEX_METRICS), count)
    for weights in (*geography.wci, geography.cashout, geography.hosting, geography.victims):
        assert weights.sum() == pytest.approx(1) and (weights >= 0).all() and weights.shape == (count,)
    top = [states()[index] for index in np.argsort(-geography.wci[1])[:2]]
    assert top == ["RUS", "UKR"]
    assert states()[int(np.argmax(geography.wci[3]))] == "NGA"
    assert np.sort(geography.hosting)[::-1][:10].sum() > 0.6
    assert set(geography.governance_tier) == {0, 1, 2, 3}
    place = {code: index for index, code in enumerate(states())}
    assert geography.governance_tier[place["DNK"]] == 0 and geography.governance_tier[place["SOM"]] == 3
    assert geography.bulletproof[place["RUS"]] > geography.bulletproof[place["NLD"]] + 0.3


def test_what_is_left_of_a_share_that_few_states_report_is_spread_over_the_others() -> None:
    spread = np.array([9.0, 1.0, 9.0, 3.0])
    for percent, shares in (((30.0, 0, 50.0, 0), (0.3, 0.05, 0.5, 0.15)), ((60.0, 0, 50.0, 0), (0.6, 0, 0.5, 0))):
        np.testing.assert_allclose(_completed(np.array(percent), spread), shares)


def test_mandatory_retention_is_that_of_the_day(order: LegalOrder) -> None:
    in_2024, in_2020 = (mandatory_days("traffic/IP", date(year, 1, 1)) for year in (2024, 2020))
    assert in_2024[order.index("RUS")] == 1096
    assert in_2024[order.index("USA")] == 0  # no duty, and that is known
    assert np.isnan(in_2024[order.index("TUV")])  # nothing is known
    assert (in_2020[order.index("NOR")], in_2024[order.index("NOR")]) == (0, 365)  # in force since 2022
    assert mandatory_days("subscriber", date(2025, 1, 1))[order.index("PRT")] == 365
