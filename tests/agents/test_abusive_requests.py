"""Abusive requests, false emergencies, over-collection and exclusion at trial (M7–M9, part H).

Frequencies are checked within 3.5 standard errors, so each check errs in one of 2,000 runs; seeds are fixed, so a test
passes or fails for good.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.agents.provider import accounts_disclosed, breadth
from sim.agents.vetting import is_deceived, is_recognised, provider_objects, recognition_probability, with_effort
from sim.engine.compiling import in_python
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.policy.timeline import Assignment, Step, Timeline
from sim.world.records import REQUEST, Abuse, DeskKind, RequestPurpose, RequestStatus, Stage
from sim.world.world import World, digests, records, to_frame
from tests.scenarios.paired import t_value
from tests.tiny import POLICY, POLICY_START, TINY, UNCOUPLED, ended, legal_order, row_of_settings
from tests.world.test_pairing import KEYED, named

STATES = [*TINY.states, "TUR", "CHN", "IRL"]
WIDE = replace(TINY, states=STATES)
#: Hundreds of requests without a case in two years.
ABUSED = {"rights.abuse_share": 0.2, "rights.usual_requests": 50.0, "rights.false_emergencies": 3.0}
NO_ABUSE = {"mechanism.with_abuse": 0.0}
ASKED_BY_STATES = (Abuse.OPEN, Abuse.DISGUISED)


def request(rows: int = 1, **fields: float) -> np.recarray:
    """Requests that differ by key."""
    table = np.zeros(rows, REQUEST.dtype).view(np.recarray)
    table["key"] = np.arange(1, rows + 1)
    for name, value in fields.items():
        table[name] = value
    return table


def frequency(rule: Any, setting: Any, rows: np.recarray, *others: Any) -> float:
    with np.errstate(over="ignore"):
        return float(np.mean([rule(setting[0], row, *others) for row in rows]))


def error(share: float, rows: int) -> float:
    return 3.5 * float(np.sqrt(share * (1 - share) / rows))


def without_case(worlds: list[World]) -> pd.DataFrame:
    frame = pd.concat([to_frame(world, "request") for world in worlds], ignore_index=True)
    return frame[frame["abusive"] != Abuse.NONE]


def worlds(changes: Mapping[str, float], seeds: int = 4, *levers: Assignment) -> list[World]:
    timeline = Timeline((Step(POLICY_START, assignments=levers),)) if levers else Timeline()
    return [ended(seed, WIDE, {**ABUSED, **changes}, timeline) for seed in range(1, seeds + 1)]


@pytest.fixture(scope="module")
def abused() -> list[World]:
    return worlds({})


def test_the_switch_and_a_rate_of_nought_give_the_same_tables() -> None:
    off = digests(ended(1, timeline=POLICY, changes=NO_ABUSE))
    assert digests(ended(1, timeline=POLICY, changes={"rights.abuse_share": 0, "rights.false_emergencies": 0})) == off
    assert digests(ended(1, timeline=POLICY, changes=ABUSED)) != off


def test_abuse_touches_genuine_requests_only_through_the_desks() -> None:
    """With infinite servers all genuine rows of all tables are the same, with and without abuse beside them."""
    spec = replace(WIDE, infinite_servers=True, background=False)
    alone, beside = (ended(5, spec, {**UNCOUPLED, **ABUSED, **more}, POLICY) for more in (NO_ABUSE, {}))
    for name in (*KEYED, "action", "spell"):
        theirs = named(beside, name)
        if name == "request":
            theirs = theirs[theirs["abusive"] == Abuse.NONE].reset_index(drop=True)
        pd.testing.assert_frame_equal(named(alone, name), theirs, check_exact=True, obj=name)
    assert (to_frame(beside, "request")["abusive"] != Abuse.NONE).sum() > 50


def wait_at_authorities(world: World) -> float:
    """Mean days for which files of genuine requests waited at incoming desks, or have waited so far."""
    job, frame = records(world, "job"), records(world, "request")
    mine = (job["request"] >= 0) & (world.desk["kind"][job["desk"]] == DeskKind.INCOMING)
    job = job[mine]
    job = job[frame["abusive"][job["request"]] == Abuse.NONE]
    left = np.where(np.isnan(job["started"]), job["ended"], job["started"])
    return float((np.where(np.isnan(left), world.now[0], left) - job["arrived"]).mean())


def test_abuse_loads_the_desks() -> None:
    """Genuine files wait a day longer or more, in the mean of 24 paired worlds.

    The mean lies 2.8 standard errors above zero, as it would by chance in 0.5 % of cases.
    """
    toil = {"request.incoming_touch_hours": 60.0, "desk.hours_per_day": 1.0, "rights.usual_requests": 100.0}
    longer = []
    for seed in range(1, 25):
        alone, beside = (wait_at_authorities(ended(seed, WIDE, {**ABUSED, **toil, **more})) for more in (NO_ABUSE, {}))
        longer.append(beside - alone)
    assert np.mean(longer) > 1.0
    assert t_value(np.array(longer)) > 2.8


def test_every_request_without_a_case_says_so(abused: list[World]) -> None:
    frame = pd.concat([to_frame(world, "request") for world in abused])
    without = frame["abusive"] != Abuse.NONE
    assert ((frame["purpose"] == RequestPurpose.PRETEXT) == without).all()
    assert (frame.loc[without, ["case", "group", "chain", "evidence"]] == -1).all(axis=None)
    assert (frame.loc[without, "dual_criminality"] == 0).all()
    assert (frame.loc[~without, ["case", "group"]] >= 0).all(axis=None)
    assert set(frame.loc[without, "abusive"]) == {Abuse.OPEN, Abuse.DISGUISED, Abuse.FALSE_EMERGENCY}


def test_they_go_all_ways_and_meet_all_ends(abused: list[World]) -> None:
    asked = without_case(abused).query("abusive != @Abuse.FALSE_EMERGENCY")
    assert {Channel.MLAT, Channel.BUDAPEST, Channel.PROVIDER_VOLUNTARY, Channel.POLICE} <= set(asked["channel"])
    assert set(asked["status"]) >= {RequestStatus.EXECUTED, RequestStatus.REFUSED, RequestStatus.WITHDRAWN}
    grounds = {Ground.POLITICAL_OR_ESSENTIAL_INTERESTS, Ground.DUAL_CRIMINALITY, Ground.PROVIDER_POLICY}
    assert grounds | {Ground.DECLINED_BY_POLICE} <= set(asked["ground"])
    assert asked["silent"].sum() > 10


def test_they_come_from_states_of_weak_rule_of_law(abused: list[World]) -> None:
    """Of nine states four have a rule of law below 0.6; without weights they would send four in nine."""
    weak = {legal_order().index(code) for code in ("RUS", "BRA", "TUR", "CHN")}
    asked = without_case(abused).query("abusive != @Abuse.FALSE_EMERGENCY")
    assert asked["requesting"].isin(weak).mean() > 0.85


def test_a_disguise_passes_the_test_of_dual_criminality(abused: list[World]) -> None:
    """Refused for lack of it are open requests, and of those in disguise only what an assessor errs on."""
    asked = without_case(abused)
    refused = asked[asked["ground"] == Ground.DUAL_CRIMINALITY]
    reviewed = asked[asked["stage_7"] > 0]
    rate = {kind: (refused["abusive"] == kind).sum() / (reviewed["abusive"] == kind).sum() for kind in ASKED_BY_STATES}
    assert rate[Abuse.OPEN] > 0.15
    assert rate[Abuse.DISGUISED] < 0.08


def test_false_emergencies_go_first_and_are_answered_within_days(abused: list[World]) -> None:
    false = without_case(abused).query("abusive == @Abuse.FALSE_EMERGENCY")
    assert (false["channel"] == Channel.PROVIDER_VOLUNTARY).all()
    done = false.dropna(subset="ended")
    assert (done["ended"] - done["sent"]).quantile(0.9) < 5
    disclosed = (done["status"] == RequestStatus.EXECUTED).mean()
    assert disclosed == pytest.approx(0.2, abs=error(0.2, len(done)))


def test_nobody_learns_from_requests_without_a_case() -> None:
    """What investigators expect of a channel is the same, where abuse could reach them through the desks alone."""
    spec = replace(WIDE, infinite_servers=True, background=False)
    still = {**UNCOUPLED, "channel.experience_weight": 0.05}
    beliefs = [ended(2, spec, {**still, **ABUSED, **more}).belief_days for more in (NO_ABUSE, {})]
    np.testing.assert_array_equal(*beliefs)


@pytest.mark.parametrize("effort", [0.0, 1.0, 3.0])
def test_screening_is_so_many_looks(effort: float) -> None:
    assert in_python(with_effort)(0.4, effort) == pytest.approx(1 - 0.6**effort)
    setting = row_of_settings(provider_screening=effort)
    rows = request(6000, channel=Channel.PROVIDER_VOLUNTARY, abusive=Abuse.OPEN)
    expected = 1 - (1 - setting.provider_recognises[0]) ** effort
    assert frequency(provider_objects, setting, rows) == pytest.approx(expected, abs=error(expected, 6000) + 1e-9)
    found = 1 - setting.emergency_deceived[0] ** effort
    assert frequency(is_deceived, setting, rows) == pytest.approx(1 - found, abs=error(found, 6000) + 1e-9)


def test_reviewers_see_through_an_open_request_rather_than_a_disguise_and_the_more_the_abler() -> None:
    setting = row_of_settings()
    seen = {
        (kind, skill): in_python(recognition_probability)(setting[0], kind, skill)
        for kind in ASKED_BY_STATES
        for skill in (0.3, 0.75)
    }
    assert seen[Abuse.OPEN, 0.3] > seen[Abuse.DISGUISED, 0.75]
    assert seen[Abuse.OPEN, 0.75] > seen[Abuse.OPEN, 0.3]
    rows = request(6000, abusive=Abuse.DISGUISED)
    expected = seen[Abuse.DISGUISED, 0.75]
    assert frequency(is_recognised, setting, rows, 0.75) == pytest.approx(expected, abs=error(expected, 6000))


def executed(found: list[World], *channels: Channel) -> int:
    asked = without_case(found).query("abusive != @Abuse.FALSE_EMERGENCY")
    asked = asked[asked["sent"] > 1642.0 - 180]  # from the policy's start in the tiny world
    chosen = asked["channel"].isin(channels) if channels else True
    return int(((asked["status"] == RequestStatus.EXECUTED) & chosen).sum())


def test_levers_of_oversight_lower_what_abuse_gets(abused: list[World]) -> None:
    """Paired worlds of the same requests. Counts of some 100 would have to differ by half through chance."""
    careful = worlds({}, 4, Assignment("oversight.provider_screening", 4.0))
    courts = worlds({}, 4, Assignment("oversight.provider_court_order", 1.0))
    direct = (Channel.PROVIDER_VOLUNTARY, Channel.PROVIDER_BINDING)
    usual = executed(abused, *direct)
    assert usual > 30
    assert executed(careful, *direct) < 0.6 * usual
    assert executed(courts, *direct) < 0.6 * usual
    ordered = without_case(courts).query("channel == @Channel.PROVIDER_VOLUNTARY and drafted > 1800")
    assert (
        ordered.query("status == @RequestStatus.EXECUTED and abusive != @Abuse.FALSE_EMERGENCY")["stage_8"] > 0
    ).all()


def test_screening_costs_work_on_every_file(abused: list[World]) -> None:
    """Hours on an incoming file rise by a quarter for each part of today's care that is added."""
    means = []
    for found in (abused, worlds({}, 4, Assignment("oversight.authority_screening", 3.0))):
        hours = []
        for world in found:
            job, desk = records(world, "job"), world.desk["kind"]
            mine = (job["request"] >= 0) & (desk[job["desk"]] == DeskKind.INCOMING) & (job["arrived"] > 1800)
            hours.append(job["touch_hours"][mine])
        means.append(np.concatenate(hours).mean())
    assert means[1] / means[0] == pytest.approx(1.5, rel=0.25)


def test_an_appeal_can_stop_an_abusive_request_and_none_else() -> None:
    changes = {"request.appeal_probability": 1.0, "rights.remedy": 1.0, "rights.recognised_open": 0.0}
    found = worlds({**changes, "rights.recognised_disguised": 0.0}, 6)
    frame = pd.concat([to_frame(world, "request") for world in found])
    stopped = frame[(frame["status"] == RequestStatus.REFUSED) & (frame["stage"] == Stage.APPEAL)]
    assert len(stopped) >= 2
    assert (stopped["abusive"] != Abuse.NONE).all()
    passed = frame[(frame["stage_10"] > 0) & (frame["status"] == RequestStatus.EXECUTED)]
    assert len(passed) > 20
    assert (passed["abusive"] == Abuse.NONE).all()


def test_longer_retention_exposes_more() -> None:
    """The same abusive requests, kept data of which none is ever deleted against data kept for a month."""
    short, long = (
        worlds({f"evidence.{kind}_retention_days": days for kind in ("subscriber", "traffic", "content")}, 4)
        for days in (30.0, 1500.0)
    )
    assert executed(long, Channel.PROVIDER_VOLUNTARY) > 1.5 * executed(short, Channel.PROVIDER_VOLUNTARY)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (DataKind.SUBSCRIBER, "bystanders_subscriber"),
        (DataKind.TRAFFIC, "bystanders_traffic"),
        (DataKind.CONTENT, "bystanders_content"),
    ],
)
def test_bystanders_by_kind_of_data(kind: DataKind, field: str) -> None:
    """The mean of the lognormal, kept by the rounding; 3.5 standard errors."""
    setting = row_of_settings(bystanders_sigma=0.5)
    rows = request(6000, data_kind=kind)
    with np.errstate(over="ignore"):
        others = np.array([accounts_disclosed(setting[0], row, 0.5, 0.0, False) for row in rows]) - 1
    expected = float(setting[field][0]) * np.exp(0.5**2 / 2)
    assert others.min() >= 0
    assert others.mean() == pytest.approx(expected, abs=3.5 * others.std() / np.sqrt(6000))


def test_what_narrows_a_request() -> None:
    setting = row_of_settings()[0]
    usual = in_python(breadth)(setting, 0.5, 0.0, False, 0)
    assert usual == 1.0
    assert in_python(breadth)(setting, 0.5, 0.0, True, 0) == pytest.approx(1 - setting.narrowing_lead)
    for narrower in ((0.9, 0.0, False, 0), (0.5, 1.0, False, 0), (0.5, 0.0, False, 1)):
        assert in_python(breadth)(setting, *narrower) < usual
    assert in_python(breadth)(setting, 0.2, 0.0, False, 0) > usual


def test_police_first_narrows_what_is_handed_over() -> None:
    """Genuine answers on content and traffic after a police lead bring fewer bystanders than those without."""
    frames = [to_frame(ended(seed, changes={"channel.police_first": 0.5}), "request") for seed in range(1, 9)]
    leads = {}
    for number, frame in enumerate(frames):
        for row in frame[(frame["purpose"] == RequestPurpose.LEAD) & (frame["status"] == 1)].itertuples():
            leads[number, row.chain, row.hop] = row.ended
    led, alone = [], []
    for number, frame in enumerate(frames):
        answers = frame[(frame["purpose"] == RequestPurpose.CHAIN) & (frame["accounts"] > 1)]
        for row in answers[answers["data_kind"].isin([DataKind.TRAFFIC, DataKind.CONTENT])].itertuples():
            before = leads.get((number, row.chain, row.hop), np.inf) < row.ended
            (led if before else alone).append(np.log(row.accounts - 1))
    spread = 3.0 * np.sqrt(np.var(led) / len(led) + np.var(alone) / len(alone))
    assert np.mean(led) < np.mean(alone) + spread
    assert len(led) > 30


def test_courts_leave_out_what_rests_on_police_information_alone() -> None:
    """Nothing is left out without the switch; with it, no more than is tainted, and some."""
    changes = {
        "request.conversion": 0.0,
        "channel.police_first": 1.0,
        "request.police_declined": 0.0,
        "case.action_price": 0.0,
        "case.readiness_days": 20.0,
        "custody.arrest": 1.0,
        "custody.trial_days": 60.0,
        "custody.extradition_days": 30.0,
    }
    spec = replace(TINY, end="2028-12-31")
    on, off = (
        [ended(seed, spec, {**changes, "mechanism.with_exclusion": switch}) for seed in range(1, 7)]
        for switch in (1.0, 0.0)
    )
    assert sum(int(records(world, "case")["tainted"].sum()) for world in on) > 5
    for world in on:
        case, member = records(world, "case"), records(world, "member")
        tried = member[member["excluded"] > 0]
        assert (tried["excluded"] <= case["tainted"][tried["known_by"]]).all()
    assert sum(int(records(world, "member")["excluded"].sum()) for world in on) > 0
    assert sum(int(records(world, "member")["excluded"].sum()) for world in off) == 0


def test_a_lead_put_in_due_form_taints_nothing() -> None:
    """Where every police fact needs a formal request and every answer is evidence, no trail has a gap."""
    changes = {"request.conversion": 1.0, "evidence.voluntary_evidence": 1.0, "mechanism.with_leaks": 0.0}
    for seed in range(1, 4):
        world = ended(seed, changes=changes)
        assert records(world, "request")["unconverted"].sum() == 0
        assert records(world, "case")["tainted"].sum() == 0
