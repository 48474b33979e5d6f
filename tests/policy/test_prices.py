"""Tests of each lever's cost by state, for first and repeated changes, by hand.

Prices are those at the upper end, as some are 1 at the centre. Only what is new is paid.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from sim.data.costs import LEDGER, Payer, drawn_prices, unit_costs, wage_level
from sim.data.geography import CrimeGeography
from sim.data.load import read_table
from sim.data.providers import single_points
from sim.law.amendments import Amendment, Conclude, GrantPowers, Join, Ratify, RemoveDataConflict, SetImplementation
from sim.law.days import to_day
from sim.law.order import LegalOrder
from sim.law.vocabulary import DataKind
from sim.policy.in_numbers import InNumbers
from sim.policy.levers import LEVERS, spend
from sim.policy.levers.authorities import adopting_pairs
from sim.policy.listing import price_of
from sim.policy.places import load_atlas
from sim.policy.scenario import Scenario, catalogue, load
from sim.policy.scenario_timeline import timeline_of
from sim.policy.spending import Cost, Price, Spending, SpendingLedger
from sim.policy.timeline import Assignment, Step
from sim.world.baseline import Baseline, body_persons, posts_abroad
from sim.world.parameters import Parameters
from sim.world.records import DeskKind
from tests.policy.conftest import END, POLICY_START, Write, change

STATES = load_atlas().states
SIZE = len(STATES)
AUT, BEL, BRA, CHE, IND, USA = (STATES.index(state) for state in ("AUT", "BEL", "BRA", "CHE", "IND", "USA"))
STATE_DESKS = (DeskKind.OUTGOING, DeskKind.INCOMING, DeskKind.COURT, DeskKind.FORENSIC)
WAGES = wage_level()
SYSTEMS = np.minimum(np.sqrt(WAGES), 1.0)
ON, RUN = date(2027, 1, 1), 5000.0
#: Euros by state.
Bill = dict[int, float]


def unequal() -> Baseline:
    """A baseline with few persons per desk, one provider in Austria, and without Switzerland."""
    number = np.arange(SIZE)
    inside = np.ones(SIZE, np.bool_)
    inside[CHE] = False
    electronic = np.zeros((SIZE, SIZE), np.bool_)
    electronic[USA, BRA] = True
    return Baseline(
        kind=np.append(np.repeat(np.array(STATE_DESKS, np.int64), SIZE), DeskKind.PROVIDER),
        state=np.append(np.tile(number, 4), AUT),
        persons=np.append(2.3 + np.arange(4 * SIZE) % 11, 6.4),
        case_slots=np.asarray(3.0 + number % 5, np.float64),
        skill=np.asarray(0.2 + 0.01 * (number % 30), np.float64),
        electronic=electronic,
        inside=inside,
    )


BEFORE = unequal()


def price(name: str) -> float:
    """Unit cost at the upper end of its range."""
    return float(unit_costs()[name].high)


def persons(kind: DeskKind, state: int, times: float = 1.0) -> float:
    """Expected number of persons at a desk if its baseline number is multiplied."""
    whole = max(float(round(BEFORE.persons[STATE_DESKS.index(kind) * SIZE + state])), 1.0)
    return max(whole + float(round((times - 1.0) * whole)), 1.0)


def move(lever: str, value: float, *states: str, pairs: Sequence[tuple[int, int]] = ()) -> Assignment:
    """An assignment of a value to a lever, for some states or pairs."""
    mask = np.zeros((SIZE, SIZE), np.bool_)
    for pair in pairs:
        mask[pair] = True
    return Assignment(lever, value, states or None, mask if pairs else None)


def bills(payer: Payer, *moves: Assignment | tuple[str, Amendment]) -> list[tuple[Bill, Bill]]:
    """Costs of each change by state in euros, once and yearly, all paid by the given payer."""
    ledger, found = SpendingLedger(BEFORE, Price.HIGH.prices, RUN), []
    for moved in moves:
        name, change = (moved.lever, moved) if isinstance(moved, Assignment) else moved
        charges, paid = LEVERS[name].charges, len(ledger.rows)
        assert charges is not None
        charges(ledger, 100.0, change)  # type: ignore[arg-type]
        rows = np.concatenate(ledger.rows[paid:])
        assert set(rows["payer"].tolist()) <= {payer}
        assert (rows["start"] == 100.0).all() and (rows["until"] == RUN).all()
        bill: tuple[Bill, Bill] = ({}, {})
        for euros, field in zip(bill, ("once", "a_year"), strict=True):
            for state, amount in zip(rows["state"].tolist(), rows[field].tolist(), strict=True):
                if amount:
                    euros[state] = euros.get(state, 0.0) + amount
        found.append(bill)
    return found


def once(*moves: Bill, renewal: float = 0.0) -> list[tuple[object, object]]:
    """Expected costs that are paid once, with a yearly share for renewal."""
    yearly = [{state: euros * renewal for state, euros in bill.items()} if renewal else {} for bill in moves]
    return [(pytest.approx(bill), pytest.approx(running)) for bill, running in zip(moves, yearly, strict=True)]


def a_year(*moves: Bill) -> list[tuple[object, object]]:
    """Expected costs that are paid yearly."""
    return [({}, pytest.approx(bill)) for bill in moves]


@pytest.mark.parametrize(
    ("lever", "desks", "unit", "payer"),
    [
        ("court.staff", (DeskKind.COURT,), "staff_court", Payer.COURT),
        ("central_authority.staff", (DeskKind.OUTGOING, DeskKind.INCOMING), "staff_authority", Payer.CENTRAL_AUTHORITY),
    ],
)
def test_staff_cost_the_wages_of_whole_persons(lever, desks, unit, payer):
    """Staff costs the wages of whole persons, and fewer staff save them.

    Each is alone in its tier of government, so that nobody else's persons are rounded with its own.
    """

    def bill(state: int, start: float, times: float) -> float:
        more = sum(persons(kind, state, times) - persons(kind, state, start) for kind in desks)
        return more * price(unit) * float(WAGES[state])

    found = bills(payer, move(lever, 3.0, "AUT", "CHE"), move(lever, 0.4, "AUT", "BRA"))
    assert found == a_year({AUT: bill(AUT, 1.0, 3.0)}, {AUT: bill(AUT, 3.0, 0.4), BRA: bill(BRA, 1.0, 0.4)})


def test_training_for_skill_costs_by_what_is_new_and_by_heads() -> None:
    """Training costs grow with the skill that is added and with the number of staff."""
    both = {state: persons(DeskKind.OUTGOING, state) + persons(DeskKind.INCOMING, state) for state in (AUT, BEL)}
    head = {s: both[s] * price("training_weeks") * price("training_week") * WAGES[s] for s in both}
    skill, lever = BEFORE.skill, "central_authority.skill"
    moves = move(lever, 0.6, "AUT"), move(lever, 0.75, "AUT", "BEL"), move(lever, 0.5, "AUT")
    expected = {AUT: (0.6 - skill[AUT]) * head[AUT]}, {AUT: 0.15 * head[AUT], BEL: (0.75 - skill[BEL]) * head[BEL]}
    assert bills(Payer.CENTRAL_AUTHORITY, *moves) == once(*expected, {}, renewal=price("training_renewal"))


@pytest.mark.parametrize(
    ("lever", "whole", "payer", "yearly"),
    [
        ("request.template", price("template") * WAGES, Payer.CENTRAL_AUTHORITY, False),
        ("request.structured", price("format_conversion") * SYSTEMS, Payer.CENTRAL_AUTHORITY, False),
        ("forensic.decryption", price("decryption") * SYSTEMS, Payer.LABORATORY, True),
    ],
)
def test_shares_of_a_system_are_paid_once_or_while_they_are_kept(lever, whole, payer, yearly):
    moves = move(lever, 0.4, "AUT"), move(lever, 0.9, "AUT", "BRA"), move(lever, 0.3, "AUT")
    expected: tuple[Bill, ...] = {AUT: 0.4 * whole[AUT]}, {AUT: 0.5 * whole[AUT], BRA: 0.9 * whole[BRA]}
    falls = a_year(*expected, {AUT: -0.6 * whole[AUT]})
    assert bills(payer, *moves) == (falls if yearly else once(*expected, {}))


def test_investigators_and_their_training_cost_by_heads() -> None:
    """Investigators cost wages per person, and their training costs days of work per person."""
    heads = 2.0 * BEFORE.case_slots
    post, lever = price("staff_investigator"), "agency.investigators"
    found = bills(Payer.INVESTIGATOR, move(lever, 1.5, "AUT"), move(lever, 3.0, "AUT", "BEL"))
    more = {AUT: 1.5 * heads[AUT] * post * WAGES[AUT], BEL: 2.0 * heads[BEL] * post * WAGES[BEL]}
    assert found == a_year({AUT: 0.5 * heads[AUT] * post * WAGES[AUT]}, more)
    week = price("training_week")
    trained = bills(Payer.INVESTIGATOR, move("agency.training", 15.0, "BEL"), move("agency.training", 5.0, "BEL"))
    assert trained == a_year({BEL: heads[BEL] * 3 * week * WAGES[BEL]}, {BEL: -heads[BEL] * 2 * week * WAGES[BEL]})
    (court,) = bills(Payer.COURT, move("court.training", 20.0, "BRA"))
    assert court == a_year({BRA: persons(DeskKind.COURT, BRA) * 4 * week * WAGES[BRA]})[0]


def test_a_programme_for_a_secure_channel_reaches_the_best_governed_first() -> None:
    """A programme for the secure channel pays for the best-governed states first."""
    governance, names = load_atlas().governance, ("AUT", "BEL", "BRA", "USA")
    ranked = [STATES.index(name) for name in sorted(names, key=lambda name: -governance[name])]
    system = [{state: price("case_system") * SYSTEMS[state] for state in part} for part in (ranked[:2], ranked[2:])]
    lever = "secure_channel.adoption"
    found = bills(Payer.CENTRAL_AUTHORITY, *(move(lever, value, *names) for value in (0.5, 1.0, 0.25)))
    assert found == once(*system, {}, renewal=price("case_system_upkeep"))


def test_who_sends_or_receives_electronically_for_the_first_time_buys_a_system() -> None:
    """A state pays for an electronic system once, with its first electronic pair of states."""
    pairs = [(USA, BRA), (IND, USA), (BRA, BEL)]
    lever = "transmission.electronic_share"
    adopting = [adopting_pairs(BEFORE.electronic, move(lever, value, pairs=pairs)).size for value in (0.3, 0.7, 1.0)]
    assert adopting == [0, 1, 2]
    system = {state: price("case_system") * SYSTEMS[state] for state in (IND, BEL)}
    found = bills(Payer.CENTRAL_AUTHORITY, *(move(lever, 1.0, pairs=pairs) for _ in range(2)))
    assert found == once(system, {}, renewal=price("case_system_upkeep"))


def test_officers_in_an_exchange_cost_days_of_a_working_year_in_states_of_the_world() -> None:
    """Officers on exchange cost their share of a working year, and never go to their own state.

    55 of 220 days are a quarter of a post; nobody is sent to Switzerland, or to the own state.
    """
    post = price("liaison_post") * WAGES
    parts = (55.0, [(AUT, BEL), (AUT, CHE), (AUT, AUT), (BRA, AUT)]), (165.0, [(AUT, BEL)])
    found = bills(Payer.LIAISON, *(move("contacts.joint_days", days, pairs=pairs) for days, pairs in parts))
    assert found == a_year({AUT: 0.25 * post[AUT], BRA: 0.25 * post[BRA]}, {AUT: 0.5 * post[AUT]})


def test_a_deadline_takes_a_register_and_a_duty_to_answer_readers_as_well() -> None:
    """A deadline requires a register of requests, and a duty to answer requires more staff."""
    register, left = price("register"), price("unanswered")
    shares = [move("central_authority.deadline", days, "AUT", "BRA") for days in (90.0, 30.0)]
    assert bills(Payer.CENTRAL_AUTHORITY, *shares) == a_year({row: register * WAGES[row] for row in (AUT, BRA)}, {})
    (duty,) = bills(Payer.CENTRAL_AUTHORITY, move("central_authority.duty_to_answer", 0.5, "AUT", "BRA"))
    people = {row: BEFORE.persons[SIZE + row] * left / (1.0 - left) for row in (AUT, BRA)}
    bill = {row: 0.5 * (register + many * price("staff_authority")) * WAGES[row] for row, many in people.items()}
    assert duty == a_year(bill)[0]


def test_people_in_numbers_are_paid_for_one_by_one() -> None:
    """Staff given as a number is paid by person, for each state or shared."""
    wanted = [InNumbers(number, True, "persons", together=both) for number, both in ((3.0, False), (8.0, True))]
    for lever, payer, cost in (
        ("central_authority.staff", Payer.CENTRAL_AUTHORITY, "staff_authority"),
        ("court.staff", Payer.COURT, "staff_court"),
        ("agency.investigators", Payer.INVESTIGATOR, "staff_investigator"),
    ):
        moves = [replace(move(lever, 1.0, "AUT", "BRA"), in_numbers=given) for given in wanted]
        each, more = bills(payer, *moves)
        a_person = {row: price(cost) * WAGES[row] for row in (AUT, BRA)}
        assert each[1] == pytest.approx({row: 3.0 * euros for row, euros in a_person.items()})
        heads = [more[1].get(row, 0.0) / euros for row, euros in a_person.items()]
        assert sum(heads) == pytest.approx(8.0 - 6.0)


def test_one_office_for_requests_to_providers_takes_two_persons_where_there_is_none() -> None:
    has, lacks = (STATES[np.flatnonzero(single_points() == there)[0]] for there in (True, False))
    found = bills(Payer.INVESTIGATOR, *(move("contacts.single_point", value, has, lacks) for value in (1.0, 0.0)))
    row = STATES.index(lacks)
    assert found == a_year({row: 2 * price("staff_investigator") * WAGES[row]}, {})  # none is closed


def test_officers_abroad_cost_a_post_each_from_any_state() -> None:
    post, base = price("liaison_post"), posts_abroad(Parameters().liaison, BEFORE.case_slots)
    (posts,) = bills(Payer.LIAISON, move("liaison.posts", 7.0, "USA", "BRA"))
    more = {row: 6.0 * float(np.rint(base[row])) for row in (USA, BRA)}
    assert posts == a_year({row: number * post for row, number in more.items() if number})[0] and any(more.values())
    part = [(AUT, BEL), (AUT, CHE), (BEL, USA)], [(AUT, USA), (AUT, BEL)], [(BEL, USA)]
    moves = (move("liaison.posting", value, pairs=pairs) for value, pairs in zip((1.0, 1.0, 0.0), part, strict=True))
    found = bills(Payer.LIAISON, *moves)
    assert found == a_year({AUT: post, BEL: post}, {AUT: post}, {BEL: -post})


def test_bodies_are_paid_for_by_all_members_together_and_feeds_by_each() -> None:
    usual = Parameters().liaison
    found = bills(Payer.LIAISON, move("europol.staff", 1.7), move("europol.staff", 0.5))
    europol, task_force = body_persons(usual)[1:3]
    heads = [[round(times * number) for number in (europol, task_force)] for times in (1.0, 1.7, 0.5)]
    steps = [sum(new) - sum(old) for old, new in pairwise(heads)]
    assert found == a_year(*({-1: number * price("staff_liaison_body")} for number in steps))
    (joined,) = bills(Payer.LIAISON, move("jcat.join", 1.0, "BRA", "DEU"))
    assert joined == a_year({BRA: price("liaison_post")})[0]  # Germany has an officer in the task force already
    duty = usual.contact_point_staff * price("contact_duty") * WAGES[AUT]
    (points,) = bills(Payer.CENTRAL_AUTHORITY, move("contact_point.staff", 2.0, "AUT", "VNM"))
    assert points == a_year({AUT: duty})[0]  # Vietnam is not in the network of points
    feed = price("feed") * SYSTEMS[BRA]
    moves = [move("interpol.feed", value, "BRA") for value in (0.5, 0.2, 0.8)]
    assert bills(Payer.INVESTIGATOR, *moves) == once({BRA: 0.5 * feed}, {}, {BRA: 0.3 * feed})


def test_people_of_a_body_are_paid_as_the_rules_have_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of a liaison body's staff uses the same rounding as the rules."""
    monkeypatch.setattr("sim.policy.levers.liaison.body_persons", lambda _: np.full(6, 0.4))
    found = bills(Payer.LIAISON, move("europol.staff", 10.0))
    assert found == a_year({-1: 8 * price("staff_liaison_body")})


def test_bureaus_that_answer_in_half_of_the_time_take_one_person_more() -> None:
    """INTERPOL bureaus that answer in half of the time cost one more person."""
    head, inside = price("staff_investigator"), [row for row in range(SIZE) if row != CHE]
    found = bills(Payer.LIAISON, move("interpol.reply", 0.25), move("interpol.reply", 1.5))
    assert found == a_year(*({row: sign * 1.5 * head * WAGES[row] for row in inside} for sign in (1, -1)))


def test_longer_retention_costs_storage_by_users_and_year_of_keeping() -> None:
    """Longer retention costs by user and additional day.

    Three times ninety days keep 180 more; a floor of 200 keeps 110 more, and one of 50 none.
    """
    stored, inside = CrimeGeography.load().internet_users * price("retention") / 365.25, BEFORE.inside
    for moves, days in (
        ((move("evidence.retention_scale", 3.0),), (180.0,)),
        (tuple(move("evidence.retention_floor", value) for value in (200.0, 50.0)), (110.0, -110.0)),
    ):
        expected = [
            {row: number * stored[row] for row in np.flatnonzero(inside & (stored > 0)).tolist()} for number in days
        ]
        assert bills(Payer.PROVIDER, *moves) == a_year(*expected)


def test_bilateral_treaties_cost_both_sides_and_agreements_on_data_count_the_union_once() -> None:
    treaty, agreement = price("bilateral_treaty"), price("data_agreement")
    concluded = Conclude((("AUT", "BEL"), ("AUT", "USA")), "mlat", ON)
    (found,) = bills(Payer.LEGISLATURE, ("law.conclude", concluded))
    assert found == once({AUT: 2 * treaty * WAGES[AUT], BEL: treaty * WAGES[BEL], USA: treaty * WAGES[USA]})[0]
    union = sorted(load_atlas().groups["eu"].states)
    of_union = tuple((min(state, "USA"), max(state, "USA")) for state in union)
    for pairs, of_usa, members in ((of_union, 1, len(union)), (of_union[:-1], len(union) - 1, 1)):
        (found,) = bills(Payer.LEGISLATURE, ("law.conclude", Conclude(pairs, "mlat", ON)))
        rows = {STATES.index(state): treaty * WAGES[STATES.index(state)] / members for state in union[: len(pairs)]}
        assert found == once(rows | {USA: of_usa * treaty * WAGES[USA]})[0]
    for requested, sides in ((("AUT", "BEL", "BRA"), 2), (("AUT", "BEL"), 1), (("BRA", "IND"), 2)):
        (made,) = bills(Payer.LEGISLATURE, ("law.data_conflict_removed", RemoveDataConflict(("USA",), requested, ON)))
        assert made == once({USA: sides * agreement * WAGES[USA]})[0]


def test_a_treaty_is_ratified_once_and_its_law_passed_when_it_is_joined() -> None:
    wage, (ratified, law) = float(WAGES[BRA]), (price("ratification"), price("legislation"))
    ways = [("law.join", kind(("BRA",), "coe_1959", ON)) for kind in (Ratify, Join)]
    assert bills(Payer.LEGISLATURE, *ways) == once({BRA: ratified * wage}, {BRA: law * wage})
    assert bills(Payer.LEGISLATURE, ways[1]) == once({BRA: (ratified + law) * wage})
    (powers,) = bills(Payer.LEGISLATURE, ("law.powers", GrantPowers(("AUT", "BRA"), (DataKind.CONTENT,), ON)))
    assert powers == once({AUT: law * WAGES[AUT], BRA: law * wage})[0]


def test_law_in_action_costs_by_what_is_missing_and_every_year_a_part_of_it(order: LegalOrder) -> None:
    """Implementation of law costs in proportion to what is missing, once and yearly."""
    today = np.asarray(order.national(POLICY_START).implementation, np.float64)
    best, worst = int(today.argmax()), int(today.argmin())
    names = tuple(STATES[row] for row in (best, worst))
    steps = [today[worst] + 0.1, today[worst] + 0.3]
    assert steps[-1] < today[best]
    ways = [("law.in_action", SetImplementation(names, value, ON, at_least=True)) for value in steps]
    whole = price("law_in_action") * WAGES[worst]
    expected = once({worst: 0.1 * whole}, {worst: 0.2 * whole}, renewal=price("training_renewal"))
    assert bills(Payer.COURT, *ways) == expected


Costs = Callable[[Scenario], Spending]
START, STOP = to_day(POLICY_START), to_day(END)
UNPRICED = {*(name for name in LEVERS if name.startswith("friction.")), "channels.closed", "orders.readiness"}


@pytest.fixture
def costs(order: LegalOrder, before: Baseline) -> Costs:
    return lambda scenario: spend(
        timeline_of(scenario, order, POLICY_START, END).steps, before, STOP, costs=scenario.costs
    )


def test_unit_costs_are_declared_with_range_and_source_and_drawn_over_the_whole_range() -> None:
    """Half of 2,000 drawn unit costs are below the central price (within 5 points; 4.5 standard errors)."""
    assert all(row["source"] and row["unit"] and row["title"] for row in read_table("unit_costs.csv").rows)
    drawn = [drawn_prices(str(world)) for world in range(2000)]
    assert drawn[7] == drawn_prices("7")
    found = {name: np.array([prices[name] for prices in drawn]) for name in unit_costs()}
    for name, unit in unit_costs().items():
        assert 0 < unit.low <= found[name].min() < unit.at(0.02) < unit.central, name
        assert unit.central < unit.at(0.98) < found[name].max() <= unit.high, name
        assert np.mean(found[name] < unit.central) == pytest.approx(0.5, abs=0.05), name
    assert abs(np.corrcoef(found["staff_court"], found["template"])[0, 1]) < 0.1  # all wages move together: tests/data


def test_levers_without_a_price_are_bounds_politics_and_revisions_of_instruments() -> None:
    """Only bounds, political levers and revisions of instruments have no price."""
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
    """A sum of costs includes its first day and excludes its last.

    Ten euros once and 365.25 a year from day 100 to day 200: a euro a day.
    """
    found = Spending(np.array([(Payer.COURT, 0, 100.0, 200.0, 10.0, 365.25, 0.0)], LEDGER), ())
    spans = {(0, 100): 0, (0, 101): 11, (100, 150): 60, (101, 150): 49, (150, 900): 50, (200, 900): 0}
    for (start, end), euros in spans.items():
        assert found.total(start, end) == pytest.approx(euros), (start, end)
    assert [found.a_year(day) for day in (99, 100, 199, 200)] == [0, 365.25, 365.25, 0]


def test_a_cost_ends_on_its_own_day_or_with_the_run(before: Baseline) -> None:
    for until, years in ((date(2029, 1, 1), 731 / 365.25), (date(2099, 1, 1), (STOP - START) / 365.25)):
        cost = Cost("Secretariat", 0.0, 1e6, POLICY_START, until, Payer.LIAISON)
        assert spend((), before, STOP, costs=(cost,)).total(0, STOP * 9) == pytest.approx(1e6 * years)


def test_a_law_that_no_lever_makes_is_not_paid(before: Baseline, order: LegalOrder, write: Write) -> None:
    """Amendments cost nothing unless they come from a lever."""
    steps = timeline_of(write(change("law.core_offences", "5 years")), order, POLICY_START, END).steps
    assert spend(steps, before, STOP).total(START, STOP) > 0
    nameless = [Step(step.on, amendments=step.amendments) for step in steps]
    assert spend(nameless, before, STOP).total(START, STOP) == 0


def test_every_scenario_has_a_price_with_its_range(order: LegalOrder, before: Baseline) -> None:
    for key in catalogue():
        steps = timeline_of(load(key), order, POLICY_START, END).steps
        low, central, high = (spend(steps, before, STOP, price.prices).total(START, STOP) for price in Price)
        assert low <= central <= high < np.inf, key


def test_states_that_get_onto_lists_of_providers_pay_once_and_for_their_contact_point(write, costs, order) -> None:
    """States that join providers' lists pay once, and yearly for a contact point."""
    price, upkeep = (unit_costs()[name].central for name in ("provider_list", "provider_list_upkeep"))
    wages = wage_level()[[order.index("BRA"), order.index("IND")]].sum()
    for word in ("gate", "all"):
        listed = costs(write(change("provider.opens", word, more="    states: [BRA, IND]\n")))
        assert listed.ledger["once"].sum() == pytest.approx(price * wages)
        assert listed.a_year(START + 1) == pytest.approx(upkeep * price * wages)
    assert costs(write(change("provider.opens", "none", more="    states: [BRA]\n"))).total(START, STOP) == 0.0
