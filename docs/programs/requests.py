"""Ordinary requests beside what providers publish: `python -m docs.programs.requests` renews docs/requests.md.

Most of what providers publish about requests from abroad is an input of the model, so the page says of every figure
whether it was read or follows. This program makes worlds in which requests are counted, and the tables beside them.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from docs.programs import DOCS, data, ran, renew, spread
from sim.agents.answering import asked_share, days_to, openness, share_answered
from sim.agents.orders import yearly_growth
from sim.data.providers import counted_requests, ordinary_parts
from sim.engine.compiling import kernel
from sim.experiments.run import tables_of, window
from sim.law.order import legal_order
from sim.measures.arrays import Floats
from sim.measures.harm import harm_rates
from sim.measures.observation import Observation
from sim.measures.orders import Way, ordinary
from sim.measures.outcomes import outcome
from sim.policy.scenario import load
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.policy.timeline import Assignment, Step, Timeline
from sim.policy.well_known import BASELINE
from sim.report.marking import markdown_table
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
OUTCOMES_SHOWN = ("direct_per_year", "direct_per_assisted", "preservation_per_year")
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


def arms(spec: WorldSpec) -> dict[str, Timeline]:
    """Steps of each policy, by its name."""
    days = policy_days(spec)
    trends = timeline_of(load("current_trends"), legal_order(), *days, 1, Parameters().reform, spec.states)
    opened = Step(date.fromisoformat(spec.policy_start), assignments=(Assignment("provider.opens", 3.0),))
    return {BASELINE: Timeline(), "current_trends": trends, OPENED: Timeline((opened,))}


def lived(world: tuple[int, WorldSpec]) -> dict[str, Any]:
    """A world at the end of 2021, and what is counted in it under three policies, as plain data."""
    (seed, spec), law = world, legal_order()
    run = start(spec, Parameters(), law, Timeline(), seed)
    majors = len(run.world.door_since)
    doors = np.zeros((4, majors, len(law.states)))
    run.world = with_room(run.world, look_at_doors, doors)
    wished = np.outer(run.world.provider["weight"][:majors], run.world.state["ordinary"])
    wished[run.world.provider["state"][:majors, None] == np.arange(len(law.states))] = 0.0  # at home
    found = {"doors": doors, "asked": 12.0 * wished * doors[3], "growth": yearly_growth(run.world.setting[0], False)}
    found["policy"] = run.world.provider["policy"][:majors].copy()
    run.advance(window(spec).start)
    counted = {name: _counted(run.fork(timeline), spec) for name, timeline in arms(spec).items()}
    return found | {"arms": counted}


def _counted(arm: Simulation, spec: WorldSpec) -> tuple[dict[Any, Any], dict[str, float]]:
    """Requests by year and way, and outcomes."""
    arm.advance(window(spec).observed_until)
    seen = Observation(window(spec), tables_of(arm), harm_rates())
    table = pd.DataFrame(ordinary(seen)).astype({"requests": float, "answered": float})
    named = [f"ordinary_{name}" for name in OUTCOMES_SHOWN] + ["mla_requests_per_year"]
    figures = {key: outcome(key).measure(seen) for key in named}
    return table.groupby(["year", "way"], as_index=False)[["requests", "answered"]].sum().to_dict("list"), figures


def simulated(seeds: int, spec: WorldSpec | None = None) -> Simulated:
    """What came of worlds, seeds from 1 on."""
    from sim.data.geography import CrimeGeography

    worlds = {f"seed {seed}": (seed, spec or WorldSpec()) for seed in range(1, seeds + 1)}
    found = list(ran(COMMAND, lived, worlds, 1).values())
    doors, shares, days, _ = np.moveaxis(np.array([one["doors"] for one in found]), 1, 0)
    asked, growth = (np.array([one[name] for one in found]) for name in ("asked", "growth"))
    counted = [(name, *both) for one in found for name, both in one["arms"].items()]
    years = pd.concat([pd.DataFrame(columns).assign(arm=name) for name, columns, _ in counted])
    by_year = years.groupby(["arm", "year", "way"], as_index=False).sum()
    by_year[["requests", "answered"]] /= seeds
    means = pd.DataFrame([{"arm": name, **figures} for name, _, figures in counted]).groupby("arm", sort=False).mean()
    policy, rule_of_law = np.array(found[0]["policy"]), CrimeGeography.load().rule_of_law
    return Simulated(doors, shares, days, asked, growth, policy, rule_of_law, by_year, means, seeds)


def published(provider: str) -> pd.DataFrame:
    """Direct requests of each state that asked a provider in 2021, and the share that brought data, by its code."""
    number, answered = counted_requests("direct", provider)
    frame = pd.DataFrame({"requests": number, "answered": answered}, index=legal_order().states)
    frame = frame[frame["requests"] > 0]
    return frame.assign(share=frame["answered"] / frame["requests"])


def published_years() -> pd.DataFrame:
    """Requests that Google and Apple counted by provider, kind and year; of 2018 Google counted a half."""
    assisted = data("provider_assistance.csv", requests=float).assign(kind="assisted")
    frame = pd.concat([data("provider_requests.csv", requests=float), assisted])
    frame["year"] = frame["period_end"].str[:4].astype(int)
    frame = frame[(frame["year"] > 2018) | (frame["provider"] != "Google")]
    return frame.groupby(["provider", "kind", "year"], as_index=False)[["requests"]].sum()


def published_days() -> pd.DataFrame:
    """Median days of Meta and TikTok to answer orders of EU states, of states with ten orders or more."""
    rows = data("provider_orders.csv", orders=int)
    rows = rows[rows["median_hours"] != ""].astype({"median_hours": float})
    rows = rows[rows["orders"] >= FEWEST]
    days: pd.DataFrame = rows.assign(days=rows["median_hours"] / 24.0)
    return days.pivot_table(index="state", columns="provider", values="days")


def unread(made: Simulated, policy: ProviderPolicy, read: int) -> list[int]:
    """Large providers of a class of which nothing is read by state."""
    return [int(row) for row in np.flatnonzero(made.policy == policy) if row != read]


def _ranked(one: Floats, other: Floats) -> float:
    """Spearman's rank correlation."""
    return float(pd.Series(one).corr(pd.Series(other), method="spearman"))


def comparison(made: Simulated) -> list[list[str]]:
    """Rows of the table of the page: figure, published, model, and whether the model was given it."""
    return _google_rows(made) + _apple_rows(made) + _order_rows(made)


def _google_rows(made: Simulated) -> list[list[str]]:
    """Google, and other providers that answer some states alone."""
    found, years = published("Google"), published_years().set_index(["provider", "kind", "year"])["requests"]
    opened = found["share"][(found["requests"] >= FEWEST) & (found["answered"] > 0)].to_numpy()
    gates = unread(made, ProviderPolicy.GATE, GOOGLE)
    shut = (made.doors[:, gates] <= 0.0).mean(axis=2)
    drawn = made.shares[:, gates][made.doors[:, gates] >= 1.0]
    ratio = years["Google", "direct"] / years["Google", "assisted"]
    ratios = ", ".join(f"{value:.0f}" for value in ratio.loc[2019:2021]) + " (2019 to 2021)"
    total, asked = found["requests"].sum(), made.asked[:, GOOGLE].sum(axis=1).mean()
    share = f"{found['answered'].sum() / total:.0%}"
    nothing = f"{(found['answered'] == 0).mean():.0%}"
    rows = [
        ["direct requests of 2021", f"{total:,.0f}", f"{asked:,.0f}", "input; what states with few send follows"],
        ["share of them that brings data", share, f"{_share(made, [GOOGLE]):.0%}", "input by state"],
        ["states that ask and get nothing", nothing, "–", "input where ten requests or more"],
        ["direct for each through authorities", ratios, f"{_google_ratio(made):.0f} (2022)", "input, growth drawn"],
    ]
    band = spread(100 * opened, 0) + " % (Google)"
    others = [
        ["states that get nothing", f"{nothing} (Google)", spread(100 * shut[shut < 1.0], 0) + " %", "input"],
        [
            "share where the door is open",
            band,
            spread(100 * drawn, 0) + " %",
            "spread and slope by rule of law are input",
        ],
    ]
    return _of("Google", rows) + _of("gates that nobody read", others)


def _apple_rows(made: Simulated) -> list[list[str]]:
    """Apple, and other providers that answer all states by grades."""
    found, graded = published("Apple"), unread(made, ProviderPolicy.GRADED, APPLE)
    few = found[found["requests"] >= FEWEST]
    here, total = _places(few), found["requests"].sum()
    law = made.rule_of_law[here]
    ranks = np.array([_ranked(one[row, here], law) for one in made.shares for row in graded])
    asked = made.asked[:, APPLE].mean(axis=0)
    rank = f"{_ranked(found['requests'].to_numpy(), asked[_places(found)]):.2f}"
    share = f"{found['answered'].sum() / total:.0%}"
    rows = [
        [
            "requests of 2021",
            f"{total:,.0f} about accounts",
            f"{asked.sum():,.0f}",
            "input; states Google shut out follow",
        ],
        ["rank correlation of requests by state", "1", rank, "**follows**"],
        ["share that brings data", share, f"{_share(made, [APPLE]):.0%}", "input by state; their weights follow"],
    ]
    by_law = f"{_ranked(few['share'].to_numpy(), law):.2f} (Apple)"
    others = [
        ["share that brings data", "–", f"{_share(made, graded):.0%}", "level is input, the rest **follows**"],
        ["rank correlation with rule of law", by_law, spread(ranks), "slope is input"],
    ]
    return _of("Apple", rows) + _of("graded, nobody read", others)


def _order_rows(made: Simulated) -> list[list[str]]:
    """Orders of EU states to Meta and TikTok."""
    found, rows = published_days(), []
    days = made.days[:, :, _places(found)]
    for name, row, given in (("Meta", META, "5.1 over all orders"), ("TikTok", TIKTOK, "6.2, median of states")):
        real, model = found[name], days[:, row]
        level = f"input: {given}"
        apart = f"{np.log(model).std(axis=1).mean():.2f}"
        rows += [
            [f"median days to {name}, median of states", f"{real.median():.1f}", f"{np.median(model):.1f}", level],
            [f"their sd of log at {name}", f"{np.log(real).std():.2f}", apart, "input: one spread for all providers"],
        ]
    both = found.dropna()
    ranks = np.array([_ranked(one[META], one[TIKTOK]) for one in days])
    rank = f"{_ranked(both['Meta'].to_numpy(), both['TikTok'].to_numpy()):.2f} ({len(both)} states)"
    rows.append(["rank correlation of states' medians at both", rank, spread(ranks), "**follows**"])
    return _of("EU orders", rows)


def _of(whose: str, rows: list[list[str]]) -> list[list[str]]:
    """Rows under the name of what they are of."""
    return [[f"{whose}: {figure}", *cells] for figure, *cells in rows]


def _places(table: pd.DataFrame) -> list[int]:
    """Rows of the states of a table."""
    return [legal_order().index(str(code)) for code in table.index]


def _share(made: Simulated, providers: list[int]) -> float:
    """Share of all requests to some providers that brings data, over worlds: those that meet an open door may."""
    asked = made.asked[:, providers]
    met = np.where(made.doors[:, providers] > 0.0, asked, 0.0)
    return float((met * made.shares[:, providers]).sum() / max(asked.sum(), 1e-9))


def _google_ratio(made: Simulated) -> float:
    """Direct requests to Google for each that reaches it through authorities, in the first year of the model."""
    years = made.years[made.years["arm"] == BASELINE].set_index(["year", "way"])["requests"]
    part, since = ordinary_parts()["Google"], int(made.years["year"].min()) - 2021
    assisted = years[made.years["year"].min(), Way.ASSISTED]
    return float((made.asked[:, GOOGLE].sum(axis=1) * np.exp(made.growth * since)).mean() / (assisted * part))


def by_year(made: Simulated) -> str:
    """The table of requests by year, in thousands."""
    rows = []
    for arm, name in ((BASELINE, "law as it is"), ("current_trends", "current trends")):
        table = (
            made.years[made.years["arm"] == arm].pivot_table(index="year", columns="way", values="requests").fillna(0.0)
        )
        for year in [year for year in (2022, 2024, 2026, 2027, 2031, 2036) if year in table.index]:
            cells = [f"{table.get(way, pd.Series(dtype=float)).get(year, 0.0) / 1e3:,.1f}" for way in Way]
            rows.append([str(year), name if year > 2026 else "all", *cells])
    head = ["year", "scenario", *(way.name.lower().replace("_", " ") for way in Way)]
    return markdown_table(head, list(dict.fromkeys(map(tuple, rows))), range(2, len(head)))


def by_arm(made: Simulated) -> str:
    """The table of outcomes under three policies."""
    names = {BASELINE: "law as it is", "current_trends": "current trends", OPENED: "gates and strict providers opened"}
    rows = []
    for arm, row in made.outcomes.iterrows():
        direct, ratio, kept = (row[f"ordinary_{name}"] for name in OUTCOMES_SHOWN)
        cells = [f"{direct / 1e6:.2f}", f"{ratio:,.0f}", f"{kept / 1e3:,.0f}"]
        rows.append([names[str(arm)], *cells, f"{row['mla_requests_per_year']:,.0f}"])
    head = ["scenario", "direct to large providers, million a year"]
    head += ["direct for each through authorities", "preservation, thousand a year", "followed requests for assistance"]
    return markdown_table(head, rows)


def parts(made: Simulated) -> dict[str, str]:
    """Parts of the page."""
    table = markdown_table(["figure", "published", "model", "read or follows"], comparison(made), ())
    return {"worlds": f"Worlds: {made.worlds}.", "figures": table, "years": by_year(made), "arms": by_arm(made)}


if __name__ == "__main__":
    from docs.programs.requests_figures import write

    found = simulated(SEEDS)
    renew("requests", parts(found), COMMAND)
    write(found, DOCS / "figures")
