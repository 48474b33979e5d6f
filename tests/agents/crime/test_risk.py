"""Tests of offenders' beliefs, news and income, and of groups that enter, rename themselves and exit (M15, M16)."""

import math

import numpy as np
import pytest

from sim.agents.crime import criminals as rules
from sim.agents.crime import risk
from sim.agents.crime.risk import enters, entry_factor
from sim.agents.events import Event, Purpose
from sim.engine.random import exponential, normal, poisson, uniform
from sim.law.days import MONTH
from sim.law.vocabulary import ELEMENTS
from sim.world.records import Concern, GroupStatus, Growing, MilestoneKind, SpellCause
from sim.world.world import World, records
from tests.agents.plain import chances, fresh, got, holds, posted, put, small, table
from tests.agents.scene import AWAY, HOME, NOW, THIRD, YEAR

pytestmark = pytest.mark.usefixtures("as_python")

HALF_LIFE = 70.0  # days of ten weeks
KIND = 2
SERVERS, PEOPLE, VICTIMS = Concern.SERVERS.value, Concern.PEOPLE.value, Concern.VICTIMS.value
CALM = -0.03 / 30.4375 * HALF_LIFE / math.log(2.0)  # 0.03 a month over a mean memory of 70 ÷ ln 2 days
OWN, PEERS = -math.log(0.8), -math.log(0.9)  # lessons of one's own and of others


def learning(settings: dict[str, float] | None = None, **fields: float) -> World:
    """Makes a world with one group of AWAY and given learning parameters."""
    usual = {"memory_weeks": 10.0, "lesson_own": 0.2, "lesson_peers": 0.1, "lesson_partial": 0.4, "publicity": 0.25}
    usual |= {"with_learning": 1.0, "calm_per_month": 0.03, "habituation": 0.5, "risk_prior": 0.6, "usual_news": 0.4}
    group = {"kind": KIND, "home": AWAY, "experience_day": NOW}
    world = small(8, usual | (settings or {}), group=group | fields)
    world.news[:], world.news_day[:] = 0.0, NOW
    world.state["perceived_risk"][AWAY] = 0.5
    return world


def news(world: World, *heard: tuple[int, int, int, float]) -> bool:
    """Checks that the world has exactly these news items: subject, kind of group, state, weight; returns true."""
    expected = np.zeros(world.news.shape)
    for concern, kind, state, weight in heard:
        expected[concern, kind, state] += weight
    np.testing.assert_allclose(world.news, expected)
    return True


def test_lessons_halve_and_remove_their_share_of_the_doubt() -> None:
    setting = learning().setting[0]
    holds(
        lambda value, days: risk.faded(value, days, setting),
        in_three_half_lives=(0.8, 3.0 * HALF_LIFE, 0.1),
        nothing=(0.0, 9.0, 0.0),
    )
    holds(risk.belief, of_a_doubt_of_8=(0.2, math.log(4.0), 1.0 - 0.8 / 4.0), at_least_none=(0.2, -2.0, 0.0))
    holds(risk.lesson, half_a_lesson_leaves_the_root_of_the_doubt=(0.36, 0.5, -math.log(0.8)))
    assert risk.calm_experience(setting) == pytest.approx(CALM)


def test_an_action_against_itself_teaches_less_after_earlier_ones() -> None:
    """Each further enforcement action against a group teaches it less."""
    world = learning(experience=0.5, experience_day=NOW - HALF_LIFE, blows=2)
    left = CALM + (0.5 - CALM) / 2.0
    assert risk.own_experience(world.setting[0], world.group[0], NOW) == pytest.approx(left)
    risk.learn(world.setting[0], world.group[0], NOW, 0.7)
    assert got(world, "group", 0, "experience experience_day") == pytest.approx((left + 0.7 * OWN / 2.0, NOW))


def test_news_of_ones_kind_and_public_ones_fade_apart_and_add_up() -> None:
    """News among groups of one kind and public news fade at their own rates and add up.

    0.8 among peers three half-lives ago, 0.4 in public one ago.
    """
    world = learning()
    for kind, heard, lives in ((KIND, 0.8, 3.0), (-1, 0.4, 1.0)):
        kind %= world.news.shape[1]
        world.news[PEOPLE, kind, THIRD], world.news_day[PEOPLE, kind, THIRD] = heard, NOW - lives * HALF_LIFE
    holds(lambda kind: risk.news_heard(world, PEOPLE, kind, THIRD), peer=(KIND, 0.3), other=(KIND + 1, 0.2))
    risk.add_news(world, PEOPLE, KIND, THIRD, 0.3)
    assert world.news[PEOPLE, KIND, THIRD] == pytest.approx(0.1 + 0.3)
    assert world.news_day[PEOPLE, KIND, THIRD] == NOW


@pytest.mark.parametrize("on", [1.0, 0.0])
def test_a_quarter_of_a_lesson_becomes_public(on: float) -> None:
    world = learning({"with_learning": on})
    public = world.news.shape[1] - 1
    risk.spread_news(world, VICTIMS, KIND, THIRD, 0.5)
    assert news(world, (VICTIMS, KIND, THIRD, 0.5 * PEERS * on), (VICTIMS, public, THIRD, 0.125 * PEERS * on))


@pytest.mark.parametrize(("down", "weight"), [(1, 1.0), (0, 0.4)])
@pytest.mark.parametrize("on", [1.0, 0.0])
def test_an_action_day_teaches_by_its_success(down: int, weight: float, on: float) -> None:
    """News of an action day is weighted by its success, in the states of servers and of victims."""
    world = learning({"with_learning": on, "delay_weight": 0.3})
    world.sanction_delay[:] = 4.0
    put(world, "action", 3, group=0, case=1, down=down)
    put(world, "case", 1, state=THIRD, opened=NOW - 1.5 * YEAR)
    risk.learn_from_action(world, 3)
    anywhere, public = world.news.shape[2] - 1, world.news.shape[1] - 1
    heard = [(SERVERS, KIND, anywhere, 1.0), (SERVERS, public, anywhere, 0.25)]
    heard += [(VICTIMS, KIND, THIRD, 1.0), (VICTIMS, public, THIRD, 0.25)]
    assert news(world, *((*where, share * weight * PEERS * on) for *where, share in heard))
    assert world.group["experience"][0] == pytest.approx(weight * OWN * on)
    assert [one.subject for one in records(world, "milestone")] == [3] * int(on)
    learnt = 4.0 - 0.3 * 2.5 if on and down else 4.0
    assert list(world.sanction_delay[[KIND, KIND + 1]]) == pytest.approx([learnt, 4.0])


@pytest.mark.parametrize("on", [1.0, 0.0])
def test_an_arrest_teaches_about_people_there_and_anywhere(on: float) -> None:
    world = learning({"with_learning": on})
    risk.learn_from_arrest(world, 0, THIRD)
    public = world.news.shape[1] - 1
    heard = [(PEOPLE, kind, state) for kind in (KIND, public) for state in (THIRD, world.news.shape[2] - 1)]
    assert news(world, *((*where, PEERS * on * (1.0 if where[1] == KIND else 0.25)) for where in heard))
    assert world.group["experience"][0] == pytest.approx(OWN * on)
    assert [one.subject for one in records(world, "milestone")] == [-1] * int(on)


@table((1.0, 776), (0.0, 720))
def test_what_a_group_expects_after_a_lesson_is_kept_per_mille(weight: float) -> float:
    """The expected sanction is 1 − 0.7 · 0.8 ^ weight · exp(−0.916), rounded to a thousandth."""
    world = learning(experience=0.9162)
    risk.take_lesson(world, 0, weight, 5)
    (milestone,) = records(world, "milestone")
    assert (milestone.kind, milestone.group, milestone.subject) == (MilestoneKind.LEARNT, 0, 5)
    return milestone.reason


@pytest.mark.parametrize("on", [1.0, 0.0])
def test_the_sanction_that_a_group_expects_at_home(on: float) -> None:
    """The sanction expected at home combines own experience, news and a prior by quality of governance."""
    world = learning({"with_learning": on})
    anywhere = world.news.shape[2] - 1
    world.news[SERVERS, KIND, anywhere], world.news[PEOPLE, KIND, anywhere] = 0.11, 0.05
    world.news[PEOPLE, KIND, AWAY], world.news[SERVERS, KIND, AWAY] = 0.23, 7.0
    experience = 0.3 + 0.11 + 0.05 + 0.23 if on else 0.4
    assert risk.sanction_risk(world, KIND, AWAY, 0.3) == pytest.approx(1.0 - 0.7 * math.exp(-experience))
    assert risk.usual_risk(world, AWAY) == pytest.approx(1.0 - 0.7 * math.exp(-0.4))


def test_the_risk_that_a_group_sees_beyond_a_states_reputation() -> None:
    """The perceived risk of a state is its reputation plus news and the group's own losses there."""
    world = learning(first_node=2, nodes=5)
    world.state["perceived_risk"][THIRD] = 0.25
    world.news[:2, KIND, THIRD] = world.news[2:, KIND, THIRD] = 0.3
    world.node["lost_in"], world.node["lost_at"] = THIRD, NOW  # also of other groups
    put(world, "node", 2, lost_in=(THIRD, HOME, THIRD, -1, THIRD))
    put(world, "node", 2, lost_at=(NOW - HALF_LIFE, NOW, NOW + 1.0, np.nan, NOW))
    for settled, lost in ((6, 0.5 * OWN), (7, 1.5 * OWN)):  # what lies behind the last server is no server yet
        world.used[Growing.NODE] = settled
        assert risk.losses_in(world, 0, THIRD) == pytest.approx(lost)
    holds(
        lambda concern: risk.added_risk(world, concern, 0, THIRD),
        servers=(SERVERS, 0.75 * (1.0 - math.exp(-0.3 - 1.5 * OWN))),
        people=(PEOPLE, 0.75 * (1.0 - math.exp(-0.3))),
    )


TRADE = 3
MONTHS = 60.0  # that a lineage lasts
BURNT = math.log(8 / 7)  # experience that raises a risk of 0.2 to 0.3
#: 0.3 × 6 × 0.5² − 0.2 × 6 × 0.5¹ of sanctions are feared beyond the usual with experience, less without.
FEARED, FEARED_BY_NEWCOMERS = 0.45 - 0.6, 0.3 - 0.6


def underworld(earns: float = 1.6, **settings: float) -> World:
    """Makes a world with a group of AWAY and a given income relative to the first day."""
    world = fresh(2, with_responsive_entry=1.0, sanction=6.0, discount=0.5, deterrence=0.7, sanction_delay=1.0)
    usual = {"lineage_months": MONTHS, "exit_ceiling": 3.0, "entry_ceiling": 2.0, "retirement": 0.25, "usual_news": 0.0}
    lessons = {"with_learning": 1.0, "risk_prior": 0.5, "memory_weeks": 10.0, "calm_per_month": 0.0}
    put(world, "setting", **usual | lessons | settings)
    world.news[:] = 0.0
    world.sanction_delay[TRADE] = 2.0
    put(world, "state", AWAY, perceived_risk=0.4)
    put(world, "group", kind=TRADE, capability=0.8, users=earns * 1.5 / 0.8, scale=1.5, experience_day=world.now[0])
    return world


def test_gain_is_income_less_the_sanctions_feared_beyond_the_usual() -> None:
    world = underworld()
    holds(
        lambda income, own: risk.change_of_gain(world, TRADE, AWAY, income, own),
        as_usual=(1.0, 0.0, -FEARED_BY_NEWCOMERS),
        more_with_experience=(1.6, BURNT, 0.6 - FEARED),
    )


def test_newcomers_enter_and_members_leave_by_what_they_gain() -> None:
    """The entry and exit rates of groups depend on their income relative to undisturbed work."""
    calm = {"calm_per_month": 0.1 * MONTH * math.log(2.0) / 70.0}

    leave = 0.25 + 0.75 * math.exp(-0.7 * (0.6 - FEARED))
    for responsive, factors in ((1.0, (math.exp(-0.7 * FEARED_BY_NEWCOMERS), leave)), (0.0, (1.0, 1.0))):
        world = underworld(with_responsive_entry=responsive, **calm)
        world.group["experience"] = BURNT - 0.1
        assert (risk.entry_factor(world, TRADE, AWAY), risk.exit_factor(world, 0)) == pytest.approx(factors)


@pytest.mark.parametrize(("factor", "share"), [(0.5, 0.25), (1.0, 0.5), (7.0, 1.0)])
def test_potential_groups_enter_by_their_factor_below_the_ceiling(factor: float, share: float) -> None:
    """A potential group enters with probability income factor ÷ ceiling."""
    world = underworld()
    chances(lambda key: risk.enters(world, key, factor), Purpose.GROUP_ENTERS, share)


def test_groups_think_of_leaving_as_often_as_the_ceiling_lets_them() -> None:
    """A group considers leaving at the maximum exit rate, and never if exit is fixed."""
    world = underworld()
    world.group["key"][1] = 5
    risk.schedule_doubt(world, 1)
    days = exponential(1, Purpose.GROUP_DOUBT_GAP, 5, 1, MONTHS * MONTH / 2)
    assert posted(world) == [(Event.GROUP_EXIT, 1, pytest.approx(days))]
    assert (world.event["stamp"][0], world.group["doubts"][1]) == (1, 1)
    world.setting["with_responsive_entry"] = 0.0
    risk.schedule_doubt(world, 1)
    assert world.group["doubts"][1] == 1 == len(posted(world))
    risk.stay_on(world, 1)
    stays = exponential(1, Purpose.GROUP_STAY, 5, 1, MONTHS * MONTH)  # another lineage
    assert (Event.GROUP_EXIT, 1, pytest.approx(stays)) in posted(world)


def tempted(factor: float) -> World:
    """Makes a world with a group whose exit rate is `factor` times the usual rate."""
    return underworld(1.0 - math.log(factor) / 2.0, sanction=0.0, retirement=0.0, deterrence=2.0)


@pytest.mark.parametrize(("factor", "stays"), [(0.4, 0.6), (1.0, 0.0), (2.5, 0.0)])
def test_at_the_end_of_a_lineage_so_many_stay_as_the_factor_is_below_one(factor: float, stays: float) -> None:
    world = tempted(factor)

    def stays_on(key: int) -> bool:
        put(world, "group", key=key, stays=0)
        world.used[Growing.MILESTONE] = 0
        gone = risk.leaves(world, 0, 0)
        assert got(world, "group", 0, "stays clipped") == (not gone, 0)
        return not gone

    chances(stays_on, Purpose.GROUP_STAYS, stays)


@pytest.mark.parametrize(("factor", "goes", "clipped"), [(1.5, 0.25, 0), (2.99, 0.995, 0), (4.0, 1.0, 1)])
def test_on_a_day_of_doubt_so_many_go_as_the_factor_is_above_one(factor: float, goes: float, clipped: int) -> None:
    """A group that considers leaving leaves with probability (factor − 1) ÷ (ceiling − 1)."""
    world = tempted(factor)

    def goes_now(key: int) -> bool:
        put(world, "group", key=key, doubts=0, clipped=0)
        gone = risk.leaves(world, 0, 2)
        assert got(world, "group", 0, "clipped doubts") == (clipped, not gone)
        return gone

    chances(goes_now, Purpose.GROUP_LEAVES, goes, 2)


def test_a_group_that_is_gone_does_not_leave() -> None:
    for status in GroupStatus:
        world = tempted(1.0)
        world.group["status"] = status
        assert risk.leaves(world, 0, 0) == (status in {GroupStatus.ACTIVE, GroupStatus.DOWN})


def band(**settings: float) -> World:
    """Makes a world with a group of AWAY, in which no group enters or exits."""
    world = small(64, {"with_responsive_entry": 0.0, "with_learning": 0.0} | settings)
    put(world, "group", first_node=2, nodes=3, key=7)
    world.node["key"], world.used[Growing.NODE] = np.arange(64), 5
    return world


def test_potential_groups_arrive_at_the_ceiling_of_their_rate() -> None:
    """Potential groups arrive at the maximum entry rate."""
    for number in range(1, 9):
        world = band(entry_rate=0.5, entry_ceiling=2.0)
        rules.group_arrives(world, number)
        key = rules.group_key(number)
        kind, home, domestic = rules.draw_origin(world, key)
        came = enters(world, key, entry_factor(world, kind, home))
        assert world.used[Growing.GROUP] == 1 + came
        assert (Event.GROUP_REPORT in [event for event, *_ in posted(world)]) == came
        gap = exponential(1, Purpose.GROUP_GAP, rules.group_key(number + 1), 0, 1.0)
        assert (Event.GROUP_ARRIVAL, number + 1, pytest.approx(gap)) in posted(world)
        if came:
            assert got(world, "group", 1, "kind home domestic clipped") == (kind, home, domestic, 0)
    slow = band(entry_rate=0.25, entry_ceiling=2.0)
    rules.schedule_arrival(slow, 9)
    assert posted(slow)[0][2] == pytest.approx(exponential(1, Purpose.GROUP_GAP, rules.group_key(9), 0, 2.0))
    # More than the ceiling lets in are noted.
    world = band(with_responsive_entry=1.0, with_learning=1.0, deterrence=50.0, entry_ceiling=1.0, usual_news=9.0)
    world.news[:], world.setting["sanction"], world.sanction_delay[:] = 0.0, 9.0, 50.0
    rules.group_arrives(world, 1)
    assert world.group["clipped"][1] == 1


def test_where_a_group_comes_from() -> None:
    world = band()
    world.place_kind[:], world.domestic_share[:] = [0.0, 1.0, *[4.0] * (len(world.place_kind) - 2)], 0.3
    world.place_victims[:], world.place_home[:] = 1.0, 1.0
    world.place_victims[HOME], world.place_home[1, :THIRD], world.place_home[2, HOME] = 0.5, 0.0, 0.0
    for number in range(1, 41):
        key = rules.group_key(number)
        kind = 1 if uniform(1, Purpose.GROUP_KIND, key, 0) < 0.25 else 2
        domestic = uniform(1, Purpose.GROUP_DOMESTIC, key, 0) < 0.3
        at_home = HOME if uniform(1, Purpose.GROUP_HOME, key, 0) < 0.5 else AWAY
        assert rules.draw_origin(world, key) == (kind, at_home if domestic else {1: THIRD, 2: AWAY}[kind], domestic)


def test_income_follows_users_and_capability() -> None:
    world = band(assets_days=180.0)
    put(world, "group", users=3.0, income=2.0, reserve=5.0, reserve_day=NOW - 180.0)
    rules.add_spell(world, 0, SpellCause.RETURN, 2, 5, 0.6)
    assert got(world, "group", 0, "income capability") == pytest.approx((1.8, 0.6))
    assert world.group["reserve"][0] == pytest.approx(360.0 - 355.0 * math.exp(-1.0))  # by what it earned until then
    expected = (SpellCause.RETURN, 2, 5, NOW, 0.6, 3.0)
    assert got(world, "spell", 0, "cause action_type case day capability scale") == expected
    rules.exit_by_itself(world, 0)
    assert got(world, "group", 0, "income status ended") == (0.0, GroupStatus.EXITED, NOW)
    world.setting["assets_days"] = 0.0  # then nothing is kept in reach
    rules.settle_reserve(world, 0)
    assert world.group["reserve"][0] == 0.0


def test_a_group_enters_with_its_size_core_and_nodes() -> None:
    """A new group has random size, core members and nodes, with at least two of both."""
    settings = {"lineage_months": 50.0, "scale_sigma": 0.6, "core_members": 3.0, "control_nodes": 2.5}
    world = band(**settings, extra_hops=1.5, with_responsive_entry=1.0)
    row = rules.establish_group(world, 5, 3, AWAY, True)
    members, nodes = 2 + poisson(1, Purpose.GROUP_MEMBERS, 5, 0, 3.0), 2 + poisson(1, Purpose.GROUP_NODES, 5, 0, 2.5)
    scale = math.exp(0.6 * normal(1, Purpose.GROUP_SCALE, 5, 0) - 0.18)
    days = exponential(1, Purpose.GROUP_LINEAGE, 5, 0, 50.0 * MONTH)
    names = "members nodes scale users lineage_until kind home domestic entered named capability hop_mean"
    expected = (members, nodes, scale, scale, NOW + days, 3, AWAY, 1, NOW, NOW, 1.0, 1.5)
    assert got(world, "group", row, names) == pytest.approx(expected)
    events = posted(world)
    assert (Event.GROUP_EXIT, row, pytest.approx(days)) in events
    kinds = [kind for kind, *_ in events]
    assert [kinds.count(kind) for kind in (Event.GROUP_EXIT, Event.GROUP_REBRAND, Event.NODE_MOVE)] == [2, 1, nodes]
    core = records(world, "member")
    assert core.slot.tolist() == list(range(members)) and (core.residence == AWAY).all()
    assert records(world, "node").slot[5:].tolist() == list(range(nodes))
    assert got(world, "group", row, "first_member first_node") == (0, 5)


def test_each_element_of_an_offence_is_fulfilled_in_four_of_five_groups() -> None:
    for key in range(1, 31):
        drawn = [uniform(1, Purpose.GROUP_FACTS, key, bit) < 0.8 for bit in range(len(ELEMENTS))]
        assert rules.draw_facts(1, key) == sum(2**bit for bit, there in enumerate(drawn) if there)


def test_brands_last_for_their_months_and_reports_come_so_often_a_year() -> None:
    world = band(brand_months=18.0, reports_per_year=5.0)
    put(world, "group", brands=2, reports=4)
    rules.schedule_rebrand(world, 0)
    rules.schedule_report(world, 0)
    brand = exponential(1, Purpose.GROUP_BRAND, 7, 2, 18.0 * MONTH)
    report = exponential(1, Purpose.REPORT_GAP, 7, 4, YEAR / 5.0)
    assert sorted(days for *_, days in posted(world)) == pytest.approx(sorted([brand, report]))


def test_only_a_group_at_work_takes_a_new_name_and_one_that_is_gone_plans_none() -> None:
    def named(status: GroupStatus, stamp: int, move: float) -> tuple[float, ...]:
        world = band(rebrand_move=move, tracking=0.0)
        put(world, "group", status=status, brands=2, capability=0.6)
        rules.rebrand(world, 0, stamp)
        named_now = int(world.group["named"][0] == NOW)
        assert [one.cause for one in records(world, "spell")] == [SpellCause.REBRAND] * named_now
        planned = Event.GROUP_REBRAND in [kind for kind, *_ in posted(world)]
        return (*got(world, "group", 0, "brands named"), planned, *world.node["moves"][1:6])

    active = GroupStatus.ACTIVE
    still, gone = (0, 0, 0, 0, 0), (2, 0.0, False, 0, 0, 0, 0, 0)
    holds(
        named,
        at_work=(active, 2, 0.0, (3, NOW, True, *still)),
        moves=(active, 2, 1.0, (3, NOW, True, 0, 1, 1, 1, 0)),
        an_older_plan=(active, 1, 1.0, gone),
        down=(GroupStatus.DOWN, 2, 1.0, (3, 0.0, True, *still)),
        exited=(GroupStatus.EXITED, 2, 1.0, gone),
        removed=(GroupStatus.REMOVED, 2, 1.0, gone),
    )
    world = band(rebrand_move=0.5)
    world.group["brands"] = 4
    rules.rebrand(world, 0, 4)
    drawn = [uniform(1, Purpose.NODE_REBRAND, key, 5) < 0.5 for key in (2, 3, 4)]
    assert world.node["moves"][2:5].tolist() == drawn
