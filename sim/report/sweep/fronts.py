"""Trade-offs: money against harm averted, with rights as colour; the table of the page names the portfolios."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import TwoSlopeNorm

from sim.experiments.analyse.tradeoff import AVERTED, MONEY, RIGHTS_COST, Tradeoff
from sim.report.figures.kinds import Pane, Points
from sim.report.style import BLACK, Caption, small_print
from sim.report.sweep.shown import named
from sim.results.words import counted

#: Portfolios of the front that are numbered.
MOST = 12


def front_figure(found: Tradeoff, command: str) -> Points:
    """Draws all portfolios, and numbers those of the front as the table does."""
    table, ranks = found.table, {key: str(place) for place, key in enumerate(found.front.head(MOST).index, 1)}
    level = table[RIGHTS_COST].to_numpy(np.float64)
    rights = level - level[table.index.get_loc(found.baseline)]
    reach = max(float(np.abs(rights).max()), 1e-9)
    count = found.by_state["state"].nunique()
    differ = ", ".join(named(key) for key in found.uncertain)
    worlds = "one world" if count == 1 else f"{count} worlds, which differ in {differ}"
    unnamed = f" ({MOST} of {len(found.front)} are numbered)" if len(found.front) > MOST else ""
    limited = np.isfinite(found.budget)
    money = f" within {found.budget:,.0f} million euros" if limited else ""
    return Points(
        Caption(
            f"What does money buy, and at which price in rights{money}?",
            f"Against {found.reference} in the same worlds. Numbered, framed in black: portfolios that no other beats "
            f"in harm averted, disclosures that touch rights, money and turnaround at once{unnamed}. The table has "
            "their names, their largest regret, and in how many worlds they satisfy.",
            small_print(
                command, f"{counted(len(table), 'portfolio')} in {worlds}; upright lines: 95 % intervals over seeds."
            ),
        ),
        table.assign(
            panel=0,
            series="",
            x=table[MONEY],
            y=table[AVERTED],
            low=table["averted_low"],
            high=table["averted_high"],
            shade=rights,
            edge=np.where(table["front"], "black", "#BBBBBB"),
            words=[ranks.get(key, "") for key in table.index],
        ),
        [Pane("", "cost of the policy, million euros of 2024", "harm averted, billion USD of 2024")],
        {"": (BLACK, "", "o")},
        {"": ""},
        (8.6, 5.6),
        shades=TwoSlopeNorm(0, -reach, reach),
        bar="change in disclosures that touch rights, per year",
        lines=(("h", 0.0, "-"), *((("v", found.budget, "--"),) if limited else ())),
    )
