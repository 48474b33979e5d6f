"""Liaison officers who are posted abroad, and trainers who visit states (M20).

Officers are posted where traffic and closeness already are, from a budget, and reviewed every year, unless a policy
posts them: first for the requests that are followed, and posts that these leave empty where ordinary requests to the
host's authorities make up the rest of an officer's work. Officers serve both states: they complete drafts, carry
questions, chase what nobody takes up, phone desk, court and police, and help to prepare an action, for a limited number
of requests at a time, and sign nothing. A request for which none has time asks again at its next step.

An officer works a year's hours. Followed requests get a part of them by a rule of priority: a declared share, and of
the rest what they are of all requests between the two states. Ordinary requests, a hundred times as many, get what is
left, and are counted.
"""

import math

import numpy as np

from sim.agents.assistance.authority import is_between_authorities
from sim.agents.assistance.liaison_bodies import add_referral
from sim.agents.assistance.line import growth
from sim.agents.assistance.trust import trust_in
from sim.agents.events import Event, Ladder, Purpose, row_ladder, schedule
from sim.engine.compiling import Record, rule
from sim.engine.random import chance, derive
from sim.engine.rows import new_row
from sim.law.days import YEAR
from sim.law.vocabulary import Channel
from sim.world.records import Abuse, Body, DeskKind, Growing, ReferralTask, RequestPurpose, TaskResult, UnitKind
from sim.world.world import World

_REVIEW = 0x4C494149
_FADING = 0.5  # of traffic, a year
_HOURS = 1600.0  # that an officer works in a year
_TRAINED = (UnitKind.OUTGOING.value, UnitKind.INCOMING.value, UnitKind.COURT.value, UnitKind.INVESTIGATION.value)


@rule
def schedule_liaison_review(world: World) -> None:
    """Schedules the next yearly review of officers abroad and training visits."""
    schedule(world, world.now[0] + YEAR, Event.LIAISON_REVIEW, derive(_REVIEW, _REVIEW), 0, 0)


@rule
def liaison_reviewed(world: World) -> None:
    """Reviews all states once a year: posts and recalls officers, and plans training visits."""
    asking = all_asking(world)
    for row in range(world.used[Growing.POSTING.value]):
        count_ordinary(world, world.posting[row], asking)
    for state in range(len(world.state)):
        review_postings(world, state)
    for row in range(world.used[Growing.POSTING.value]):
        plan_year(world, world.posting[row], asking)
    for row in range(len(world.unit)):
        world.unit[row].visit_days = 0.0  # visits last a year
    plan_visits(world)
    for i in range(len(world.state)):
        for j in range(len(world.state)):
            world.traffic[i, j] *= _FADING
    schedule_liaison_review(world)


@rule
def officers_at(world: World, sending: int, host: int) -> int:
    """Number of a state's officers in a host state, including officers who are about to start."""
    number, row = 0, world.posting_of[sending, host]
    while row >= 0:
        number += 1
        row = world.posting[row].next_posting
    return number


@rule
def all_asking(world: World) -> float:
    """Ordinary requests per month from all states together."""
    total = 0.0
    for row in range(len(world.state)):
        total += world.state[row].ordinary
    return total


@rule
def ordinary_traffic(world: World, asking: int, host: int, total: float) -> float:
    """Ordinary requests per year from one state to another that an officer could help with.

    A state sends its part of what that authority gets: its part of the ordinary requests of all states but the one that
    receives them. `total` is that of all states.
    """
    setting, desk = world.setting[0], world.desk[DeskKind.INCOMING.value * len(world.state) + host]
    others = total - world.state[host].ordinary
    if setting.ordinary_share == 0.0 or asking == host or others <= 0.0 or desk.file_hours <= 0.0:
        return 0.0
    files = desk.load * growth(setting, world.now[0]) * YEAR / desk.file_hours
    return setting.ordinary_share * files * world.state[asking].ordinary / others


@rule
def count_ordinary(world: World, posting: Record, total: float) -> None:
    """Counts the ordinary requests that an officer handled since the last review, in unused hours."""
    setting, one, other = world.setting[0], posting.sending, posting.host
    if not math.isnan(posting.until) or posting.hours == 0.0:
        return
    there = ordinary_traffic(world, one, other, total) + ordinary_traffic(world, other, one, total)
    requests = there * posting.hours / _HOURS / max(officers_at(world, one, other), 1)
    if setting.officer_hours > 0.0:
        requests = min(requests, (posting.hours - posting.spent) / setting.officer_hours)
    posting.ordinary += requests
    posting.worked += posting.spent + requests * setting.officer_hours


@rule
def plan_year(world: World, posting: Record, total: float) -> None:
    """Sets an officer's working hours until the next review, and the hours reserved for simulated requests."""
    setting, one, other = world.setting[0], posting.sending, posting.host
    if not math.isnan(posting.until):
        return
    followed = (world.traffic[one, other] + world.traffic[other, one]) * _FADING
    ordinary = ordinary_traffic(world, one, other, total) + ordinary_traffic(world, other, one, total)
    part = followed / (followed + ordinary) if ordinary > 0.0 else 1.0
    days = min(max(world.now[0] + YEAR - posting.since, 0.0), YEAR)
    posting.hours, posting.spent = _HOURS * days / YEAR, 0.0
    posting.reserved = posting.hours * (setting.followed_first + (1.0 - setting.followed_first) * part)


@rule
def worth_of_post(world: World, sending: int, host: int, others: int, ordinary: float) -> float:
    """Value of one more officer in a host state, from requests per officer and trust.

    None is posted where each would have fewer requests a year than an officer can look after at a time; `ordinary` are
    the requests a year that count besides followed ones.
    """
    setting = world.setting[0]
    requests = (world.traffic[sending, host] * _FADING + ordinary) / (others + 1.0)
    if sending == host or requests < setting.officer_files:
        return 0.0
    stays = setting.officer_stay if officers_at(world, sending, host) > others else 1.0
    return requests * trust_in(world, sending, host) * stays


@rule
def best_host(world: World, sending: int, officers: np.ndarray, ordinary: np.ndarray) -> int:
    """Host state in which one more officer of a state has most value; −1 if more officers have no value."""
    best, best_worth = -1, 0.0
    for host in range(len(world.state)):
        worth = worth_of_post(world, sending, host, officers[host], ordinary[host])
        if worth > best_worth:
            best, best_worth = host, worth
    return best


@rule
def fill_posts(world: World, sending: int, officers: np.ndarray, ordinary: np.ndarray) -> None:
    """Fills a state's empty posts abroad one by one, each in the host state with the most value."""
    state = world.state[sending]
    while state.posts_unfilled > 0:
        host = best_host(world, sending, officers, ordinary)
        if host < 0:
            break
        officers[host] += 1
        state.posts_unfilled -= 1


@rule
def review_postings(world: World, sending: int) -> None:
    """Reviews a state's officers abroad, who are kept, recalled or posted by the value that they add.

    Posts stay unfilled where no host has enough requests of both.
    """
    state = world.state[sending]
    officers, ordinary = world.posting_set[sending].astype(np.int64), np.zeros(len(world.state))
    state.posts_unfilled = int(state.posts_abroad)
    fill_posts(world, sending, officers, ordinary)
    if state.posts_unfilled > 0 and world.setting[0].ordinary_share > 0.0:
        total = all_asking(world)
        for host in range(len(world.state)):
            ordinary[host] = ordinary_traffic(world, sending, host, total)
        fill_posts(world, sending, officers, ordinary)
    for host in range(len(world.state)):
        more = officers[host] - officers_at(world, sending, host)
        for _ in range(more):
            by_policy = int(world.posting_set[sending, host] == 1 and officers_at(world, sending, host) == 0)
            post_officer(world, sending, host, by_policy, world.setting[0].officer_lag_days)
        for _ in range(-more):
            row = world.posting_of[sending, host]
            world.posting[row].until = world.now[0]
            world.posting_of[sending, host] = world.posting[row].next_posting


@rule
def post_officer(world: World, sending: int, host: int, by_policy: int, lag_days: float) -> None:
    """Posts an officer of a state abroad; the officer begins to work after some months."""
    row = new_row(world, world.posting, Growing.POSTING.value)
    posting = world.posting[row]
    posting.sending = sending
    posting.host = host
    posting.since = world.now[0] + lag_days
    posting.by_policy = by_policy
    posting.next_posting = world.posting_of[sending, host]
    world.posting_of[sending, host] = row


@rule
def officer_with_time(world: World, sending: int, host: int) -> int:
    """Row of a state's officer in a host state with time for one more request; −1 if none."""
    row = world.posting_of[sending, host]
    while row >= 0 and not (
        world.posting[row].since <= world.now[0] and has_time(world.setting[0], world.posting[row])
    ):
        row = world.posting[row].next_posting
    return row


@rule
def has_time(setting: Record, posting: Record) -> bool:
    """True if an officer has enough hours and not too many open requests to take one more."""
    if posting.open >= int(setting.officer_files):
        return False
    return posting.spent + setting.officer_hours <= posting.reserved or setting.officer_hours == 0.0


@rule
def officer_between(world: World, one: int, other: int) -> int:
    """Row of an officer with time for a request, posted by one of two states in the other; −1 if none."""
    officer = officer_with_time(world, one, other)
    return officer if officer >= 0 else officer_with_time(world, other, one)


@rule
def is_for_officers(world: World, request: Record) -> bool:
    """True for a genuine request to authorities or police abroad, with which an officer could help."""
    if world.setting[0].with_liaison_desks == 0.0 or request.case < 0 or request.abusive != Abuse.NONE:
        return False
    formal = is_between_authorities(request.channel) and request.purpose != RequestPurpose.CORROBORATION
    return formal or request.channel == Channel.POLICE


@rule
def count_traffic(world: World, request: Record) -> None:
    """Counts a request with which an officer could help, for the next review of postings."""
    if is_for_officers(world, request):
        world.traffic[request.requesting, request.requested] += 1.0


@rule
def seek_officer(world: World, row: int) -> None:
    """Assigns a request to an officer between the two states, if an officer has time."""
    request = world.request[row]
    if request.officer >= 0 or not math.isnan(request.given_up) or not is_for_officers(world, request):
        return
    request.officer = officer_between(world, request.requesting, request.requested)
    if request.officer >= 0:
        world.posting[request.officer].open += 1
        world.posting[request.officer].handled += 1
        world.posting[request.officer].spent += world.setting[0].officer_hours


@rule
def let_go(world: World, request: Record) -> None:
    """Ends an officer's work on a request that has ended or whose sender has stopped waiting."""
    if request.officer >= 0 and math.isnan(request.given_up):
        world.posting[request.officer].open -= 1


@rule
def has_officer(posting: Record, request: Record) -> bool:
    """True if an officer helps a request and is still posted."""
    return request.officer >= 0 and math.isnan(posting[request.officer].until)


@rule
def officer_credit(setting: Record, posting: Record, request: Record, desk: Record, weight: float) -> float:
    """Priority credit in days that an officer's calls give a request; `weight` depends on the desk."""
    return weight * setting.officer_speed * desk.last_wait if has_officer(posting, request) else 0.0


@rule
def is_return_saved(setting: Record, posting: Record, request: Record) -> bool:
    """True if an officer prevents the return of an incomplete request (random draw); counts the success."""
    if not has_officer(posting, request):
        return False
    if not chance(setting.seed, Purpose.OFFICER_SAVES_RETURN, request.key, request.loops, setting.officer_completes):
        return False
    request.returns_saved += 1
    return True


@rule
def is_chased(setting: Record, posting: Record, request: Record) -> bool:
    """True if an officer's call starts work on a request that would never have been answered."""
    if not has_officer(posting, request):
        return False
    return chance(setting.seed, Purpose.OFFICER_CHASES, request.key, 0, setting.officer_chases)


@rule
def would_end_by_call(setting: Record, request: Record) -> bool:
    """True if a call would start work on an ignored request once its sender loses patience."""
    if request.silent != 1:
        return False
    return chance(setting.seed, Purpose.OFFICER_CHASES, request.key, 1, setting.officer_recalls)


@rule
def by_eurojust(world: World, request: Record) -> float:
    """Factor by which Eurojust's help shortens a stage's time outside desks."""
    return 1.0 - world.setting[0].eurojust_speed if (request.helped >> Body.EUROJUST) & 1 else 1.0


@rule
def by_eurojust_and_officer(world: World, request: Record) -> float:
    """Factor by which help from Eurojust and from an officer shortens a stage's time outside desks."""
    ratio = by_eurojust(world, request)
    if has_officer(world.posting, request):
        ratio *= 1.0 - world.setting[0].officer_speed
    return ratio


#: Factor by which help shortens a stage outside any desk. Eurojust and liaison officers make people on the other side
#: take a file up; neither touches sending or producing.
eased = row_ladder("eased", Ladder.STAGE, "eased", globals(), "return 1.0", "world, request, stage")


@rule
def need_for_training(world: World, state: int) -> float:
    """A state's need for a training visit: lack of skill × log of its requests; 0 if not due, or if none is offered."""
    setting, states = world.setting[0], len(world.state)
    if world.feed[Body.BUILDERS, state] <= 0.0:
        return 0.0
    if world.now[0] < world.state[state].visited + YEAR * setting.visit_pause_years:
        return 0.0
    requests = 0.0
    for other in range(states):
        requests += world.traffic[state, other] + world.traffic[other, state]
    lacking = 1.0 - 0.5 * (world.unit[UnitKind.INCOMING.value * states + state].skill + world.state[state].skill)
    return lacking * math.log(1.0 + requests)


@rule
def plan_visits(world: World) -> None:
    """Plans training visits for the year, to the states with the greatest need."""
    setting = world.setting[0]
    needs = np.zeros(len(world.state))
    for state in range(len(world.state)):
        needs[state] = need_for_training(world, state)
    for _ in range(int(world.liaison_body[Body.BUILDERS].staff * setting.visits_per_trainer)):
        best = 0
        for state in range(len(world.state)):
            best = state if needs[state] > needs[best] else best
        if needs[best] <= 0.0:
            return
        needs[best] = 0.0
        visit(world, best)


@rule
def visit(world: World, state: int) -> None:
    """Begins a year of training visits to a state, in which its people spend days in courses."""
    setting, states, now = world.setting[0], len(world.state), world.now[0]
    world.state[state].visited = now
    for kind in _TRAINED:
        world.unit[kind * states + state].visit_days = setting.visit_days
    key = derive(derive(_REVIEW, state), int(now))
    row = add_referral(world, Body.BUILDERS.value, ReferralTask.VISIT.value, key, -1, -1, state, -1)
    world.referral[row].answered = now
    world.referral[row].result = TaskResult.HELPED.value
