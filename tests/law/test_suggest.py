"""The nearest valid name for a wrong one, and no name where none is near."""

import pytest

from sim.law.suggest import closest, nearest

STATES = {
    "AUT": "Austria",
    "AUS": "Australia",
    "DEU": "Germany",
    "GBR": "United Kingdom",
    "IRL": "Ireland",
    "TUR": "Türkiye",
    "USA": "United States",
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("budapst", "budapest"),
        ("Budapest ", "budapest"),
        ("secnd_protocol", "second_protocol"),
        ("mla", "mlat"),
        ("mlta", "mlat"),
        ("warsaw", ""),
        ("  ", ""),
        ("xyz", ""),
    ],
)
def test_a_word_is_near_to_one_that_is_spelt_alike(written: str, meant: str) -> None:
    assert closest(written, ("budapest", "second_protocol", "mlat")) == meant


def test_of_words_as_near_that_with_the_longer_common_beginning_is_meant() -> None:
    assert closest("court.staf", ("court.stuff", "court.staff", "sport.staff")) == "court.staff"
    assert closest("abcd", ("xbcd", "abcx")) == "abcx"


def test_short_words_may_be_less_alike_than_long_ones() -> None:
    """Two letters of three are enough of a short word (ratio 0.67), and not of a longer one (0.67 as well)."""
    assert closest("abc", ("abd",)) == "abd"
    assert closest("abcdef", ("abcdxy",)) == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("aus", "AUS"),
        ("DE", "DEU"),  # of a code of two letters
        ("AU", "AUT"),  # two codes begin so, and the countries' names
        ("UK", "GBR"),  # initials
        ("US", "USA"),  # initials go before the beginning of a code
        ("united", "GBR"),
        ("Austr", "AUT"),
        ("Turkiye", "TUR"),
        ("Irelnd", "IRL"),
        ("Untied Kingdm", "GBR"),
        ("DUE", "DEU"),  # two letters in wrong order
        ("DXU", "DEU"),  # one that is wrong
        ("DEUU", "DEU"),  # a letter too many
        ("GR", "GBR"),  # one that is missing
        ("GRE", ""),
        ("Mordor", ""),
    ],
)
def test_a_state_is_meant_by_its_code_its_name_or_its_initials(written: str, meant: str) -> None:
    assert closest(written, STATES, STATES) == meant


def test_a_fix_names_the_nearest_or_lists_a_dozen() -> None:
    assert nearest("GBX", STATES, labels=STATES) == "Did you mean GBR (United Kingdom)?"
    assert nearest("budapst", ("budapest", "mlat")) == "Did you mean budapest?"
    assert nearest("pigeon", ("mlat", "budapest"), what="one of the channels") == (
        "Use one of the channels: budapest, mlat."
    )
    assert nearest("pigeon", ("mlat",), what="") == ""
    dozen = [f"n{number:02}" for number in range(12)]
    assert nearest("pigeon", dozen) == f"Use one of: {', '.join(dozen)}."
    assert nearest("pigeon", [*dozen, "n12"]) == f"Use one of: {', '.join(dozen)}, …."
