"""Uncertainties of criminals' learning, relocation and succession (M15–M17).

Sources of M16 conflict, and its parameters are to be read as a set. Three findings bear on `deterrence`: 11.8 per cent
fewer attacks in states that enforce (Hui, Kim and Wang 2017), little domestic deterrence (Png, Wang and Wang 2008), and
none in four data sets (APPAM 2025). Their mean is 4 per cent fewer. The default is what gives 4 per cent fewer entries
when perceived risk rises as much as an arrest of one's own raises it (0.065): with the default sanction and discount
0.32 × 5 × 0.7^2.65 × 0.065 = 0.040, for the years that pass from opening a case to a complete action in the
default world. Zero, the finding of the latest study, is in the range, and so is what Hui, Kim and Wang found alone, at
1.6.

`usual_news` and `sanction_delay` are what the default world turns out to give (`make renew` measures them), so that
entry and exit there stay at the declared rates and about 300 groups are active: deterrence acts on what differs from
that world.
"""

from dataclasses import dataclass

from sim.data.load import derived
from sim.law.vocabulary import EvidenceTag
from sim.world.parameters.declaration import Scale, parameter


@dataclass
class RiskParameters:
    """What offenders think of being caught, and what they make of it (M16)."""

    lesson_own: float = parameter(
        0.065,
        "share",
        0,
        0.5,
        "M16 λ₁ .05–.1; Anwar and Loughran 2011: about 6 %",
        "doubt removed by an action against oneself",
        EvidenceTag.RECALLED,
    ).plausible(0.05, 0.1, Scale.LOG, "M16: .05 to .1")
    lesson_peers: float = parameter(
        0.015, "share", 0, 0.2, "M16 λ₂ .005–.03", "doubt removed by an event among peers"
    ).plausible(0.005, 0.03, Scale.LOG, "M16: .005 to .03")
    publicity: float = parameter(
        0.5, "ratio", 0, 1, "M16 publicity", "weight of an event among groups of other kinds"
    ).plausible(0.1, 0.9, Scale.LINEAR, "judgement: groups of other kinds read the same news, and heed it less")
    lesson_partial: float = parameter(
        0.5, "ratio", 0, 1, "M16 ω", "weight of a partial action relative to a takedown"
    ).plausible(0.2, 0.8, Scale.LINEAR, "judgement: a blow survived teaches less than a takedown, and not nothing")
    habituation: float = parameter(
        0.5,
        "per event",
        0,
        5,
        "Anwar and Loughran 2011: the experienced learn less",
        "how much less each further event of one's own teaches",
        EvidenceTag.RECALLED,
    ).plausible(0, 1.5, Scale.LINEAR, "Anwar and Loughran 2011: the experienced learn less; how much less is open")
    memory_weeks: float = parameter(
        8, "weeks", 1, 260, "M16 τ 4–13 weeks (booters)", "half-life of what was learnt"
    ).plausible(4, 26, Scale.LOG, "M16: 4 to 13 for booters; groups with more at stake may remember longer")
    calm_per_month: float = parameter(0.01, "per month", 0, 0.05, "M16 μ", "fear lost in undisturbed work").plausible(
        0.003, 0.03, Scale.LOG, "judgement: fear is lost more slowly than it is learnt (ZUR22)"
    )
    risk_prior: float = parameter(
        0.1, "share", 0, 0.5, "M16 base", "expected P(sanction) in the best governed state"
    ).plausible(
        0.03, 0.25, Scale.LOGIT, "few recorded cases end in an arrest, and offenders over-weight the chance (ZUR22)"
    )
    deterrence: float = parameter(
        0.32, "per year's income", 0, 2, "M16 η; see this file: 0 to −12 %", "response of entry and exit to gain"
    ).plausible(0, 1.6, Scale.LINEAR, "M16: no effect (APP25), to what Hui, Kim and Wang found alone")
    sanction: float = parameter(5, "years of income", 0, 30, "M16", "loss that a sanction means").plausible(
        2, 12, Scale.LOG, "judgement: a few years in prison or the savings of many"
    )
    discount: float = parameter(
        0.7, "per year", 0.1, 1, "M16 δ", "worth of the next year relative to this one"
    ).plausible(0.5, 0.95, Scale.LINEAR, "judgement: offenders discount steeply; nobody's estimate is of this trade")
    sanction_delay: float = parameter(
        derived("risk.sanction_delay"), "years", 0, 10, "sim/data/derived.csv", "delay of a sanction expected at first"
    ).plausible(1.5, 6, Scale.LOG, "measured in the default world; major operations took 20 to 50 months")
    usual_news: float = parameter(
        derived("risk.usual_news"), "log", 0, 1, "sim/data/derived.csv", "news that entry and exit are used to"
    ).plausible(
        0.01, 0.1, Scale.LOG, "measured in the default world; other worlds have a third or three times the actions"
    )
    delay_weight: float = parameter(
        0.1, "share", 0, 1, "M16", "weight of the latest public action in that delay"
    ).plausible(0.03, 0.4, Scale.LOG, "judgement: a memory of the last 3 to 30 public actions")
    retirement: float = parameter(
        0.5, "share", 0, 1, "M16 retirement", "exits that no risk or gain brings about"
    ).plausible(0.2, 0.8, Scale.LOGIT, "judgement: quarrels, wealth and boredom end many groups; no share is known")
    exit_ceiling: float = parameter(2, "ratio", 1.01, 20, "the modellers", "most that exit can be hastened").plausible(
        1.3, 4, Scale.LOG, "a bound of the simulation: above what news brings about in the default world"
    )
    backups: float = parameter(
        0.25, "share", 0, 0.9, "M17 backups; Vu et al. 2025: weaker second wave", "weakness cured by each blow survived"
    ).plausible(0.05, 0.6, Scale.LOGIT, "the booters' second wave was weaker (VU25); how much is learnt is open")


@dataclass
class PlaceParameters:
    """Separate choices of place for servers, people, money and victims (M15); servers' supply is in `criminal`."""

    switching_cost: float = parameter(
        1.0, "utility", 0, 6, "M15 β₅", "cost of another state for servers that may stay"
    ).plausible(0, 3, Scale.LINEAR, "judgement: servers move freely, or only under pressure (Lumma moved after action)")
    victim_risk_weight: float = parameter(0.5, "utility", 0, 8, "M15", "weight of risk in who is attacked").plausible(
        0, 2, Scale.LINEAR, "judgement: some spare home states; attacks move to other victims (PNG08, HUI17)"
    )
    relocation_per_year: float = parameter(
        0.02, "per year", 0, 0.1, "M15 ≤ .02", "most that a member relocates"
    ).plausible(0, 0.02, Scale.LINEAR, "M15: at most .02")


@dataclass
class UserParameters:
    """Users and affiliates of a group that was taken down (M17)."""

    users_moving: float = parameter(
        0.7, "share", 0, 1, "M17 m .5–.9; ElBahrawy et al. 2020", "move to rivals"
    ).plausible(0.5, 0.9, Scale.LOGIT, "M17: .5 to .9")
    users_delay_days: float = parameter(
        30, "days", 1, 400, "M17: days to months", "median time until they move"
    ).plausible(7, 120, Scale.LOG, "M17: days to months; markets' volume was back in about 9 days (ELB20)")
    users_follow_size: float = parameter(
        1.0, "log-log", 0, 3, "ElBahrawy et al. 2020: to the largest rival", "draw of a rival's size"
    ).plausible(0.5, 2, Scale.LOG, "ElBahrawy et al. 2020: mostly to the largest rival, so about 1 or more")
    users_returning: float = parameter(0.3, "share", 0, 1, "M17", "who moved comes back to a group rebuilt").plausible(
        0.1,
        0.6,
        Scale.LOGIT,
        "judgement: a name that was exposed wins few back (LockBit), one that was not may (Emotet)",
    )
