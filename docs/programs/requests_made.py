"""Worlds in which ordinary requests are counted, and the tables of providers that stand beside them."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.agents.answering import asked_share, days_to, openness, share_answered
from sim.agents.orders import yearly_growth
from sim.data.load import read_table
from sim.data.providers import counted_requests
from sim.engine.compiling import kernel
from sim.experiments.run import tables_of, window
from sim.law.order import legal_order
from sim.measures.arrays import Floats
from sim.measures.harm import harm_rates
from sim.measures.observation import Observation
from sim.measures.orders import ordinary
from sim.measures.outcomes import OUTCOMES
from sim.policy.scenario import load
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.policy.timeline import Assignment, Step, Timeline
from sim.policy.well_known import BASELINE
from sim.simulate import Simulation, start
from sim.world.growth import DONE, with_room
from sim.world.parameters import Parameters, WorldSpec
from sim.world.records import ProviderPolicy
from sim.world.world import World
from sim.world.world_pointer import attach

COMMAND = "python -m docs.programs.requests"
SEEDS = 8
GOOGLE, META, APPLE, TIKTOK = 0, 1, 2, 5  # rows of provider_weights.csv
FEWEST = 10  # requests or orders from which a share or a median is more than chance
OUTCOMES_SHOWN = ("direct_per_year", "answered_share", "direct_per_assisted", "preservation_per_year")
OPENED = "provider.opens: all gates and strict providers"


@dataclass(frozen=True)
class Simulated:
    """What came of worlds, the first axis of all arrays.

    Attributes:
        doors, shares, days: float64 [world, large provider, state], how far a provider opens to a state at the end of
            2021, the share that it answers of what meets an open door, and its median days.
        asked: float64 [world, large provider, state], requests sent in 2021.
        growth: by how much direct requests grew a year since then, logs, float64 [world].
        policy: ProviderPolicy of each large provider.
        rule_of_law: 0–1, of each state.
        years: requests by arm, year and way, means over worlds.
        outcomes: outcomes of ordinary requests by arm, means over worlds.
        worlds: how many.
    """

    doors: Floats
    shares: Floats
    days: Floats
    asked: Floats
    growth: Floats
    policy: npt.NDArray[np.int64]
    rule_of_law: Floats
    years: pd.DataFrame
    outcomes: pd.DataFrame
    worlds: int


@kernel
def look_at_doors(world: World, seen: Floats) -> int:
    """Door, share, days and share of requests that are sent, by large provider and state: float64 [4, …]."""
    attached = attach(world)
    for provider in range(seen.shape[1]):
        for state in range(seen.shape[2]):
            door = openness(attached, provider, state, attached.now[0])
            seen[0, provider, state] = door
            seen[1, provider, state] = share_answered(attached, provider, state)
            seen[2, provider, state] = days_to(attached, provider, state)
            seen[3, provider, state] = asked_share(attached.setting[0], door)
    return DONE


def simulated(seeds: int, spec: WorldSpec | None = None) -> Simulated:
    """Worlds at the end of 2021, and what is counted in them under three policies."""
    from sim.data.geography import CrimeGeography

    spec, law = spec or WorldSpec(), legal_order()
    trends = timeline_of(load("current_trends"), law, *policy_days(spec), 1, Parameters().reform, spec.states)
    opened = Step(date.fromisoformat(spec.policy_start), assignments=(Assignment("provider.opens", 3.0),))
    arms = {BASELINE: Timeline(), "current_trends": trends, OPENED: Timeline((opened,))}
    seen, asked, growth, years, outcomes = [], [], [], [], []
    for seed in range(1, seeds + 1):
        run = start(spec, Parameters(), law, Timeline(), seed)
        majors = len(run.world.door_since)
        doors = np.zeros((4, majors, len(law.states)))
        run.world = with_room(run.world, look_at_doors, doors)
        seen.append(doors)
        wished = np.outer(run.world.provider["weight"][:majors], run.world.state["ordinary"])
        wished[run.world.provider["state"][:majors, None] == np.arange(len(law.states))] = 0.0  # at home
        asked.append(12.0 * wished * doors[3])
        growth.append(yearly_growth(run.world.setting[0], False))
        run.advance(window(spec).start)
        for name, timeline in arms.items():
            counted, measured = _arm(run.fork(timeline), spec)
            years.append(counted.assign(arm=name))
            outcomes.append({"arm": name, **measured})
    doors, shares, days, _ = np.moveaxis(np.array(seen), 1, 0)
    policy = np.asarray(run.world.provider["policy"][:majors])
    rule_of_law = CrimeGeography.load().rule_of_law
    by_year = pd.concat(years).groupby(["arm", "year", "way"], as_index=False).sum()
    by_year[["requests", "answered"]] /= seeds
    means = pd.DataFrame(outcomes).groupby("arm", sort=False).mean()
    return Simulated(doors, shares, days, np.array(asked), np.array(growth), policy, rule_of_law, by_year, means, seeds)


def _arm(arm: Simulation, spec: WorldSpec) -> tuple[pd.DataFrame, dict[str, float]]:
    """Requests by year and way, and outcomes."""
    arm.advance(window(spec).observed_until)
    seen = Observation(window(spec), tables_of(arm), harm_rates())
    table = pd.DataFrame(ordinary(seen)).astype({"requests": float, "answered": float})
    named = {f"ordinary_{name}" for name in OUTCOMES_SHOWN} | {"mla_requests_per_year"}
    figures = {entry.key: entry.measure(seen) for entry in OUTCOMES if entry.key in named}
    return table.groupby(["year", "way"], as_index=False)[["requests", "answered"]].sum(), figures


def published(provider: str) -> pd.DataFrame:
    """Direct requests of each state that asked a provider in 2021, and the share that brought data, by its code."""
    number, answered = counted_requests("direct", provider)
    frame = pd.DataFrame({"requests": number, "answered": answered}, index=legal_order().states)
    frame = frame[frame["requests"] > 0]
    return frame.assign(share=frame["answered"] / frame["requests"])


def published_years() -> pd.DataFrame:
    """Requests that Google and Apple counted by provider, kind and year; of 2018 Google counted a half."""
    rows = [dict(row) for row in read_table("provider_requests.csv").rows]
    rows += [dict(row, kind="assisted") for row in read_table("provider_assistance.csv").rows]
    frame = pd.DataFrame(rows).astype({"requests": float})
    frame["year"] = frame["period_end"].str[:4].astype(int)
    frame = frame[(frame["year"] > 2018) | (frame["provider"] != "Google")]
    return frame.groupby(["provider", "kind", "year"], as_index=False)[["requests"]].sum()


def published_days() -> pd.DataFrame:
    """Median days of Meta and TikTok to answer orders of EU states, of states with ten orders or more."""
    rows = pd.DataFrame([dict(row) for row in read_table("provider_orders.csv").rows])
    rows = rows[rows["median_hours"] != ""].astype({"orders": int, "median_hours": float})
    rows = rows[rows["orders"] >= FEWEST]
    days: pd.DataFrame = rows.assign(days=rows["median_hours"] / 24.0)
    return days.pivot_table(index="state", columns="provider", values="days")


def unread(made: Simulated, policy: ProviderPolicy, read: int) -> list[int]:
    """Large providers of a class of which nothing is read by state."""
    return [int(row) for row in np.flatnonzero(made.policy == policy) if row != read]
