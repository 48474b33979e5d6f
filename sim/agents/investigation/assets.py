"""Money of groups, which police hold after reports, and which courts freeze and confiscate (M14).

What a group keeps in reach grows by its income and goes as it is spent or laundered. A freeze takes from it, so that
nothing is frozen twice. Amounts are in days of the full proceeds of a mean group of the kind.
"""

import math

from sim.agents.assistance import (
    answers_at_once,
    deed_of,
    is_likely,
    is_open,
    logistic,
    police_answer,
    police_decline_probability,
    response_to_standard,
    trust_in,
)
from sim.agents.crime import money_state, settle_reserve
from sim.agents.events import Event, Purpose, schedule
from sim.agents.investigation.removal import silence_towards
from sim.engine.compiling import Key, rule
from sim.engine.random import chance, derive, lognormal, uniform
from sim.engine.rows import new_row
from sim.law.days import YEAR
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import FrozenBy, Growing
from sim.world.world import World

_ASSETS = 0x41535354
_TREATY_CHANNELS = tuple(channel.value for channel in Channel if channel.row.treaty)
_HOLD_DAYS = 3.0  # within which money leaves the account to which it was paid: recalls work within 72 hours
_PROVISIONAL = 0.5  # standard of proof of a freeze, of that of a search (M2)
_DAY_IS_WORTH = 1.0  # years of tracing that the searches of an action day are worth


@rule
def freeze_key(key: Key, by: FrozenBy, number: int) -> Key:
    """Key for random draws about a freeze of money, by group or case, cause, and number of the freeze."""
    return derive(derive(derive(key, _ASSETS), by.value), number)


@rule
def place_of_money(world: World, group_row: int, key: Key) -> int:
    """Draws the state in which the money affected by a freeze lies."""
    return money_state(world, group_row, key, uniform(world.setting[0].seed, Purpose.ASSETS_PLACE, key, 0))


@rule
def freeze_assets(world: World, group_row: int, case_row: int, key: Key, by: FrozenBy, state: int, most: float) -> None:
    """Freezes a group's money in a state, at most the amount `most`, until a court decides."""
    setting, now = world.setting[0], world.now[0]
    settle_reserve(world, group_row)
    group = world.group[group_row]
    amount = min(most, group.reserve)
    if amount <= 0.0:
        return
    group.reserve -= amount
    row = new_row(world, world.freeze, Growing.FREEZE.value)
    freeze = world.freeze[row]
    freeze.key = key
    freeze.group = group_row
    freeze.case = case_row
    freeze.state = state
    freeze.by = by.value
    freeze.day = now
    freeze.frozen = amount
    days = lognormal(setting.seed, Purpose.ASSETS_TIME, key, 0, setting.assets_decision_days, setting.elapsed_sigma)
    schedule(world, now + days, Event.ASSETS_DECIDED, key, row, 0)


@rule
def held_in_time(world: World, victim: int, state: int, deed: Key, key: Key) -> float:
    """Share of the money in a victim's report that police hold before it moves on.

    At home that takes no time. Abroad it takes as long as a police answer, where a channel is open, and may be
    declined.
    """
    setting = world.setting[0]
    if state == victim:
        return 1.0
    if not is_open(world, victim, state, Channel.POLICE.value, DataKind.POLICE_INFORMATION.value, deed):
        return 0.0
    declined = police_decline_probability(setting, trust_in(world, state, victim)) * setting.foreign_refusal
    median, sigma = police_answer(setting, world.police_body[victim, state])
    days = lognormal(setting.seed, Purpose.REPORT_PASSED, key, 0, median, sigma)
    return (1.0 - declined) * math.exp(-(1.0 if answers_at_once(setting, key) else days) / _HOLD_DAYS)


@rule
def hold_reported(world: World, group_row: int, victim: int, number: int) -> None:
    """Freezes part of the money that victims recently paid, after a victim's report.

    `victim` is the state where the report is made. Law in action where the money lies decides how much can be held.
    """
    setting, group = world.setting[0], world.group[group_row]
    key = freeze_key(group.key, FrozenBy.REPORT, number)
    state = place_of_money(world, group_row, key)
    losses = group.income * YEAR / setting.reports_per_year
    held = setting.assets_reported * float(world.implementation[state])
    held *= held_in_time(world, victim, state, deed_of(world, group_row), key)
    freeze_assets(world, group_row, -1, key, FrozenBy.REPORT, state, losses * held)


@rule
def has_freezing_basis(world: World, requesting: int, requested: int, deed: Key) -> bool:
    """True if one state can freeze money for another today, by treaty or order."""
    if requesting == requested:
        return True
    for channel in _TREATY_CHANNELS:
        if is_open(world, requesting, requested, channel, DataKind.SEARCH_SEIZURE.value, deed):
            return True
    return False


@rule
def freezing_probability(world: World, case_row: int, state: int) -> float:
    """P(a state freezes a group's money for a case), from proof, legal practice and habit (M2)."""
    case, setting = world.case[case_row], world.setting[0]
    if not has_freezing_basis(world, case.state, state, deed_of(world, case.group)):
        return 0.0
    answers = 1.0 - silence_towards(world, case_row, state)
    standard = _PROVISIONAL * world.proof[state, DataKind.SEARCH_SEIZURE]
    response = response_to_standard(setting, standard, logistic(setting.search_strength + case.proof))
    return answers * float(world.implementation[state]) * response if is_likely(setting, response) else 0.0


@rule
def trace_assets(world: World, case_row: int, years: float, by: FrozenBy, number: int) -> None:
    """May trace a group's money, which the state where it lies may then freeze.

    `number` is that of the review or the action.
    """
    case, setting = world.case[case_row], world.setting[0]
    key = freeze_key(case.key, by, number)
    traced = 1.0 - math.exp(-setting.assets_traced * years)
    if not chance(setting.seed, Purpose.ASSETS_TRACED, key, 0, traced):
        return
    state = place_of_money(world, case.group, key)
    frozen = chance(setting.seed, Purpose.ASSETS_FROZEN, key, 0, freezing_probability(world, case_row, state))
    if frozen:
        freeze_assets(world, case.group, case_row, key, by, state, math.inf)


@rule
def trace_at_review(world: World, case_row: int) -> None:
    """May trace a group's money at a review of its case."""
    case, years = world.case[case_row], world.setting[0].review_interval_days / YEAR
    trace_assets(world, case_row, years, FrozenBy.CASE, case.reviews)


@rule
def seize_assets(world: World, action_row: int) -> None:
    """May trace and freeze money in the searches of an action day."""
    case_row = world.action[action_row].case
    trace_assets(world, case_row, _DAY_IS_WORTH, FrozenBy.ACTION, world.case[case_row].actions)


@rule
def assets_decided(world: World, row: int) -> None:
    """Decides on frozen money: a court confiscates all of it or none (random draw)."""
    freeze, setting = world.freeze[row], world.setting[0]
    freeze.decided = world.now[0]
    if chance(setting.seed, Purpose.ASSETS_CONFISCATED, freeze.key, 0, setting.assets_confiscated):
        freeze.confiscated = freeze.frozen
