"""Tests of weights of states, requests to providers and prices, against loops over the data files."""

import csv
import math
from datetime import date
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim.data
from sim.data import costs, geography, own, providers
from sim.data.geography import CrimeGeography, ProviderClass
from sim.data.load import (
    DataError,
    _laid_over,
    _listed,
    check_files,
    derived,
    key_of,
    parse_date,
    parse_table,
    read_text,
    states,
)
from sim.data.spreadsheet import as_csv, harmless, write_rows

FOLDER = Path(sim.data.__file__).parent
STATES = states()


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


COUNTRIES = {row["iso3"]: row for row in rows("countries.csv")}


def number(text: str, missing: float = 0.0) -> float:
    return float(text) if text else missing


def figures(column: str) -> np.ndarray:
    return np.array([number(COUNTRIES[state][column]) for state in STATES])


def part(values: np.ndarray) -> np.ndarray:
    return np.asarray(values / sum(values))


def governed(state: str) -> float:
    """Expected governance score of a state, 0–1: mean of three indicators."""
    names = ("wgi_rule_of_law", "wgi_gov_effectiveness", "wgi_control_corruption")
    found = [(number(COUNTRIES[state][name], 5 * 0.72 - 2.5) + 2.5) / 5 for name in names]
    return min(max(sum(found) / 3, 0.0), 1.0)


def metric(name: str) -> np.ndarray:
    values = {row["iso3"]: float(row["value"]) for row in rows("crime_geography.csv") if row["metric"] == name}
    return np.array([values.get(state, 0.0) for state in STATES])


def test_governance_and_rule_of_law_follow_the_rule_at_the_head() -> None:
    found, parties = (
        CrimeGeography.load(),
        {r["iso3"] for r in rows("budapest_convention.csv") if r["participation"] == "party"},
    )
    for place, state in enumerate(STATES):
        row, wgi = COUNTRIES[state], governed(state)
        index = number(row["gci_2024"], 100 * wgi) / 100
        assert found.governance[place] == pytest.approx(0.75 * wgi + 0.25 * index), state
        law = min(max((number(row["wgi_rule_of_law"], 5 * wgi - 2.5) + 2.5) / 5, 0.0), 1.0)
        assert found.rule_of_law[place] == pytest.approx(law), state
        prior = 1 / (1 + math.exp(-8 * (0.4 - wgi)))
        assert found.bulletproof[place] == pytest.approx(prior * (0.7 if state in parties else 1.0)), state
    assert sum("" in (row["wgi_rule_of_law"], row["gci_2024"]) for row in COUNTRIES.values()) >= 2, "some lack figures"
    assert geography.governance_tier(np.array([0.7, 0.69, 0.55, 0.54, 0.4, 0.39])).tolist() == [0, 1, 1, 2, 2, 3]
    assert found.governance_tier.tolist() == geography.governance_tier(found.governance).tolist()
    with pytest.raises(ValueError, match="read-only"):
        found.governance[0] = 0.5


def test_people_money_and_crime_are_where_the_files_say() -> None:
    found, users = CrimeGeography.load(), figures("population") * figures("internet_users_pct") / 100
    np.testing.assert_allclose(found.internet_users, users)
    for kind, name in enumerate(geography.INDEX_METRICS):
        np.testing.assert_allclose(found.wci[kind], 0.98 * part(metric(name)) + 0.02 * part(users))
    np.testing.assert_allclose(found.cashout, part(0.8 * found.wci[4] + 0.2 * part(figures("gdp_usd"))))
    online = [gdp * share for gdp, share in zip(figures("gdp_usd"), figures("internet_users_pct"), strict=True)]
    np.testing.assert_allclose(found.victims, part(np.array(online)))
    addresses = part(np.array([share**0.8 for share in metric("ipv4_share")]))
    expected = 0.55 * addresses
    for name, weight in (("hyperscale_dc_capacity_share", 0.25), ("botnet_c2_share", 0.2)):
        known = metric(name)
        others = part(np.where(known > 0, 0.0, addresses))
        expected = expected + weight * (known / 100 + max(0.0, 1 - known.sum() / 100) * others)
    np.testing.assert_allclose(found.hosting, part(expected))
    filled = geography._completed(np.array([50.0, 0.0, 0.0]), np.array([0.5, 0.375, 0.125]))
    assert filled.tolist() == [0.5, 0.375, 0.125] and geography._completed(np.array([101.0, 0.0]), np.ones(2))[1] == 0.0
    places, classes = found.places_of_providers()
    majors = [row["provider"] for row in rows("provider_weights.csv")]
    seats = {row["provider"]: row["hq_iso3"] for row in rows("providers.csv")}
    assert [STATES[place] for place in places] == [seats[name] for name in majors] + 2 * list(STATES)
    assert np.bincount(classes).tolist() == [len(majors), len(STATES), len(STATES)]
    assert classes[len(majors)] == ProviderClass.HOST and found.providers[-1].market_share == pytest.approx(
        part(users)[-1]
    )
    assert found.providers[len(majors)].market_share == found.hosting[0]
    assert [found.providers[k].market_share for k in range(len(majors))] == [
        float(r["share"]) for r in rows("provider_weights.csv")
    ]


def of_2021(provider: str, kind: str, times: str = "") -> np.ndarray:
    """Requests of a kind to a provider in 2021 by state, or only those that returned data."""
    found = dict.fromkeys(STATES, 0.0)
    for row in rows("provider_requests.csv"):
        if (row["provider"], row["kind"]) == (provider, kind) and row["period_end"] >= "2021":
            found[row["state"]] += float(row["requests"]) * (number(row[times]) if times else 1.0)
    return np.array(list(found.values()))


def all_large(kind: str, google: np.ndarray) -> np.ndarray:
    """Expected requests of a kind to all large providers, by state."""
    parts, shape, apple = providers.ordinary_parts(), google / google.sum(), of_2021("Apple", kind)
    apple[STATES.index("USA")] = 0.0
    apple = np.where(apple > 0.0, apple / apple.sum() * shape[apple > 0.0].sum(), shape)
    half = (1.0 - parts["Google"] - parts["Apple"]) / 2
    return google.sum() / parts["Google"] * ((parts["Google"] + half) * shape + (parts["Apple"] + half) * apple)


def test_requests_in_ordinary_cases_are_those_counted_scaled_to_all_providers() -> None:
    table = rows("provider_weights.csv")
    google = float(next(row["share"] for row in table if row["provider"] == "Google"))
    sizes = {row["provider"]: number(row["ordinary"], float(row["share"]) / google) for row in table}
    share = 1.0 / sum(sizes.values())
    assert providers.ordinary_parts() == pytest.approx({name: size * share for name, size in sizes.items()})
    users, law = np.linspace(0.0, 1.8e8, len(STATES)), np.linspace(0.1, 0.9, len(STATES))
    found = providers.ordinary_requests(users, law, 0.8)
    counted = {
        row["state"]: float(row["requests"])
        for row in rows("provider_states.csv")
        if row["provider"] == "Google" and row["door"] == "open" and row["state"] != "USA"
    }
    usual = 2 * np.exp(1.25 + 3.75 * law) * (users / 1e6) ** 0.825
    google = np.array([counted.get(state, 0.0) for state in STATES])
    google = np.where((google > 0.0) & (users > 0.0), google, usual)
    np.testing.assert_allclose(found.direct, all_large("direct", google) / 12 / 0.8)
    urgent, kept = of_2021("Google", "emergency"), of_2021("Google", "preservation")
    answered = of_2021("Google", "emergency", "share")
    np.testing.assert_allclose(found.emergency, all_large("emergency", urgent) / 12)
    np.testing.assert_allclose(found.preservation, all_large("preservation", kept) / 12)
    share_of = np.divide(answered, urgent, out=np.full(len(STATES), answered.sum() / urgent.sum()), where=urgent > 0.0)
    np.testing.assert_allclose(found.emergency_share, share_of)
    asked = np.zeros((2, len(STATES)))
    for row in rows("provider_assistance.csv"):
        asked[providers.ASSISTING.index(row["assisting"]), STATES.index(row["requesting"])] += float(row["requests"])
    np.testing.assert_allclose(found.assisted, asked / 36 * math.exp(0.1) / share)
    np.testing.assert_allclose(providers.ordinary_requests(users, law, 0.0).direct, found.direct * 0.8 / 0.01)
    early, late = (providers.counted_requests("direct", "Google", since)[0].sum() for since in ("2019", "2021"))
    assert early >= late and (early == late) == all(r["period_end"] >= "2021" for r in rows("provider_requests.csv"))


def test_what_providers_publish_of_states_and_how_others_answer() -> None:
    names = ["Apple", "Google"]
    since, share = providers.read_of_states(names)
    seen = np.zeros(since.shape, bool)
    for row in rows("provider_states.csv"):
        if row["provider"] in names:
            at = names.index(row["provider"]), STATES.index(row["state"])
            seen[at] = True
            day = date.fromisoformat(row["since"]).toordinal() if row["since"] else -math.inf
            assert since[at] == (math.inf if row["door"] == "shut" else day)
            np.testing.assert_equal(share[at], number(row["share"], math.nan))
    assert seen.any() and np.isnan(since[~seen]).all() and np.isnan(share[~seen]).all()
    for row in rows("provider_answers.csv"):
        found = providers.answers_of_major(row["provider"])
        assert found.policy == row["answers"]
        assert found.since == (parse_date(row["since"], "", "").toordinal() if row["since"] else -math.inf)
    blocking = {row["iso3"] for row in rows("data_protection.csv") if row["rule"] == "blocking"}
    assert {state for state in STATES if providers.answers_of_others(state).policy == "never"} == blocking & set(STATES)
    belong = {row["iso3"] for row in rows("memberships.csv") if row["body"] == "Europol" and row["kind"] == "member"}
    assert {state for state, one in zip(STATES, providers.single_points(), strict=True) if one} == belong
    with pytest.raises(DataError, match="has no row"):
        providers.answers_of_major("Nobody")


def test_a_price_is_drawn_over_its_range_and_wages_follow_income() -> None:
    cost = costs.UnitCost("euros", 1.0, 4.0, 64.0)
    assert [cost.at(share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)] == pytest.approx([1.0, 2.0, 4.0, 16.0, 64.0])
    people = [name for name, one in costs.unit_costs().items() if one.unit in costs._OF_PEOPLE]
    drawn = np.array([[costs.drawn_prices(str(key))[name] for name in people] for key in range(200)])
    assert (np.corrcoef(np.argsort(np.argsort(drawn, axis=0), axis=0).T) > 0.999).all(), "all wages together"
    for column, name in zip(drawn.T, people, strict=True):
        one = costs.unit_costs()[name]
        assert (column >= one.low).all() and (column <= one.high).all()
        assert np.mean(column < one.central) == pytest.approx(0.5, abs=0.11)  # three standard errors of 200
    gdp, population = figures("gdp_usd"), figures("population")
    for place, level in enumerate(costs.wage_level()):
        income = gdp[place] / max(population[place], 1.0)
        usual = min(max((income / costs.RICH_USD) ** costs.WAGE_EXPONENT, costs.WAGE_LEAST), costs.WAGE_MOST)
        assert level == pytest.approx(usual if gdp[place] > 0 else 1.0)


def test_a_damaged_table_names_its_line_and_dates_may_be_short() -> None:
    assert all(derived(row["name"]) == float(row["value"]) for row in rows("derived.csv"))
    table = parse_table("x.csv", "a,b,c\n1,,x\n2,2020-05,\n")
    assert [table.number(row, "b", 7.0) for row in table.rows[:1]] == [7.0] and table.number(table.rows[1], "a") == 2.0
    assert table.day(table.rows[0], "b") is None and table.day(table.rows[0], "b", date.min) == date.min
    assert table.day(table.rows[1], "b") == date(2020, 5, 1) and key_of(table.rows[0]) == "1, x"
    assert [parse_date(text, "", "") for text in ("2026", "2026-02", "2026-02-03")] == [
        *(date(2026, 1, 1), date(2026, 2, 1), date(2026, 2, 3))
    ]
    for text, said in (("", "is empty"), ("a,b\n1\n", "line 2: 1 values for 2 columns")):
        with pytest.raises(DataError, match=said):
            parse_table("x.csv", text)
    for call in (lambda: table.number(table.rows[0], "b"), lambda: table.day(table.rows[0], "c")):
        with pytest.raises(DataError, match=r"x\.csv: 1, x: [bc] = '.*' is not a"):
            call()


def test_a_shipped_file_that_was_cut_within_a_line_is_refused_wherever_the_cut_is(tmp_path, monkeypatch) -> None:
    """A shipped data file that was cut off within a line is refused, but a user's file is not."""
    (tmp_path / "comity_cut").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    whole = read_text("parties.csv")
    for package, kept in (("comity_cut", whole), ("comity_cut", ""), ("sim.data", whole)):
        (tmp_path / "comity_cut" / "parties.csv").write_text(kept, "utf-8")
        assert read_text("parties.csv", package) == kept
    end = whole.rstrip("\n").rindex("\n") + 1
    for kept in (whole[:-1], whole[: end + 1], whole[: end // 2].rstrip("\n")):
        (tmp_path / "comity_cut" / "parties.csv").write_text(kept, "utf-8")
        with pytest.raises(DataError, match=r"comity_cut/parties\.csv: .*truncated"):
            read_text("parties.csv", "comity_cut")


def test_own_rows_take_the_place_of_those_with_their_key_where_each_row_has_one() -> None:
    shipped = [{"iso3": "AUT", "n": 1}, {"iso3": "BEL", "n": 2}]
    more = [{"iso3": "BEL", "n": 3}, {"iso3": "XKX", "n": 4}]
    assert _laid_over(shipped, more, "iso3") == [shipped[0], *more]
    twice = [*shipped, shipped[0]]
    assert _laid_over(twice, more, "iso3") == [*twice, *more] and _listed("x.yaml", "- a: 1\n") == [{"a": 1}]
    for text in ("a: 1\n", "- 1\n", "- a: 1\n- b\n"):
        with pytest.raises(DataError, match=r"x\.yaml"):
            _listed("x.yaml", text)


def test_a_folder_of_own_parts_holds_what_can_be_one_and_nothing_else(tmp_path, monkeypatch) -> None:
    (tmp_path / "data").mkdir()
    for words in ("holds no part", "no such folder"):
        with pytest.raises(own.OwnPartError, match=words):
            own.read(tmp_path / ("x" if "such" in words else ""))
    (tmp_path / "levers.py").write_text("A = [1, 2, 1.5]\nB = 3\n")
    (tmp_path / "data" / ".hidden").write_text("x")
    (tmp_path / "data" / "parties.csv").write_text("é")
    found = own.read(tmp_path)
    assert found == {"levers.py": "A = [1, 2, 1.5]\nB = 3\n", "data/parties.csv": "é"}
    assert own.hashed(found) == sha256("data/parties.csv\0é\0levers.py\0A = [1, 2, 1.5]\nB = 3\n".encode()).hexdigest()
    monkeypatch.setenv(own.PLACE, str(tmp_path))
    monkeypatch.setattr(own, "MADE", {})
    monkeypatch.setattr(own, "texts", own.texts.__wrapped__)  # read again each time
    (tmp_path / "data" / "partys.csv").write_text("")
    with pytest.raises(DataError, match=r"data/partys\.csv: no data file has this name"):
        check_files.__wrapped__()
    for shipped, named, said in (([9], "n{}", ""), ([9], "N{}", "n.*not a name"), ([9], "n", "taken")):
        if said:
            with pytest.raises(own.OwnPartError, match=said):
                own.made_by("levers.py", int, named.format, shipped)
        else:
            made = own.made_by("levers.py", int, named.format, shipped)
            assert made == own.MADE[f"{tmp_path.name}/levers.py"] == [1, 2, 3]
    with pytest.raises(own.OwnPartError, match="makes none of the levers"):
        own.made_by("levers.py", bytes, str, [])
    assert own.made_by("outcomes.py", int, str, []) == []
    assert own.layout() == ""
    (tmp_path / own.DATA / own.PARAMETERS).write_text("x")
    assert len(own.layout()) == 64
    (tmp_path / "data" / "parties.csv").write_bytes(b"\xff")
    for name, words in (("outcomes.py", r"parties\.csv: cannot be read"), ("a.py", r"a\.py: not a part")):
        (tmp_path / name).write_text("")
        with pytest.raises(own.OwnPartError, match=words):
            own.read(tmp_path)
    with pytest.raises(own.OwnPartError, match=r"m\.py:2: cannot be imported \(ZeroDivisionError: division by zero"):
        own.module_of("comity_m", "m.py", "a = 1\nb = a / 0\n")


def test_no_cell_is_run_by_a_spreadsheet_and_numbers_stay(tmp_path: Path) -> None:
    for cell, safe in (
        *(("=1+1", "'=1+1"), (" @x", "' @x"), ("\tx", "'\tx"), ("a;-b", "a;'-b"), ("-1.5e3", "-1.5e3"), ("−x", "−x")),
        *(("-1;+2", "-1;+2"), ("x=1", "x=1"), (-3, -3), ("＝1", "'＝1"), ("-1x", "'-1x")),
    ):
        assert harmless(cell) == safe, cell
    table = pd.DataFrame({"=a": [-1.5, 2.0], "b": ["=x", "y"]})
    assert as_csv(table) == "'=a,b\n-1.5,'=x\n2.0,y\n" and list(table) == ["=a", "b"]
    write_rows([["=a", "b"], [-1, "+x"]], tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text() == "'=a,b\n-1,'+x\n"
