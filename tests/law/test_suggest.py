"""The nearest valid name for a wrong one, and no name where none is near."""

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


def test_of_words_as_near_that_with_the_longer_common_beginning_is_meant() -> None:
    assert closest("court.staf", ("court.stuff", "court.staff", "sport.staff")) == "court.staff"
    assert closest("abcd", ("xbcd", "abcx")) == "abcx"


def test_short_words_may_be_less_alike_than_long_ones() -> None:
    """Two letters of three are enough of a short word (ratio 0.67), and not of a longer one (0.67 as well)."""
    assert closest("abc", ("abd",)) == "abd"
    assert closest("abcdef", ("abcdxy",)) == ""


def test_a_fix_names_the_nearest_or_lists_a_dozen() -> None:
    assert nearest("GBX", STATES, labels=STATES) == "Did you mean GBR (United Kingdom)?"
    assert nearest("budapst", ("budapest", "mlat")) == "Did you mean budapest?"
    expected = "Use one of the channels: budapest, mlat."
    assert nearest("pigeon", ("mlat", "budapest"), what="one of the channels") == expected
    assert nearest("pigeon", ("mlat",), what="") == ""
    dozen = [f"n{number:02}" for number in range(12)]
    assert nearest("pigeon", dozen) == f"Use one of: {', '.join(dozen)}."
    assert nearest("pigeon", [*dozen, "n12"]) == f"Use one of: {', '.join(dozen)}, …."


def test_a_word_is_near_to_one_that_is_spelt_alike() -> None:
    meant = {"budapst": "budapest", "Budapest ": "budapest", "secnd_protocol": "second_protocol", "mla": "mlat"}
    for written, word in (meant | {"mlta": "mlat", "warsaw": "", "  ": "", "xyz": ""}).items():
        assert closest(written, ("budapest", "second_protocol", "mlat")) == word, written


def test_a_state_is_meant_by_its_code_its_name_or_its_initials() -> None:
    meant = {
        **{"aus": "AUS", "DE": "DEU", "AU": "AUT"},  # two codes begin with AU, and the countries' names
        **{"UK": "GBR", "US": "USA"},  # initials, which go before the beginning of a code
        **{"united": "GBR", "Austr": "AUT", "Turkiye": "TUR", "Irelnd": "IRL", "Untied Kingdm": "GBR"},
        **{"DUE": "DEU", "DXU": "DEU", "DEUU": "DEU", "GR": "GBR"},  # letters swapped, wrong, too many, missing
        **{"GRE": "", "Mordor": ""},
    }
    assert {written: closest(written, STATES, STATES) for written in meant} == meant
