"""Tests of `comity explain`: a case by hand, all accounts of a simulated world, error messages."""

import re
import shutil
from dataclasses import replace
from io import StringIO
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from sim.cli import INPUT_ERROR, main
from sim.experiments.design import plain
from sim.experiments.run import Replicate, Task
from sim.law.days import to_date
from sim.policy.problem import InputError
from sim.report.explain.accounts import case_account, desk_of, group_account, request_account
from sim.report.explain.command import cases_worth_reading, explain
from sim.report.explain.events import Events, read_events
from sim.report.explain.sentences import Account, Naming
from sim.world.records import DeskKind, RequestPurpose, Stage
from tests.experiments.fakes import conducted, experiment
from tests.experiments.sweep.studies import carried_out, ready
from tests.report.casebook import filed, read_rows, write_folder, write_world
from tests.tables import rows
from tests.tiny import TINY, ended

#: One case written by hand. DEU works on group 0. Lead 1 asks the USA (returned once, then answered) and then the NLD
#: (data deleted meanwhile). Lead 2 asks NGA, where nobody will ever answer. FRA joins with a case of its own, which
#: finds the other one at its second review. The action day with the USA and France ends the group's work; one member is
#: arrested in FRA, one is charged only; the group comes back. Requests 0 to 2 are of lead 1, step 1, request 3 of lead
#: 2, request 4 of lead 1, step 2; 5 and 6 are for authority to act. Desk 380 takes what comes in to the USA. Of the
#: money, 2 were frozen on a report, which is in no account of a case.
TRACED = read_rows(filed("traced"))
#: Derived by hand from these rows.
CASE = filed("case")
#: Days in stages of requests 0, 3, 4 and 6: 270 + 295 + 100 + 275 = 940. Of these 110 + 295 + 200 lie at the requested
#: central authority, 40 + 60 + 61 in court, 40 with what was deficient.
FACTS = filed("facts")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results folder with the hand-written case, and with another scenario and seed."""
    first, other = TRACED, {name: TRACED[name] for name in ("group", "spell")}
    worlds = {
        ("status_quo", 4): first,
        ("faster_mlat", 4): other,
        ("status_quo", 11): other,
        ("faster_mlat", 11): other,
    }
    return write_folder(tmp_path_factory.mktemp("traced") / "run", worlds)


@pytest.fixture(scope="module")
def events(folder: Path) -> Events:
    return read_events(folder)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Events:
    """A tiny simulated world."""
    return read_events(write_world(tmp_path_factory.mktemp("simulated") / "run", TINY, ended(1)))


def written(events: Events, account: Account) -> tuple[list[str], str]:
    """Facts, and the timeline with one line per entry, as printed."""
    named = Naming(events.law.names)
    named(account.title)
    facts = [named(fact) for fact in account.facts]
    return facts, "".join(f"{to_date(entry.day)} {named(entry.text)}\n" for entry in account.entries)


def test_the_traced_case_reads_as_it_was_traced_by_hand(events: Events) -> None:
    facts, timeline = written(events, case_account(events, 0))
    assert timeline == CASE
    for name in ("United States (USA)", "France (FRA)", "Netherlands (NLD)", "Nigeria (NGA)"):
        assert ("\n".join(facts) + timeline).count(name) == 1, "countries are named once"
    assert facts == FACTS.splitlines()


def test_asks_for_the_same_data_lead_from_one_to_the_next(events: Events) -> None:
    """The account of a request names the request before it and after it for the same data."""
    after, before = "the ask after it, for the same data", "the ask before it, for the same data"
    for request, expected in (
        (0, [(1, after)]),
        (1, [(0, before), (2, after)]),
        (3, []),
        (4, []),
        (5, []),
    ):
        shown = request_account(events, request).asides
        assert shown[2:] == [f"--request {other}: {words}" for other, words in expected]


def test_a_step_says_what_had_come_of_earlier_asks_for_the_same_data(simulated: Events) -> None:
    """The account of a step gives the results of earlier requests for the same data, in order."""
    named, routes = 0, 0
    for row in range(len(simulated["case"])):
        for entry in case_account(simulated, row, full=True).entries:
            known = re.search(r" Before that: (.*)\. \[request (\d+)\]$", entry.text)
            if known:
                request = simulated["request"][int(known[2])]
                for other in map(int, re.findall(r"\[request (\d+)\]", known[1])):
                    earlier = simulated["request"][other]
                    assert (earlier.chain, earlier.evidence) == (request.chain, request.evidence)
                    assert np.fmin(earlier.ended, earlier.given_up) < np.fmin(request.ended, request.given_up)
                    named += 1
        for entry in case_account(simulated, row).entries:
            went = re.search(r"(\d+) requests? to ((?:⟦\w{3}⟧(?: → )?)+),", entry.text)
            if went:
                places = went[2].split(" → ")
                assert len(places) <= int(went[1]) and all(map(np.not_equal, places, places[1:]))
                routes += len(places) > 1
    assert named >= 5 and routes > 5, "in this world it happens"


def test_without_an_id_cases_worth_reading_are_listed_complete_actions_first(folder: Path) -> None:
    choices = cases_worth_reading(read_events(folder))
    assert [choice.case for choice in choices] == ["0"]
    assert choices[0].why == "action day on 2028-06-27 took the group down: 2 partner states, 1 arrest"
    text = printed(folder, {})
    assert f"comity explain {folder} --scenario status_quo --seed 4 --case 0: the first of them" in text


def test_markdown_says_the_same(folder: Path, tmp_path: Path) -> None:
    shown = printed(folder, {"case": "0"}, markdown=tmp_path / "case.md")
    text = (tmp_path / "case.md").read_text("utf-8")
    assert text.startswith("# Case 0: Germany (DEU) against group 0\n")
    for line in CASE.splitlines():
        assert f"| {line[:10]} | " in text and line[11:] in text and line[11:].split(" ")[0] in shown
    assert all(line.count("|") == 4 for line in text.splitlines() if line.startswith("| 20")), "three cells each"


def printed(folder: Path, ids: dict[str, str], markdown: Path | None = None) -> str:
    """Output of the command into a pipe."""
    console = Console(file=StringIO(), width=120)
    explain(folder, ids, markdown=markdown, console=console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_every_case_group_and_request_of_a_simulated_world_can_be_described(simulated: Events) -> None:
    accounts = [
        case_account(simulated, row, full=full) for row in range(len(simulated["case"])) for full in (False, True)
    ]
    accounts += [group_account(simulated, row) for row in range(len(simulated["group"]))]
    accounts += [request_account(simulated, row) for row in range(0, len(simulated["request"]), 7)]
    assert len(accounts) > 50
    for account in accounts:
        facts, timeline = written(simulated, account)
        text = "\n".join([*facts, timeline])
        assert not re.search(r"⟦|⟨|\bnan\b|\bNone\b|\binf\b|\d\.\d{3}", text), text
        assert all(np.isfinite(entry.day) for entry in account.entries)
        assert [entry.day for entry in account.entries] == sorted(entry.day for entry in account.entries)


def test_a_lead_is_reported_on_the_day_on_which_its_last_answer_had_been_read(simulated: Events) -> None:
    checked, wait = 0, f"stage_{Stage.FORENSICS.value}"
    for row, case in enumerate(simulated["case"]):
        entries = case_account(simulated, row).entries
        reported = {entry.text.split(",")[0]: entry.day for entry in entries if ", since " in entry.text}
        for lead in simulated.rows("chain", case=row):
            asked, name = (
                simulated.rows("request", chain=lead.row, purpose=RequestPurpose.CHAIN),
                f"Lead {lead.ordinal + 1}",
            )
            known = asked[np.isnan(asked.given_up) & (asked.ended < case.closed)]
            if known.size and name in reported:
                assert reported[name] >= np.minimum(known.ended + known[wait], case.closed).max()
                checked += 1
    assert checked > 20


def test_each_file_at_a_desk_is_said_with_its_desk_and_its_waits(simulated: Events) -> None:
    """The account of a request has one entry for each arrival at a desk, with the desk's state."""
    job, seen = simulated["job"], set()
    for request in range(len(simulated["request"])):
        shown = [entry for entry in request_account(simulated, request).entries if entry.text.startswith("It reaches ")]
        files = simulated.rows("job", request=request)
        assert [entry.day for entry in shown] == sorted(files.arrived)
        for file in files:
            kind, state = desk_of(simulated, file)
            if kind is DeskKind.INCOMING:
                assert state == simulated["request"].requested[request]
                seen.add(Stage(file.stage))
            if kind is DeskKind.PROVIDER:
                place = file.desk - DeskKind.PROVIDER * len(simulated.law.states)
                assert state == simulated.providers[place].state
                seen.add(kind)
    assert len(job) > 50 and seen == {Stage.INCOMING_TRIAGE, Stage.REVIEW, Stage.RETURN, DeskKind.PROVIDER}


def test_a_mistake_gives_one_message_with_its_fix(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in rows(Path(__file__).parent / "accounts/mistakes.txt"):
        message = explained(folder, capsys, *words.split())
        assert message.startswith("comity: error: command line: ") and said in message


def explained(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Error message about something that cannot be explained."""
    assert main(["explain", str(folder), *words]) == INPUT_ERROR
    message = capsys.readouterr().err
    assert message.startswith("comity: error: ") and message.count("\n") == 1
    return message


def test_a_folder_that_cannot_be_explained_says_what_it_is(folder, tmp_path, capsys):
    said = f"RUN = '{folder.parent}': no study itself, but a folder of studies. Name one of those that `comity status "
    assert f"{said}{folder.parent}` lists." in explained(folder.parent, capsys)
    assert "no such folder. Name a folder of results" in explained(folder / "nothing", capsys)
    assert "no study. Name a folder of results that holds study.yaml." in explained(tmp_path, capsys)
    damaged = shutil.copytree(folder, tmp_path / "run")
    (damaged / "study.yaml").unlink()
    assert "a study whose study.yaml is missing. Restore study.yaml as Comity" in explained(damaged, capsys)
    eventless = explained(write_folder(tmp_path / "eventless", {}), capsys)
    assert "kept no event tables. Run it again with --events: comity run status_quo --events" in eventless
    made, _ = carried_out(ready(tmp_path, "court.staff=1,2", "execution.replicates=1"))
    assert "a sweep, whose points are different worlds. Simulate one of its points" in explained(made.folder, capsys)


def test_an_unfinished_run_is_explained_as_far_as_it_is_there(tmp_path, capsys):
    asked = replace(experiment(tmp_path, ("status_quo",)), replicates=1, events=True)
    begun, design = replace(asked, command="comity run status_quo --events"), plain(asked)

    def interrupted(_task: Task) -> Replicate:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        conducted(begun, design, interrupted)
    (place,) = tmp_path.iterdir()
    assert "no run of this unfinished study is done yet. Resume it: comity run" in explained(place, capsys)
    conducted(begun, design)
    assert len(read_events(place)["request"]) > 0


DAMAGE = {
    "truncated": lambda table: table.write_bytes(table.read_bytes()[:100]),
    "empty": lambda table: table.write_bytes(b""),
    "other columns": lambda table: pd.DataFrame({"number": [1]}).to_parquet(table),
    "gone": lambda table: table.with_name("other.parquet").touch() or table.unlink(),
}


def test_a_table_that_is_damaged_or_gone_is_one_message(folder, tmp_path, capsys):
    again = "This report cannot be repaired, but its command makes a new one: comity run status_quo"
    for damage, name in product(DAMAGE, ("group", "request")):
        place = shutil.copytree(folder, tmp_path / f"{damage} {name}")
        DAMAGE[damage](min((place / "events" / name).glob("*-4.parquet")))
        message = explained(place, capsys, "--case", "0", "--seed", "4")
        assert message.startswith(f"comity: error: {place / 'events'}") and message.endswith(f"{again}\n")
    kept = "configuration:\n  execution:\n    events: true"
    for number, lost in enumerate(("events", "events/request", "events/group/main-4.parquet")):
        place = edited(folder, tmp_path / str(number), "configuration:", kept)
        (place / lost).rename(tmp_path / f"lost {number}")
        message = explained(place, capsys)
        assert message.startswith(f"comity: error: {place / lost}") and f"missing. {again}" in message


def test_a_table_that_was_cut_between_rows_is_one_message(folder, tmp_path, capsys):
    place = shutil.copytree(folder, tmp_path / "cut")
    (file,) = (place / "events" / "chain").glob("*-4.parquet")
    pd.read_parquet(file).iloc[:0].to_parquet(file)
    message = explained(place, capsys, "--case", "0", "--seed", "4")
    assert message.startswith(f"comity: error: {place / 'events'}: damaged (") and message.count("\n") == 1


def edited(folder: Path, place: Path, old: str, new: str) -> Path:
    """A copy of a run with a changed study.yaml."""
    shutil.copytree(folder, place)
    text = (place / "study.yaml").read_text("utf-8")
    assert re.search(old, text)
    (place / "study.yaml").write_text(re.sub(rf"(?m){old}", new, text), "utf-8")
    return place


def test_a_key_of_the_configuration_that_is_renamed_is_one_message(folder, tmp_path, capsys):
    for key in ("world", "end", "follow_up_days"):
        place = edited(folder, tmp_path / key, f"( +){key}:", rf"\1{key}x:")
        message = explained(place, capsys)
        assert message.startswith(f"comity: error: {place / 'study.yaml'}: ") and key in message
    message = explained(edited(folder, tmp_path / "kind", "( +)end:.*", r"\1end: 5"), capsys)
    assert message.startswith(f"comity: error: {tmp_path / 'kind' / 'study.yaml'}: damaged (")
    with pytest.raises(InputError, match=r"study.yaml: .*world.states: this key is missing"):
        _ = read_events(edited(folder, tmp_path / "states", "( +)states:", r"\1statesx:")).providers


def test_other_worlds_of_the_folder_can_be_asked_for(folder: Path) -> None:
    assert read_events(folder).scenario == "status_quo" and read_events(folder).seed == 4
    other = read_events(folder, "faster_mlat", "11")
    assert (other.scenario, other.seed, len(other["case"]), len(other["group"])) == ("faster_mlat", 11, 0, 1)
