"""Tests of report.html: first sentences, numbers as in the tables, escaped text, no external files."""

import base64
import html
import re
from dataclasses import replace
from io import StringIO
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.experiments.design import plain
from sim.law.order import legal_order
from sim.measures.outcome import ShownIn, keys_of
from sim.measures.outcomes import shown_in
from sim.policy.places import Place, load_atlas, places_named
from sim.report import comparison, places, saying, tables
from sim.report.draw import FIGURES, draw_all, side_pictures
from sim.report.figures.effects import describe_side, side_figure
from sim.report.headline import leading, sentences
from sim.report.page import parts as elements
from sim.report.page.parts import Card, Chapter, Exhibit, Fold, Page, markdown, markdown_of, rendered, write_page
from sim.report.pages import page_of
from sim.report.phrases import named as cut
from sim.report.style import styled
from sim.report.view import PRICE, View
from sim.results.confidence import record
from sim.results.countries import COUNTRY_OUTCOMES, added
from sim.results.effects import Comparison, Verdict, is_clear
from sim.results.pooled import partners
from sim.results.words import cell, number, outward, relative, rough, rough_ends, rough_sizes, unbroken, wide_ends
from tests.experiments.fakes import experiment, view_of
from tests.report.pages import report_text, with_results, words_of
from tests.report.reading import Elements, answer_in, check_first_screen, check_quotable
from tests.report.test_words import entry as effect

HOSTILE = '<script>alert(1)</script> & "quotes" <img src=x onerror=alert(1)> {{ 7 * 7 }}'
DRAWING = (
    '<?xml version="1.0"?><!DOCTYPE svg><svg width="10pt" height="5pt" viewBox="0 0 10 5" role="img">'
    '<metadata>made</metadata><title id="t">One</title><defs><clipPath id="p1"/></defs>'
    '<g clip-path="url(#p1)"/><use href="#p1"/></svg>'
)


@pytest.fixture(scope="module")
def view(view: View) -> View:
    """The comparison of six scenarios, with sections for Brazil and ASEAN."""
    asked = replace(view.experiment, places=places_named("BRA, asean", "--for"))
    return View(asked, view.design, view.results)


@pytest.fixture(scope="module")
def page(view: View) -> str:
    """Page of the report, with one drawing under two names."""
    return rendered(page_of(view, ("forest", "ladder")), {"forest": DRAWING, "ladder": DRAWING})


def test_the_first_screen_says_what_was_found_and_how_sure_it_is(view: View, page: str) -> None:
    found = sentences(view)
    check_quotable(found)
    first = html.unescape(page.split("<main>")[0])
    assert view.worlds in found[2], "two reports of one policy differ by how many worlds they rest on"
    assert all(unbroken(text) in first for text in found) and f"<h1>{unbroken(found[0])}</h1>" in first


def test_a_terminal_says_what_each_policy_brings_each_place(view: View) -> None:
    shown = comparison.answer_in_short(view)
    for place, policy in product(view.experiment.places, view.reported):
        assert places.in_short(view, place, policy, places.Side(view, (place,))).replace("**", "") in shown


def test_what_cooperation_can_do_at_all_is_said_of_one_outcome(view: View) -> None:
    main = view.results.outcomes.query("block == 'main'")
    means = main.groupby("scenario")["takedowns_expected"].mean()
    none, today, full = (number(means[key]) for key in ("no_cooperation", "status_quo", "full_cooperation"))
    said = tables.bounds(view)
    assert f": {none} without any cooperation, {today} under “" in said and f"”, {full} if nothing" in said


def test_the_upper_bound_has_its_interval_on_the_scale_of_all_bars(view: View) -> None:
    outcomes = view.results.outcomes.assign(takedowns_expected=100.0)
    *_, still = tables.bars(with_results(view, outcomes))
    assert still.kind == "bound" and still.after == still.low == still.high == 1.0 and "as today" in still.words
    for key, gain in (("full_cooperation", 90.0), ("faster_mlat", 30.0)):
        mine = outcomes["scenario"] == key
        outcomes.loc[mine, "takedowns_expected"] += gain + outcomes.loc[mine, "seed"] % 2
    shown = with_results(view, outcomes)
    entry = shown.difference("full_cooperation", "takedowns_expected")
    assert entry is not None
    today, *_, bound = tables.bars(shown)
    reach = [1.0 + end for end in (0.0, entry.relative, entry.relative_low, entry.relative_high)]
    assert [today.today, bound.after, bound.low, bound.high] == pytest.approx(reach)
    lines = re.findall(r'<u style="left:([\d.]+)%;width:([\d.]+)%">', rendered(page_of(shown, ())))
    assert 0.0 < sum(map(float, lines[0])) < 99.0 < sum(map(float, lines[-1])) < 100.1


def of_policy(view: View, policy: str) -> set[str]:
    """All numbers that the first screen may give for a policy: changes, levels, intervals and price."""
    known = {*map(str, range(len(view.reported))), "10", *numbers_in(view.worlds), *numbers_in(record())}
    shown = ("takedowns_expected", "turnaround_median", "usable_within_12_months", *shown_in(ShownIn.RIGHTS))
    shown += ("ordinary_direct_per_year", "provider_median", *tables.EXECUTED, "executed_within_12_months")
    shown += ("abusive_executed_share", "persons_exposed_per_year", "unconverted_share")
    mine = [entry for entry in view.differences["main"] if entry.scenario == policy and entry.outcome in shown]
    for entry in mine:
        scale = 100.0 if entry.unit == "share" else 1.0
        worlds = view.of_worlds(view.baseline, entry.outcome)
        base = view.level(view.baseline, entry.outcome).value
        parts = [scale * part for part in (entry.difference, entry.low, entry.high, base, *worlds[1:3])]
        known |= {"100", *re.findall(r"[\d.]+", saying.of_100(entry))} if entry.unit == "share" else set()
        known |= {*rough_ends(entry, most=2)}
        parts += [100 * part for part in (entry.relative, entry.relative_low, entry.relative_high)]
        known |= {rough(value) for value in parts} | {*rough_sizes(scale * entry.low, scale * entry.high, entry.unit)}
        known |= {*wide_ends(scale * worlds.low, scale * worlds.high)} | {*saying.signed_ends(entry)}
        known |= set(saying.sizes(entry).removesuffix(" %").split(" to "))
    for rung in view.ladder:
        if rung.outcome == "takedowns_expected" and rung.scenario in (policy, view.baseline):
            share = rung.share
            known |= {rough(100.0 * share.value), *outward(100.0 * share.low, 100.0 * share.high), str(share.pairs)}
            known |= {"0", "100"}  # both ends of the way
    for entry in (entry.policy for entry in view.costs if entry.scenario == policy):
        known |= {rough(scale * part) for part in entry[:3] for scale in (1.0, 1e-3)}
    return {value.lstrip("−+") for value in known}


def numbers_in(text: str) -> set[str]:
    """Numbers in a text, except in names and in shares paid by groups of states."""
    bare = re.sub(r"“[^”]*”|\d+ % paid by|<[^>]*>", " ", text).replace("\u202f", " ").replace("\u00a0", " ")
    return {found.lstrip("−+") for found in re.findall(r"[−+]?\d+(?: \d{3})*(?:\.\d+)?", bare)}


@pytest.mark.parametrize("fastest", ["harmonised_law", "faster_mlat", "harmonised_and_faster"])
def test_every_number_of_the_first_screen_is_of_the_policy_that_it_names(view: View, fastest: str) -> None:
    """Every number on the first screen belongs to the policy that its sentence names."""
    outcomes = view.results.outcomes.copy()
    outcomes["takedowns_expected"] = 100.0 + outcomes["seed"]
    for place, policy in enumerate(view.policies):
        mine = (outcomes["scenario"] == policy).to_numpy()
        outcomes.loc[mine, "takedowns_expected"] += (31.0, 65.0, 48.0)[place] + outcomes.loc[mine, "seed"] % 2
        outcomes.loc[mine, "policy_cost"] = 130.0 * (place + 1) + outcomes.loc[mine, "seed"]
        outcomes.loc[mine, "abusive_executed_per_year"] = 200.0 + 11.0 * place + outcomes.loc[mine, "seed"]
        outcomes.loc[mine, "turnaround_median"] *= 0.1 if policy == fastest else 0.5 + 0.03 * place
    shown = with_results(replace(view, experiment=replace(view.experiment, places=())), outcomes)
    found = sentences(shown)
    check_quotable(found)
    first = html.unescape(rendered(page_of(shown, ())).split("<main>")[0])
    names = {title: key for key in shown.policies for title in (shown.title[key], cut(shown, key).strip("“”"))}
    subject = next(names[name] for name in re.findall(r"“([^”]*)”", found[0]) if name in names)
    for sentence in re.split(r"(?<=\.)\s+(?=[A-Z“0-9])", f"{found[0]} {found[2]}"):
        named = [names[name] for name in re.findall(r"“([^”]*)”", sentence) if name in names]
        assert numbers_in(sentence) <= of_policy(shown, (*named, subject)[0]), sentence
    cards = re.search(
        r'<p class="small">The world, with “(.*?)”, against .*?(<div class="cards".*?</div>\n</div>)', first, re.DOTALL
    )
    assert cards is not None and names[cards[1]] == subject
    assert len(numbers_in(cards[2])) >= 8 and numbers_in(cards[2]) <= of_policy(shown, subject)
    rows = re.findall(r"<tr(?: class=\"lead\")?><td>(.*?)</td>(.*?)</tr>", first, re.DOTALL)
    seen = {names[name]: numbers_in(row) for name, row in rows if name in names}
    assert set(seen) == set(shown.policies)
    for policy, numbers in seen.items():
        assert len(numbers) >= 2 and numbers <= of_policy(shown, policy), policy


def test_a_policy_has_one_price(view: View) -> None:
    """A policy's price is the same median on the first screen and in every table."""
    (brazil, _), policy = view.experiment.places, "harmonised_and_faster"
    outcomes, country = view.results.outcomes.copy(), view.results.breakdowns["country"].copy()
    for table in (outcomes, country):
        column = "policy_cost" if table is outcomes else "committed"
        mine, spent = (table["scenario"] == policy).to_numpy(), 100.0 * 3.0 ** (table["seed"] - table["seed"].min())
        there = table.get("state", brazil.rows[0]) == brazil.rows[0]
        table[column] = np.where(there, 7.0, 0.0) + np.where(mine & there, spent, 0.0)
    paid = with_results(view, outcomes, country=country)
    side = places.Side(paid, (brazil,))
    middle, low, high, _ = paid.price(policy)
    one, base = ("main", policy), ("main", paid.baseline)
    assert paid.price(Comparison(one, base, ((one, base),))).value == 0.0, "nothing is left over"
    assert middle == pytest.approx(outcomes.loc[outcomes["scenario"] == policy, "policy_cost"].median() - 7.0, rel=0.05)
    for row in (
        tables.rights(paid).splitlines()[-1],
        next(line for line in tables.changes(paid, policy).splitlines() if "Cost of the policy" in line),
        next(line for line in tables.levels(paid).splitlines() if "Cost of the policy" in line),
        next(line for line in tables.costs(paid).splitlines() if paid.marked[policy] in line),
        next(line for line in tables.by_change(paid, policy).splitlines() if "together" in line),
        next(line for line in places.changes(paid, brazil, side).splitlines() if "Cost of the policy" in line),
        places.in_short(paid, brazil, policy, side),
    ):
        assert f"{number(middle).removesuffix('.00')}" in row, row
    row = side.row(policy, brazil, "own_in_time_share")
    assert side.today(brazil, "own_in_time_share") == number(row.baseline_mean, row.unit)
    assert tables.price(paid.price(policy)) == (f"€{rough(middle)} million", f"{rough(low)} to {rough(high)}")


def test_a_page_is_well_formed_and_asks_for_nothing(page: str) -> None:
    elements = Elements(page)
    assert elements.open == []
    assert not [tag for tag, _ in elements.found if tag in ("script", "link", "iframe", "object", "embed", "img")]
    for _, attributes in elements.found:
        for name, value in attributes.items():
            assert not name.startswith("on"), name
            if name in ("href", "src", "xlink:href"):
                assert (value or "").startswith(("#", "data:text/csv")), value
    names = [attributes["id"] for _, attributes in elements.found if attributes.get("id")]
    assert len(names) == len(set(names)), "each id once, although two figures have the same"
    assert len(page.encode()) < 3_000_000


def test_every_table_has_a_caption_and_headers_with_a_scope(page: str) -> None:
    tables = re.findall(r"<table>.*?</table>", page, re.DOTALL)
    assert len(tables) > 10
    for table in tables:
        assert re.search(r"<caption>[^<]+</caption>", table)
        assert table.count("<th ") == table.count('scope="col"') > 0


def test_hostile_titles_are_text(view: View) -> None:
    titled = tuple(replace(entry, title=HOSTILE, question=HOSTILE, author=HOSTILE) for entry in view.design.scenarios)
    design = replace(view.design, scenarios=titled)
    made = rendered(page_of(View(view.experiment, design, view.results), ()))
    assert not re.search(r"<script|<img", made) and "{{ 7 * 7 }}" in made
    assert {tag for tag, _ in Elements(made).found} <= {tag for tag, _ in Elements(rendered(Page("x", ()))).found} | {
        *("p", "strong", "em", "code", "ul", "ol", "li", "a", "nav", "section", "div", "details", "summary", "br"),
        *("span", "i", "b", "u"),
        *("table", "caption", "thead", "tbody", "tr", "th", "td", "h2", "h3", "dt", "dd"),
    }
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in made


def test_a_file_inside_the_page_holds_the_numbers_of_its_table(view: View, page: str) -> None:
    links = dict(re.findall(r'download="([^"]+)" href="data:text/csv;charset=utf-8;base64,([^"]+)"', page))
    assert {"levels.csv", "forest.csv", "ladder.csv"} <= set(links)
    found = pd.read_csv(StringIO(base64.b64decode(links["forest.csv"]).decode()))
    entry = view.difference("faster_mlat", "turnaround_median")
    assert entry is not None
    row = found[(found["scenario"] == view.title["faster_mlat"]) & (found["outcome"] == entry.title)].iloc[0]
    assert row[["difference", "low", "high"]].tolist() == [entry.difference, entry.low, entry.high], "to the last digit"


def test_drawings_raw_html_and_numbers_in_a_page() -> None:
    found = str(elements.inline(DRAWING, "f1"))
    assert found.startswith("<svg") and "metadata" not in found and "width=" not in found
    assert 'id="f1-p1"' in found and "url(#f1-p1)" in found and 'href="#f1-p1"' in found
    found = str(markdown("<b>x</b> 1 234 567 and 12 ab, 5 %\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |", 'T "<'))
    assert "&lt;b&gt;" in found and "1\u202f234\u202f567 and 12 ab, 5\u00a0%" in found
    assert 'aria-label="T &#34;&lt;"' in found and '<td data-head="b" class="n">2</td>' in found


def test_a_run_has_a_report_as_well(tmp_path: Path) -> None:
    asked = experiment(tmp_path, ("faster_mlat",), replicates=2)
    single = view_of(asked, plain(asked))
    made = page_of(single, ["takedown_curves"])
    check_first_screen(made.answer)
    assert "comity compare" in made.answer[2]
    assert "Every outcome" in words_of(made) and Elements(rendered(made, {"takedown_curves": DRAWING})).open == []


def test_the_summary_is_the_short_form(view: View) -> None:
    text = markdown_of(page_of(view, ()))
    assert "()" not in text
    assert len(text.splitlines()) < 220
    assert all(re.sub(r"[“”]", "", sentence)[:20] in re.sub(r"[“”\\]", "", text) for sentence in sentences(view))
    assert "report.html" in text and "## Brazil (BRA)" in text and "## ASEAN (11 states)" in text
    assert len(report_text(view)) > 3 * len(text)


def test_each_figure_stands_under_its_question_and_those_of_places_under_none(view: View) -> None:
    drawn = ("side_1", "ladder", "forest", "state_map", "takedown_curves")
    found = {
        chapter.title: [one.name for one in chapter.figures]
        for chapter in page_of(view, drawn).sections
        if chapter.annex
    }
    assert [names for names in found.values() if names] == [["takedown_curves"], ["state_map"], ["ladder"]]
    sections = page_of(view, FIGURES).sections
    assert sorted(one.name for chapter in sections for one in chapter.figures) == sorted(FIGURES), "each of them"


def test_countries_of_a_group_add_up(view: View) -> None:
    """Columns of a table of country groups add up to the world."""
    table = view.main("country")
    groups = [place.rows for place in places.all_groups(view.experiment.world)]

    def summed(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.drop(columns=["block", "state"], errors="ignore").groupby(["scenario", "seed"], observed=True).sum()

    world, stateless = summed(table), summed(table[table["state"] == -1])
    both, by_income = (summed(added(table, rows)) for rows in (groups, [*groups[:4], groups[-1]]))
    world, stateless = (entry.loc[both.index, both.columns] for entry in (world, stateless))
    np.testing.assert_allclose(by_income.loc[both.index, both.columns], world)
    np.testing.assert_allclose(both, 2 * world - stateless)


def of_place(*paid: float, takedowns: float = 0.3) -> Any:
    """A study of one policy with the given costs of the first state, one for each world."""
    rows = [("main", 0, key, seed, cost * (key == "p")) for seed, cost in enumerate(paid) for key in ("b", "p")]
    table = pd.DataFrame(rows, columns=["block", "state", "scenario", "seed", "committed"])
    parts = {"short": {"p": "it"}, "baseline": "b", "worlds": "8 simulated worlds"}
    parts["difference"] = lambda *_: effect(difference=takedowns)
    return SimpleNamespace(
        **parts, pooled=lambda _, find: find(), outcomes=table, results=SimpleNamespace(breakdowns={"country": table})
    )


def test_words_of_a_place_agree_with_its_table() -> None:
    """The text on a country calls a change a gain or loss only if the table shows a clear effect."""
    rise = {"outcome": "own_in_time_share", "difference": 0.3, "low": 0.12, "high": 0.44}
    fall = {"outcome": "losses", "difference": -9.0, "low": -20.0, "high": 2.0, "unit": ""}
    fall["verdict"] = Verdict.NOT_DISTINGUISHABLE
    lost = {"outcome": "removed_for_it", "difference": -3.0, "low": -4.0, "high": -2.0}
    here = Place("Here", (0,))
    for rows, there, never in (
        ((rise,), ("would gain: own requests",), "clear"),
        ((fall,), ("no gain is clear: losses of its victims −9.00 (−20.0 to +2.00)",), "nothing"),
        ((fall, lost), ("no gain is clear", "it would lose: groups that hurt it taken down, by"), "nothing"),
        ((), ("would gain nothing",), "clear"),
        *(
            (({**rise, "verdict": one},), ("would gain nothing",), "clear")
            for one in (Verdict.IDENTICAL, Verdict.TOO_FEW)
        ),
        (
            ({**rise, "verdict": Verdict.FEW_WORLDS},),
            ("8 simulated worlds are too few to say what it would gain",),
            "would gain:",
        ),
    ):
        found = {str(row["outcome"]): effect(**row) for row in rows}
        side = SimpleNamespace(row=lambda _policy, _place, key, found=found: found.get(key))
        for paid, change, said_paid in ((7.0, 0.3, "€7.0 million"), (7.0, -0.3, "€7.0 million"), (0.0, 0.3, "nothing")):
            said = places.in_short(of_place(paid, paid, takedowns=change), here, "p", side)
            assert said.startswith(f"Under “it”, Here would pay {said_paid}"), said
            assert all(part in said for part in there) and never not in said.replace("pay nothing", ""), said
            none = "would gain:" not in said and "too few" not in said
            assert ("while others would gain" in said) == (paid > 0 and change > 0 and none)


def test_a_price_is_shown_where_anything_is_paid() -> None:
    for paid, verdict, said in (
        *(((5.0, 5.0), Verdict.DISTINGUISHABLE, "5.0"), ((4.0, 6.0), Verdict.NOT_DISTINGUISHABLE, "5.0 (4.0 to 6.0)")),
        *(((5.0, 5.0), one, None) for one in (Verdict.IDENTICAL, Verdict.UNDEFINED)),
    ):
        row = effect(outcome=PRICE, verdict=verdict)
        shown = places._cell(of_place(*paid), "p", Place("", (0,)), PRICE, SimpleNamespace(row=lambda *_, row=row: row))
        assert shown == (said or cell(row)), paid


def test_a_place_is_answered_by_the_policy_that_helps_its_own_requests_most() -> None:
    (brazil, *_), held = places_named("BRA", "--for"), SimpleNamespace(breakdowns={"country": 1})
    for gains, verdict, best in (
        *(((0.02, 0.05, 0.01), Verdict.DISTINGUISHABLE, "b"), ((-0.02, -0.05, -0.01), Verdict.DISTINGUISHABLE, "")),
        ((0.02, 0.05, 0.01), Verdict.NOT_DISTINGUISHABLE, ""),
    ):
        table = pd.DataFrame({"scenario": list("abc"), "difference": gains, "state": 0, "verdict": verdict})
        table = table.assign(outcome="own_in_time_share")
        study = SimpleNamespace(of_groups=lambda _, table=table: table, reported=list("abc"), results=held)
        assert places.helped_most(study, brazil) == best


def test_cards_of_a_place_say_from_what_to_what_and_what_may_be_chance(view: View) -> None:
    """Cards of a country give levels before and after, and say if a change may be chance."""
    (brazil, _), policy = view.experiment.places, "faster_mlat"

    def of(**rows: dict[str, object] | None) -> tuple[tuple[Card, ...], str, str]:
        found = {key: None if row is None else effect(unit="requests", **row) for key, row in rows.items()}
        side = SimpleNamespace(row=lambda _policy, _place, outcome: found.get(outcome))
        said = [write(view, brazil, policy, side) for write in (places.finding, places.more)]
        return places.cards(view, brazil, policy, side), *said

    rise = {"baseline_mean": 0.2, "scenario_mean": 0.5, "difference": 0.3, "low": 0.12, "high": 0.44}
    rise |= {"relative": 1.5, "relative_low": 0.6, "relative_high": 2.2}
    fall = {"baseline_mean": 400.0, "scenario_mean": 360.0, "difference": -40.0, "low": -60.0, "high": -20.0}
    fall |= {"relative": -0.1, "relative_low": -0.15, "relative_high": -0.05}
    work, accounts = "−10 % hours of work", "users’ accounts handed to other states: −10 %"
    (own, given, price, _), finding, more = of(
        in_time_share=rise, own_in_time_share=rise, executed=fall, hours=fall, persons_disclosed=fall
    )
    assert (own.value, own.then, own.detail) == ("+150 %", "about 20 → 50 of 100 requests", "60 to 220 % more")
    assert (own.today, own.quiet) == ("", False)
    assert (given.value, given.detail) == ("−10 %", f"5.0 to 15 % fewer; {work}; {accounts}")
    assert given.today == "Today about 400 in 10 years"
    assert not given.burden and not own.burden and "10 years" in price.title and "accounts" not in price.detail
    assert (
        "would raise the share of Brazil’s requests executed within a year from about 20 to 50 of 100, in this model."
        in finding
    )
    assert more.startswith("Brazil would pay ")
    assert more.endswith(" It would execute 10 % (5.0 to 15 %) fewer requests of other states.")
    more_work = {**fall, "difference": 40.0, "low": 20.0, "high": 60.0}
    more_work |= {"relative": 0.1, "relative_low": 0.05, "relative_high": 0.15}
    assert of(executed={**more_work, "scenario_mean": 440.0})[0][1].burden, "work for others is no gain"
    assert of(executed=fall, hours=more_work)[0][1].burden
    chance, few = ({**rise, "verdict": verdict} for verdict in (Verdict.NOT_DISTINGUISHABLE, Verdict.TOO_FEW))
    (own, given, price, _), finding, more = of(own_in_time_share=chance, executed={**few, "baseline_mean": 3.0})
    assert (
        (own.value, own.detail) == (saying.NO_CLEAR, "+60 to +220 %") and own.quiet and "about 20 of 100" in own.today
    )
    assert (given.value, given.detail, given.quiet) == ("too few to say", "", True) and "about 3.0" in given.today
    assert "accounts" not in given.detail and "has an unclear effect on how many requests of Brazil" in finding
    assert more.endswith(" It would execute about as many requests of other states as today.")
    worlds = {**rise, "verdict": Verdict.FEW_WORLDS}
    (own, given, *_), finding, more = of(own_in_time_share=worlds, executed=worlds)
    assert own.value == given.value == "too few worlds to say" and "raise" not in finding + more
    assert f"{view.worlds} are too few to say" in finding and "too few to say" in more
    (own, *_), finding, _ = of(own_in_time_share={**rise, "verdict": Verdict.UNDEFINED})
    assert (own.value, own.detail) == ("none", "") == (of()[0][1].value, of()[0][1].detail)
    hardly = {**rise, "verdict": Verdict.HARDLY}
    (own, *_), finding, _ = of(own_in_time_share=hardly)
    assert (own.value, own.quiet) == ("change under 2 %", True) and "would hardly change" in finding
    down = {"baseline_mean": 0.5, "scenario_mean": 0.2, "difference": -0.3, "low": -0.44, "high": -0.12}
    down |= {"relative": -0.6, "relative_low": -0.88, "relative_high": -0.24}
    (own, *_), finding, _ = of(own_in_time_share=down)
    assert (
        "would lower the share of Brazil’s requests executed within a year from about 50 to 20 of 100, in this model."
        in finding
    )
    assert own.burden


def test_bottlenecks_are_sorted_by_waiting(view: View) -> None:
    asian = places_named("Asia", "--for")[0]
    rows = [line.split("|")[1:-1] for line in places.bottlenecks(view, asian).splitlines() if line.startswith("|")][2:]
    shares = [float(row[2].strip().removesuffix(" %")) for row in rows]
    assert shares == sorted(shares, reverse=True) and 0 < sum(shares) <= 100
    waits = view.main("pairs")[view.main("pairs")["requesting"].isin(asian.rows).to_numpy()]
    for place, key in enumerate((view.baseline, *(key for key in view.reported if key in view.asking)), 3):
        medians = partners(waits[(waits["scenario"] == key).to_numpy()])["median_months"]
        names = {code: load_atlas().names[legal_order().states[int(code)]] for code in medians.index}
        named = {names[code]: number(months) for code, months in medians.items()}
        assert [row[place].strip() for row in rows] == [named[row[0].strip()] for row in rows]


def test_a_page_is_written_in_both_forms_from_one_source(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "one.svg").write_text(DRAWING, "utf-8")
    figures = (Exhibit("What", "one"), Exhibit("Gone", "two"))
    section = Chapter("More", "| a |\n| --- |\n| <b>1</b> |", figures, (Fold("long", "folded"),))
    made = Page(f"A *title* {HOSTILE}", ("Asked.", f"The answer {HOSTILE}."), (), (Chapter("Nothing"), section))
    assert write_page(made, tmp_path) == tmp_path / "report.html"
    shown = (tmp_path / "report.html").read_text("utf-8")
    assert "<script" not in shown and "<b>" not in shown and "Nothing" not in shown and "folded" in shown
    assert Elements(shown).open == [] and shown.count("<figure>") == 1, "a figure that is not there is left out"
    text = (tmp_path / "summary.md").read_text("utf-8")
    assert text.startswith("# A \\*title\\* ") and "## Nothing" not in text and "folded" not in text
    assert "![What](figures/one.png)" in text and "report.html" in text, "what is folded is elsewhere"


def test_published_pages_begin_with_what_can_be_read_and_a_fold_without_a_file_has_no_link() -> None:
    """Stored pages start with readable text, and collapsible sections without a file have no link."""
    for name in ("ablation", "cases", "validation"):
        found = answer_in((Path(__file__).parents[2] / "docs" / f"{name}.md").read_text("utf-8"))
        check_first_screen(tuple(part for part in found if not part.startswith("Not of today's model")))
    bare = rendered(Page("T", (), (), (Chapter("S", "x", (Exhibit("F", "f", "c"),), (Fold("more", "y"),)),)))
    assert "download=" not in bare
    kept = rendered(Page("T", (), (), (Chapter("S", "x", (), (Fold("more", "y", "a.csv", "1\n"),)),)))
    assert 'download="a.csv"' in kept


def test_a_place_has_a_figure_of_its_own(view: View, tmp_path: Path) -> None:
    """The figure of a country shows its table's differences relative to the baseline."""
    brazil = view.experiment.places[0]
    drawn = draw_all(view, tmp_path, lambda _: None, side_pictures(view.experiment.places))
    assert drawn == ["side_1", "side_2"]
    assert "Brazil (BRA)" in html.unescape((tmp_path / "side_1.svg").read_text("utf-8"))
    with styled():
        shown = side_figure(view, brazil)
        assert shown is not None
        axes = shown.draw().axes[0]
    marks = {round(float(line.get_xdata()[0]), 9) for line in axes.lines if len(line.get_xdata()) == 1}
    rows = [
        places.Side(view, (brazil,)).row("faster_mlat", brazil, key)
        for key in keys_of(COUNTRY_OUTCOMES, ShownIn.FOREST)
    ]
    known = [row for row in rows if row is not None and np.isfinite(row.relative_low)]
    assert known and all(round(row.difference / row.baseline_mean, 9) in marks for row in known)
    said, side = describe_side(view, brazil), places.Side(view, (brazil,))
    assert f"“{view.title[leading(view)]}”" in said
    for key in keys_of(COUNTRY_OUTCOMES, ShownIn.FOREST):
        row = side.row(leading(view), brazil, key)
        there = row is not None and is_clear(row) and np.isfinite(row.relative_low)
        assert (f"{places.TITLE[key].title.lower()} {relative(row)}" in said) == there if row else True, key
