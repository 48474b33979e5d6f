"""Turnaround: quantiles from the Kaplan–Meier curve, by channel, data kind, stage and pair.

Turnaround runs from the day a request leaves its state to the day it ends in an answer (executed, refused, no
data). Closed-only averages are biased low, so open and withdrawn requests count as censored.
"""

import numpy as np

from sim.law.days import MONTH
from sim.law.vocabulary import Channel
from sim.measures.arrays import Columns, Floats, Kinds, among, as_columns, select, split
from sim.measures.observation import Observation
from sim.measures.outcome import Better, Outcome
from sim.measures.survival import at, quantile, quantiles, risk_table, survival
from sim.world.records import STAGES

#: Points at which the turnaround curve is stored.
CURVE_MONTHS: tuple[float, ...] = tuple(step / 2 for step in range(0, 97))


def _months(share: float, observation: Observation) -> float:
    """Months by which `share` of the requests through central authorities are answered."""
    return quantile(observation.answers, share) / MONTH


def _median_days(observation: Observation, *channels: Channel) -> float:
    """Median days to an answer over requests abroad by the given channels."""
    return quantile(observation.answers_of(among(observation.request("channel"), channels)), 0.5)


OUTCOMES = (
    Outcome(
        "turnaround_median",
        "Median turnaround of mutual legal assistance",
        "months",
        Better.LESS,
        "Kaplan–Meier median from sending to an answer, requests through central authorities sent in the "
        "policy years; silent requests left out, open and withdrawn ones censored.",
        lambda observation: _months(0.5, observation),
    ),
    Outcome(
        "turnaround_p10",
        "Fast tenth of mutual legal assistance",
        "months",
        Better.LESS,
        "As the median; the time by which a tenth are answered.",
        lambda observation: _months(0.1, observation),
    ),
    Outcome(
        "turnaround_p90",
        "Slow tenth of mutual legal assistance",
        "months",
        Better.LESS,
        "As the median; the time by which nine tenths are answered.",
        lambda observation: _months(0.9, observation),
    ),
    Outcome(
        "police_median",
        "Median answer by police channels",
        "days",
        Better.LESS,
        "Kaplan–Meier median over police requests sent abroad.",
        lambda observation: _median_days(observation, Channel.POLICE),
    ),
    Outcome(
        "provider_median",
        "Median answer of a provider asked directly",
        "days",
        Better.LESS,
        "Kaplan–Meier median over binding and voluntary requests to providers abroad.",
        lambda observation: _median_days(observation, Channel.PROVIDER_BINDING, Channel.PROVIDER_VOLUNTARY),
    ),
)


def by_channel(observation: Observation) -> Columns:
    """Requests, answers and turnaround quantiles in days, by channel and kind of data (-1 for all kinds)."""
    channel, kind, heard = (
        observation.request("channel"),
        observation.request("data_kind"),
        ~observation.silent,
    )
    sent = Kinds.of({"channel": channel, "data_kind": kind})
    executed, answered = sent.sum(observation.executed), sent.sum(observation.answered)
    waits = observation.by_wait[heard[observation.by_wait]]  # in order of wait: no part need be sorted again
    request: Columns = {
        "data_kind": kind[waits],
        "days": observation.waiting_days[waits],
        "answered": observation.answered[waits],
    }
    of_channel = dict(split(channel[waits]))
    none = np.empty(0, np.int64)
    rows: list[tuple[float, ...]] = []
    for code in np.unique(sent.codes["channel"]).tolist():
        here = sent.codes["channel"] == code
        part = select(request, of_channel.get(code, none))
        numbers = (float(column[here].sum()) for column in (sent.number, executed, answered))
        rows.append((code, -1, *numbers, *_quantiles(part)))
        of_kind = dict(split(part["data_kind"]))
        for place in np.flatnonzero(here):
            data_kind = int(sent.codes["data_kind"][place])
            numbers = (float(column[place]) for column in (sent.number, executed, answered))
            rows.append((code, data_kind, *numbers, *_quantiles(select(part, of_kind.get(data_kind, none)))))
    names = ("channel", "data_kind", "requests", "executed", "answered", "p10", "median", "p90")
    return as_columns(rows, names, codes=2)


def _quantiles(request: Columns) -> list[float]:
    """Turnaround quantiles of some requests that are not silent."""
    return quantiles(risk_table(request["days"], request["answered"]), (0.1, 0.5, 0.9))


def by_stage(observation: Observation) -> Columns:
    """Mean days in each stage, and its share of all days, by channel, over requests that were answered.

    Stages 1 to 3 pass before sending and are not part of the turnaround.
    """
    answered = np.flatnonzero(observation.answered)
    groups = list(split(observation.request("channel")[answered]))
    codes = np.array([channel for channel, _ in groups], dtype=np.int32)
    answers = np.array([place.size for _, place in groups], dtype=np.float64)
    days = observation.request("stage_days")
    sums = [np.einsum("ij->j", days.take(answered[place], axis=0), dtype=np.float64) for _, place in groups]
    mean = np.array(sums).reshape(-1, STAGES) / answers[:, np.newaxis]
    of_all = mean / np.maximum(mean.sum(axis=1, keepdims=True), 1e-9)
    return {
        "channel": np.repeat(codes, STAGES),
        "stage": np.tile(np.arange(1, STAGES + 1, dtype=np.int32), codes.size),
        "answers": np.repeat(answers, STAGES),
        "days": mean.ravel(),
        "share": of_all.ravel(),
    }


def curve(observation: Observation) -> Columns:
    """Share of requests through central authorities answered by each point of a fixed grid of months."""
    months: Floats = np.array(CURVE_MONTHS)
    table = observation.answers
    answered = 1.0 - at(months * MONTH, table.time, survival(table), 1.0)
    if not table.time.size:
        answered = np.full(months.shape, np.nan)
    return {"month": months, "answered": answered}


def pairs(observation: Observation) -> Columns:
    """One row per request through central authorities that is not silent, to be pooled over replicates."""
    chosen = np.flatnonzero(observation.mutual_assistance & ~observation.silent)
    return {
        "requesting": observation.request("requesting")[chosen].astype(np.int16),
        "requested": observation.request("requested")[chosen].astype(np.int16),
        "days": observation.waiting_days[chosen].astype(np.float32),
        "answered": observation.answered[chosen],
    }
