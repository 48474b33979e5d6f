"""Liaison officers and prosecutors posted abroad, and capacity builders who visit (M20).

Officers are posted where traffic and closeness already are, from a budget, and reviewed every year, unless a policy
posts them. Officers serve both states: they complete drafts, carry questions, chase what nobody takes up, phone desk
and police, and help to prepare an action, for a limited number of requests at a time, and sign nothing. A request for
which none has time asks again at its next step.
"""

import math

import numpy as np

from sim.agents.assistance.liaison_bodies import add_referral
from sim.agents.assistance.trust import trust_in
from sim.agents.events import Event, Purpose, schedule
from sim.engine.compiling import Record, rule
from sim.engine.random import chance, derive
from sim.engine.rows import new_row
from sim.law.days import YEAR
from sim.law.vocabulary import Channel
from sim.world.records import Abuse, Body, Growing, ReferralTask, RequestPurpose, Stage, TaskResult, UnitKind
from sim.world.world import World

_REVIEW = 0x4C494149
_FADING = 0.5  # of traffic, a year
_TRAINED = (UnitKind.OUTGOING.value, UnitKind.INCOMING.value, UnitKind.COURT.value, UnitKind.INVESTIGATION.value)


@rule
def schedule_liaison_review(world: World) -> None:
    """Posts the yearly review of postings and visits."""
    schedule(world, world.now[0] + YEAR, Event.LIAISON_REVIEW, derive(_REVIEW, _REVIEW), 0, 0)


@rule
def liaison_reviewed(world: World) -> None:
    """The yearly review: officers are posted, and trainers travel."""
    for state in range(len(world.state)):
        review_postings(world, state)
    for row in range(len(world.unit)):
        world.unit[row].visit_days = 0.0  # visits last a year
    plan_visits(world)
    for i in range(len(world.state)):
        for j in range(len(world.state)):
            world.traffic[i, j] *= _FADING
    schedule_liaison_review(world)


@rule
def officers_at(world: World, sending: int, host: int) -> int:
    """Officers of a state who are posted in another, or on their way."""
    number, row = 0, world.posting_of[sending, host]
    while row >= 0:
        number += 1
        row = world.posting[row].next_posting
    return number


@rule
def worth_of_post(world: World, sending: int, host: int, others: int) -> float:
    """Value of one more officer in a host state: requests per year and officer, weighted by trust.

    None is posted where each would have fewer requests a year than an officer can look after at a time.
    """
    setting = world.setting[0]
    requests = world.traffic[sending, host] * _FADING / (others + 1.0)
    if sending == host or requests < setting.officer_files:
        return 0.0
    stays = setting.officer_stay if officers_at(world, sending, host) > others else 1.0
    return requests * trust_in(world, sending, host) * stays


@rule
def best_host(world: World, sending: int, officers: np.ndarray) -> int:
    """Host state in which one more officer adds most; -1 if no officer is needed."""
    best, best_worth = -1, 0.0
    for host in range(len(world.state)):
        worth = worth_of_post(world, sending, host, officers[host])
        if worth > best_worth:
            best, best_worth = host, worth
    return best


@rule
def review_postings(world: World, sending: int) -> None:
    """A state keeps, recalls and posts its officers, one by one, where each adds most.

    Posts stay unfilled where no host has enough requests.
    """
    state = world.state[sending]
    officers = world.posting_set[sending].astype(np.int64)
    state.posts_unfilled = int(state.posts_abroad)
    while state.posts_unfilled > 0:
        host = best_host(world, sending, officers)
        if host < 0:
            break
        officers[host] += 1
        state.posts_unfilled -= 1
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
    """A state selects an officer, who begins to work after some months."""
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
    """An officer at work in a state who has time for one more request; -1 for none."""
    row, most = world.posting_of[sending, host], int(world.setting[0].officer_files)
    while row >= 0 and not (world.posting[row].since <= world.now[0] and world.posting[row].open < most):
        row = world.posting[row].next_posting
    return row


@rule
def officer_between(world: World, one: int, other: int) -> int:
    """An officer posted between two states, in either direction, with time for one more request; -1 for none."""
    officer = officer_with_time(world, one, other)
    return officer if officer >= 0 else officer_with_time(world, other, one)


@rule
def is_for_officers(world: World, request: Record) -> bool:
    """True if an officer could help a request: a genuine one, to authorities or police abroad."""
    if world.setting[0].with_liaison_desks == 0.0 or request.case < 0 or request.abusive != Abuse.NONE:
        return False
    formal = request.channel <= Channel.JUDICIAL_DIRECT and request.purpose != RequestPurpose.CORROBORATION
    return formal or request.channel == Channel.POLICE


@rule
def count_traffic(world: World, request: Record) -> None:
    """Counts a request that an officer could help; states post officers by these counts."""
    if is_for_officers(world, request):
        world.traffic[request.requesting, request.requested] += 1.0


@rule
def seek_officer(world: World, row: int) -> None:
    """Assigns a request to an officer between the two states, if one has time."""
    request = world.request[row]
    if request.officer >= 0 or not math.isnan(request.given_up) or not is_for_officers(world, request):
        return
    request.officer = officer_between(world, request.requesting, request.requested)
    if request.officer >= 0:
        world.posting[request.officer].open += 1
        world.posting[request.officer].handled += 1


@rule
def let_go(world: World, request: Record) -> None:
    """Frees the officer of a request that has ended or was reneged."""
    if request.officer >= 0 and math.isnan(request.given_up):
        world.posting[request.officer].open -= 1


@rule
def has_officer(posting: Record, request: Record) -> bool:
    """True if an officer handles the request and has not been recalled."""
    return request.officer >= 0 and math.isnan(posting[request.officer].until)


@rule
def officer_head_start(setting: Record, posting: Record, request: Record, desk: Record) -> float:
    """Priority credit, days, of a request in an incoming desk's queue, from an officer's calls."""
    return setting.officer_speed * desk.last_wait if has_officer(posting, request) else 0.0


@rule
def is_return_saved(setting: Record, posting: Record, request: Record) -> bool:
    """True if an officer spares a request its return: completes the draft, or answers the desk by phone."""
    if not has_officer(posting, request):
        return False
    if not chance(setting.seed, Purpose.OFFICER_SAVES_RETURN, request.key, request.loops, setting.officer_completes):
        return False
    request.returns_saved += 1
    return True


@rule
def is_chased(setting: Record, posting: Record, request: Record) -> bool:
    """True if an officer's calls get a request started that would never have been answered."""
    if not has_officer(posting, request):
        return False
    return chance(setting.seed, Purpose.OFFICER_CHASES, request.key, 0, setting.officer_chases)


@rule
def eased(setting: Record, posting: Record, request: Record, stage: int) -> float:
    """Duration of a stage outside any desk, relative to the duration without help.

    Eurojust and liaison officers make people on the other side take a file up; neither touches sending or producing.
    """
    ratio = 1.0
    returned_or_reviewed = stage == Stage.DEFICIENCY_RETURN or stage == Stage.REVIEW
    if (request.helped >> Body.EUROJUST) & 1 and (returned_or_reviewed or stage == Stage.COURT_ORDER):
        ratio *= 1.0 - setting.eurojust_speed
    if returned_or_reviewed and has_officer(posting, request):
        ratio *= 1.0 - setting.officer_speed
    return ratio


@rule
def need_for_training(world: World, state: int) -> float:
    """Value of a training visit to a state: its people's missing skill, times its part in cooperation."""
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
    """Plans visits to the states with the greatest need; each trainer serves a fixed number of states per year."""
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
    """Trainers visit a state for a year, and its people spend days in courses."""
    setting, states, now = world.setting[0], len(world.state), world.now[0]
    world.state[state].visited = now
    for kind in _TRAINED:
        world.unit[kind * states + state].visit_days = setting.visit_days
    key = derive(derive(_REVIEW, state), int(now))
    row = add_referral(world, Body.BUILDERS.value, ReferralTask.VISIT.value, key, -1, -1, state, -1)
    world.referral[row].answered = now
    world.referral[row].result = TaskResult.HELPED.value
