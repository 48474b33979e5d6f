"""Tests of rewriting the stored league's first screen: numbers equal its tables, and the rest is unchanged."""

import html

import pandas as pd

from docs.programs.league_page import LEAGUE, renewed, stored
from docs.programs.stored_reports import REFERENCE
from sim.report import saying
from sim.results.league import RANKED_BY
from sim.results.words import unbroken


def test_every_row_of_the_first_screen_is_that_of_the_table_and_what_is_below_stays() -> None:
    page, summary = renewed(LEAGUE, REFERENCE)
    old = (LEAGUE / "report.html").read_text("utf-8")
    first, rest = html.unescape(page).split("<main>")
    assert rest == html.unescape(old).split("<main>")[1]
    known, places = stored(LEAGUE, REFERENCE), pd.read_csv(LEAGUE / "league.csv")
    for policy in places[places["place"] > 0].sort_values("place")["scenario"].head(8):
        effect = known.effects[policy, RANKED_BY]
        said = saying.change(effect)
        assert said in summary and unbroken(said) in first, policy
