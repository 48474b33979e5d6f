"""Tests of treaties by hand: entry into force, effects of amendments, and reading of data files."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sim.data.load import UNDATED, DataError, parse_table
from sim.law import treaties
from sim.law.amendments import BringIntoForce, CloseChannels, Conclude, Join, Ratify, Terminate, TreatyAmendment
from sim.law.treaties import Membership, Treaty, bilateral_treaties, load_treaties
from sim.law.vocabulary import Channel, EvidenceTag

ON = date(2020, 5, 1)
VERIFIED, RECALLED, JUDGEMENT = EvidenceTag.VERIFIED, EvidenceTag.RECALLED, EvidenceTag.JUDGEMENT


def tie(since: date, until: date | None = None, role: str = "member") -> Membership:
    """A membership with verified evidence."""
    return Membership(since, until, role, VERIFIED, "a source")


def treaty(form: str = "parties", in_force: date | None = None, needed: int = 0) -> Treaty:
    """A treaty without members."""
    return Treaty("pact", "The Pact", form, in_force, None, needed, "art. 1", "a source", VERIFIED)


def year(number: int) -> date:
    """The first day of a year."""
    return date(number, 1, 1)


@pytest.mark.parametrize(("needed", "entry"), [(1, year(2017)), (2, year(2018)), (3, year(2021)), (4, None)])
def test_a_treaty_enters_into_force_with_the_ratification_that_it_waits_for(needed: int, entry: date | None) -> None:
    """A treaty enters into force with the last ratification that it requires.

    Austria's is of 2017, Belgium's counts before it is used, from 2018, and Chile's is of 2021.
    """
    memberships = {"AUT": tie(year(2017)), "BEL": tie(year(2019))}
    ratified = {"BEL": year(2018), "CHL": year(2021)}
    assert replace(treaty(needed=needed), memberships=memberships, ratified=ratified).entry() == entry


def test_a_treaty_with_a_day_of_its_own_waits_for_nobody_and_changes_the_law_on_its_days() -> None:
    assert treaty(in_force=ON, needed=9).entry() == ON and treaty().entry() == UNDATED
    # A tie older than the treaty counts from the treaty's own day; one that waits for others changes nothing.
    memberships = {"AUT": tie(year(2015), year(2018)), "BEL": tie(year(2012))}
    dated = replace(treaty(in_force=year(2013)), memberships=memberships, pairs={("AUT", "CHL"): tie(year(2016))})
    assert list(dated.dates()) == [year(2015), year(2018), year(2013), year(2016)]
    assert list(replace(dated, ended=year(2022)).dates())[-1] == year(2022)
    assert list(replace(dated, in_force=None, needed=5).dates()) == []


def test_scenarios_bring_treaties_into_force_sooner_and_ratifications_count_from_their_day() -> None:
    def entry(before: Treaty, name: str, on: date) -> date | None:
        return before.amended((BringIntoForce(name, on),)).entry()

    assert entry(treaty(needed=5), "pact", ON) == ON and entry(treaty(in_force=year(2025)), "pact", ON) == ON
    assert entry(treaty(in_force=year(2015)), "pact", ON) == year(2015)
    assert entry(treaty(in_force=year(2025)), "other", ON) == year(2025)
    dates = (None, year(2015), year(2099))
    ends = [replace(treaty(), ended=end).amended((Terminate("pact", ON),)).ended for end in dates]
    assert ends == [ON, year(2015), ON], "what ended before has ended"
    held = replace(treaty(needed=2), ratified={"AUT": year(2018)})
    after = held.amended((Ratify(("AUT", "BEL"), "pact", ON),))
    assert after.ratified == {"AUT": year(2018), "BEL": ON} and after.memberships == {} and after.in_force is None
    before, two_sided = treaty(needed=2), treaty("pairs")
    others: tuple[TreatyAmendment, ...] = (
        *(Join(("AUT",), "other", ON), Ratify(("AUT",), "other", ON), BringIntoForce("other", ON)),
        Terminate("other", ON),
        CloseChannels((Channel.MLAT,), ON),
    )
    assert before.amended(others) is before
    assert two_sided.amended((Conclude((("AUT", "BEL"),), "other", ON),)) is two_sided


JOINED: Mapping[str, tuple[Membership | None, date]] = {
    **{"AUT": (None, ON), "BEL": (tie(year(2015)), year(2015))},
    "CHL": (tie(year(2015), year(2018)), ON),  # it had left
    "DNK": (tie(year(2022)), ON),  # it would have come later
    **{"EST": (tie(year(2015), role="associate"), ON), "FRA": (tie(ON), ON)},
}


def test_states_join_and_pairs_conclude_unless_they_have() -> None:
    for state, (held, since) in JOINED.items():
        before = treaty() if held is None else replace(treaty(), memberships={state: held})
        found = before.amended((Join((state,), "pact", ON),)).memberships[state]
        assert (found.since, found.until, found.role) == (since, None, "member"), state
        assert (found is held) == (state in ("BEL", "FRA"))
    for held, since in ((None, ON), (year(2015), year(2015)), (year(2022), ON), (ON, ON)):
        pairs = {} if held is None else {("AUT", "BEL"): tie(held)}
        after = replace(treaty("pairs"), pairs=pairs).amended((Conclude((("BEL", "AUT"),), "pact", ON),)).pairs
        assert {pair: found.since for pair, found in after.items()} == {("AUT", "BEL"): since}
        assert (after["AUT", "BEL"].source == "scenario") == (held in (None, year(2022)))
    for until, binds in ((year(2016), False), (ON, False), (year(2030), True)):
        ending = replace(treaty("pairs"), pairs={("AUT", "BEL"): tie(year(2015), until)})
        after = ending.amended((Conclude((("AUT", "BEL"),), "pact", ON),)).pairs["AUT", "BEL"]
        assert (after.since, after.until) == ((year(2015), until) if binds else (ON, None))


def test_states_join_lists_and_pairs_conclude_bilateral_treaties_alone() -> None:
    join = (Join(("AUT",), "pact", ON),)
    assert treaty("requested").amended(join).memberships["AUT"].role == "requested"
    with pytest.raises(ValueError, match="bilateral"):
        treaty("pairs").amended(join)
    with pytest.raises(ValueError, match="not bilateral"):
        treaty().amended((Conclude((("AUT", "BEL"),), "pact", ON),))
    row = {"instrument": "MLAT and extradition", "iso3_a": "AUT", "iso3_b": "USA"}
    assert bilateral_treaties(row) == ("mlat_us", "extradition_pairs")
    assert bilateral_treaties(row | {"iso3_b": "BEL"}) == ("mlat", "extradition_pairs")
    assert bilateral_treaties(row | {"instrument": "Something else"}) == ()


TABLES = {path.name: path.read_text("utf-8") for path in (Path(__file__).parent / "tables/treaties").iterdir()}
STATES = ("AUT", "BEL", "CHE", "CHL", "DNK", "EST", "FIN", "FRA", "GBR", "GRC", "HUN", "USA")


def use(monkeypatch: pytest.MonkeyPatch, tables: Mapping[str, str]) -> Callable[[], dict[str, Treaty]]:
    """Lets treaties be read from the given tables instead of the data files."""
    monkeypatch.setattr(treaties, "read_table", lambda name: parse_table(name, tables[name]))
    return lambda: load_treaties(STATES)


def test_parties_come_from_dated_files_memberships_and_rows_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Members of a treaty come from dated files and from single rows, which take precedence.

    A day is blank, or lies before the first that its file allows; a year alone is its first day.
    """
    memberships = use(monkeypatch, TABLES)()["budapest"].memberships
    found = {state: (tie.since, tie.until, tie.role, tie.tag) for state, tie in memberships.items()}
    assert found == {
        "AUT": (date(2010, 10, 10), None, "member", VERIFIED),
        "BEL": (date(2007, 7, 7), date(2009, 9, 9), "member", JUDGEMENT),
        "CHE": (date(2006, 6, 6), None, "associate", JUDGEMENT),
        **{"FIN": (year(2012), date(2015, 5, 5), "member", VERIFIED), "HUN": (UNDATED, None, "member", RECALLED)},
    }
    notes = {state: tie.note for state, tie in memberships.items()}
    assert notes["AUT"] == "a remark" and notes["FIN"] == "2012: first day assumed"
    assert notes["CHE"] == "date not in the data: taken as before 2022"


def test_parties_count_from_the_first_day_of_a_file_and_need_a_treaty(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = TABLES | {"parties.csv": TABLES["parties.csv"].splitlines()[0]}
    memberships = use(monkeypatch, alone)()["budapest"].memberships
    assert (memberships["BEL"].since, memberships["BEL"].tag) == (year(2003), RECALLED)
    wrong = TABLES | {"parties.csv": TABLES["parties.csv"] + "budapst,AUT,member,,,b,recalled,"}
    with pytest.raises(DataError, match=r"budapst.*Did you mean budapest"):
        use(monkeypatch, wrong)()


def test_bilateral_treaties_are_those_in_force_and_the_oldest_of_a_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    found = use(monkeypatch, TABLES)()
    pairs = {name: {pair: (b.since, b.tag) for pair, b in found[name].pairs.items()} for name in found}
    assert pairs == {
        **{"budapest": {}, "mlat": {("BEL", "CHL"): (year(2001), VERIFIED)}},
        "mlat_us": {("AUT", "USA"): (date(1998, 8, 8), VERIFIED)},
        "extradition_pairs": {
            ("BEL", "CHL"): (date(2003, 3, 1), RECALLED),  # of the day nobody is certain
            ("AUT", "USA"): (UNDATED, RECALLED),
        },
        "eu_uk_tca": {("BEL", "GBR"): (year(2021), JUDGEMENT)},  # provisionally applied before its day
    }
    assert found["mlat"].pairs["BEL", "CHL"].note == "the older"
    assert found["extradition_pairs"].pairs["BEL", "CHL"].note == "2003-03: first day assumed"
    assert (found["mlat"].ended, found["mlat"].needed, found["budapest"].needed) == (year(2030), 0, 5)
    assert found["budapest"].in_force == date(2004, 7, 1)
