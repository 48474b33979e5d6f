"""Tests of planning a comparison: its runs, their division into parts, and its expected time."""

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from docs.programs import derived
from sim.experiments.axis import Axis, AxisKind, Level
from sim.experiments.control import expected
from sim.experiments.design import BOUND_SEEDS, FEW_SEEDS, ablation, comparison, plain
from sim.experiments.plan import MAX_SHARING, Kind, table_of_points, table_of_runs, warm_ups_of_points
from sim.experiments.settings import mechanisms
from sim.experiments.sweep import read_shard
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS, Channel
from sim.policy.problem import InputError
from sim.policy.scenario import load
from sim.simulate import Simulation
from sim.world.parameters import WorldSpec
from sim.world.records import Abuse, Concern, GroupStatus, RequestStatus
from sim.world.world import World, records
from tests.experiments.fakes import SIX, experiment
from tests.tiny import begun

RUNGS = (load("harmonised_law"), load("stronger_liaison"))


@pytest.mark.parametrize(("worlds", "early", "rungs"), [(3, 3, 2), (30, 30, 3), (60, 30, 6), (200, 30, 10)])
def test_bounds_have_the_first_worlds_and_rungs_the_last_of_these(
    tmp_path: Path, worlds: int, early: int, rungs: int
) -> None:
    design = comparison(experiment(tmp_path, SIX, replicates=worlds), RUNGS)
    assert [rung.key for rung in design.rungs] == ["stronger_liaison"], "one that is compared is no rung"
    whole = list(range(1, worlds + 1))
    assert {key: design.seeds_of(key) for key in SIX[:4]} == dict.fromkeys(SIX[:4], whole)
    assert early == min(worlds, BOUND_SEEDS) and rungs <= FEW_SEEDS
    assert design.seeds_of("no_cooperation") == design.seeds_of("full_cooperation") == whole[:early]
    assert design.seeds_of("stronger_liaison") == whole[:early][-rungs:]
    assert design.seeds() == whole and design.baseline == "status_quo"
    first = design.first(early - rungs)
    assert not first.rungs and first.seeds() == whole[: early - rungs] and design.first(worlds) is design
    assert design.first(early - rungs + 1, worlds).rungs == (
        design.rungs if early - rungs + 1 < worlds else first.rungs or design.rungs
    )
    assert not comparison(experiment(tmp_path, SIX[:5], replicates=worlds), RUNGS).rungs, "one bound has no ladder"
    ends = comparison(experiment(tmp_path, ("no_cooperation", "full_cooperation"), replicates=worlds), RUNGS)
    assert ends.seeds_of("no_cooperation") == whole, "bounds alone have all worlds"


def test_the_baseline_is_the_one_named_or_todays_law_or_the_first(tmp_path: Path) -> None:
    for names, named, base in ((SIX[:3], "faster_mlat", "faster_mlat"), (SIX[:3], "", SIX[0]), (SIX[1:3], "", SIX[1])):
        asked = replace(experiment(tmp_path, names), baseline=named)
        assert plain(asked).baseline == comparison(asked, ()).baseline == base


def test_pasts_are_kept_of_the_default_parameters_alone(tmp_path: Path) -> None:
    asked = experiment(tmp_path, SIX[:2], replicates=150)
    assert plain(asked).plan.base.kept == range(1, 101)
    other = replace(asked.parameters, desk=replace(asked.parameters.desk, rebound=0.123))
    assert not plain(replace(asked, parameters=other)).plan.base.kept


def test_past_and_events_are_kept_at_the_main_point_alone(tmp_path: Path) -> None:
    asked = replace(experiment(tmp_path, SIX[:2], replicates=150, events=True), mechanisms=mechanisms()[:1])
    for plan in (plain(asked).plan, ablation(asked).plan):
        for past in plan.warm_ups(np.isin(plan.runs["seed"], [1, 100, 101])):
            task, main = plan.base.task(past), past[0].point == 0
            assert task.events == main and task.keeps == (main and past[0].seed <= 100), task.block
            assert [scenario.key for scenario in task.scenarios] == list(SIX[:2])
    for shard in ("0/1", "2/3", "99999/100000"):
        place, of = map(int, shard.split("/"))
        assert read_shard(shard) == (place, of)
    for shard, fix in (
        *(("1/1", "0/1 to 0/1"), ("3/3", "0/3 to 2/3"), ("0/0", "0/4 to 3/4"), ("0/x", "0/4"), ("x/2", "0/2")),
    ):
        with pytest.raises(InputError, match=f"not a shard.*{fix}"):
            read_shard(shard)
    for shard in ("0/100001", "-1/2", "1"):
        with pytest.raises(InputError, match="not a shard"):
            read_shard(shard)


def test_a_plan_is_cut_by_seeds_points_and_shards(tmp_path: Path) -> None:
    asked = replace(experiment(tmp_path, SIX[:2], replicates=4), mechanisms=mechanisms()[:2])
    plan = ablation(asked).plan
    assert len(plan) == 3 * 2 * 4 and np.isin(plan.runs["point"], [0, 2]).sum() == 16
    there = np.ones(len(plan), bool)
    assert plan.whole_seeds(there) == 4
    there[np.flatnonzero(plan.runs["seed"] == 3)[0]] = False
    assert plan.whole_seeds(there) == 2
    assert set(plan.first(2).runs["seed"]) == {1, 2} and plan.first(9).replicates == 4 and plan.first(2).replicates == 2
    assert not list(plan.warm_ups(np.zeros(len(plan), bool)))
    switched = [plan.base.configured(plan.levels(point))[1] for point in range(3)]
    assert switched[0] == asked.parameters and switched[1] != switched[2] != asked.parameters
    other = replace(plan, points=plan.points[:2])
    assert len({plan.digest(), other.digest(), plan.first(2).digest()}) == 2


def test_runs_of_a_seed_that_share_a_past_stand_together_in_batches() -> None:
    """Runs of a seed with the same warm-up are consecutive in the table of runs.

    Points 0, 1 and 3 have one warm-up; 2 has its own.
    """
    point, scenario, seed = (part.ravel() for part in np.meshgrid(np.arange(4), np.arange(5), [8, 9], indexing="ij"))
    runs = table_of_runs(point, scenario, seed, np.array([0, 0, 1, 0]))
    assert runs["past"].tolist() == [0] * 15 + [1] * 5 + [2] * 15 + [3] * 5
    assert runs["seed"].tolist() == [8] * 20 + [9] * 20 and runs["point"][15:20].tolist() == [2] * 5
    assert runs["scenario"][:5].tolist() == list(range(5)) and MAX_SHARING == 16
    axes = (
        *(Axis("uncertainty.a", AxisKind.UNCERTAINTY, "", ()), Axis("l", AxisKind.LEVER, "", ())),
        Axis("world.groups", AxisKind.WORLD, "", ()),
    )
    columns = [np.array([5.0, 1.0, 5.0, 1.0, 5.0]), np.arange(5.0), np.array([2, 2, 2, 7, 2])]
    points = table_of_points(axes, columns, 5)
    assert warm_ups_of_points(axes, points).tolist() == [0, 1, 0, 2, 0], "in the order of their first points"
    assert warm_ups_of_points((axes[0],), points[["uncertainty.a"]]).tolist() == list(range(5)), "nothing comes later"


def test_time_and_memory_grow_with_pasts_arms_worlds_and_workers(tmp_path: Path) -> None:
    """Expected time and memory grow with warm-ups, scenario runs, worlds and workers.

    In the default world a warm-up has 5 years, a scenario run 10.5.
    """
    asked = experiment(tmp_path, SIX[:4], replicates=900)
    plan = plain(asked).plan

    def said(plan, wanted=None, workers=1) -> tuple[float, float]:
        text = expected(plan, np.ones(len(plan), bool) if wanted is None else wanted, workers)
        hours, minutes = re.search(r"some (?:(\d+) h )?(\d+) min", text).groups()
        assert text.startswith(f"{int(wanted.sum()) if wanted is not None else len(plan):,} to run by {workers} worker")
        return 60.0 * int(hours or 0) + int(minutes), float(re.search(r"([\d.]+) GB", text)[1])

    seconds = 900 * 5 * 0.302 + 3600 * 10.49 * 0.0916
    assert said(plan) == (pytest.approx(seconds / 60, abs=1), pytest.approx((2 * 0.259 + 0.288), abs=0.051))
    assert said(plan, None, 4) == (pytest.approx(seconds / 240, abs=1), pytest.approx(5 * 0.259 + 4 * 0.288, abs=0.051))
    part = plan.runs["scenario"] == 0
    assert said(plan, part)[0] == pytest.approx((900 * 5 * 0.302 + 900 * 10.49 * 0.0916) / 60, abs=1)
    large = plain(replace(asked, world=WorldSpec(groups=4800))).plan
    growth = 16**0.53
    assert said(large)[0] == pytest.approx(growth * seconds / 60, rel=0.01)
    assert said(large)[1] == pytest.approx(2 * 0.259 + growth * 0.288, abs=0.051)
    few = expected(plan, plan.runs["seed"] == 1, 1)
    assert "less than a minute" in few and "1 worker:" in few and "2 workers, a core each" in expected(plan, part, 2)
    longer = Axis("world.groups", AxisKind.WORLD, "", (Level(300, 300), Level(4800, 4800)))
    points = table_of_points((longer,), [np.array([300, 4800])], 2)
    runs = table_of_runs(np.repeat([0, 1], 900), np.zeros(1800, int), np.tile(np.arange(900), 2), np.arange(2))
    base = replace(plan.base, axes=(longer,), blocks=())
    both = replace(plan, base=base, points=points, runs=runs, kind=Kind.FACTORIAL)
    each = 5 * 0.302 + 10.49 * 0.0916
    assert said(both) == (
        pytest.approx(900 * each * (1 + growth) / 60, rel=0.01),
        pytest.approx(2 * 0.259 + growth * 0.288, abs=0.051),
    )


def news_heard(run: Simulation, since: float) -> tuple[float, int]:
    """Sum of news heard by active groups at the start of each quarter, and the number of listeners."""
    heard, listeners = 0.0, 0
    for day in np.arange(since, run.end, 91.3125):
        run.advance(day)
        world, setting = run.world, run.world.setting[0]
        faded = world.news * 0.5 ** ((run.day - world.news_day) / (7.0 * setting.memory_weeks))
        for group in records(world, "group"):
            if group["status"] == GroupStatus.ACTIVE:
                listeners += 1
                for concern, places in ((Concern.SERVERS, (-1,)), (Concern.PEOPLE, (-1, group["home"]))):
                    heard += sum(faded[concern, group["kind"], at] + faded[concern, -1, at] for at in places)
    return heard, listeners


def requests_of(world: World, since: float) -> tuple[list[float], int, dict[Channel, list[float]]]:
    """Trust values of requests, number of requests sent, and days, number and successes by channel."""
    trusted, sent, sums = [], 0, {}
    for asked in records(world, "request"):
        if asked["abusive"] != Abuse.NONE or asked["channel"] == Channel.DOMESTIC:
            continue
        sent += asked["sent"] >= since
        central = asked["channel"] in CENTRAL_AUTHORITY_CHANNELS and not math.isnan(asked["trust"])
        trusted += [asked["trust"]] * int(central and asked["sent"] >= since)
        if asked["ended"] >= since and asked["status"] != RequestStatus.NOT_SENT:
            entry = sums.setdefault(Channel(asked["channel"]), [0.0, 0, 0])
            entry[0] += asked["ended"] - asked["drafted"]
            entry[1] += 1
            entry[2] += asked["status"] == RequestStatus.EXECUTED
    return trusted, sent, sums


def test_numbers_of_the_default_world_are_those_that_a_loop_over_its_rows_gives() -> None:
    spec = WorldSpec(groups=30, start="2025-07-01", end="2027-12-31")
    parts, run = derived._parts((spec, 3)), begun(3, spec)
    since = float(run.world.setting["policy_start"][0])
    heard, listeners = news_heard(run, since)
    assert parts["risk.usual_news"] == pytest.approx((heard, listeners, listeners))
    run.advance(run.end)
    opened, actions = records(run.world, "case")["opened"], records(run.world, "action")
    delays = [
        (one["day"] - opened[one["case"]]) / 365.25 for one in actions if one["down"] == 1 and one["day"] >= since
    ]
    assert parts["risk.sanction_delay"] == pytest.approx((sum(delays), len(delays), len(delays)))
    trusted, sent, sums = requests_of(run.world, since)
    assert parts["trust.trust_usual"] == pytest.approx((sum(trusted), len(trusted), len(trusted)))
    assert parts["rights.usual_requests"] == pytest.approx((sent, 30 * (run.end - since) / 365.25, sent)) and sent > 50
    for channel in derived.CHANNELS:
        days, number, executed = sums.get(channel, (0.0, 0, 0))
        name = f"channel.{channel.name.lower()}"
        assert parts[f"{name}.days"] == pytest.approx((days, number, number)), name
        done, passing, cases = parts[f"{name}.success"]
        assert (done, cases) == (executed, number) and passing <= number
        assert passing == number or channel not in (Channel.PROVIDER_BINDING, Channel.PROVIDER_VOLUNTARY)
