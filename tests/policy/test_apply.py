"""Tests of levers' effects on a real world's arrays, including liaison levers and their costs."""

import numpy as np
import pytest

from sim.data.costs import unit_costs, wage_level
from sim.law.order import LegalOrder
from sim.policy.in_numbers import InNumbers
from sim.policy.lever import Target
from sim.policy.levers import LEVERS, WORLD_LEVERS, apply_assignments, spend
from sim.policy.levers.authorities import adoption_order
from sim.policy.levers.shared import Setting
from sim.policy.places import load_atlas
from sim.policy.timeline import Assignment, Step
from sim.world.baseline import Baseline, body_persons
from sim.world.parameters import LEVER_DEFAULTS, Parameters
from sim.world.records import Body, DeskKind, UnitKind
from sim.world.world import World, duplicate
from tests.policy.conftest import POLICY_START


def servers(world: World, kind: DeskKind) -> np.ndarray:
    return np.asarray(world.desk["servers"][world.desk["kind"] == kind])


#: Levers of staff, and the kinds of desk at which it works.
STAFF = {
    "central_authority.staff": (DeskKind.OUTGOING, DeskKind.INCOMING),
    "court.staff": (DeskKind.COURT,),
    "forensic.staff": (DeskKind.FORENSIC,),
}
TIMES = (1.0, 1.1, 1.25, 1.5, 1.73, 2.0, 4.0, 0.9, 0.5)


@pytest.mark.parametrize("turnover", [0.0, 1.0])
@pytest.mark.parametrize("lever", STAFF)
def test_a_dose_adds_its_share_of_the_persons_of_the_world_and_of_each_tier(lever, turnover, world):
    """A dose adds the same share of staff in the world and in each tier, within half a person or 1 %."""
    world.setting.with_turnover = turnover
    units = np.flatnonzero(np.isin(world.unit["kind"], STAFF[lever]))
    others = np.setdiff1d(np.flatnonzero(world.unit["kind"] < UnitKind.INVESTIGATION), units)
    tier, kind = world.state["tier"][world.unit["state"][units]], world.unit["kind"][units]

    def there() -> np.ndarray:
        return np.array(world.desk["servers"] if turnover == 0.0 else world.unit["posts"], float)

    apply_assignments(world, [Assignment(lever, 1.0)])  # else some posts are empty
    before = there()
    had, at_others = before[units], before[others]
    groups = [(tier == level) & (kind == one) for level in range(4) for one in STAFF[lever]]
    for times in TIMES:
        apply_assignments(world, [Assignment(lever, times)])
        has = there()[units]
        np.testing.assert_array_equal(there()[others], at_others)
        assert (has == np.rint(has)).all() and (has >= 1.0).all()
        for group in groups:  # nobody can go where each desk has one person
            wanted = max(times * had[group].sum(), float(group.sum()))
            assert wanted > 0.0 and abs(has[group].sum() - wanted) <= 0.5, (times, has[group].sum(), wanted)
        if times >= 1.0:  # and no desk is a person away from its own share
            assert abs(has.sum() - times * had.sum()) <= max(0.5, 0.01 * had.sum())
            assert (np.abs(has - times * had) < 1.0).all()
    apply_assignments(world, [Assignment(lever, 0.0)])
    assert (there()[units] == 1.0).all(), "no staff is one person"


def test_of_desks_with_as_many_people_the_larger_get_more(world: World) -> None:
    """Among desks of equal whole staff, those with more staff before rounding get additional persons first."""
    world.setting.with_turnover = 0.0
    apply_assignments(world, [Assignment("court.staff", 1.0)])
    courts = np.flatnonzero(world.desk["kind"] == DeskKind.COURT)
    worst = courts[(world.state["tier"][world.desk["state"][courts]] == 3) & (world.desk["servers"][courts] == 1)]
    base = world.desk["staff_base"]
    four = worst[np.argsort(base[worst])][[0, 1, -2, -1]]
    names = tuple(load_atlas().states[state] for state in world.desk["state"][four])
    apply_assignments(world, [Assignment("court.staff", 1.5, names)])
    assert world.desk["servers"][four].tolist() == [1, 1, 2, 2]
    assert base[four][2] > base[four][1]


@pytest.mark.parametrize("name", [name for name, lever in LEVERS.items() if lever.count])
def test_what_lists_say_of_a_dose_is_that_share_of_all_there_is(name: str) -> None:
    """The number shown for a dose is the dose's share of all persons or posts."""
    count = LEVERS[name].count
    every = count.then(1.0)
    assert every.sum() == pytest.approx(count.today(), abs=0.5)
    chosen = np.arange(len(every)) % 3 == 0
    for times in (1.1, 1.5, 2.0, 3.7):
        assert abs(count.then(times).sum() - times * every.sum()) <= max(0.5, 0.01 * times * every.sum())
        if LEVERS[name].target is Target.STATES:  # four tiers of two kinds of desk at most, each rounded once
            then = count.then(times, chosen)
            np.testing.assert_array_equal(then[~chosen], every[~chosen])
            assert abs(then[chosen].sum() - times * every[chosen].sum()) <= 8 * 0.5


@pytest.mark.parametrize("states", [None, ("DEU", "FRA", "BRA", "IND", "KEN", "LAO", "BRN", "RUS")])
@pytest.mark.parametrize("name", [*STAFF, "contact_point.staff", "liaison.posts"])
def test_what_lists_say_of_a_dose_is_what_the_world_gets(
    name: str, states: tuple[str, ...] | None, world: World
) -> None:
    """The number shown for a dose is the number of persons or posts that a world gets."""
    world.setting.with_turnover = 0.0
    kinds = {**STAFF, "contact_point.staff": (DeskKind.CONTACT_POINT,)}.get(name, ())
    desks = np.isin(world.desk["kind"], kinds)
    world.state["posts_abroad_base"] = LEVERS["liaison.posts"].count.each()  # of all states, not of this small world
    apply_assignments(world, [Assignment(name, 1.0)])
    for times in (1.0, 1.5, 2.2, 0.6):
        moved = Assignment(name, times, states)
        apply_assignments(world, [moved])
        if name == "liaison.posts":
            has = world.state["posts_abroad"]
        else:
            has = np.bincount(world.desk["state"][desks], world.desk["servers"][desks], len(world.state))
        has = np.where(LEVERS[name].count.each() > 0.0, has, 0.0)  # each state has a 24/7 point, the network some
        np.testing.assert_array_equal(LEVERS[name].count.then(times, moved.state_mask), has)


def test_providers_have_staff_by_their_seat_and_open_doors_once(world: World, order: LegalOrder) -> None:
    seat, germany = order.index("USA"), order.index("DEU")
    apply_assignments(world, [Assignment("provider.staff", 0.5, ("USA",))])
    np.testing.assert_array_equal(world.provider.staff, np.where(world.provider.state == seat, 0.5, 1.0))
    for day, word in ((2000.0, 1.0), (3000.0, 3.0), (4000.0, 0.0)):  # gate, all, none
        world.now[0] = day
        apply_assignments(world, [Assignment("provider.opens", word, ("DEU",))])
    assert (world.state.gate_opens[germany], world.state.strict_opens[germany]) == (2000.0, 3000.0)
    assert np.isinf(world.state.gate_opens[seat])


def test_staff_becomes_posts_that_must_be_filled(world: World) -> None:
    """A lever on staff creates vacant posts at its own desks and nowhere else."""
    incoming, before = world.unit.kind == UnitKind.INCOMING, duplicate(world)
    apply_assignments(world, [Assignment("central_authority.staff", 4.0)])
    np.testing.assert_array_equal(world.unit.posts[incoming], 4 * before.unit.posts[incoming])
    np.testing.assert_array_equal(
        world.unit.posts[~incoming & (world.unit.kind != 0)], before.unit.posts[~incoming & (before.unit.kind != 0)]
    )
    np.testing.assert_array_equal(world.desk.servers, before.desk.servers)
    apply_assignments(world, [Assignment("central_authority.staff", 1.0)])
    np.testing.assert_array_equal(world.unit.posts, before.unit.posts)


@pytest.mark.parametrize(
    ("lever", "kinds"),
    [
        ("central_authority.staff", (UnitKind.OUTGOING, UnitKind.INCOMING)),
        ("court.staff", (UnitKind.COURT,)),
        ("forensic.staff", (UnitKind.FORENSIC,)),
    ],
)
def test_people_in_numbers_are_as_many_as_were_asked_for(lever, kinds, world):
    """A number of staff is met exactly, in total or for each state.

    301 in the world together, 21 in each state, however desks round; posts are more, as some are always empty.
    """
    rows = np.flatnonzero(np.isin(world.unit.kind, kinds))
    state, persons = world.unit.state[rows], world.unit["persons_base"][rows]
    vacant = world.unit["posts_base"][rows].sum() / persons.sum()
    for together, number in ((True, 301.0), (False, 21.0)):
        moved = Assignment(lever, 1.0, in_numbers=InNumbers(number, True, "persons", together=together))
        world.setting["with_turnover"] = 0.0
        had = np.maximum(np.rint(world.desk["staff_base"][rows]), 1.0)
        apply_assignments(world, [moved])
        more = world.desk["servers"][rows] - had
        assert (more >= 0.0).all() and more.sum() == (number if together else number * len(set(state.tolist())))
        assert together or set(np.bincount(state, more).tolist()) == {number}
        world.setting["with_turnover"] = 1.0
        apply_assignments(world, [Assignment(lever, 1.0)])
        posts = world.unit["posts"][rows].copy()
        apply_assignments(world, [moved])
        funded = world.unit["posts"][rows] - posts
        assert funded.sum() == pytest.approx(vacant * more.sum(), rel=0.02) and (funded >= 0.0).all()


def test_investigators_and_providers_take_numbers_too(world: World, order: LegalOrder, before: Baseline) -> None:
    usa, unit = order.index("USA"), world.unit.kind == UnitKind.INVESTIGATION
    row = np.flatnonzero(unit & (world.unit.state == usa))
    had = world.unit["posts"][row] / world.unit["posts_base"][row] * LEVERS["agency.investigators"].count.each()[usa]
    moved = Assignment("agency.investigators", 1.0, ("USA",), in_numbers=InNumbers(20.0, True, "persons"))
    untouched = world.unit["posts"][unit & (world.unit.state != usa)].copy()
    apply_assignments(world, [moved])
    cases = world.unit["persons_base"][row]
    assert world.unit["posts"][row] == pytest.approx(world.unit["posts_base"][row] * (1.0 + 20.0 / cases)), had
    np.testing.assert_array_equal(world.unit["posts"][unit & (world.unit.state != usa)], untouched)
    paid = spend([Step(POLICY_START, assignments=(moved,))], before, 5478.0).a_year(1827)
    assert paid == pytest.approx(20.0 * unit_costs()["staff_investigator"].central * wage_level()[usa])
    seats = world.provider["state"] == usa
    apply_assignments(
        world, [Assignment("provider.staff", 1.0, ("USA",), in_numbers=InNumbers(40.0, True, "persons", together=True))]
    )
    persons = np.maximum(np.rint(world.desk["staff_base"][world.provider["desk"][seats]]), 1.0)
    assert (world.provider["staff"][seats] * persons).sum() == pytest.approx(persons.sum() + 40.0)
    assert (world.provider["staff"][~seats] == 1.0).all()


@pytest.mark.parametrize(("part", "then"), [(0.0, [3, 1, 0, 6]), (0.5, [5, 1, 0, 9]), (1.0, [6, 2, 0, 12])])
def test_what_several_share_follows_what_they_have_and_adds_up(part: float, then: list[int]) -> None:
    given = InNumbers(10.0, True, "persons", part, together=True)
    found = given.of(np.array([3.0, 1.0, 0.0, 6.0]))
    assert found.sum() == 10 + 10 * part and found.tolist() == then
    level = InNumbers(4.0, False, "persons", together=True).of(np.array([3.0, 1.0, 0.0, 6.0]))
    assert level.sum() == 4.0 and (level <= np.array([3.0, 1.0, 0.0, 6.0])).all()
    assert InNumbers(5.0, True, "persons", together=True).of(np.zeros(2)).tolist() == [3.0, 2.0]


def test_a_programme_reaches_the_best_governed_first_and_stays(world: World, order: LegalOrder) -> None:
    world.now[0] = 2000.0
    apply_assignments(world, [Assignment("secure_channel.adoption", 0.5, ("DEU", "RUS"))])
    reached = np.flatnonzero(~np.isnan(world.state.programme_since))
    assert [order.states[row] for row in reached] == ["DEU"]
    world.now[0] = 3000.0
    apply_assignments(world, [Assignment("secure_channel.adoption", 1.0, ("DEU", "RUS"))])
    since = world.state.programme_since[[order.index("DEU"), order.index("RUS")]]
    assert list(since) == [2000.0, 3000.0]


def test_a_deadline_and_whether_it_binds(world: World, order: LegalOrder) -> None:
    assignments = [
        Assignment("central_authority.deadline", 90.0, ("USA",)),
        Assignment("central_authority.deadline_enforceable", 1.0, ("USA",)),
    ]
    apply_assignments(world, assignments)
    assert np.flatnonzero(~np.isnan(world.deadline_days)).tolist() == [order.index("USA")]
    assert world.deadline_days[order.index("USA")] == 90 and world.deadline_enforceable.sum() == 1
    apply_assignments(world, [Assignment("request.template", 0.5, ("DEU",))])
    assert world.template[order.index("DEU")] == world.template.sum() == pytest.approx(0.5)


def test_electronic_pairs_come_at_once_or_in_steps_to_the_same_place_and_stay(world: World) -> None:
    size, before, at_once = len(world.state), world.electronic.copy(), duplicate(world)
    apply_assignments(at_once, [Assignment("transmission.electronic_share", 0.8)])
    off = ~np.eye(size, dtype=bool)
    assert at_once.electronic[off].sum() == round(0.8 * size * (size - 1))
    assert (at_once.electronic[off] >= before[off]).all()
    for share in (0.2, 0.4, 0.6, 0.8, 0.1):
        apply_assignments(world, [Assignment("transmission.electronic_share", share)])
    np.testing.assert_array_equal(world.electronic, at_once.electronic)


def test_each_setting_of_the_whole_world_has_one_lever_and_begins_at_its_neutral_value(world: World) -> None:
    """Each setting of the whole world has one lever, and starts at the lever's neutral value."""
    found = {lever: lever.writes.field for lever in WORLD_LEVERS.values() if isinstance(lever.writes, Setting)}
    assert len(found) == len(set(found.values()))
    assert set(LEVER_DEFAULTS) - {"load_growth_after", "load_growth_level", "load_growth_since"} <= set(found.values())
    for lever, field in found.items():
        assert world.setting[field][0] == lever.neutral, lever.name
        apply_assignments(world, [Assignment(lever.name, 0.5)])
        assert world.setting[field][0] == 0.5, lever.name


def test_other_work_grows_on_from_where_it_is(world: World) -> None:
    """Other work grows on from its present level after a change of its growth rate."""
    setting = world.setting
    for day, rate in ((1826.0, 0.04), (3000.0, 0.04), (1826.0 + 3652.5, 0.0)):
        world.now[0] = day
        apply_assignments(world, [Assignment("desk.load_growth_after", rate)])
    assert setting["load_growth_level"][0] == pytest.approx(np.exp(0.4))
    assert (setting["load_growth_after"][0], setting["load_growth_since"][0]) == (0.0, 1826.0 + 3652.5)


def test_an_exchange_sends_officers_one_way_or_both(world: World) -> None:
    states = len(world.state)
    pairs = np.zeros((states, states), bool)
    pairs[3, [3, 5, 7]] = True  # no state has officers with itself
    apply_assignments(world, [Assignment("contacts.joint_days", 40.0, pairs=pairs)])
    days = world.bond["joint_days"].reshape(states, states)
    assert np.argwhere(days > 0).tolist() == [[3, 5], [3, 7]]
    assert np.flatnonzero(world.state["in_exchange"]).tolist() == [3]
    apply_assignments(world, [Assignment("contacts.joint_days", 10.0), Assignment("contacts.stay", 2.0)])
    assert (days.sum(axis=1) == 10.0 * (states - 1)).all()
    assert world.bond["contact_stay"].sum() == states * (2 * states - 1)
    apply_assignments(world, [Assignment("contacts.joint_days", 0.0)])
    assert not world.state["in_exchange"].any()


def test_every_world_lever_can_be_applied_at_its_neutral_value(world: World) -> None:
    before = duplicate(world)
    for lever in sorted(set(WORLD_LEVERS) - {"central_authority.deadline"}):
        apply_assignments(world, [Assignment(lever, LEVERS[lever].neutral)])
    np.testing.assert_array_equal(world.desk["servers"], before.desk["servers"])
    np.testing.assert_array_equal(world.desk["skill"], before.desk["skill"])
    np.testing.assert_array_equal(world.electronic, before.electronic)
    assert world.setting.tobytes() == before.setting.tobytes()


@pytest.mark.parametrize("turnover", [0.0, 1.0], ids=["at once", "over time"])
def test_investigators_are_posts_or_at_once_cases_in_the_states_that_pay(turnover, world, order):
    """Additional investigators work only in the states that pay for them."""
    world.setting.with_turnover = turnover
    before, germany = duplicate(world), order.index("DEU")
    apply_assignments(world, [Assignment("agency.investigators", 1.5, ("DEU",))])
    unit = (world.unit.kind == UnitKind.INVESTIGATION) & (world.unit.state == germany)
    if turnover:
        assert world.unit.posts[unit] == pytest.approx(1.5 * before.unit.posts_base[unit])
        np.testing.assert_array_equal(world.unit.posts[~unit], before.unit.posts[~unit])
        np.testing.assert_array_equal(world.state.slots, before.state.slots)
    else:
        assert world.state.slots[germany] == pytest.approx(1.5 * before.unit.persons_base[unit][0])
        others = np.arange(len(world.state)) != germany
        np.testing.assert_array_equal(world.state.slots[others], before.state.slots[others])


@pytest.mark.parametrize("turnover", [0.0, 1.0], ids=["at once", "over time"])
def test_skill_rises_at_desks_and_among_investigators_of_the_selected_states_alone(turnover, world, order):
    world.setting.with_turnover = turnover
    before, germany = duplicate(world), order.index("DEU")
    apply_assignments(world, [Assignment("central_authority.skill", 0.97, ("DEU",))])
    central = np.isin(world.desk.kind, (DeskKind.OUTGOING, DeskKind.INCOMING)) & (world.desk.state == germany)
    assert (world.desk.skill[central] == 0.97).all() and central.sum() == 2
    np.testing.assert_array_equal(world.desk.skill[~central], before.desk.skill[~central])
    kinds = (UnitKind.OUTGOING, UnitKind.INCOMING, UnitKind.INVESTIGATION)
    units = np.isin(world.unit.kind, kinds) & (world.unit.state == germany)
    assert (world.unit.skill_floor[units] == 0.97).all() and units.sum() == 3
    np.testing.assert_array_equal(world.unit.skill_floor[~units], before.unit.skill_floor[~units])
    assert np.flatnonzero(world.state.skill != before.state.skill).tolist() == [germany]


def test_investigators_who_are_better_than_the_lever_asks_stay_as_good(world: World, order: LegalOrder) -> None:
    """A lever on skill does not lower the skill of better investigators."""
    world.setting.with_turnover = 0.0
    investigators = (world.unit.kind == UnitKind.INVESTIGATION) & (world.unit.state == order.index("DEU"))
    world.unit.skill_base[investigators] = 0.875
    apply_assignments(world, [Assignment("central_authority.skill", 0.5, ("DEU",))])
    assert world.state.skill[order.index("DEU")] == 0.875


def test_the_worse_end_decides_when_a_pair_goes_electronic_and_of_equals_the_better_end() -> None:
    states = load_atlas().states
    assert sorted(adoption_order(196).tolist()) == list(range(196**2))
    rank = {state: place for place, state in enumerate(load_atlas().best_governed_first(states))}
    ends = [sorted((rank[states[place // 196]], rank[states[place % 196]])) for place in adoption_order(196)]
    assert [(worse, better) for better, worse in ends] == sorted((worse, better) for better, worse in ends)


def test_staff_of_bodies_can_be_zero(world: World) -> None:
    def persons(body: Body) -> int:
        return int(world.desk["servers"][world.liaison_body["desk"][body]])

    _, europol, task_force, eurojust, *_ = body_persons(Parameters().liaison)
    apply_assignments(world, [Assignment("europol.staff", 2.0), Assignment("interpol.staff", 0.0)])
    assert persons(Body.EUROPOL) == 2 * europol == 2 * 100 * 0.1 and persons(Body.JCAT) == 2 * task_force
    assert persons(Body.INTERPOL) == 0 and persons(Body.EUROJUST) == eurojust
    apply_assignments(world, [Assignment("capacity_builders.trainers", 1.5)])
    assert world.liaison_body["staff"][Body.BUILDERS] == 1.5 * Parameters().liaison.builder_trainers


def test_points_of_some_states_get_more_people(world: World, order: LegalOrder) -> None:
    apply_assignments(world, [Assignment("contact_point.staff", 3.0, ("DEU",))])
    points = world.desk["kind"] == DeskKind.CONTACT_POINT
    servers = world.desk["servers"][points]
    usual = Parameters().liaison.contact_point_staff
    assert servers[order.index("DEU")] == 3 * usual and servers.sum() == usual * (len(servers) + 2)


def test_feeds_rise_and_who_joins_the_task_force_feeds_it(world: World, order: LegalOrder) -> None:
    before = world.feed.copy()
    apply_assignments(world, [Assignment("interpol.feed", 0.95), Assignment("jcat.join", 1.0, ("BRA",))])
    assert (world.feed[Body.INTERPOL] >= 0.95).all() and before[Body.JCAT, order.index("BRA")] == 0.0
    assert world.feed[Body.JCAT, order.index("BRA")] == 1.0
    np.testing.assert_array_equal(world.feed[Body.EUROJUST], before[Body.EUROJUST])


def test_posts_given_to_each_do_not_follow_what_a_world_draws(world, order, before):
    states, base = ["DEU", "VNM"], np.array([0.4, 2.6])
    rows = [order.index(state) for state in states]
    world.state["posts_abroad_base"][rows] = base
    for given, there, paid in (
        *(
            (InNumbers(10.0, True, "posts"), [10.0, 13.0], 20.0),
            (InNumbers(10.0, True, "posts", 0.5), [5.0, 8.0], 10.0),
        ),
        *((InNumbers(10.0, False, "posts"), [10.0, 10.0], 17.0), (InNumbers(-1.0, True, "posts"), [0.0, 2.0], -1.0)),
    ):
        asked = Assignment("liaison.posts", 1.0, tuple(states), in_numbers=given)
        apply_assignments(world, [asked])
        np.testing.assert_array_equal(world.state["posts_abroad"][rows], there)
        found = spend([Step(POLICY_START, assignments=(asked,))], before, 5478.0)
        assert found.a_year(1827) == pytest.approx(paid * unit_costs()["liaison_post"].central)
    apply_assignments(world, [Assignment("liaison.posts", 2.5)])  # of all posts, whole
    there = np.rint(world.state["posts_abroad_base"])
    assert abs(world.state["posts_abroad"].sum() - 2.5 * there.sum()) <= 0.5
    assert (np.abs(world.state["posts_abroad"] - 2.5 * there) < 1.0).all()
