"""Uncertainties of trust between the authorities of two states (M19)."""

from dataclasses import dataclass

from sim.data.derived import derived
from sim.world.parameters.declaration import Scale, parameter


@dataclass
class TrustParameters:
    """What trust is made of, how it is forgotten, whom it is tied to, and what it does (M19; M6, M7, M8)."""

    trust_prior: float = parameter(
        8, "pieces of evidence", 0.5, 200, "M19; judgement", "weight of affinity against experience"
    ).plausible(2, 40, Scale.LOG, "judgement: a year's files outweigh affinity, or a decade's do")
    trust_kept: float = parameter(
        0.87, "share a year", 0.5, 1, "M19 ×.8–.95", "experience not forgotten after a year"
    ).plausible(0.8, 0.95, Scale.LINEAR, "M19: .8 to .95")
    trust_fulfilled: float = parameter(1, "evidence for", 0, 20, "M19", "a request executed in time").plausible(
        0.5, 2, Scale.LOG, "M19 has 1, against which the others are counted"
    )
    trust_late: float = parameter(0.5, "evidence against", 0, 20, "M19", "a request executed late").plausible(
        0.2, 1, Scale.LOG, "M19 has .5; at most as bad as silence"
    )
    trust_silence: float = parameter(
        1, "evidence against", 0, 20, "M19", "a request given up unanswered after more than the usual time"
    ).plausible(0.5, 3, Scale.LOG, "M19 has 1; losses may weigh more than gains")
    trust_leak: float = parameter(
        12, "evidence against", 0, 100, "M19 10–20", "a leak that is traced to a state"
    ).plausible(10, 20, Scale.LOG, "M19: 10 to 20")
    trust_joint: float = parameter(3, "evidence for", 0, 50, "M19", "an action day together").plausible(
        1, 8, Scale.LOG, "M19 has 3; worth at least an ordinary request, less than a leak"
    )
    trust_police: float = parameter(
        0.2, "evidence", 0, 5, "M19, M8; judgement", "a police question answered (for) or declined (against)"
    ).plausible(0.05, 0.6, Scale.LOG, "judgement: far less than a formal request, but there are many more")
    trust_joint_day: float = parameter(
        0.1, "evidence for a day", 0, 2, "M19; judgement: thirty days as much as an action day", "work side by side"
    ).plausible(0.03, 0.3, Scale.LOG, "judgement: ten to a hundred days side by side equal an action day")
    leak_traced: float = parameter(
        0.5, "share", 0, 1, "M19, M22; judgement", "leaks whose source becomes known"
    ).plausible(0.15, 0.8, Scale.LOGIT, "judgement: some sources are convicted (Moldova 2024), others only suspected")
    contact_leaves: float = parameter(
        0.3, "per year", 0.02, 2, "M19; judgement: posts rotate after three to four years", "a contact officer leaves"
    ).plausible(0.15, 0.5, Scale.LOG, "judgement: tours of two to seven years")
    contact_takes_least: float = parameter(
        0.3, "share", 0, 1, "M19 φ .3–.7", "least evidence that leaves with one"
    ).plausible(0.2, 0.5, Scale.LINEAR, "M19: .3 to .7 on the whole; this is the lower end")
    contact_takes_most: float = parameter(
        0.7, "share", 0, 1, "M19 φ .3–.7", "most evidence that leaves with one"
    ).plausible(0.5, 0.85, Scale.LINEAR, "M19: .3 to .7 on the whole; this is the upper end")
    trust_head_start: float = parameter(
        30, "days", 0, 365, "M6 a₄; judgement", "earlier place in the queue of a state fully trusted, of one not at all"
    ).plausible(5, 120, Scale.LOG, "judgement: a small courtesy, to a class of one's own")
    trust_usual: float = parameter(
        derived("trust.trust_usual"), "0–1", 0, 1, "sim/data/derived.csv", "trust that other work at a desk stands for"
    ).plausible(0.5, 0.85, Scale.LINEAR, "measured in the default world; other work comes from the same states")
    phone: float = parameter(
        0.3, "share at full trust", 0, 1, "M19: daily contact, fewer problems", "deficient files completed by phone"
    ).plausible(0.1, 0.6, Scale.LOGIT, "EU and US desks in daily contact report fewer problems, without a share")
    phone_days: float = parameter(
        4, "days", 0, 45, "M19; judgement", "median time to complete a file by phone"
    ).plausible(1, 14, Scale.LOG, "judgement: the same day where the officer knows the file, two weeks otherwise")
