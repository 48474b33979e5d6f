"""Decisions of authorities on requests: drafting, silence, review and grounds of refusal (M1, M3, M6, M7)."""

import math

from sim.agents.events import Ladder, Purpose, row_ladder
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, derive, lognormal, normal, uniform
from sim.law.vocabulary import AUTHORITY_CHANNELS, PROVIDER_CHANNELS, Channel, DataKind, Ground
from sim.world.records import Abuse, Stage
from sim.world.world import World

_HABIT = 0x48414249


@rule
def logistic(x: float) -> float:
    """Logistic function, the inverse of the logit."""
    return 1.0 / (1.0 + math.exp(-x))


#: Channels by what rows of `Channel` say of them, as bit masks.
_TO_PROVIDERS = sum(1 << channel for channel in PROVIDER_CHANNELS)
_BETWEEN_AUTHORITIES = sum(1 << channel for channel in AUTHORITY_CHANNELS)
_LIGHT = sum(1 << channel for channel in Channel if channel.row.light)


@rule
def passes(request: Record, stage: int) -> bool:
    """True if a stage is on a request's route."""
    return (request.route >> stage) & 1 == 1


@rule
def is_provider_channel(channel: int) -> bool:
    """True if a channel leads straight to a provider, past the requested state's authorities."""
    return (_TO_PROVIDERS >> channel) & 1 == 1


@rule
def is_between_authorities(channel: int) -> bool:
    """True if a channel leads from an authority (central authority or court) to another authority."""
    return (_BETWEEN_AUTHORITIES >> channel) & 1 == 1


@rule
def is_light(channel: int) -> bool:
    """True if requests in a channel need no formal draft, as within a joint team."""
    return (_LIGHT >> channel) & 1 == 1


@rule
def drafting_median(setting: Record, request: Record, state: Record) -> float:
    """Median days to draft a request (M6); more with low skill or many open cases."""
    days = setting.direct_draft_days if is_light(request.channel) else setting.drafting_days
    crowding = max(state.open_cases / max(state.slots, 0.1), 1.0)
    return days * min(crowding, 10.0) / max(state.work_rate, 0.1)


@rule
def transmission_median(setting: Record, electronic_pairs: Record, request: Record) -> float:
    """Median days for a request to reach the requested state."""
    if is_light(request.channel):
        return 0.25
    if request.electronic == 1 or electronic_pairs[request.requesting, request.requested] == 1:
        return setting.electronic_days
    return setting.diplomatic_days


@rule
def goes_to_ministry(affinity: float, nationals: bool) -> bool:
    """True if a ministry must see a request, because of nationals or political distance."""
    return nationals or affinity < 0.5


@rule
def answer_median(setting: Record, channel: int) -> float:
    """Median days of sending an answer from the provider's state to the requester, without time at desks."""
    if channel == Channel.JOINT_TEAM:
        return setting.team_exchange_days
    return 0.25 if channel == Channel.PROVIDER_BINDING else setting.answer_days


@rule
def elapsed(setting: Record, request: Record, stage: int, median: float) -> float:
    """Random number of days in a stage of a request, without its time at desks."""
    if median <= 0.0:
        return 0.0
    count = stage * 16 + request.loops
    return lognormal(setting.seed, Purpose.STAGE_TIME, request.key, count, median, setting.elapsed_sigma)


@rule
def comes_in_wrong_format(setting: Record, electronic_pairs: Record, request: Record, shared: float) -> bool:
    """True if the answer comes in an unusable format, so that the requester must ask again (M9).

    `shared` is the share of exchange in a format that both sides use.
    """
    if request.electronic == 1 or is_provider_channel(request.channel):
        return False
    if electronic_pairs[request.requesting, request.requested] == 1:
        return False
    probability = setting.format_loop_probability * (1.0 - setting.structured_format * shared)
    return uniform(setting.seed, Purpose.FORMAT, request.key, 0) < probability


@rule
def deficiency_probability(
    setting: Record, request: Record, skill: float, template: float, quality: float, lead: bool, structured: float
) -> float:
    """P(a drafted request is incomplete) (M7); less with skill, trust, a template or police information.

    Structured data that both sides use leave less to be missed (M22). Quality persists within a file, so returns
    cluster rather than repeat independently.
    """
    probability = setting.deficiency * math.exp(
        -setting.deficiency_skill * (skill - 0.5)
        - setting.deficiency_trust * (request.trust - 0.5)
        - setting.deficiency_template * template
        - setting.structured_deficiency * structured
    )
    if request.data_kind == DataKind.CONTENT or request.data_kind == DataKind.SEARCH_SEIZURE:
        probability *= 1.0 + setting.deficiency_breadth
    if lead:
        probability *= 1.0 - setting.deficiency_lead
    for _ in range(request.loops):
        probability *= setting.deficiency_repeat
    probability = min(max(probability, 0.001), 0.99)
    logit = math.log(probability / (1.0 - probability)) - setting.deficiency_quality * quality
    return logistic(logit)


@rule
def silence_habit(setting: Record, requesting: int, requested: int) -> float:
    """Random effect of a pair of states on the log-odds that a request is never answered (M3)."""
    key = derive(derive(_HABIT, requesting), requested)
    return setting.silence_habit * normal(setting.seed, Purpose.SILENCE_HABIT, key, 0)


@rule
def political_silence(setting: Record, affinity: float, nationals: bool) -> float:
    """P(a state deliberately ignores a request); higher with political distance and for own nationals (M3)."""
    logit = setting.silence_friendly + setting.silence_distance * (1.0 - affinity)
    return logistic(logit + setting.silence_nationals if nationals else logit)


@rule
def would_answer(setting: Record, political: float, implementation: float) -> float:
    """P(a state is willing and able to answer a request), before its habit is taken into account (M2, M3)."""
    return (1.0 - political) * (1.0 - (1.0 - implementation) * setting.silence_implementation)


@rule
def silence_probability(
    setting: Record, affinity: float, nationals: bool, implementation: float, habit: float
) -> float:
    """P(a request is never answered), from politics, nationality, legal practice and habit (M2, M3)."""
    silent = 1.0 - would_answer(setting, political_silence(setting, affinity, nationals), implementation)
    odds = silent * math.exp(habit)
    return odds / (1.0 - silent + odds) * setting.silence_scale * setting.with_silence


@rule
def is_silent(setting: Record, key: Key, case_key: Key, probability: float) -> bool:
    """True if a request will never be answered, which the requester does not know.

    `case_key` is that of the case and the requested state: what a case asks of a state often lies on one table.
    """
    if chance(setting.seed, Purpose.SILENCE_SHARED, key, 0, setting.silence_shared):
        key = case_key
    return lies_unanswered(setting, key, probability)


@rule
def lies_unanswered(setting: Record, key: Key, probability: float) -> bool:
    """True if a state leaves a request unanswered; the random draw depends on the given key."""
    return uniform(setting.seed, Purpose.SILENCE, key, 0) < probability


@rule
def dual_criminality(offence: int, penalty_years: float, elements: int, threshold_years: float, facts: int) -> bool:
    """True if an act is an offence in the requested state too, with all elements and enough penalty (M1).

    Conduct decides, not the label (Budapest art. 25(5)).
    """
    return offence == 1 and penalty_years >= threshold_years and (elements & ~facts) == 0


@rule
def tests_dual_criminality(terms: Record, data_kind: int, listed: bool) -> bool:
    """True if an instrument lets the requested state require dual criminality.

    `listed`: some offence of the deed is on the list, with the penalty that the list asks for.
    """
    if (int(terms.dual_criminality_kinds) >> data_kind) & 1 == 0:
        return False
    if terms.dual_criminality == 2:  # listed offences above a threshold skip the test (EIO, EAW)
        return not listed
    return terms.dual_criminality == 1


@rule
def fails_on_law(setting: Record, request: Record, alleged: bool, skill: float) -> bool:
    """True if the requested state's assessor finds, rightly or wrongly, that dual criminality is missing (M1).

    `alleged`: the facts that the request states are an offence there. An openly abusive one states none.
    """
    u = uniform(setting.seed, Purpose.REFUSAL_LAW, request.key, 0)
    if alleged and (request.abusive == Abuse.NONE or request.abusive == Abuse.DISGUISED):
        return u < setting.assessor_false_refusal * math.exp(-setting.assessor_skill * skill)
    return u >= setting.assessor_false_acceptance


@rule
def political_refusal_probability(setting: Record, affinity: float, nationals: bool) -> float:
    """P(a request is refused as political); rises with the political distance between the states."""
    logit = setting.refusal_political + setting.refusal_distance * (1.0 - affinity)
    if nationals:
        logit += setting.refusal_nationals
    return logistic(logit)


@rule
def is_let_off(setting: Record, request: Record) -> bool:
    """True if the requested state overlooks a ground of refusal, with probability 1 − `foreign_refusal`."""
    return not chance(setting.seed, Purpose.LET_OFF, request.key, 0, setting.foreign_refusal)


@rule
def is_instant(world: World, request: Record, stage: int) -> bool:
    """True if a stage abroad takes one day and needs no desk, as under full cooperation."""
    share = stage_acts(world, request, stage)
    if request.channel == Channel.DOMESTIC or share <= 0.0:
        return False
    return chance(world.setting[0].seed, Purpose.INSTANT, request.key, stage, share)


@rule
def reviewers_at_once(world: World, request: Record) -> float:
    """Share of requests whose reviewer (an authority or a court) decides within a day."""
    setting = world.setting[0]
    return setting.instant_authorities if passes(request, Stage.INCOMING_TRIAGE) else setting.instant_courts


stage_acts = row_ladder("stage_acts", Ladder.STAGE, "acts", globals(), "return 0.0", "world, request, stage")


@rule
def answers_at_once(setting: Record, key: Key) -> bool:
    """True if police, contact point or liaison body answers in a day, with probability `instant_authorities`."""
    share = setting.instant_authorities
    return share > 0.0 and chance(setting.seed, Purpose.INSTANT, key, 0, share)


@rule
def legal_ground(
    setting: Record, request: Record, tested: bool, alleged: bool, power: int, conflict: int, skill: float
) -> int:
    """Ground of refusal in the requested state's national law, or Ground.NONE (M1, M2).

    Its draws do not change with time, so a second look finds otherwise only if the law has changed.
    """
    let_off = is_let_off(setting, request)
    if not let_off and tested and fails_on_law(setting, request, alleged, skill):
        mistaken = alleged and request.abusive == Abuse.NONE
        return Ground.MISTAKE.value if mistaken else Ground.DUAL_CRIMINALITY.value
    if not let_off and power == 0:
        return Ground.NO_POWER.value
    u = uniform(setting.seed, Purpose.REFUSAL_DATA, request.key, 0)
    if conflict == 1 and u < setting.refusal_data_protection * setting.foreign_refusal:
        return Ground.DATA_PROTECTION.value
    return Ground.NONE.value


@rule
def refusal_ground(setting: Record, request: Record, legal: int, affinity: float, nationals: bool) -> int:
    """Ground on which a request is refused, legal or political; Ground.NONE if it is not refused (M1, M2, M3)."""
    seed, key, scale = setting.seed, request.key, setting.foreign_refusal
    if legal != Ground.NONE:
        return legal
    political = political_refusal_probability(setting, affinity, nationals)
    if uniform(seed, Purpose.REFUSAL_POLITICAL, key, 0) < political * scale:
        return Ground.POLITICAL_OR_ESSENTIAL_INTERESTS.value
    if uniform(seed, Purpose.REFUSAL_MINIMIS, key, 0) < setting.refusal_de_minimis * scale:
        return Ground.DE_MINIMIS.value
    if uniform(seed, Purpose.REFUSAL_BIS, key, 0) < setting.refusal_ne_bis_in_idem * scale:
        return Ground.NE_BIS_IN_IDEM.value
    return Ground.NONE.value
