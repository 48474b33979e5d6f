"""Uncertainties of reform: how long law takes, and what a policymaker sees (M23, M24)."""

from dataclasses import dataclass

from sim.world.parameters.declaration import Scale, parameter


@dataclass
class ReformParameters:
    """Lags from decision to operation, and indicators as a policymaker gets them."""

    ratification_pace: float = parameter(
        1, "ratio", 0.1, 10, "M23; sim/law/ratification.py", "hazards of signing and ratifying, of those in the data"
    ).plausible(0.5, 2, Scale.LOG, "hazards rest on dates of past treaties; the UN's may go slower or faster")
    law_lag_least_years: float = parameter(
        1, "years", 0, 3, "M23", "shortest time from ratification to the law"
    ).plausible(0.3, 2, Scale.LINEAR, "M23: 1 to 4 years; some states pass the law with ratification")
    law_lag_most_years: float = parameter(
        4, "years", 3, 8, "M23; 22 states late on Directive 2023/1544", "longest"
    ).plausible(3, 7, Scale.LINEAR, "M23: 1 to 4 years; 22 states were late on Directive 2023/1544")
    operation_least_years: float = parameter(
        1, "years", 0, 2, "M23 τ", "law to working practice, best governed"
    ).plausible(0.5, 2, Scale.LINEAR, "M23: 1 to 3 years; the best have authorities in place")
    operation_most_years: float = parameter(3, "years", 2, 6, "M23 τ", "the same, worst governed").plausible(
        2, 5, Scale.LINEAR, "M23: 1 to 3 years; feeble for longer in small states (NG20)"
    )
    politics_kept: float = parameter(
        0.8,
        "share",
        0,
        1,
        "M3; no series of affinity between states exists",
        "of a shock to politics, left a year later",
    ).plausible(
        0.5, 0.95, Scale.LOGIT, "judgement: a shock of a season, to one that lasts a decade (.95: half after 13 years)"
    )
    indicator_noise: float = parameter(
        0.15, "log", 0, 1, "M24", "error of an indicator that a policymaker sees"
    ).plausible(0.05, 0.4, Scale.LOG, "judgement: counted files, to estimates from incomplete returns")
    indicator_lag_months: float = parameter(
        6, "months", 0, 24, "M24", "age of the newest figures at a review"
    ).plausible(3, 18, Scale.LOG, "yearly reports appear 3 to 18 months after their events")
