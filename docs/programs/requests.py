"""Ordinary requests beside what providers publish: `python -m docs.programs.requests`.

Writes docs/requests.md and its figures. Most of what providers publish about requests from abroad is an input of the
model, so the page says of every figure whether it was read or follows.
"""

import argparse
import sys
from collections.abc import Sequence
from string import Template

import numpy as np
import pandas as pd

from docs.programs.requests_figures import write
from docs.programs.requests_made import (
    APPLE,
    COMMAND,
    DOCS,
    FEWEST,
    GOOGLE,
    META,
    OPENED,
    OUTCOMES_SHOWN,
    SEEDS,
    TIKTOK,
    Simulated,
    published,
    published_days,
    published_years,
    simulated,
    unread,
)
from sim.data.providers import ordinary_parts
from sim.law.order import legal_order
from sim.measures.arrays import Floats
from sim.measures.orders import Way
from sim.policy.well_known import BASELINE
from sim.report.marking import markdown_table
from sim.world.records import ProviderPolicy


def _spread(values: Floats, scale: float = 1.0, digits: int = 0) -> str:
    """Median, and the middle 80 %."""
    low, middle, high = np.quantile(values[np.isfinite(values)] * scale, [0.1, 0.5, 0.9])
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


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
    band = _spread(opened, 100) + " % (Google)"
    others = [
        ["states that get nothing", f"{nothing} (Google)", _spread(shut[shut < 1.0], 100) + " %", "input"],
        ["share where the door is open", band, _spread(drawn, 100) + " %", "spread and slope by rule of law are input"],
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
        ["rank correlation with rule of law", by_law, _spread(ranks, 1, 2), "slope is input"],
    ]
    return _of("Apple", rows) + _of("graded, nobody read", others)


def _order_rows(made: Simulated) -> list[list[str]]:
    """Orders of EU states to Meta and TikTok."""
    found, rows = published_days(), []
    days = made.days[:, :, _places(found)]
    for name, row, given in (("Meta", META, "5.1 over all orders"), ("TikTok", TIKTOK, "6.2, median of states")):
        real, model = found[name], days[:, row]
        level = f"input: {given}"
        spread = f"{np.log(model).std(axis=1).mean():.2f}"
        rows += [
            [f"median days to {name}, median of states", f"{real.median():.1f}", f"{np.median(model):.1f}", level],
            [f"their sd of log at {name}", f"{np.log(real).std():.2f}", spread, "input: one spread for all providers"],
        ]
    both = found.dropna()
    ranks = np.array([_ranked(one[META], one[TIKTOK]) for one in days])
    rank = f"{_ranked(both['Meta'].to_numpy(), both['TikTok'].to_numpy()):.2f} ({len(both)} states)"
    rows.append(["rank correlation of states' medians at both", rank, _spread(ranks, 1, 2), "**follows**"])
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
        direct, answered, ratio, kept = (row[f"ordinary_{name}"] for name in OUTCOMES_SHOWN)
        cells = [f"{direct / 1e6:.2f}", f"{answered:.0%}", f"{ratio:,.0f}", f"{kept / 1e3:,.0f}"]
        rows.append([names[str(arm)], *cells, f"{row['mla_requests_per_year']:,.0f}"])
    head = ["scenario", "direct to large providers, million a year", "bring data"]
    head += ["direct for each through authorities", "preservation, thousand a year", "followed requests for assistance"]
    return markdown_table(head, rows)


def page(made: Simulated) -> str:
    """The page of docs/."""
    table = markdown_table(["figure", "published", "model", "read or follows"], comparison(made), ())
    return _PAGE.substitute(command=COMMAND, worlds=made.worlds, table=table, years=by_year(made), arms=by_arm(made))


_PAGE = Template("""\
# Ordinary requests beside what providers publish

Made by `$command`: $worlds default worlds.

Published: transparency reports of Google (second half of 2018 to 2021) and Apple (2018 to 2021, requests about
accounts), and reports of Facebook and TikTok under the Digital Services Act (second half of 2025). All rows were read
(sim/data/provider_requests.csv, provider_assistance.csv, provider_orders.csv).

Most of these tables are **input**: where the model was given a figure, it agrees by construction, and that judges
nothing. What **follows** was not given, and can be wrong. Later periods and other providers are published and were not
used.

$table

Two figures with one in brackets: median, p10 and p90.

Who gets how many requests is input where it was counted: for each 100 to Google, Apple got 6 about accounts in 2021
and Meta 147, emergencies among them (its newsroom: 302,179 from abroad). Requests to Apple about devices and payments,
mostly for victims and five times as many, are left out. TikTok's 13 come from orders of EU states four years later, and
other providers get as many as a survey among investigators has them hold evidence: judgement.

How much usual times differ between states is input: `evidence.provider_pair_sigma` is the spread that Meta (.14) and
TikTok (.42) show, one for all providers: so states lie too far apart at Meta. The level is the median over states, 5.1
days at Meta and 6.2 at TikTok; over all orders to TikTok, most from few large states, it is 4.0.

![Google](figures/requests_google.png)

![Apple](figures/requests_apple.png)

![Orders of EU states](figures/requests_orders.png)

## How many there are

Thousands a year, means over worlds; the table `requests_ordinary` of a run has them by state.

$years

- **Voluntary and binding**: straight to providers abroad, large ones and hosts. What Google counted of each state in
  2021, and what other providers counted for each of these, grown until policy starts, and from then on as other work
  is. What a state would send that was shut out is a fit to users and rule of law. Requests become orders where law
  binds providers, as investigators come to know of it. The part of hosts is judgement: nobody counts it.
- **Preservation and emergency**: as Google counted them, grown likewise. Who got data in an emergency is read.
- **Assisted**: about data of providers, through authorities of the USA and Ireland, as far as Google recognised them: a
  lower bound. Grown at a rate of their own.
- **Assistance and contact point**: what desks have hours for besides the files that the model follows. Nobody counts
  them; they follow from staff and target waits, which are judgement. All 24/7 points have the same staff, so that their
  number says nothing about the world.

How requests grew after 2021 is hardly known, so each world draws it: direct ones 5 to 35 % a year, those through
authorities 0 to 22 % (judgement). Google counted 32 to 53 % a year from 2019 to 2021, Apple 29 % in 2021. Later years
are read of Meta alone: 14 % in 2022, 18 % to the first half of 2023. EU states sent 14 % more in 2019 and 27 % more in
2020 (SIRIUS). Requests through authorities grew by 10 % a year, give or take 13 (standard error of a line through six
half-years). So one in 240 to 560, as Google counted, says little about the ratio today.

Law with a date goes on: orders under agreements with the USA since 2022, and under Regulation (EU) 2023/1543 from
August 2026 on, take the place of requests that need no answer. Providers hire for what they get until policy starts;
then more requests make answers slower.

## What policies change

Means over the policy years.

$arms

A door that opens brings direct requests. That those through authorities stay is an assumption here: in the two states
that Google opened to by 2021 they did. `current_trends` lets requests grow by 4 % a year, as all other work, far less
than providers report: a higher rate is one line in a scenario (`desk.load_growth_after`), but then holds for all desks.
""")


def main(words: Sequence[str]) -> None:
    """Writes the page and the figures; with --print it only prints the page."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="number of worlds")
    parser.add_argument("--print", action="store_true", help="print the page, and write nothing")
    arguments = parser.parse_args(words)
    made = simulated(arguments.seeds)
    text = page(made)
    if not arguments.print:
        (DOCS / "requests.md").write_text(text, encoding="utf-8")
        write(made, DOCS / "figures")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
