"""Tests of adding a recorded case and its group to a world, on the right days and under the right law."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.cases.real_case import RealCase, operations
from sim.cases.run import CaseTask, Law, Plant, dates, order_of, run_case, timeline_of_law
from sim.law.days import to_day
from sim.law.vocabulary import Channel
from sim.policy.timeline import Timeline
from sim.simulate import Simulation, start
from sim.world.parameters import GROUP_KINDS, WorldSpec
from sim.world.records import Body, CaseStatus, GroupStatus
from sim.world.world import records
from tests.tiny import STATES, legal_order, parameters

SMALL = WorldSpec(groups=14, start="2016-06-01", policy_start="2017-01-01", end="2018-12-31", states=STATES)
SERVICES = GROUP_KINDS.index("technical_services")
CASE = RealCase(
    key="made-up",
    title="Made up",
    kind="technical_services",
    lead="NLD",
    active_since=date(2016, 9, 1),
    opened=date(2017, 3, 1),
    acted=date(2018, 1, 1),
    states=3,
    arrests=1,
    resurgence="none",
    return_months=None,
    recalled=(),
    sources=("nobody",),
)


def run_of(changes: dict[str, float] | None = None) -> Simulation:
    """Starts a small world years before the recorded operation."""
    return start(SMALL, parameters(changes), legal_order(), Timeline(), 1)


def test_a_world_may_begin_before_the_epoch() -> None:
    run = run_of()
    assert run.day == to_day(date(2016, 6, 1)) < 0.0
    run.advance(run.day + 400.0)
    request = records(run.world, "request")
    assert len(request) > 50 and np.nanmin(request["sent"]) < to_day(date(2017, 1, 1))
    assert (np.diff(records(run.world, "milestone")["day"]) >= 0.0).all()  # events came in order


def test_the_group_and_its_case_are_there() -> None:
    run, plants = run_of(), Plant(CASE, 0)
    run.advance(to_day(CASE.active_since))  # type: ignore[arg-type]
    plants.enter(run)
    group = records(run.world, "group")[plants.row]
    assert (group["kind"], group["domestic"], group["status"]) == (SERVICES, 0, GroupStatus.ACTIVE)
    assert group["entered"] == run.day and group["nodes"] >= 2
    assert len(records(run.world, "node")) >= group["first_node"] + group["nodes"]
    run.advance(to_day(CASE.opened))  # type: ignore[arg-type]
    case = records(run.world, "case")
    assert not (case["group"] == plants.row).any()  # nobody works on it before the recorded day
    plants.open(run)
    assert plants.opened
    (own,) = np.flatnonzero(records(run.world, "case")["group"] == plants.row)
    case = records(run.world, "case")[own]
    assert case["status"] == CaseStatus.INVESTIGATING and case["state"] == run.law.index("NLD")
    assert case["opened"] == to_day(date(2017, 3, 1)) and case["chains"] > 0
    assert run.world.group["first_case"][plants.row] == own and run.world.group["reports"][plants.row] == 1
    run.advance(run.end)
    assert run.world.group["reports"][plants.row] > 1  # victims report from then on


def planted(run: Simulation, number: int, opened: date) -> Plant:
    """Adds one of several groups to a world, with a case that opens on a given day."""
    plant = Plant(replace(CASE, key=f"number {number}", lead="DEU", opened=opened), 0)
    plant.enter(run)
    return plant


def test_a_group_is_there_until_its_case_opens_and_of_the_size_that_is_investigated() -> None:
    """A recorded group exists until its case opens, and is as large as investigated groups are.

    By chance alone, a group lasts ten years with probability exp(−2.5), and all 30 would never do so.
    """
    run = run_of()
    rows = [planted(run, number, date(2026, 6, 1)).row for number in range(30)]
    assert (run.world.group["lineage_until"][rows] > to_day(date(2026, 6, 1))).all()
    assert len(np.unique(run.world.group["scale"][rows])) == 30
    # Logs of the medians of 60 sizes differ by 3.3 with a standard error of 0.3: below log 3 is seven errors off.
    medians = []
    for threshold in (-3.0, 3.0):
        run = run_of({"case.open_threshold": threshold, "case.load_threshold": 0.0})
        rows = [planted(run, number, date(2016, 6, 1)).row for number in range(60)]
        medians.append(float(np.median(run.world.group["scale"][rows])))
    assert medians[1] > 3.0 * medians[0]
    run = run_of()
    plant = planted(run, 7, date(2016, 9, 9))
    run.world.group["status"][plant.row] = GroupStatus.EXITED
    plant.open(run)
    assert not plant.opened and not (records(run.world, "case")["group"] == plant.row).any()


def test_the_law_is_that_of_the_day() -> None:
    """The law of the day applies: the European Investigation Order binds Germany and France from 2017-05-22."""
    run = run_of()
    pair = run.law.index("DEU"), run.law.index("FRA")

    def treaty() -> str:
        row = int(run.world.instrument[*pair, Channel.JUDICIAL_DIRECT])
        return run.law.terms[row].treaty if row >= 0 else ""

    run.advance(to_day(date(2017, 5, 21)))
    assert treaty() != "eio"
    run.advance(to_day(date(2017, 5, 22)))
    assert treaty() == "eio"


@pytest.mark.slow
def test_a_case_is_run_under_every_law() -> None:
    found = run_case(CaseTask((CASE,), 5, 1, tuple(Law), SMALL))
    assert [result["law"] for result in found] == list(Law)
    for result in found:
        assert result["acted"] == (not np.isnan(result["months"]))
        assert np.isnan(result["months"]) or 0.0 <= result["months"] < 120.0


def test_other_law_leaves_the_law_as_it_was_alone() -> None:
    """Results under the law as it was do not depend on other laws that are simulated as well."""
    beside = run_case(CaseTask((CASE,), 1, 1, (Law.AS_IT_WAS, Law.TODAY), SMALL))
    alone = run_case(CaseTask((CASE,), 1, 2, (Law.AS_IT_WAS,), SMALL))
    assert [result["law"] for result in alone] == [Law.AS_IT_WAS] * 2
    assert repr(alone[0]) == repr(beside[0]) != repr(alone[1])


def test_other_law_holds_from_the_opening_on_and_not_a_day_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alternative law applies from the opening day on, after a shared history."""
    seen, opening = [], Plant.open

    def watched(plant: Plant, run: Simulation) -> None:
        """Records the law and the world on the opening day."""
        row = run.world.instrument[run.law.index("DEU"), run.law.index("FRA"), Channel.JUDICIAL_DIRECT]
        europol = int(run.world.police_body.max())
        seen.append((run.day, run.law.terms[row].treaty, europol, records(run.world, "request").copy()))
        opening(plant, run)

    monkeypatch.setattr(Plant, "open", watched)
    laws = (Law.AS_IT_WAS, Law.TODAY, Law.WITHOUT_EUROPOL)
    run_case(CaseTask((CASE,), 1, 1, laws, SMALL))
    days, treaties, bodies, requests = zip(*seen, strict=True)
    assert days == (to_day(date(2017, 3, 1)),) * 3
    assert (treaties[0] == "eio", treaties[1] == "eio") == (False, True) and (bodies[0], bodies[2]) == (
        Body.JCAT,
        Body.INTERPOL,
    )
    assert len(requests[0]) > 50
    for other in requests[1:]:
        assert other.tobytes() == requests[0].tobytes()


def test_several_cases_share_a_world_from_years_before_to_years_after() -> None:
    other = replace(CASE, key="other", lead="DEU", opened=None, active_since=date(2016, 10, 1))
    found = run_case(CaseTask((CASE, other), 1, 1, spec=SMALL))
    assert [result["case"] for result in found] == ["made-up", "other"]
    spec = dates((CASE,), SMALL)
    assert (spec.start, spec.policy_start, spec.end) == ("2012-03-01", "2017-03-01", "2025-01-01")
    assert dates((replace(CASE, active_since=date(2009, 1, 1)),), SMALL).start == "2008-01-01"


def test_other_law() -> None:
    since, law = date(2012, 1, 1), legal_order()
    today, then = law.arrays(date(2027, 1, 1)), law.arrays(since)
    kept = order_of(Law.TODAY, since)
    found = kept.arrays(since)
    assert (found.instrument == today.instrument).all() and (found.instrument != then.instrument).any()
    pair = law.index("DEU"), law.index("FRA"), Channel.JUDICIAL_DIRECT
    age = to_day(date(2027, 1, 1)) - today.opened[pair]
    assert to_day(since) - found.opened[pair] == pytest.approx(age, abs=1.0)
    assert kept.change_dates(since, date(2030, 1, 1)) == ()
    assert (kept.drawn(3).arrays(date(2015, 1, 1)).instrument == today.instrument).all()
    assert order_of(Law.WITHOUT_EUROPOL, since).arrays(date(2020, 1, 1)).police_body.max() == Body.INTERPOL
    assert law.arrays(date(2020, 1, 1)).police_body.max() == Body.JCAT
    amendments = timeline_of_law(Law.SECOND_PROTOCOL, since).amendments(since)
    row = law.arrays(since, amendments).instrument[law.index("BRA"), law.index("RUS"), Channel.PROVIDER_BINDING]
    assert law.terms[row].treaty == "second_protocol"


def test_the_record_can_be_read() -> None:
    record = {case.key: case for case in operations()}
    assert len(record) == 38
    avalanche = record["dev07"]
    assert avalanche.planted == date(2009, 1, 1) and avalanche.months == pytest.approx(59.0, abs=0.1)
    assert avalanche.returned is False and record["dev15"].returned is True
    assert record["dev08"].returned is False  # after 49 months
    assert record["dev34"].returned is None and sum(case.planted is None for case in record.values()) == 3
