"""Tests of the file of published facts: reading, checks and rules."""

import hashlib
import math
from collections import Counter

import numpy as np
import pytest

from sim.calibration import targets as module
from sim.calibration.calibrate import promises
from sim.calibration.targets import Role, fingerprint, of_role, targets
from sim.calibration.waves import HIGH, KINDS, LOW, desk_key
from sim.cases.real_case import operations
from sim.data.load import DataError, members, read_table, states
from sim.data.providers import counted_requests
from sim.measures.facts import FactKey
from sim.measures.outcomes import CHECKS, OUTCOMES
from sim.world.parameters import declarations

ENTRY = {
    **{"key": "one", "title": "One", "unit": "months", "outcome": "turnaround_median", "definition": "As it is."},
    **{"value": 10, "error": 0.25, "error_is": "statement", "kind": "times", "quantity": "one", "role": "fit"},
    **{"by": "somebody", "source": "somewhere", "flag": "read"},
}


@pytest.fixture(autouse=True)
def again():
    yield
    targets.cache_clear()


def read(monkeypatch, *entries):
    monkeypatch.setattr(module, "read_entries", lambda _: [dict(entry) for entry in entries])
    targets.cache_clear()
    return targets()


def test_enough_facts_judge_and_the_rule_has_drawn_those_kept_apart():
    apart = (*of_role(Role.VALIDATION), *of_role(Role.REVISED))
    assert len(of_role(Role.FIT)) + len(apart) >= 30 and len(of_role(Role.VALIDATION)) >= 10
    assert {one.quantity for one in apart} == held_out(targets())
    outcomes = [{one.outcome for one in of_role(role)} for role in Role if role is not Role.UNMODELLED]
    assert sum(map(len, outcomes)) == len(set().union(*outcomes)), "no outcome serves to fit and to judge"
    for one in targets():
        assert one.by and one.source and one.value and one.title, one.key


def test_informative_facts_fit_and_hold_more_than_one_side():
    """The list is of facts that choose sets; a bound that nearly all of the prior meets is not on it."""
    informative = [one for one in targets() if one.informative]
    assert len(informative) >= 10 and {one.role for one in informative} == {Role.FIT}
    assert {one.key for one in informative if one.is_counted} == {
        one.key for one in of_role(Role.FIT) if one.is_counted
    }
    assert not any(one.bound for one in informative)


def held_out(found):
    """Facts that the file's rule reserves for validation."""
    open_to = [target for target in found if target.role in (Role.FIT, Role.VALIDATION, Role.REVISED)]
    kept = {target.quantity for target in open_to if target.added}
    built = {target.quantity for target in open_to if target.ranges} | kept
    for kind in {target.kind for target in open_to}:
        names = {target.quantity for target in open_to if target.kind == kind} - built
        kept.update(sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())[: (len(names) + 1) // 2])
    return kept


def test_every_fact_has_what_its_role_needs_and_units_are_those_of_outcomes():
    units = {one.key: one.unit for one in (*OUTCOMES, *CHECKS)} | {fact.name.lower(): fact.unit for fact in FactKey}
    known = {name for name, _, _ in declarations()}
    names = Counter(name for one in targets() for name in (one.key, f"{one.by}, {one.quantity}"))
    assert max(names.values()) == 1, "two facts of one name, or of one publisher and quantity"
    for one in targets():
        judges = one.role in (Role.FIT, Role.VALIDATION)
        assert not judges or (one.outcome and one.definition and one.kind), one.key
        assert judges != bool(one.because) and not (one.added and one.role is Role.FIT), one.key
        assert set(one.ranges) <= known, one.key
        if one.outcome:
            assert one.error_is and one.error > 0.0 < one.value and units[one.outcome] == one.unit, one.key
            assert one.scale == "log" or one.value < 1.0, one.key


def test_errors_follow_from_their_rules():
    ways = {"sample", "binomial", "smallest", "poisson", "statement", "range", "rounding", "periods", "home"}
    assert {one.error_is for one in targets() if one.outcome} == ways
    for one in (target for target in targets() if target.of):
        share = one.value * one.of
        expected = {
            **dict.fromkeys(("binomial", "smallest"), math.sqrt(1.0 / share + 1.0 / max(one.of - share, 1e-9))),
            **{"poisson": one.of**-0.5, "range": math.log(one.of) / 4.0},
            "rounding": one.of / math.sqrt(12.0) / one.value,
        }
        assert one.error == pytest.approx(expected.get(one.error_is, one.error), rel=0.1), one.key
        if one.error_is in ("binomial", "smallest"):
            assert share == pytest.approx(round(share), abs=0.02), one.key
        if one.error_is == "smallest":
            whole = [abs(one.value * number - round(one.value * number)) for number in range(1, int(one.of))]
            assert min(whole) > 1e-6, one.key


def test_figures_of_the_record_are_those_of_the_record():
    cases = operations()
    large = [case for case in cases if case.states >= 3]
    recent = [case.kind for case in large if 2021 <= case.acted.year <= 2025]
    ages = [(case.acted - case.active_since).days / 365.25 for case in cases if case.active_since]
    union, rows = set(members("EU", "member")), read_table("operations.csv").rows
    far = {row["iso3"] for row in read_table("countries.csv").rows if row["region"] != "Europe"}
    far -= {"USA", "CAN", "AUS", "NZL", *union}
    acted, leads = ([row[name].split(";") for row in rows] for name in ("countries", "lead"))
    both, bodies = [*zip(map(set, acted), leads, strict=True)], [row["coordinators"] for row in rows]
    values, errors = ({one.key: getattr(one, name) for one in targets()} for name in ("value", "error"))
    shares = {
        "without_arrest": [case.arrests == 0 for case in cases],
        "led_by_usa": [case.lead == "USA" for case in cases],
        "coordinated": [row["coordinators"] != "none" for row in rows],
        "in_team": ["JIT" in row["legal_tools"] for row in rows],
        "usa_takes_part": ["USA" in who for who, lead in both if lead[0] != "USA"],
        "eu_majority": [2 * len(who & union) > len(who) for who, _ in both],
        "far_states": [bool(who & far) for who, _ in both],
        "with_russia_china": [bool(who & {"RUS", "CHN"}) for who, lead in both if lead[0] in {"USA", *union}],
        "eu_most": max(([code in who for who, _ in both] for code in union), key=sum),
        "led_in_eu": [lead[0] in union for lead in leads if lead[0] != "USA"],
        "several_leads": [len(lead) > 1 for lead in leads],
        **{f"at_{body.lower()}": [body in one for one in bodies if one != "none"] for body in ("Eurojust", "INTERPOL")},
        "seizes_servers": [bool(row["servers_seized"]) for row in rows],
    }
    for key, true in shares.items():
        assert values[key] == pytest.approx(np.mean(true), abs=0.0005), key
    medians = {
        **{"case_months": [case.months for case in large if case.months], "group_age": ages},
        "operation_states": [case.states for case in cases],
        "persons_arrested": [case.arrests for case in cases if case.arrests],
    }
    for key, found in medians.items():
        spread = 1.2533 * np.std(np.log(found), ddof=1) / math.sqrt(len(found))
        assert (values[key], errors[key]) == pytest.approx((np.median(found), spread), rel=0.05), key
    named = {"technical": "technical_services", "extortion": "attacks_extortion"}
    named |= {"marketplaces": "marketplaces", "communication": "communication_services"}
    counts = {key: recent.count(kind) for key, kind in named.items()}
    for key, count in (counts | {"other": len(recent) - sum(counts.values())}).items():
        assert values[f"operations_{key}"] == pytest.approx(count / 5), key
    inside = np.isin(states(), list(union))
    asked = [counted_requests(kind, "Apple")[0] for kind in ("emergency", "preservation", "direct")]
    found, outside = [one[inside].sum() / one.sum() for one in asked], np.sort(asked[2][~inside])
    found[2] = outside[-3:].sum() / outside.sum()
    keys = "emergencies_from_eu", "preservation_from_eu", "apple_top_outside"
    assert [values[key] for key in keys] == pytest.approx(found, abs=0.0001)


MISTAKES = (
    *(({"role": "both"}, "both"), ({"flag": "sure"}, "sure"), ({"value": "ten"}, "ten"), ({"low": 3}, "low")),
    ({"bound": "above"}, "above"),
)


def test_a_mistake_names_entry_and_value(monkeypatch):
    for change, words in MISTAKES:
        with pytest.raises(DataError, match=rf"targets\.yaml: one: .*{words}"):
            read(monkeypatch, ENTRY | change)
    with pytest.raises(DataError, match="source"):
        read(monkeypatch, {key: value for key, value in ENTRY.items() if key != "source"})


def test_distances_on_both_scales(monkeypatch):
    (target,) = read(monkeypatch, ENTRY | {"value": 8, "error": math.log(2) / 2})
    assert (target.low, target.high) == pytest.approx((4.0, 16.0))
    values = np.array([2.0, 4.001, 8.0, 64.0, math.nan])
    assert target.distance(values) == pytest.approx([1.0, 0, 0, 2.0, math.nan], nan_ok=True, abs=1e-3)
    assert target.inside(values).tolist() == [False, True, True, False, False]
    assert math.isfinite(target.distance(np.array([0.0]))[0])
    for bound, values, apart in (("lower", [2.0, 4.1, 1e6], [1.0, 0.0, 0.0]), ("upper", [0.0, 32.0], [0.0, 1.0])):
        (target,) = read(monkeypatch, ENTRY | {"value": 8, "error": math.log(2) / 2, "bound": bound})
        assert target.distance(np.array(values)) == pytest.approx(apart)
        assert target.inside(np.array(values)).tolist() == [gap == 0.0 for gap in apart]
    half = ENTRY | {"unit": "share", "outcome": "frozen_share", "value": 0.5, "error": math.log(3) / 2}
    (target,) = read(monkeypatch, half)
    assert (target.low, target.high) == pytest.approx((0.25, 0.75))
    assert target.distance(np.array([0.1, 0.9, 0.6])) == pytest.approx([1.0, 1.0, 0.0])
    assert np.isfinite(target.distance(np.array([0.0, 1.0]))).all()


def test_the_hash_of_facts_is_of_numbers_that_choose_sets(monkeypatch):
    judges = ENTRY | {"key": "two", "quantity": "two", "role": "validation"}
    read(monkeypatch, ENTRY, judges)
    before = fingerprint()
    read(monkeypatch, judges | {"value": 7, "error": 9}, ENTRY | {"title": "Other", "source": "there"})
    assert fingerprint() == before
    for change in ({"value": 11}, {"error": 0.3}, {"bound": "lower"}, {"role": "validation"}, {"key": "other"}):
        read(monkeypatch, ENTRY | change, judges)
        assert fingerprint() != before, change


def test_desks_promise_waits_within_their_ends():
    promised = promises()
    assert [one.outcome for one in promised] == [desk_key(kind) for kind in KINDS]
    assert all((one.low, one.high) == pytest.approx((LOW, HIGH)) for one in promised)


def test_emulators_have_a_scale_of_their_own_with_the_same_band_and_the_least_chance_of_a_count():
    """An emulator's scale keeps the fact's band, and a count's variance by chance is that of a Poisson count."""
    for target in (*of_role(Role.FIT), *of_role(Role.VALIDATION)):
        ends = np.array([end if np.isfinite(end) else target.value for end in (target.low, target.high)])
        linked, band = target.linked(ends), np.array(target.linked_band)
        if target.unit != "per year":
            assert linked[np.isfinite(band)] == pytest.approx(band[np.isfinite(band)])
        near = target.unscaled(target.middle + np.array([-1e-4, 1e-4]))
        assert np.ptp(target.linked(near)) == pytest.approx(2e-4 * target.slope, rel=1e-3)
        assert np.isfinite(target.linked(np.array([0.0]))).all()
    # 200,000 counts over ten years: the standard error of their variance is 0.3 %, of the mean 0.1 %; six of each.
    for target in of_role(Role.FIT):
        if target.unit != "per year":
            assert target.least_chance == 0.0
            continue
        roots = np.sqrt(np.random.default_rng(4).poisson(10.0 * target.low, 200_000) / 10.0)
        assert target.least_chance == pytest.approx(roots.var(), rel=0.02)
        assert target.linked_band[0] == pytest.approx(roots.mean(), rel=0.006)
