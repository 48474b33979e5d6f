"""Over-collection: on how many persons data are handed over when a request on one of them is executed (M7, part H)."""

import math

from sim.agents.events import Purpose
from sim.engine.compiling import Record, rule
from sim.engine.random import lognormal, uniform
from sim.law.vocabulary import DataKind

_MOST_OTHERS = 2.0e9  # in one answer: more than that no field holds


@rule
def bystanders_usual(setting: Record, data_kind: int) -> float:
    """Median number of other accounts in an answer, by kind of data."""
    if data_kind == DataKind.SUBSCRIBER:
        return setting.bystanders_subscriber
    if data_kind == DataKind.TRAFFIC:
        return setting.bystanders_traffic
    return setting.bystanders_content


@rule
def breadth(setting: Record, skill: float, template: float, lead: bool, loops: int) -> float:
    """How broad a request is against the usual: police information first, skill, a template and returns narrow it."""
    ratio = math.exp(-setting.narrowing_skill * (skill - 0.5) - setting.narrowing_template * template)
    if lead:
        ratio *= 1.0 - setting.narrowing_lead
    for _ in range(loops):
        ratio *= 1.0 - setting.narrowing_return
    return ratio


@rule
def accounts_disclosed(setting: Record, request: Record, skill: float, template: float, lead: bool) -> int:
    """Accounts whose data an executed request hands over: the one asked for, and others.

    The number of others is drawn as a real number and rounded up or down so that its mean is kept.
    """
    median = bystanders_usual(setting, request.data_kind) * breadth(setting, skill, template, lead, request.loops)
    others = lognormal(setting.seed, Purpose.BYSTANDERS, request.key, 0, median, setting.bystanders_sigma)
    return 1 + int(min(others, _MOST_OTHERS) + uniform(setting.seed, Purpose.BYSTANDERS, request.key, 1))
