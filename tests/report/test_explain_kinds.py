"""Each way in which a request, a lead, a case or a group can go, in a log of its own, written by hand."""

import math
from collections.abc import Mapping

import pytest

from sim.report.explain.cases import case_account
from sim.report.explain.command import cases_worth_reading
from sim.report.explain.events import Events, read_events
from sim.report.explain.groups import group_account
from sim.report.explain.leads import MANY, lead_of
from sim.report.explain.requests import failures, request_account
from sim.report.explain.words import Account
from sim.world.records import DeskKind
from tests.report.casebook import Row, Rows, read_fields, read_rows, state, write_folder
from tests.report.traced import GROUP, row

#: An answered treaty request of days 10 to 110, an item, and a file at the desk of the requested state.
USUAL = (
    "case=0 group=0 requesting=DEU requested=USA channel=MLAT instrument=eu_us_mla data_kind=TRAFFIC status=EXECUTED"
)
USUAL = read_fields("request", f"{USUAL} drafted=10 sent=20 ended=110")
KEPT = read_fields("evidence", "case=0 state=USA retained_until=90")
FILE = row(
    read_fields("job", "stage=INCOMING_TRIAGE arrived=20 started=40"), desk=DeskKind.INCOMING * 196 + state("USA")
)
#: What is unlike the usual request; its item; its files; => what its account says ! and what not. Days 10, 50, 90, 95,
#: 109 and 110 are 2022-01-11, 2022-02-20, 2022-04-01, 2022-04-06, 2022-04-20 and 2022-04-21.
REQUESTS = """\
deadline_days=90 enforceable=1 case=0; => deadline 90 days, whose breach|100 days.|routine|--case 0|case 0. ! past its
deadline_days=89 urgent=1 case=-1; => past its deadline|deadline 89 days.|was urgent ! breach|--case|or so it seems
enforceable=1 abusive=FALSE_EMERGENCY accounts=3; => Data of 3 accounts|in danger|no deadline ! breach|2 other
abusive=OPEN case=-1; => showed no such offence ! or so it seems
abusive=DISGUISED chain=0 hop=2; => had not happened|step 3 of lead 5
abusive=FALSE_EMERGENCY case=-1; => or so it seems ! had not happened
accounts=2 channel=LETTERS_ROGATORY; => Data of 1 other account were|by letters rogatory. ! rogatory (
accounts=1 channel=POLICE provider=0 sent=10; => Police answer|, asked in ⟦USA⟧ ! other account|from ⟦USA⟧,|It is
status=REFUSED ground=PROVIDER_POLICY abusive=OPEN; => did not produce ! was false
status=REFUSED ground=PROVIDER_POLICY abusive=FALSE_EMERGENCY; => was false ! produce
status=REFUSED ground=DECLINED_BY_POLICE; => police of ⟦USA⟧ declined ! refused
status=REFUSED ground=POLITICAL_OR_ESSENTIAL_INTERESTS channel=POLICE abusive=DISGUISED; => INTERPOL stopped ! refused
status=REFUSED ground=POLITICAL_OR_ESSENTIAL_INTERESTS channel=POLICE; => ⟦USA⟧ refused ( ! INTERPOL|a court of
status=REFUSED ground=NO_POWER channel=POLICE abusive=OPEN; => refused ! INTERPOL
status=REFUSED ground=POLITICAL_OR_ESSENTIAL_INTERESTS stage=APPEAL abusive=OPEN; => had appealed ! refused
status=REFUSED ground=POLITICAL_OR_ESSENTIAL_INTERESTS stage=COURT_ORDER abusive=OPEN; => a court of ⟦USA⟧ ! app
status=REFUSED ground=MISTAKE; => ⟦USA⟧ refused (|by mistake ! a court of
status=NOT_SENT channel=DOMESTIC; => prosecutors of ⟦DEU⟧ ! did not send
status=NOT_SENT; => of ⟦DEU⟧ did not send it ! prosecutors|by mistake
status=NO_DATA; => no longer kept ! were gone
status=NO_DATA; status=LOST_RETENTION => deleted on 2022-04-01|90 The data are gone: the custodian ! even
status=NO_DATA; status=LOST_MOVED moves_at=9 => even requested|10 The data are gone even before|server moves ! deletes
status=NO_DATA; status=LOST_MOVED moves_at=10 => moved on 2022-01-11 ! even
status=NO_DATA; status=LOST_MOVED moves_at=90 => the custodian deletes ! server moves:
status=NO_DATA; status=LOST_ENCRYPTED => unreadable ! even
stage_1=1 stage_2=0.9; frozen_from=10 frozen_until=95 => until 2022-04-06|runs out|1 day of d|drafting 1. ! deletes
helped=1; frozen_from=9 frozen_until=80 => the custodian deletes them ! 24/7|preservation runs|Eurojust
officer=0; retained_until=110 => after 100 days|⟦BRA⟧ supported it. ! The data are gone|avoided
status=WITHDRAWN silent=1; => withdrawn after 100 days unanswered|no answer would ever ! given up
status=WITHDRAWN sent=nan; => before it was sent ! It is sent
status=WITHDRAWN loops=1 stage=DEFICIENCY_RETURN stage_since=50; => wanted it completed ! returned it as
status=WITHDRAWN loops=1 stage=INCOMING_TRIAGE;; ended=110 => when ⟦USA⟧ returned it as|110 the central|returns it and
status=WITHDRAWN loops=1 stage=INCOMING_TRIAGE;; ended=50 => unanswered by ⟦USA⟧ ! returned it|returns it
status=WITHDRAWN stage=INCOMING_TRIAGE;; ended=110 => 100 days unanswered ! returned it as|returns it and
status=WITHDRAWN given_up=109 helped=8; => had given it up on 2022-04-20|in vain ! later stages
status=WITHDRAWN given_up=110; => withdrawn ! had given it up
status=OPEN ended=nan; => still unanswered by ⟦USA⟧ after ! given up
status=OPEN ended=nan given_up=60; => , and given up. ! had given
status=OPEN ended=nan silent=1; => end: unanswered|would ever ! withdrawn
officer=0 returns_saved=2;; ended=50 expected=1 => behind 1 day|up after 20 days|avoided 2 ! nothing waiting|phone
helped=8;; ended=50 expected=0.9 => with nothing waiting|later stages were ! behind|in vain
purpose=LEAD trust=0.5;; started=20.5 => nothing waiting|up after less than a day|when it answered ! at once
trust=0.5;; started=20.4 ended=50 => taken up at once|at 0.50, from 0 to 1, when it last ! up after|returns it|had left
trust=0.5 requested=FRA;; started=nan => with nothing|2022-02-20 and 2022-04-21, and trust ! takes it up|returns it
trust=0.5 requested=NLD loops=1;; ended=50; arrived=60 started=60 => 50 the cen|returns it and asks for ! had left
phoned=1;; ended=50 => asks by phone ! returns it
phoned=1;; ended=50 stage=REVIEW => for review ! phone
phoned=1;; => takes it up ! phone
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Events:
    """Every request of the table."""
    tables = read_rows("""
        trust trusting=USA trusted=DEU day=50; trust trusting=USA trusted=DEU day=110
        trust trusting=USA trusted=DEU day=111 contact=1; trust trusting=FRA trusted=DEU day=50
        trust trusting=FRA trusted=DEU day=110 contact=1; trust trusting=NLD trusted=DEU day=50 contact=1
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
    """Tables as they are read from a folder."""
    return read_events(write_folder(factory.mktemp("kinds") / "run", {("status_quo", 1): tables}))


def text_of(account: Account) -> str:
    """All that an account says, with its days."""
    entries = [f"{entry.day:g} {entry.text}" for entry in account.entries]
    return "\n".join([account.title, *account.facts, *entries, *account.asides])


def test_each_way_of_a_request_is_said(book: Events) -> None:
    for number, line in enumerate(REQUESTS.splitlines()):
        there, _, absent = line.partition("=> ")[2].partition(" ! ")
        text = text_of(request_account(book, number))
        assert all(part in text for part in there.split("|")), (line, text)
        assert not absent or not any(part in text for part in absent.split("|")), (line, text)


#: Leads of a case of days 20 to 200: the chain and its items; its requests, which name an item by its number; and its
#: steps: number, result, asked, ended, whether police alone were enough, whether they were asked, formal requests.
LEADS = """\
chain hop=1 status=COMPLETE target=PERSON; evidence; evidence hop=1 status=INADMISSIBLE excluded=1 decrypted=1
request drafted=20 ended=30 stage_8=8 stage_1=2; request hop=1 evidence=1 drafted=30 ended=40 stage=FORENSICS job=0
1 ANSWERED 20 30 0 0 1; 2 ANSWERED 30 45 0 0 1
chain status=COMPLETE; evidence status=INADMISSIBLE; request purpose=PRESERVATION status=REFUSED drafted=20 ended=21
request status=REFUSED drafted=20 ended=25; request drafted=26 ended=40 deadline_days=9 stage_5=12
1 ANSWERED 20 40 0 0 2
chain hop=1 status=GIVEN_UP; evidence; evidence hop=1 frozen_from=31 frozen_until=49; request hop=1 purpose=LEAD \
evidence=-1 drafted=30 ended=33
request purpose=LEAD evidence=-1 drafted=20 ended=23; request drafted=22 ended=60; request hop=1 evidence=1 \
status=REFUSED drafted=30 ended=50
1 ANSWERED 20 23 1 1 1; 2 LOST 30 50 0 1 1
chain hop=1; evidence; evidence hop=1
request purpose=LEAD evidence=-1 drafted=20 ended=24; request hop=1 evidence=1 status=OPEN drafted=25 ended=nan
1 ANSWERED 20 24 1 1 0; 2 PENDING 25 nan 0 0 1
chain; evidence; request drafted=28 ended=201
1 PENDING 28 nan 0 0 1
chain; evidence; request status=REFUSED drafted=28 ended=200
1 PENDING 28 nan 0 0 1
chain; evidence; request status=OPEN drafted=29 ended=nan
1 PENDING 29 nan 0 0 1
chain; evidence; request status=REFUSED drafted=30 ended=199 urgent=1
1 LOST 30 199 0 0 1
chain; evidence; request status=OPEN drafted=30 ended=nan given_up=150
1 LOST 30 150 0 0 1
chain; evidence; request drafted=30 ended=180 given_up=150
1 LOST 30 150 0 0 1
chain; evidence status=NOT_OBTAINED settled=70; evidence
1 LOST 70 70 0 0 0
chain; evidence; evidence; evidence; request purpose=LEAD status=REFUSED evidence=-1 drafted=40 ended=41
request status=REFUSED drafted=44 ended=48; request purpose=LEAD status=REFUSED evidence=-1 drafted=50 ended=51
request purpose=LEAD status=REFUSED evidence=-1 drafted=60 ended=61
request status=REFUSED evidence=1 drafted=60 ended=68
1 LOST 40 48 0 1 1; 1 LOST 50 50 0 1 0; 1 LOST 60 68 0 1 1
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Events:
    """Case 0 with these leads; beside it, case 1 has as many steps as are listed singly, case 2 has one more."""
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
        tables["evidence"] += [row(lost, chain=number, hop=hop) for hop in range(steps)]
    ran = read_fields("case", "group=0 state=DEU opened=20 closed=200 status=DROPPED_ATTRITION")
    return written(tmp_path_factory, tables | {"case": [ran] * 3})


def test_each_way_of_a_lead_ends_as_it_was_written(case: Events) -> None:
    expected = [line.split("; ") for line in LEADS.splitlines() if line[0].isdigit()]
    for number, steps in enumerate(expected):
        for one, step in zip(lead_of(case, number).steps, steps, strict=True):
            found = f"{one.number} {one.result.name} {one.asked:g} {one.ended:g} {one.by_lead:d} {one.lead >= 0:d}"
            assert f"{found} {len(one.formal)}" == step, number


#: What an account of that case says: the start of a line, and parts of it.
OF_LEADS = """\
20 A victim|4 leads followed at once: 3 towards control servers and 1 towards a core member.
28 Leads 5 and 6 (2 towards|after other leads had ended
30 Leads 8, 9 and 10|in parallel to lead 1, unanswered
23 Lead 3, step 1: police of ⟦USA⟧ answered after 3 days|formal request of 2022-01-21 was still open.
40 Lead 2, step 1 answered after 14 days|Longest: 12 days|voluntarily. Before that, ⟦USA⟧|preserve it failed. The trail
45 Lead 1, step 2 answered after 15 days|the laboratory opened it. It is not admissible in court: it came through an
50 Lead 3, step 2 lost|Police of ⟦USA⟧ gave a lead after 3 days. Preserved through the 24/7 point from 2022-02-01 to
50 Lead 12, step 1 lost: no formal request|Police of ⟦USA⟧ declined to help.
150 Lead 9, step 1 lost: given up after 120 days|, routine)
199 Lead 8, step 1 lost|, urgent). [request 14]
200 The case ends|; and 1 more.
8 steps of its 12 leads|4 refused (no ground), 2 given up before|1 never formally asked (no channel was open), 1
Formal requests abroad: 15 to 1 state: 6 executed (median 26 days), 6 ref|55 %, court order 36 % and drafting 9 %.
In addition, police gave leads to 3 of 6 questions and 24/7 points|0 of 1 item.
--request 10|
24 Lead 4, |1 ask, 1 answered. It was waiting for an answer
40 Lead 2, |1 ask, 1 answered. Slowest: traffic data from ⟦USA⟧, 14 days by|: 12 days at|It led to a control server.
45 Lead 1, |2 asks, 2 answered. Slowest: traffic data from ⟦USA⟧, 10 days by|. It led to a core member.
50 Lead 3, |2 asks, 1 answered. Lost: 1 refused (no ground): ⟦USA⟧. It led nowhere.
68 Lead 12, |3 asks, 0 answered. Lost: 2 refused (no ground): ⟦USA⟧ (2 times); 1 never formally asked: ⟦USA⟧.
--case 0 --full|
"""


def assert_said(text: str, wanted: str) -> None:
    """Asserts that each wanted line begins a line of a text that has the wanted parts."""
    for start, *parts in (one.split("|") for one in wanted.splitlines()):
        found = [line for line in text.splitlines() if line.startswith(start) and all(part in line for part in parts)]
        assert found, (start, parts, text)


def test_a_case_reports_its_leads_step_by_step_or_each_in_one_entry(case: Events) -> None:
    said = [text_of(case_account(case, 0, full=full)) for full in (True, False)]
    assert_said("\n".join(said), OF_LEADS)
    assert "Lead 4, step 2" not in said[0].split("Still")[0] and "--full" not in said[0], "it was not answered"
    assert ["--full" in text_of(case_account(case, row)) for row in (1, 2)] == [False, True]


def test_failures_that_are_alike_are_counted_with_their_lengths(case: Events) -> None:
    refused, given_up = "⟦USA⟧ refused (no ground)", "given up after 120 days unanswered by ⟦USA⟧"
    assert failures(case, [15, 14, 17]) == [f"twice {refused}", given_up]
    assert failures(case, [10, 13], 128.0) == ["twice still unanswered by ⟦USA⟧ after 99 days to 103 days"]
    assert failures(case, [14], 199.0) == [refused]


#: Each kind of turn of groups and cases. Groups 0 to 2 are of one kind; days count from 2022-01-01.
LIVES = """
group kind=1 home=RUS scale=2 entered=1; group kind=1 home=RUS users_at_takedown=4 status=REMOVED entered=1 ended=400
group kind=1 home=RUS status=EXITED entered=1 ended=400; group kind=2 home=RUS status=DOWN entered=1
case group=0 state=DEU opened=20 closed=200 prepared=90 status=SOLVED team_formed=60
case group=1 state=DEU opened=20 closed=100 status=CLOSED_GROUP_GONE
case group=2 state=DEU opened=20 closed=200 status=CLOSED_GROUP_GONE
case group=1 state=DEU opened=20 closed=89 status=CLOSED_GROUP_GONE
case group=1 state=DEU opened=20 status=DROPPED_CAPACITY
case group=1 state=DEU opened=20 closed=90 status=CLOSED_GROUP_GONE
case group=0 state=FRA opened=20 closed=200 status=MERGED merged_into=0
action case=0 group=0 day=100 states=1 type=DOMAIN_SEIZURE operation=0 nodes=3 known_nodes=2 ready_nodes=1 killed=1
action case=3 group=1 day=90 states=3 type=DOMAIN_SEIZURE operation=0 down=1 arrests=2 in_team=1 client_arrests=1\
 client_states=1
action case=3 group=1 day=120 states=1; action case=3 group=1 day=130 states=1; action case=3 group=1 day=300 states=1
action case=0 group=0 day=250 states=2 nodes=3 killed=1; action case=2 group=3 day=200 states=1 disruption=1 operation=6
spell group=0 day=100 cause=PARTIAL_ACTION case=0 action_type=SERVICE capability=0.9
spell group=0 day=100 cause=PARTIAL_ACTION case=0 action_type=DOMAIN_SEIZURE capability=0.4
spell group=0 day=19 cause=REBRAND; spell group=0 day=20 cause=REBRAND; spell group=0 day=200 cause=REBRAND
spell group=0 day=300 cause=REBRAND; spell group=0 day=301 cause=REBRAND; spell group=0 day=302 cause=REBRAND
spell group=0 day=303 cause=REBRAND; spell group=0 day=304 cause=REBRAND; spell group=0 day=305 cause=REBRAND
spell group=0 day=306 cause=REBRAND; milestone group=0 kind=LEARNT subject=0 reason=250 day=300
milestone group=0 kind=LEARNT subject=-1 reason=10 day=90; milestone case=6 kind=MERGED subject=0 day=50
milestone case=6 kind=NODE_FOUND reason=2 day=40; milestone case=0 kind=NODE_FOUND reason=4 day=41
leak case=0 group=0 recipients=1 state=DEU takes_part=1 protected=1 traced=1 day=20
leak case=0 group=0 recipients=1 state=BRA day=19; leak case=0 group=0 recipients=2 state=FRA takes_part=1 day=30
migration group=1 rival=0 amount=1 day=310 returned=350
member group=0 known_by=0 held_in=FRA slot=0 status=HELD identified=50 indicted=60 arrested=70 residence=RUS
member group=0 known_by=0 held_in=FRA slot=1 status=RELEASED arrested=70 ended=80 ground=NATIONALITY
member group=0 known_by=0 slot=2 status=ACQUITTED ended=81 prosecuted_in=FRA
member group=0 known_by=0 slot=3 status=UNKNOWN identified=51 residence=RUS
partner case=0 state=USA authorised=1 in_team=1 joined=40 ready_at=150; partner case=0 state=FRA authorised=1 joined=50
partner case=0 state=BRA joined=41; partner case=0 state=NLD authorised=1 joined=41 ready_at=201
partner case=0 state=AUT authorised=1 in_team=1 joined=61 ready_at=200; partner case=0 state=CHE in_team=1 joined=60
partner case=0 state=DEU authorised=1 joined=62
request partner=0 purpose=ACTION drafted=30 ended=150
request partner=2 purpose=ACTION requested=BRA status=REFUSED drafted=29 ended=40
request partner=2 purpose=ACTION requested=BRA status=REFUSED drafted=41 ended=60
request partner=3 purpose=ACTION requested=NLD drafted=30 ended=201
request partner=4 purpose=ACTION requested=AUT drafted=30 ended=200
request partner=5 purpose=ACTION requested=CHE status=OPEN drafted=30 ended=nan
request requested=DEU officer=0 returns_saved=3; posting host=BRA
referral case=0 body=EUROPOL task=ANALYSE result=HELPED asked=20 answered=25; referral case=0 body=EUROPOL task=COMPARE
referral case=0 body=INTERPOL task=NOTICE result=HELPED asked=20 answered=26
freeze case=0 group=0 state=NLD day=71 frozen=9 decided=72
"""
#: What accounts of case 0 and of the groups say.
OF_CASE = """\
Formal requests abroad: 6 to 5 states: 3 executed (median 170 days), 2 refused and 1 still open
Liaison bodies|INTERPOL (1 file, 1 helped) and Europol (2 files, 1 helped).
Analysis by Europol|once.
Liaison officers supported 1 |avoided 3 returns.
20 A leak in ⟦DEU⟧ (the state of the case) |1 state knows. Until 2022-03-22|The leak is traced
26 6 days after being asked, INTERPOL
30 A leak in ⟦FRA⟧ (a partner state, informed through an insecure channel)|2 states know.|may move at once.
40 A control server is located in ⟦USA⟧, by police information.|: asked of ⟦USA⟧ by a treaty
41 Control servers are located in ⟦BRA⟧ and ⟦NLD⟧, by malware analysis|asked of ⟦BRA⟧|asked of ⟦NLD⟧
50 The unit of ⟦FRA⟧ learns that its case 6
60 A joint investigation team is formed with ⟦USA⟧ and ⟦CHE⟧; later joined by ⟦AUT⟧.
70 core member 1 is arrested while travelling
70 core member 2 is arrested in
72 A court releases
80 core member 2 is released
81 core member 3 is acquitted in ⟦FRA⟧.
90 The unit expects
100 ACTION DAY with 0 partner states: of 3|with 40 % of its|No arrest.
150 ⟦USA⟧ authorises searches and seizures after 120 days |ready to act.
200 ⟦AUT⟧ authorises searches
200 Prepared and authorised|: ⟦USA⟧ (2022-05-31) and ⟦AUT⟧ (2022-07-20).
200 No authority to act came from ⟦BRA⟧, asked twice since 2022-01-30: twice|⟦CHE⟧, asked once|by ⟦CHE⟧ after 170 days.
"""
OF_GROUPS = """\
Group 0: |It entered on 2022-01-02 and is still active
Group 1: |taken down for good on 2023-02-05.
Group 2: |ended by itself on 2023-02-05.
Group 3: |is down at the end
2 reports reached police and led to 2 cases.|: 1 held, 1 released, 1 acquitted and 1 unknown.
4 reports reached police and led to 3 cases.
90 The arrest of a member|heard of 0 action days
300 The action changes|probability 25.0%|heard of 2 action days against
310 Users and affiliates of group 1|: 50 % of the users that
310 25 % of the users
89 case 3 of ⟦DEU⟧ ends after 69 days: the group ended by itself
90 case 5 of ⟦DEU⟧ ends after 70 days: the action day of case 3 took the group down on 2022-04-01.
90 Case 3: ACTION DAY with 2 partner states, in a joint team|2 arrests. It joined the action day of case 0.|1 state arr
200 Case 2: DISRUPTION by the unit alone|No arrest.
"""


def test_each_kind_of_turn_of_a_case_or_a_group_is_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    tables = read_rows(LIVES)
    events = written(tmp_path_factory, tables | {"request": [row(USUAL, unlike) for unlike in tables["request"]]})
    text = text_of(case_account(events, 0))
    assert_said(text, OF_CASE)
    for absent in ("19 ", "50 A control", "201 ", "51 core", "306 ", "Case 0 hits", "⟦NLD⟧ authorises", "never asked"):
        assert f"\n{absent}" not in text, absent
    groups = "\n".join(text_of(group_account(events, row)) for row in range(4))
    assert_said(groups, OF_GROUPS)
    assert groups.count("It joined the") == 1 and "opens case 4" not in groups and "case 0 of ⟦DEU⟧ ends" not in groups
    assert_said(text_of(case_account(events, 6)), "--case 0: \n50 The case joins case 0\n100 Case 0 hits|90 %\n")
    assert_said(text_of(case_account(events, 4)), "On 2022-01-21 a victim reported it there, but no case\n")
    assert_said(text_of(case_account(events, 2)), "Group 2|the group ended by itself\n")
    chosen = {choice.case: choice.why for choice in cases_worth_reading(events)}
    assert list(chosen) == ["3", "0", "2", "1", "5"] and "2 partner states, 2 arrests" in chosen["3"]
    assert "1 of 3 control servers: 1 partner state" in chosen["0"] and "arrest" not in chosen["0"]
