"""Indicators of legal assistance that a policymaker sees: late, noisy, and mostly about closed files.

All have one unit, days lost per request, so that they can be compared: days spent in a stage, and for a request that
brings nothing the year in which it would have been useful. Statistics of closed files leave out
what is still open, so long waits and silence are hardly in them; counting every file sent is a reform of its own.
"""

from collections.abc import Mapping
from enum import StrEnum
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from sim.law.national import stable_number
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS, Ground
from sim.world.records import RequestPurpose, RequestStatus, Stage

#: Days lost by a request without a result.
FAILURE_DAYS = 365.0
_FORMAL = (RequestPurpose.CHAIN, RequestPurpose.CORROBORATION, RequestPurpose.ACTION)
_CLOSED = (RequestStatus.EXECUTED, RequestStatus.REFUSED, RequestStatus.NO_DATA)


class Indicator(StrEnum):
    """Names of the indicators; each measures days lost per request for a different reason."""

    DRAFTING = "drafting"
    TRANSMISSION = "transmission"
    INCOMING = "incoming"
    RETURNS = "returns"
    COURT = "court"
    PRODUCTION = "production"
    REFUSED_LAW = "refused_law"
    REFUSED_POLITICS = "refused_politics"
    NO_DATA = "no_data"
    UNANSWERED = "unanswered"


class Scope(StrEnum):
    """Files that an indicator covers: closed ones only, or all."""

    CLOSED_FILES = "closed_files"
    ALL_FILES = "all_files"


#: Stages by the indicator that counts their days.
_STAGES: Mapping[Indicator, tuple[Stage, ...]] = {
    Indicator[name]: tuple(stage for stage in Stage if stage.row.indicator == name)
    for name in dict.fromkeys(stage.row.indicator for stage in Stage if stage.row.indicator)
}
_GROUNDS: Mapping[Indicator, tuple[Ground, ...]] = {
    Indicator.REFUSED_LAW: (
        Ground.DUAL_CRIMINALITY,
        Ground.MISTAKE,
        Ground.NO_POWER,
        Ground.LAW_NOT_APPLIED,
        Ground.STANDARD_OF_PROOF,
    ),
    Indicator.REFUSED_POLITICS: (Ground.POLITICAL_OR_ESSENTIAL_INTERESTS, Ground.DATA_PROTECTION),
}


def observe(
    request: npt.NDArray[np.void],
    day: float,
    review: int,
    *,
    scope: Scope,
    lag_days: float,
    period_days: float,
    noise: float,
    seed: int,
) -> dict[str, float]:
    """Values of indicators that a policymaker sees on a review day, in days lost per request.

    Only what an office's statistics would hold is read of the table of requests. The newest figures are `lag_days` old
    and cover `period_days`; `noise` is the standard deviation of the log of their error, drawn from the run's seed.
    """
    until, closed = day - lag_days, scope is Scope.CLOSED_FILES
    formal = np.isin(request["purpose"], _FORMAL) & np.isin(request["channel"], CENTRAL_AUTHORITY_CHANNELS)
    formal &= request["requesting"] != request["requested"]
    when = request["ended"] if closed else request["sent"] + FAILURE_DAYS
    covered = formal & (when > until - period_days) & (when <= until)
    if closed:
        covered &= np.isin(request["status"], _CLOSED)
    rows = np.flatnonzero(covered)
    if rows.size == 0:
        return {}
    days = _days_lost(request, rows, until, closed)
    return {name: value * _error(seed, name, review, noise) for name, value in days.items()}


def _days_lost(
    request: npt.NDArray[np.void], rows: npt.NDArray[np.int64], until: float, closed: bool
) -> dict[str, float]:
    """True days lost per request by indicator, before noise is added."""
    stage_days, ground, ended = (request[field][rows] for field in ("stage_days", "ground", "ended"))
    answered = ended <= until  # what comes later is not in the figures
    status = np.where(answered, request["status"][rows], RequestStatus.OPEN)
    days_lost: dict[str, float] = {}
    for name, stages in _STAGES.items():
        days_lost[name] = np.mean(stage_days[:, [stage - 1 for stage in stages]].sum(axis=1))
    for name, grounds in _GROUNDS.items():
        days_lost[name] = FAILURE_DAYS * np.mean((status == RequestStatus.REFUSED) & np.isin(ground, grounds))
    days_lost[Indicator.NO_DATA] = FAILURE_DAYS * np.mean(status == RequestStatus.NO_DATA)
    if not closed:
        days_lost[Indicator.UNANSWERED] = FAILURE_DAYS * np.mean(~answered | (status == RequestStatus.WITHDRAWN))
    return days_lost


def _error(seed: int, name: str, review: int, noise: float) -> float:
    """Random factor by which an indicator's value is wrong; equal in all scenario runs of a seed."""
    number = stable_number("indicator", str(seed), name, str(review))
    return float(np.exp(noise * NormalDist().inv_cdf(min(max(number, 1e-12), 1 - 1e-12))))
