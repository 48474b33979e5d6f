"""Uncertainties of trust between the authorities of two states (M19)."""

from dataclasses import dataclass

from sim.data.derived import derived
from sim.world.parameters.declaration import parameter


@dataclass
class TrustParameters:
    """What trust is made of, how it is forgotten, whom it is tied to, and what it does (M19; M6, M7, M8)."""

    trust_prior: float = parameter(
        8, "pieces of evidence", 0.5, 200, "M19; judgement", "weight of affinity against experience"
    )
    trust_kept: float = parameter(0.87, "share a year", 0.5, 1, "M19 ×.8–.95", "evidence not forgotten after a year")
    trust_fulfilled: float = parameter(1, "evidence for", 0, 20, "M19", "a request executed in time")
    trust_late: float = parameter(0.5, "evidence against", 0, 20, "M19", "a request executed late")
    trust_silence: float = parameter(
        1, "evidence against", 0, 20, "M19", "a request given up unanswered after more than the usual time"
    )
    trust_leak: float = parameter(12, "evidence against", 0, 100, "M19 10–20", "a leak that is traced to a state")
    trust_joint: float = parameter(3, "evidence for", 0, 50, "M19", "an action day together")
    trust_police: float = parameter(
        0.2, "evidence", 0, 5, "M19, M8; judgement", "a police question answered (for) or declined (against)"
    )
    trust_joint_day: float = parameter(
        0.1, "evidence for a day", 0, 2, "M19; judgement: thirty days as much as an action day", "work side by side"
    )
    leak_traced: float = parameter(0.5, "share", 0, 1, "M19, M22; judgement", "leaks whose source becomes known")
    contact_leaves: float = parameter(
        0.3, "per year", 0.02, 2, "M19; judgement: posts rotate after three to four years", "a contact officer leaves"
    )
    contact_takes_least: float = parameter(0.3, "share", 0, 1, "M19 φ .3–.7", "least evidence that leaves with one")
    contact_takes_most: float = parameter(0.7, "share", 0, 1, "M19 φ .3–.7", "most evidence that leaves with one")
    trust_head_start: float = parameter(
        30, "days", 0, 365, "M6 a₄; judgement", "earlier place in the queue of a state fully trusted, of one not at all"
    )
    trust_usual: float = parameter(
        derived("trust.trust_usual"), "0–1", 0, 1, "sim/data/derived.csv", "trust that other work at a desk stands for"
    )
    phone: float = parameter(
        0.3, "share at full trust", 0, 1, "M19: daily contact, fewer problems", "deficient files completed by phone"
    )
    phone_days: float = parameter(4, "days", 0, 45, "M19; judgement", "median time to complete a file by phone")
    phone_sigma: float = parameter(0.6, "log", 0, 2, "M19; judgement", "spread")
