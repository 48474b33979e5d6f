"""What a policy costs: every lever is priced or named, and the sums are those one can do by hand."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from sim.data.costs import LEDGER, Payer, drawn_prices, unit_costs, wage_level
from sim.data.load import read_table
from sim.law.days import to_day
from sim.law.order import LegalOrder, legal_order
from sim.policy.costing import spend
from sim.policy.levers import LEVERS, bounds
from sim.policy.listing import price_of
from sim.policy.scenario import Scenario, catalogue, load
from sim.policy.scenario_timeline import timeline_of
from sim.policy.spending import Cost, Price, Spending
from sim.policy.timeline import Step
from sim.world.baseline import Baseline
from tests.policy.conftest import END, POLICY_START, Write, change

Costs = Callable[[Scenario], Spending]
START, STOP = to_day(POLICY_START), to_day(END)
UNPRICED = {*(lever.name for lever in bounds.LEVERS), "channels.closed"}


@pytest.fixture
def costs(order: LegalOrder, before: Baseline) -> Costs:
    return lambda scenario: spend(
        timeline_of(scenario, order, POLICY_START, END).steps, before, STOP, costs=scenario.costs
    )


def test_unit_costs_are_declared_with_range_and_source() -> None:
    for cost in unit_costs().values():
        assert 0 < cost.low < cost.central < cost.high
    assert all(row["source"] and row["unit"] and row["title"] for row in read_table("unit_costs.csv").rows)
    wages = wage_level()
    assert wages.min() >= 0.05 and wages.max() <= 1.2
    order = legal_order()
    assert wages[order.index("CHE")] > wages[order.index("POL")] > wages[order.index("NGA")]


def test_worlds_draw_prices_from_the_whole_range_and_people_move_together() -> None:
    """Half of 2,000 worlds lie below the central price, ± 5 %: four and a half standard deviations."""
    drawn = [drawn_prices(str(world)) for world in range(2000)]
    assert drawn[7] == drawn_prices("7")
    for name, unit in unit_costs().items():
        found = np.array([prices[name] for prices in drawn])
        assert unit.low <= found.min() < unit.at(0.02) and unit.at(0.98) < found.max() <= unit.high, name
        assert np.mean(found < unit.central) == pytest.approx(0.5, abs=0.05), name
    court, lawyer, template = (
        np.array([prices[name] for prices in drawn]) for name in ("staff_court", "staff_authority", "template")
    )
    assert np.corrcoef(court, lawyer)[0, 1] > 0.99 and abs(np.corrcoef(court, template)[0, 1]) < 0.1


def test_levers_without_a_price_are_bounds_politics_and_revisions_of_instruments() -> None:
    """A new lever is not among them unless it is meant to be."""
    found = {name for name, lever in LEVERS.items() if lever.charges is None}
    assert found == UNPRICED | {name for name in LEVERS if name.startswith(("politics.", "instrument."))}


def test_a_ramp_ends_at_the_same_salaries_and_a_cut_saves_them(write: Write, costs: Costs) -> None:
    at_once = costs(write(change("central_authority.staff", "+50 %")))
    ramped = costs(write(change("central_authority.staff", "+50 %", more="    ramp: 24 months\n")))
    assert ramped.a_year(STOP - 1) == pytest.approx(at_once.a_year(STOP - 1))
    assert ramped.total(START, STOP) < at_once.total(START, STOP)
    assert costs(write(change("central_authority.staff", "50 %"))).total(START, STOP) < 0


def test_treaties_cost_each_state_once_however_they_come(write, costs, order, before):
    entry = "    states: [BRA, IND]\n"
    treaty = costs(write(change("law.join", "un_convention", more=entry)))
    wages = wage_level()[[order.index("BRA"), order.index("IND")]].sum()
    price = sum(unit_costs()[name].central for name in ("ratification", "legislation"))
    assert treaty.ledger["once"].sum() == pytest.approx(price * wages)
    assert treaty.a_year(START + 1) == pytest.approx(unit_costs()["contact_point"].central * wages)
    process = "    process: {course: ratification, pace: 90 x}\n"
    scenario, late = write(change("law.join", "un_convention", more=entry + process)), date(2099, 1, 1)
    drawn_out = timeline_of(scenario, order, POLICY_START, late)
    drawn = spend(drawn_out.steps, before, to_day(late))
    assert drawn.ledger["once"].sum() == pytest.approx(treaty.ledger["once"].sum())


def test_what_is_not_for_sale_is_named(costs: Costs) -> None:
    unpriced = {"geopolitical_thaw": "politics", "no_cooperation": "channels", "full_cooperation": "friction"}
    for key, names in unpriced.items():
        found = costs(load(key))
        assert found.total(START, STOP) == 0
        assert all(name.startswith(names) for name in found.unpriced) and found.unpriced
        assert "Without a price" in price_of(load(key))


def test_costs_that_a_file_names_itself(write: Write, costs: Costs) -> None:
    body = "costs:\n  - {what: Secretariat, once: 500 k€, yearly: 2 M€ a year, from: 2028-01-01, payer: liaison}\n"
    found = costs(write(body))
    years = (STOP - to_day(date(2028, 1, 1))) / 365.25
    assert found.total(START, STOP) == pytest.approx(5e5 + 2e6 * years)


def test_a_sum_holds_its_first_day_and_not_its_last() -> None:
    """Ten euros once and 365.25 a year from day 100 to day 200: a euro a day."""
    found = Spending(np.array([(Payer.COURT, 0, 100.0, 200.0, 10.0, 365.25)], LEDGER), ())
    spans = {(0, 100): 0, (0, 101): 11, (100, 150): 60, (101, 150): 49, (150, 900): 50, (200, 900): 0}
    for (start, end), euros in spans.items():
        assert found.total(start, end) == pytest.approx(euros), (start, end)
    assert [found.a_year(day) for day in (99, 100, 199, 200)] == [0, 365.25, 365.25, 0]


def test_a_cost_ends_on_its_own_day_or_with_the_run(before: Baseline) -> None:
    for until, years in ((date(2029, 1, 1), 731 / 365.25), (date(2099, 1, 1), (STOP - START) / 365.25)):
        cost = Cost("Secretariat", 0.0, 1e6, POLICY_START, until, Payer.LIAISON)
        assert spend((), before, STOP, costs=(cost,)).total(0, STOP * 9) == pytest.approx(1e6 * years)


def test_a_law_that_no_lever_makes_is_not_paid(before: Baseline, order: LegalOrder, write: Write) -> None:
    """Amendments are paid through the lever that makes them; a step names it."""
    steps = timeline_of(write(change("law.core_offences", "5 years")), order, POLICY_START, END).steps
    assert spend(steps, before, STOP).total(START, STOP) > 0
    nameless = [Step(step.on, amendments=step.amendments) for step in steps]
    assert spend(nameless, before, STOP).total(START, STOP) == 0


def test_every_scenario_has_a_price_with_its_range(order: LegalOrder, before: Baseline) -> None:
    for key in catalogue():
        steps = timeline_of(load(key), order, POLICY_START, END).steps
        low, central, high = (spend(steps, before, STOP, price.prices).total(START, STOP) for price in Price)
        assert low <= central <= high < np.inf, key
