"""Measures of turnaround (time from sending a request to its answer) by channel, data, stage and pair.

Turnaround runs from the day a request leaves its state to the day it ends in an answer (executed, refused, no
data). Closed-only averages are biased low, so open and withdrawn requests count as censored.
"""

import numpy as np

from sim.law.days import MONTH
from sim.law.vocabulary import Channel
from sim.measures.arrays import Columns, Floats, Integers, Kinds, among, select
from sim.measures.observation import TO_PROVIDERS, Observation, once
from sim.measures.outcome import Measures
from sim.measures.survival import ROUNDING, at, incidence, quantile, quantiles, risk_table, survival
from sim.world.records import NONE, STAGES

#: Points at which the turnaround curve is stored.
CURVE_MONTHS: tuple[float, ...] = tuple(step / 2 for step in range(0, 97))


def _months(share: float, observation: Observation) -> float:
    """Months until a given share of requests through central authorities is answered."""
    return quantile(observation.answers, share) / MONTH


def _quantiles(observation: Observation, group: Integers, shares: tuple[float, ...], groups: int) -> Floats:
    """Days until given shares of the requests in each group are answered, f8[groups, shares]."""
    heard, quantiles_of_groups = observation.heard, np.full((groups, len(shares)), np.nan)
    group = group[heard["place"]].astype(np.int16)  # so few values are sorted by counting
    rows, ends = np.argsort(group, kind="stable"), np.cumsum(np.bincount(group, minlength=groups))
    for code in np.unique(group):
        here = rows[ends[code - 1] if code else 0 : ends[code]]
        quantiles_of_groups[code] = quantiles(risk_table(heard["days"][here], heard["answered"][here]), shares)
    return quantiles_of_groups


@once
def _of_channels(observation: Observation) -> Floats:
    """Days until a tenth, half and nine tenths of requests are answered, f8[channels, 3]."""
    return _quantiles(observation, observation.request("channel"), (0.1, 0.5, 0.9), len(Channel))


def by_channel(observation: Observation) -> Columns:
    """Table by channel and kind of data (−1: all): requests, answers, and quantiles of days to an answer."""
    sent = Kinds.of({name: observation.request(name) for name in ("channel", "data_kind")})
    channels, first = np.unique(sent.codes["channel"], return_index=True)  # kinds of data stand by channel
    numbers = sent.number, sent.sum(observation.executed), sent.sum(observation.answered)
    of_kind = _quantiles(observation, sent.place, (0.1, 0.5, 0.9), int(sent.kept.max(initial=-1)) + 1)[sent.kept]
    channel = np.append(channels, sent.codes["channel"])
    data_kind = np.append(np.full(channels.size, NONE, np.int32), sent.codes["data_kind"])
    days = np.append(_of_channels(observation)[channels], of_kind, axis=0)
    counts = [np.append(np.add.reduceat(number, first), number).astype(np.float64) for number in numbers]
    names = ("channel", "data_kind", "requests", "executed", "answered", "p10", "median", "p90")
    columns = dict(zip(names, (channel, data_kind, *counts, *days.T), strict=True))
    return select(columns, np.lexsort((data_kind, channel)))


def by_stage(observation: Observation) -> Columns:
    """Table by channel and stage: mean days of answered requests in the stage, and their share of all days.

    Stages 1 to 3 pass before sending and are not part of the turnaround.
    """
    channel = observation.request("channel")[observation.answered]
    number, stages = np.bincount(channel), observation.stage_days
    days = np.array([np.bincount(channel, in_stage, len(Channel)) for in_stage in stages]).T
    codes = np.flatnonzero(number).astype(np.int32)
    answers = number[codes].astype(np.float64)
    mean = days[codes] / answers[:, np.newaxis]
    of_all = mean / np.maximum(mean.sum(axis=1, keepdims=True), 1e-9)
    return {
        "channel": np.repeat(codes, STAGES),
        "stage": np.tile(np.arange(1, STAGES + 1, dtype=np.int32), codes.size),
        "answers": np.repeat(answers, STAGES),
        "days": mean.ravel(),
        "share": of_all.ravel(),
    }


def curve(observation: Observation) -> Columns:
    """Table by month after sending: share of requests through central authorities that are answered."""
    months: Floats = np.array(CURVE_MONTHS)
    table = observation.answers
    answered = 1.0 - at(months * MONTH, table.time, survival(table), 1.0)
    if not table.time.size:
        answered = np.full(months.shape, np.nan)
    return {"month": months, "answered": answered}


def pairs(observation: Observation) -> Columns:
    """Table of single requests through central authorities that are not silent, for pooling over runs."""
    chosen = np.flatnonzero(observation.mutual_assistance & ~observation.silent)
    return {
        "requesting": observation.request("requesting")[chosen].astype(np.int16),
        "requested": observation.request("requested")[chosen].astype(np.int16),
        "days": observation.waiting_days[chosen].astype(np.float32),
        "answered": observation.answered[chosen],
    }


def _execution_months(observation: Observation) -> float:
    """Median months until execution, over executed requests through central authorities."""
    heard = observation.heard
    of_them = np.flatnonzero(observation.mutual_assistance[heard["place"]])
    place, days = heard["place"][of_them], heard["days"][of_them]
    other = observation.answered[place] & ~observation.executed[place]
    table = risk_table(days, observation.executed[place] + 2 * other, causes=2)
    executed = incidence(table)[0]
    if not executed.size or executed[-1] <= 0.0:
        return float("nan")
    return float(table.time[np.searchsorted(executed + ROUNDING, executed[-1] / 2.0)]) / MONTH


MEASURES: Measures = {
    "turnaround_median": lambda seen: _months(0.5, seen),
    "turnaround_p90": lambda seen: _months(0.9, seen),
    "mla_execution_months": _execution_months,
    "police_median": lambda seen: float(_of_channels(seen)[Channel.POLICE, 1]),
    "provider_median": lambda seen: quantile(seen.answers_of(among(seen.request("channel"), TO_PROVIDERS)), 0.5),
}
