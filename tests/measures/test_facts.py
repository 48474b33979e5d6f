"""Tests of outcomes that are compared with published facts, on a few rows by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from sim.data.load import states
from sim.law.days import MONTH, YEAR
from sim.law.vocabulary import Channel, DataKind
from sim.measures.facts import CUT_MONTHS, FactKey, chance_on_record, facts
from sim.measures.history import Window
from sim.world import records
from sim.world.parameters import GROUP_KINDS, Parameters
from sim.world.records import ORDINARY, ActionType, Addressee, Body, GroupStatus, Ordinary, RequestStatus, SpellCause
from tests.measures.worlds import END, START, WINDOW, check, observation, random_arm, request, spell

ENTRY, TAKEDOWN, RETURN = SpellCause.ENTRY, SpellCause.TAKEDOWN, SpellCause.RETURN


def ended(status, **fields):
    return request(10.0, 100.0, status=status, **fields)


def test_the_mean_turnaround_is_cut_and_withdrawn_requests_are_censored():
    sent = [request(0.0, MONTH * months) for months in (6, 12, 70)]
    sent.append(request(0.0, MONTH * 5, status=RequestStatus.WITHDRAWN))
    check(observation(request=sent), turnaround_mean=(18 + CUT_MONTHS) / 3)


def action(day, states, operation, **fields):
    return {"day": START + day, "states": states, "operation": operation, "down": 1} | fields


OPERATIONS = [
    action(100, 4, 0, arrests=1),
    action(101, 2, 0, client_arrests=6),  # joined the first: seven together
    *(action(150, 3, 1, arrests=6), action(200, 2, 2), action(300, 3, 3, down=0), action(400, 1, 4, arrests=2)),
    action(500, 9, 5, disruption=1),
    action(END - START + 10, 5, 6),  # after the window
]


def test_operations_of_several_cases_count_once():
    """An operation of several cases counts once, with all its states and arrests.

    Joint ones are of 4, 3 and 2 states, with 7, 6 and no arrests.
    """
    seen = observation(action=OPERATIONS)
    check(seen, joint_operation_states=3, joint_without_arrest_share=1 / 3)


def fallen(days_back, kind, at=100.0, group=0):
    rows = [spell(0, 1.0, ENTRY, group=group), spell(at, 0.0, TAKEDOWN, group=group, action_type=kind)]
    return rows + ([spell(at + days_back, 0.6, RETURN, group=group)] if days_back else [])


def returns(*rows, window=WINDOW):
    periods = [row for part in rows for row in part]
    groups = [{"entered": START, "scale": 1.0, "kind": 1}] * (1 + max(row["group"] for row in periods))
    return observation(window, spell=periods, group=groups)


def test_returns_are_of_one_kind_and_within_two_years():
    infrastructure, domains = ActionType.INFRASTRUCTURE, ActionType.DOMAIN_SEIZURE
    seen = returns(
        fallen(100, infrastructure),
        fallen(200, infrastructure, group=1),
        fallen(900, infrastructure, group=2),  # later than two years
        fallen(None, infrastructure, group=3),
        fallen(3, domains, group=4),
        fallen(5, infrastructure, at=END - START - 300.0, group=5),  # not watched for two years
    )
    check(seen, return_days_infrastructure=150, return_days_domains=3)
    hit = END - START + 180.0 - 2 * YEAR  # watched to the day
    rows = (
        *(fallen(50, infrastructure, at=hit), fallen(2 * YEAR, infrastructure, group=1)),
        *(fallen(90, infrastructure, group=2), fallen(2 * YEAR + 1, infrastructure, group=3)),
        fallen(None, infrastructure, group=4),
    )
    check(returns(*rows), return_days_infrastructure=90)


def test_hosts_and_what_is_not_known_without_rows_or_follow_up():
    states = [0, 0, 0, 0, 1, 1, 2, 3, 3, 3]
    group = {"entered": START, "scale": 1.0, "kind": 1, "status": GroupStatus.ACTIVE}
    seen = observation(node=[{"group": 0, "state": state} for state in states], group=[group])
    check(seen, top_three_hosts_share=0.9)
    unknown = ("turnaround_mean", "joint_operation_states", "top_three_hosts_share")
    check(observation(), **dict.fromkeys(unknown, np.nan))
    short = Window(START, START + 400.0, START + 400.0)
    check(returns(fallen(20, ActionType.INFRASTRUCTURE), window=short), return_days_infrastructure=np.nan)


STATES = len(states())


def place(code):
    return states().index(code)


def value(fact, **tables):
    return fact.measure(observation(states=STATES, **tables))


def sent(months, asking, asked, **fields):
    return request(10.0, 10.0 + MONTH * months, requesting=place(asking), requested=place(asked), **fields)


def test_times_and_shares_are_of_the_requests_that_the_statement_is_of():
    asked = [
        *(sent(6, "DEU", "USA"), sent(10, "FRA", "BRA"), sent(1, "DEU", "FRA"), sent(2, "RUS", "IND")),
        *(sent(80, "CAN", "USA"), sent(20, "CAN", "IND"), *2 * [sent(0.5, "DEU", "FRA", channel=Channel.POLICE)]),
    ]
    assert value(FactKey.MLA_OUT_OF_EU_MONTHS, request=asked) == pytest.approx(8.0)
    assert value(FactKey.MLA_CANADA_MONTHS, request=asked) == pytest.approx((60 + 20) / 2)
    assert value(FactKey.MLA_PARTIES_MONTHS, request=asked) == pytest.approx(6.0)  # of 1, 6, 10 and 80
    assert np.isnan(value(FactKey.MLA_CANADA_MONTHS))
    refused, withdrawn, search = RequestStatus.REFUSED, RequestStatus.WITHDRAWN, DataKind.SEARCH_SEIZURE
    asked = [
        *(sent(6, "BRA", "USA"), sent(6, "BRA", "USA", status=refused), sent(6, "BRA", "FRA")),
        sent(6, "BRA", "USA", status=refused, data_kind=search),  # no data
        *(sent(6, "IND", "USA"), sent(6, "IND", "DEU", status=refused), sent(6, "IND", "DEU", status=withdrawn)),
        request(10.0, requesting=place("IND")),
    ]
    assert value(FactKey.MLA_BRAZIL_EXECUTED, request=asked) == pytest.approx(1 / 2)
    assert value(FactKey.MLA_INDIA_ANSWERED, request=asked) == pytest.approx(2 / 4)
    assert value(FactKey.MLA_INDIA_WITHDRAWN, request=asked) == pytest.approx(1 / 4)


def counted(*rows):
    """Rows of yearly counts: year, kind, state, requests, answered."""
    return np.array([(year, kind, place(code), n, got, 0.0) for year, kind, code, n, got in rows], ORDINARY)


def test_ordinary_requests_are_of_one_year_and_one_class_of_provider():
    graded, gate = Addressee.GRADED, Addressee.GATE
    voluntary, binding = Ordinary.VOLUNTARY + graded, Ordinary.BINDING + graded
    table = counted(
        *((2022, voluntary, "DEU", 60.0, 30.0), (2022, binding, "BRA", 40.0, 40.0), (2023, voluntary, "DEU", 9.0, 0.0)),
        *((2022, Ordinary.VOLUNTARY + gate, "DEU", 500.0, 0.0), (2022, Ordinary.ASSISTANCE, "GBR", 70.0, 0.0)),
        *((2022, Ordinary.ASSISTANCE, "IRL", 7.0, 0.0), (2023, Ordinary.ASSISTANCE, "GBR", 900.0, 0.0)),
        *((2025, Ordinary.BINDING + gate, code, 4.0 - n, 0.0) for n, code in enumerate(("DEU", "FRA", "ITA", "ESP"))),
        *((2025, voluntary, code, 5.0, 0.0) for code in ("DEU", "FRA", "ITA", "ESP", "USA")),
        *((2022, voluntary, code, n, 0.0) for code, n in (("IND", 30.0), ("ARG", 20.0), ("MEX", 10.0), ("USA", 50.0))),
        *(
            (2022, kind, code, n, 0.0)
            for kind, n in ((Ordinary.EMERGENCY, 3.0), (Ordinary.PRESERVATION, 9.0))
            for code in ("FRA", "USA")
        ),
        (2022, Ordinary.PRESERVATION, "IND", 18.0, 0.0),
    )
    expected = {FactKey.GRADED_ANSWERED: 70 / 210, FactKey.GRADED_FROM_EU: 60 / 210, FactKey.GATES_TOP_THREE: 0.9}
    expected |= {FactKey.GRADED_TOP_THREE: 0.75, FactKey.INCOMING_UK: 70.0, FactKey.INCOMING_IRELAND: 7.0}
    expected |= {FactKey.INCOMING_BRAZIL: 0.0, FactKey.GRADED_TOP_OUTSIDE: 0.9}
    expected |= {FactKey.EMERGENCIES_FROM_EU: 0.5, FactKey.PRESERVATION_FROM_EU: 0.25}
    for fact, wanted in expected.items():
        assert value(fact, ordinary=table) == pytest.approx(wanted), fact.name
        assert np.isnan(value(fact)), "nothing was counted in that year"


def chance_of(states, arrests=0, helped=True, lesser=False, record=None):
    """Probability that an operation is on record, in plain Python, mean over five years."""
    record = record or Parameters().record
    odds = math.log(record.recorded_share / (1 - record.recorded_share)) + record.recorded_states * math.log2(
        states / 6
    )
    odds += (arrests > 0) * record.recorded_arrests + lesser * record.recorded_lesser
    odds += (not helped) * record.recorded_alone
    return sum(1 / (1 + math.exp(-odds - year * record.recorded_year)) for year in range(5)) / 5


def test_each_operation_counts_by_its_probability_to_be_on_record():
    """More states, arrests, a body, a known kind and later years count as the parameters say, and nothing else does."""
    usual = Parameters().record
    for changes in (
        *({}, {"recorded_share": 0.9}, {"recorded_states": 1.4}, {"recorded_arrests": -0.5}, {"recorded_alone": -4}),
        *({"recorded_lesser": -2}, {"recorded_year": -0.2}, {"recorded_year": 0.1}),
    ):
        record = replace(usual, **changes)
        rows = [(3, 0, 0, False), (12, 5, 1 << Body.EUROPOL, True), (6, 0, 1 << Body.EUROJUST, False)]
        rows += [(7, 1, 1 << Body.INTERPOL, True)]  # not where the record looks
        operation = np.zeros(len(rows), [("states", "i8"), ("arrests", "i8"), ("support", "i8")])
        operation["states"], operation["arrests"], operation["support"] = list(zip(*rows, strict=True))[:3]
        found = chance_on_record(operation, np.array([row[3] for row in rows]), record)
        helped = [False, True, True, False]
        expected = [chance_of(row[0], row[1], at, row[3], record) for row, at in zip(rows, helped, strict=True)]
        assert found == pytest.approx(expected), changes
        if not changes:
            assert found[2] == pytest.approx(usual.recorded_share), "of the usual operation"


def test_operations_have_kind_age_case_team_and_bodies_of_their_first_action():
    kinds = ("technical_services", "marketplaces", "scams", "technical_services")
    groups = [{"entered": START - year * YEAR, "kind": GROUP_KINDS.index(kind)} for year, kind in enumerate(kinds)]
    cases = [{"state": place(code), "team_formed": START + day} for code, day in (("USA", 10), ("DEU", np.nan))]
    actions = [
        action(0, 4, 0, group=0, case=0, in_team=1, support=1 << Body.EUROPOL),
        action(1, 2, 0, group=1, case=1, seized=2),  # joined the first
        action(10 + 3 * MONTH, 3, 1, group=2, case=0, support=1 << Body.EUROJUST),
        action(0, 2, 2, group=3, case=1, arrests=2, support=1 << Body.INTERPOL),  # not where the record looks
        *(action(5, 5, 3, group=1, case=1, down=0, seized=1), action(5, 1, 4, group=1, case=1, seized=1)),
    ]
    tables, years = {"group": groups, "case": cases, "action": actions}, WINDOW.years
    known, lesser = chance_of(4), chance_of(3, lesser=True)
    expected = {FactKey.RECORDED_TECHNICAL: known / years, FactKey.RECORDED_MARKETPLACES: 0.0}
    expected |= {FactKey.RECORDED_OTHER: lesser / years, FactKey.JOINT_COORDINATED: 3 / 3, FactKey.JOINT_IN_TEAM: 1 / 2}
    expected |= {FactKey.JOINT_STATES_ACTING: 3.5, FactKey.JOINT_WITHOUT_ARREST: 1.0}
    expected |= {FactKey.JOINT_LED_BY_USA: 2 / 2, FactKey.JOINT_TEAM_MONTHS: (3.0 - 10 / MONTH) / 2}
    expected[FactKey.JOINT_SEIZES_SERVERS] = 1 / 2
    expected[FactKey.JOINT_GROUP_AGE] = (2.0 + (10 + 3 * MONTH) / YEAR) / 2  # of 0 and this
    for fact, wanted in expected.items():
        assert value(fact, **tables) == pytest.approx(wanted), fact.name
    assert value(FactKey.RECORDED_TECHNICAL) == 0.0 and np.isnan(value(FactKey.JOINT_LED_BY_USA))


def test_who_acts_together_and_who_leads():
    """Partners and leading states of joint operations equal a count by hand.

    A second action of the first operation has another partner. What came after the window does not count.
    """
    acted = {
        "USA": (("DEU", "RUS"), {"support": 1 << Body.EUROJUST | 1 << Body.EUROPOL, "arrests": 3}),
        "DEU": (("FRA", "USA"), {"support": 1 << Body.INTERPOL | 1 << Body.EUROPOL, "arrests": 5}),
        "BRA": (("ARG", "IND"), {"support": 1 << Body.EUROJUST}),
        "FRA": (("DEU", "CHN"), {"support": 1 << Body.EUROPOL, "arrests": 9}),
    }
    cases = [{"state": place(code)} for code in acted]
    cases += [
        {"state": place(code), "status": records.CaseStatus.MERGED, "merged_into": at}
        for code, at in (("FRA", 1), ("IND", 2))
    ]
    partners = [
        {"case": case, "state": place(code)} for case, (codes, _) in enumerate(acted.values()) for code in codes
    ]
    subjects = [
        {"case": row["case"], "day": START + 100 + row["case"], "subject": at} for at, row in enumerate(partners)
    ]
    actions = [action(100 + at, 3, at, case=at, group=0, **found) for at, (_, found) in enumerate(acted.values())]
    more = ((300, 1, 7, 1), (301, 2, 0, 0), (END, 2, 8, 2))
    actions += [action(*row, case=case, group=0) for *row, case in more]
    actions.append(action(303, 2, 9, case=0, group=0, support=1 << Body.INTERPOL, arrests=70))
    partners += [{"case": 0, "state": place("FRA")}, {"case": 2, "state": place("CHN")}]
    subjects += [{"case": 0, "day": START + 301, "subject": 8}, {"case": 2, "day": START + END, "subject": 9}]
    tables = {"case": cases, "partner": partners, "action": actions, "group": [{"entered": START}]}
    tables["milestone"] = [{"kind": records.MilestoneKind.ACTED} | row for row in subjects]
    for fact, wanted in {
        FactKey.JOINT_USA_TAKES_PART: 1 / 3,
        FactKey.JOINT_EU_MAJORITY: 2 / 4,  # the first has two of four
        **{FactKey.JOINT_FAR_STATES: 2 / 4, FactKey.JOINT_WITH_RUSSIA_CHINA: 2 / 3, FactKey.JOINT_EU_MOST: 3 / 4},
        **{FactKey.JOINT_LED_IN_EU: 2 / 3, FactKey.JOINT_SEVERAL_LEADS: 2 / 4, FactKey.JOINT_AT_EUROJUST: 2 / 4},
        **{FactKey.JOINT_AT_INTERPOL: 1 / 4, FactKey.JOINT_PERSONS_ARRESTED: 5.0},
    }.items():
        assert value(fact, **tables) == pytest.approx(wanted), fact.name


def test_the_table_of_facts_has_a_row_for_each():
    seen = random_arm(1)
    seen.tables["action"]["support"] = 1 << Body.EUROPOL
    found = facts(seen)
    assert found["fact"].tolist() == list(range(len(FactKey)))
    assert np.isfinite(found["value"]).sum() > len(FactKey) / 3
