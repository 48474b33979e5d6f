"""Tests of accounts of every possible course of a request, lead, case or group, from hand-written logs."""

import math
from collections.abc import Iterable, Mapping
from itertools import chain
from string import Formatter

import pytest

from sim.experiments.parts import event_schema
from sim.report.explain.accounts import MANY, case_account, group_account, request_account
from sim.report.explain.command import cases_worth_reading
from sim.report.explain.events import Events, read_events
from sim.report.explain.sentences import _GAPS, Account, _sentences
from sim.world.records import GROWING, DeskKind
from tests.report.casebook import Row, Rows, filed, read_fields, read_rows, row, state, write_folder

#: An answered treaty request of days 10 to 110, an item, and a file at the desk of the requested state.
USUAL = (
    "case=0 group=0 requesting=DEU requested=USA channel=MLAT instrument=eu_us_mla data_kind=TRAFFIC status=EXECUTED"
)
USUAL = read_fields("request", f"{USUAL} drafted=10 sent=20 ended=110")
KEPT = read_fields("evidence", "case=0 state=USA retained_until=90")
FILE = row(
    read_fields("job", "stage=INCOMING_TRIAGE arrived=20 started=40"), desk=DeskKind.INCOMING * 196 + state("USA")
)
(GROUP,) = read_rows(filed("traced"))["group"]
#: What is unlike the usual request; its item; its files; => what its account says ! and what not. Days 10, 50, 90, 95,
#: 109 and 110 are 2022-01-11, 2022-02-20, 2022-04-01, 2022-04-06, 2022-04-20 and 2022-04-21.
REQUESTS = filed("requests")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Events:
    """All requests of the hand-written table."""
    tables = read_rows("""
        posting host=BRA; case group=0 state=DEU opened=10; chain ordinal=4; request; evidence; job""")
    tables = {name: [] if name in ("request", "evidence", "job") else rows for name, rows in tables.items()}
    for number, line in enumerate(REQUESTS.splitlines()):
        unlike, item, *files = line.partition("=>")[0].split(";")
        held = {"evidence": len(tables["evidence"]) if item.strip() else -1}
        tables["request"].append(row(USUAL, read_fields("request", unlike), held))
        tables["evidence"] += [row(KEPT, read_fields("evidence", item))] if item.strip() else []
        tables["job"] += [row(FILE, read_fields("job", file), request=number) for file in files]
    return written(tmp_path_factory, tables | {"group": [GROUP]})


def written(factory: pytest.TempPathFactory, tables: Mapping[str, Rows]) -> Events:
    """Tables as read from a results folder."""
    return read_events(write_folder(factory.mktemp("kinds") / "run", {("status_quo", 1): tables}))


def text_of(account: Account) -> str:
    """All text of an account, with its days."""
    entries = [f"{entry.day:g} {entry.text}" for entry in account.entries]
    return "\n".join([account.title, *account.facts, *entries, *account.asides])


def assert_whole(name: str, accounts: Iterable[Account]) -> None:
    """Asserts that accounts equal the expected file, line by line."""
    assert "\n\n".join(map(text_of, accounts)).splitlines() == filed(f"whole_{name}").splitlines()


def test_each_way_of_a_request_is_said(book: Events) -> None:
    assert_whole("requests", (request_account(book, number) for number in range(len(REQUESTS.splitlines()))))
    for number, line in enumerate(REQUESTS.splitlines()):
        there, _, absent = line.partition("=> ")[2].partition(" ! ")
        text = text_of(request_account(book, number))
        assert all(part in text for part in there.split("|")), (line, text)
        assert not absent or not any(part in text for part in absent.split("|")), (line, text)


#: Leads of a case of days 20 to 200: each chain and its items, and its requests, which name an item by its number.
LEADS = filed("leads")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Events:
    """Case 0 with the given leads, and cases just below and above the limit of steps listed singly."""
    tables: dict[str, list[Row]] = read_rows("""
        milestone case=0 group=0 kind=LEAD_OPENED subject=7 reason=0 day=30
        milestone case=0 group=0 kind=NOT_ASKED subject=10 day=69 reason=3
        milestone case=0 group=0 kind=NOT_ASKED subject=10 day=70 reason=0""")
    tables |= {"chain": [], "evidence": [], "request": [], "group": [GROUP], "job": [row(FILE, request=1, ended=45.0)]}
    first = 0
    for part in LEADS.replace("\n", ";").split(";"):
        name, _, fields = part.strip().partition(" ")
        number = len(tables["chain"]) - 1
        if name == "chain":
            first = len(tables["evidence"])
            tables["chain"].append(row({"case": 0, "hops": 2, "ordinal": number + 1}, read_fields(name, fields)))
        if name == "evidence":
            tables[name].append(row(KEPT, {"chain": number, "retained_until": math.inf}, read_fields(name, fields)))
        if name == "request":
            made = row(USUAL, {"chain": number, "hop": 0, "evidence": 0}, read_fields(name, fields))
            held = {"evidence": first + int(made["evidence"]) if made["evidence"] >= 0 else -1}
            tables[name].append(row(made, held, sent=made["drafted"]))
    for other, steps in ((1, MANY), (2, MANY + 1)):
        tables["chain"].append(row(case=other))
        lost, number = row(KEPT, read_fields("evidence", "status=NOT_OBTAINED settled=70")), len(tables["chain"]) - 1
        tables["evidence"].append(row(lost, chain=number))
        unasked = read_fields("milestone", "group=0 kind=NOT_ASKED day=70 reason=1")
        tables["milestone"] += [row(unasked, case=other, subject=number)] * steps
    ran = read_fields("case", "group=0 state=DEU opened=20 closed=200 status=DROPPED_ATTRITION")
    return written(tmp_path_factory, tables | {"case": [ran] * 3})


def test_a_case_reports_its_leads_step_by_step_or_each_in_one_entry(case: Events) -> None:
    assert_whole("leads", (case_account(case, row, full=full) for full in (True, False) for row in range(3)))


#: Each kind of turn of groups and cases. Groups 0 to 2 are of one kind; days count from 2022-01-01.
LIVES = filed("lives")


def test_each_kind_of_turn_of_a_case_or_a_group_is_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    tables = read_rows(LIVES)
    events = written(tmp_path_factory, tables | {"request": [row(USUAL, unlike) for unlike in tables["request"]]})
    whole = (case_account(events, row) for row in range(8)), (group_account(events, row) for row in range(4))
    assert_whole("lives", chain(*whole))
    chosen = {choice.case: choice.why for choice in cases_worth_reading(events)}
    assert list(chosen) == ["3", "0", "2", "7", "1", "5"] and "2 partner states, 2 arrests" in chosen["3"]
    assert chosen["7"].endswith("without any action against it"), "it was opened after the group had been taken down"
    assert "1 of 3 control servers: 1 partner state" in chosen["0"] and "arrest" not in chosen["0"]


def test_each_gap_of_each_sentence_can_be_filled() -> None:
    """Each placeholder of each sentence can be filled from a column, a sentence or a function."""
    columns = {name: {*event_schema(name).names, "row"} for name in GROWING}

    def known(name: str, table: str) -> bool:
        column, _, rest = name.partition(">")
        if rest:
            there, _, rest = rest.partition(">")
            return column in columns[table] and known(rest, there)
        kinds = {sentence.table for sentence in _sentences().get(name, ())}
        return name in _GAPS or table in kinds or set(name.split("-")) <= columns[table]

    said = [(one.text, one.table) for every in _sentences().values() for one in every]
    gaps = [(name, table) for text, table in said for _, name, _, _ in Formatter().parse(text) if name]
    assert len(gaps) > 200 and [gap for gap in gaps if not known(*gap)] == []
    used = {name.rpartition(">")[2] for name, _ in gaps}
    assert _GAPS.keys() <= used
    assert not _GAPS.keys() & set().union(*columns.values(), _sentences()), "a function would hide another gap"
