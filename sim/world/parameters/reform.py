"""Uncertainties of reform: how long law takes, and what a policymaker sees (M23, M24)."""

from dataclasses import dataclass

from sim.world.parameters.declaration import parameter


@dataclass
class ReformParameters:
    """Lags from decision to operation, and indicators as a policymaker gets them."""

    ratification_pace: float = parameter(
        1, "ratio", 0.1, 10, "M23; sim/law/ratification.py", "hazards of signing and ratifying, of those in the data"
    )
    law_lag_least_years: float = parameter(1, "years", 0, 3, "M23", "shortest time from ratification to the law")
    law_lag_most_years: float = parameter(4, "years", 3, 8, "M23; 22 states late on Directive 2023/1544", "longest")
    operation_least_years: float = parameter(1, "years", 0, 2, "M23 τ", "law to working practice, best governed")
    operation_most_years: float = parameter(3, "years", 2, 6, "M23 τ", "the same, worst governed")
    politics_kept: float = parameter(
        0.8,
        "share",
        0,
        1,
        "M3; no series of affinity between states exists",
        "of a shock to politics, left a year later",
    )
    indicator_noise: float = parameter(0.15, "log", 0, 1, "M24", "error of an indicator that a policymaker sees")
    indicator_lag_months: float = parameter(6, "months", 0, 24, "M24", "age of the newest figures at a review")
