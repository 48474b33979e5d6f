"""Tests of takedowns: the 180-day rule, group-years, truncation, competing exits, and return."""

import numpy as np
import pytest

from sim.data.costs import USD_PER_EURO
from sim.measures.history import LEFT_BY_ITSELF, TAKEN_DOWN, Window
from sim.measures.takedown import curve
from sim.world.records import GroupStatus, SpellCause
from tests.measures.worlds import END, START, WINDOW, check, observation, spell

ENTRY, PARTIAL, TAKEDOWN = SpellCause.ENTRY, SpellCause.PARTIAL_ACTION, SpellCause.TAKEDOWN
RETURN, EXIT = SpellCause.RETURN, SpellCause.SELF_EXIT
DECADE = END - START


def arm(*periods, entered=(0.0,), window=WINDOW):
    groups = [{"entered": START + day, "scale": 1.0, "kind": 1} for day in entered]
    return observation(window, spell=list(periods), group=groups)


def test_takedowns_and_group_years_are_counted_in_the_window_above_a_tenth_of_capability():
    """A takedown counts if it is in the policy years and capability was above a tenth."""
    seen = arm(spell(0, 1.0, ENTRY), spell(730.5, 0.0, TAKEDOWN), spell(1095.75, 0.6, RETURN))
    years = DECADE / 365.25 - 1.0
    assert seen.histories.years_at_risk == pytest.approx(years)
    check(seen, takedown_rate=100 / years)
    window = Window(START, END, END)
    seen = arm(spell(0, 1.0, ENTRY), spell(DECADE - 100, 0.0, TAKEDOWN), window=window)
    assert seen.histories.takedown_day.size == 0
    assert seen.histories.years_at_risk == pytest.approx((DECADE - 180) / 365.25)
    seen = arm(spell(-900, 1.0, ENTRY), spell(-100, 0.0, TAKEDOWN), entered=(-900.0,))
    assert seen.histories.takedown_day.size == 0
    assert seen.histories.cause.size == 0, "a group that is down throughout is never at risk"
    seen = arm(
        spell(-500, 1.0, ENTRY), spell(100, 0.0, TAKEDOWN), spell(30, 1.0, ENTRY, group=1), entered=(-500.0, 30.0)
    )
    assert seen.histories.watched_from == pytest.approx([500, 0])
    assert seen.histories.watched_until == pytest.approx([600, DECADE - 30])
    assert list(seen.histories.cause) == [TAKEN_DOWN, 0]


def test_incidence_and_return_by_hand_and_without_crime() -> None:
    """Incidences of takedown and return equal a count by hand, and are undefined without crime.

    Four groups from day 0: one taken down in year 1, one leaves in 2, one taken down in 6, one stays.
    """
    periods = [spell(0, 1.0, ENTRY, group=group) for group in range(4)]
    periods += [spell(200, 0.0, TAKEDOWN, group=0), spell(500, 0.0, EXIT, group=1), spell(2100, 0.0, TAKEDOWN, group=2)]
    seen = arm(*periods, entered=(-0.5,) * 4)
    check(seen, takedown_five_year=0.25)
    assert curve(seen)["taken_down"][-1] == pytest.approx(0.5)
    assert curve(seen)["at_risk"][[1, 10, 96]] == pytest.approx([4, 3, 1])
    # Of three enforcement actions one is undone in 300 days, one in 500, and one is watched for 180 days only.
    periods = [spell(0, 1.0, ENTRY, group=group) for group in range(3)]
    periods += [spell(100, 0.0, TAKEDOWN, group=0), spell(400, 0.5, RETURN, group=0)]
    periods += [spell(100, 0.0, TAKEDOWN, group=1), spell(600, 0.5, RETURN, group=1)]
    periods += [spell(DECADE, 0.0, TAKEDOWN, group=2)]
    check(arm(*periods, entered=(0.0,) * 3), return_within_year=0.5)
    check(observation(), takedown_rate=np.nan, takedown_five_year=np.nan, return_within_year=np.nan, harm=0.0)
    with pytest.raises(ValueError, match="start < end"):
        Window(START, START, END)


def test_stretches_and_what_happens_on_the_last_day() -> None:
    """Activity is divided into periods in the policy years, and events on their last day count."""
    seen = arm(spell(-90, 1.0, ENTRY), spell(-40, 0.5, PARTIAL), spell(30, 0.0, TAKEDOWN), spell(70, 0.75, RETURN))
    stretches = seen.stretches
    assert stretches.capability.tolist() == [0.5, 0.75]
    assert (stretches.from_day.tolist(), stretches.until.tolist()) == ([0, 70], [30, DECADE])
    for last, cause in ((TAKEDOWN, TAKEN_DOWN), (EXIT, LEFT_BY_ITSELF)):
        assert arm(spell(0, 1.0, ENTRY), spell(DECADE, 0.0, last)).histories.cause.tolist() == [cause]
    assert arm(spell(DECADE, 1.0, ENTRY), entered=(DECADE,)).histories.watched_until.size == 0
    back = arm(spell(0, 1.0, ENTRY), spell(DECADE - 50, 0.0, TAKEDOWN), spell(DECADE + 180, 0.6, RETURN)).histories
    assert back.back.tolist() == [True] and back.down_days == pytest.approx([230])


def action(day: float, **fields: float) -> dict[str, float]:
    """A takedown of a group some days after the policy's start."""
    return {"case": 0, "day": START + day, "down": 1, "states": 3} | fields


def test_major_cases_and_long_shots_among_actions() -> None:
    opened = [{"opened": START - 50}]
    for days in ((0, DECADE), (-1, 0, DECADE), (0, DECADE, DECADE + 1)):
        seen = observation(action=[action(day) for day in days], case=opened)
        check(seen, major_case_months=(DECADE / 2 + 50) / 30.4375)
    failed = [action(9, states=2), action(9, down=0)]
    check(observation(action=failed, case=opened), major_case_months=np.nan)
    check(observation(action=[*failed, action(9)], case=opened), partial_action_share=1 / 3)
    seen = observation(action=[action(day, foreseen=chance) for day, chance in enumerate((0.1, 0.2, 0.2, 0.7))])
    check(seen, long_shot_share=1 / 4, foreseen_chance=0.3)


@pytest.mark.parametrize(
    ("periods", "days", "actions"),
    [
        (((100, 0.0, TAKEDOWN), (279.9, 0.6, RETURN)), [], 1),  # 180 days decide
        (((100, 0.0, TAKEDOWN), (280, 0.6, RETURN)), [100], 1),
        (((100, 0.10, PARTIAL),), [100], 1),  # a tenth of capability decides
        (((100, 0.11, PARTIAL),), [], 0),
        (((100, 0.0, TAKEDOWN), (102, 0.08, RETURN), (300, 0.5, SpellCause.REBUILT)), [100], 1),  # too weak to count
        (((100, 0.0, TAKEDOWN), (150, 0.0, TAKEDOWN)), [100], 1),
        *((((50, 0.4, PARTIAL), (90, 0.05, PARTIAL)), [90], 1), (((0, 0.0, TAKEDOWN),), [0], 1)),
        (((DECADE, 0.0, TAKEDOWN),), [DECADE], 1),  # classified by the follow-up
        *((((DECADE, 0.0, TAKEDOWN), (DECADE + 100, 0.5, RETURN)), [], 1), (((DECADE + 1, 0.0, TAKEDOWN),), [], 0)),
        (((100, 0.4, PARTIAL), (200, 0.0, EXIT)), [], 0),  # self-exit is not a takedown even after action
    ],
)
def test_a_takedown_lasts_half_a_year(periods: tuple[tuple, ...], days: list[float], actions: int) -> None:
    seen = arm(spell(-9, 1.0, ENTRY), *(spell(*row) for row in periods), entered=(-9.0,))
    assert (seen.histories.takedown_day - START).tolist() == days and seen.histories.brought_down_day.size == actions


def test_groups_brought_down_and_losses_averted_count_with_their_chance_and_until_their_return() -> None:
    """A takedown counts with the probability that it lasts, and averts losses until the return."""
    entries = [spell(-9, 1.0, ENTRY, group=row) for row in range(6)]
    hits = [spell(100, 0.0, TAKEDOWN, group=0, lasting=0.25), spell(130, 0.6, RETURN, group=0)]
    hits += [spell(100, 0.0, TAKEDOWN, group=1, lasting=0.5), spell(100, 0.05, PARTIAL, group=2)]
    for group in (3, 4, 5):
        hits += [spell(100, 0.0, TAKEDOWN, group=group, lasting=0.125), spell(120, 0.0, EXIT, group=group)]
    groups = [{"entered": START - 9, "scale": 1.0, "kind": 1} for _ in range(6)]
    for group, back_on in ((0, 130.0), (3, 279.0), (4, 281.0)):  # who came back may leave later; 5 has no such day
        groups[group] |= {"status": GroupStatus.EXITED, "back_on": START + back_on}
    seen = observation(spell=sorted([*entries, *hits], key=lambda row: row["day"]), group=groups)
    expected = 0.25 + 0.5 + 1 + (0.125 + 1) + 0.125 + 0.125
    check(seen, groups_brought_down=6, takedowns=5, takedowns_expected=expected)
    # Half as able and twice as large as usual: back after 100 days, or gone by itself after 50, or never back.
    before = [spell(-9, 1.0, ENTRY), spell(50, 0.5, PARTIAL, scale=2.0), spell(100, 0.0, TAKEDOWN, scale=9.0)]
    back, whole = [spell(200, 0.6, RETURN)], DECADE - 100
    for left, more, days in ((9e4, back, 100), (START + 150, back, 50), (9e4, [], whole), (0.0, back, 100)):
        group = [{"entered": START - 9, "kind": 1, "lineage_until": left}]
        seen = observation(spell=[*before, *more], group=group)
        rate = np.log(1.03) / 365.25
        discounted = (np.exp(-rate * 100) - np.exp(-rate * (100 + days))) / rate
        check(seen, losses_averted=seen.harm_rates[1] * discounted / USD_PER_EURO / 1e6)


def test_groups_brought_down_are_distinguished_by_who_led_the_case() -> None:
    """Groups brought down are counted by leading state: their home or another."""
    hits = [spell(-9, 1.0, ENTRY, group=row) for row in range(3)]
    hits += [spell(100, 0.0, TAKEDOWN, group=row, case=case) for row, case in enumerate((0, 1, -1))]
    groups = [{"entered": START - 9, "scale": 1.0, "kind": 1, "home": 0} for _ in range(3)]
    seen = observation(spell=sorted(hits, key=lambda row: row["day"]), group=groups, case=[{"state": 0}, {"state": 1}])
    check(seen, groups_brought_down=3, brought_down_home=1, brought_down_abroad=2)


def test_former_names_are_read_with_a_warning_that_has_the_new_one() -> None:
    seen = arm(spell(0, 1.0, ENTRY), spell(100, 0.0, TAKEDOWN))
    with pytest.warns(FutureWarning, match="`lives`.*`histories`"):
        assert seen.lives is seen.histories
    with pytest.warns(FutureWarning, match="`blow_day`.*`brought_down_day`"):
        assert seen.histories.blow_day is seen.histories.brought_down_day
