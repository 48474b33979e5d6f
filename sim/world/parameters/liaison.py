"""Uncertainties of trust between two states' authorities (M19), and of liaison bodies, officers and builders (M20)."""

from dataclasses import dataclass

from sim.data.load import derived
from sim.law.vocabulary import EvidenceTag
from sim.world.parameters.declaration import Scale, parameter


@dataclass
class LiaisonParameters:
    """Who works for liaison bodies on files of this kind, how soon they answer, and what their help is worth.

    Officers abroad and staff for cybercrime stand in sim/data/people.csv. Nobody publishes them by kind of file: a
    share of them works on groups of the tier that is modelled (judgement).
    """

    body_share: float = parameter(
        0.1, "share", 0, 1, "judgement", "of bodies' staff for cybercrime, on files of this tier"
    ).plausible(
        0.03, 0.3, Scale.LOG, "judgement: most of them work on abuse of children, payment fraud, training and analysis"
    )
    contact_point_staff: float = parameter(
        2, "persons", 0, 50, "judgement", "on duty at a 24/7 point for this tier"
    ).plausible(0.5, 4, Scale.LOG, "judgement: shared duty rosters, to a shift of its own")
    builder_trainers: float = parameter(20, "persons", 0, 500, "judgement", "trainers of C-PROC and UNODC").plausible(
        8, 60, Scale.LOG, "recalled: C-PROC has about 40 staff; UNODC's trainers are not counted"
    )
    compare_hours: float = parameter(
        6, "hours", 0.1, 80, "judgement; Europol 4.2 d", "comparing indicators of a unit"
    ).plausible(2, 20, Scale.LOG, "judgement: an automatic hit still has to be read; Europol answers in 4.2 days")
    analyse_hours: float = parameter(24, "hours", 0.5, 200, "judgement", "analysing what a hop has yielded").plausible(
        8, 80, Scale.LOG, "judgement: one to ten days of an analyst"
    )
    notice_hours: float = parameter(6, "hours", 0.1, 80, "judgement", "reviewing and publishing a notice").plausible(
        2, 20, Scale.LOG, "judgement: a check for article 3 and form, to a dispute with the sender"
    )
    facilitate_hours: float = parameter(10, "hours", 0.1, 80, "judgement", "helping one request along").plausible(
        3, 30, Scale.LOG, "judgement: some calls, to a meeting of two desks"
    )
    coordinate_hours: float = parameter(80, "hours", 1, 400, "judgement", "meetings and papers for one case").plausible(
        30, 200, Scale.LOG, "judgement: one meeting with interpreters, to several and a case note"
    )
    action_day_hours: float = parameter(60, "hours", 1, 400, "judgement", "preparing one action day").plausible(
        20, 200, Scale.LOG, "judgement: a room and a list, to a command post with briefings"
    )
    freeze_hours: float = parameter(
        2, "hours", 0.1, 40, "judgement", "a 24/7 point, on one request to preserve"
    ).plausible(0.5, 6, Scale.LOG, "judgement: forwarding a form, to finding the provider and following up")
    interpol_reply_days: float = parameter(12, "days", 0, 90, "M20: 5–30 d", "median reply through INTERPOL").plausible(
        5, 30, Scale.LOG, "M20: 5 to 30"
    )
    interpol_message_days: float = parameter(
        6, "days", 0, 90, "M8 LN(4, 1), M20: slower through INTERPOL", "median police answer through INTERPOL alone"
    ).plausible(3, 15, Scale.LOG, "M8 has 4 by any police channel; slower than that through INTERPOL (M20)")
    europol_reply_days: float = parameter(
        0.5,
        "days",
        0,
        60,
        "Europol CAAR 2023: 80 % in 4.2 d, desk included",
        "median time away from the desk",
        EvidenceTag.RECALLED,
    ).plausible(0.2, 2, Scale.LOG, "Europol answers 80 % within 4.2 days, desk included")
    jcat_reply_days: float = parameter(
        0.5, "days", 0, 30, "M20: hours to days", "median time away from the desk"
    ).plausible(0.1, 3, Scale.LOG, "M20: hours to days")
    eurojust_reply_days: float = parameter(
        7, "days", 0, 90, "judgement", "median until a meeting, away from the desk"
    ).plausible(3, 21, Scale.LOG, "judgement: national desks meet weekly, case meetings take weeks to arrange")
    analysis_use: float = parameter(
        0.15, "share", 0, 1, "judgement", "answered hops sent to Europol for analysis"
    ).plausible(0.05, 0.4, Scale.LOGIT, "Europol took 107,856 contributions in 2023, from crime of all kinds")
    analysis_seen: float = parameter(
        0.03, "share", 0, 1, "judgement", "further control nodes that its analysts see"
    ).plausible(0.01, 0.1, Scale.LOG, "judgement: analysts see links that units miss, at few files in a hundred")
    notice_recognised: float = parameter(
        0.25, "ratio", 0, 1, "M14: .2–.6 with a notice", "recognition abroad without a notice, of that with one"
    ).plausible(0.1, 0.6, Scale.LOGIT, "M14: .2 to .6 with a notice; without one mostly by chance")
    notice_located: float = parameter(
        0.05, "share", 0, 1, "judgement", "found at home, cooperating state, by a notice"
    ).plausible(0.01, 0.15, Scale.LOG, "judgement: those at home are mostly known to be there already")
    eurojust_requests: float = parameter(
        0.15, "share", 0, 1, "judgement", "requests between members brought to Eurojust"
    ).plausible(0.04, 0.35, Scale.LOGIT, "12,972 cases in 2024 against several times as many orders between members")
    eurojust_cases: float = parameter(
        0.35, "share", 0, 1, "judgement", "cases with members brought to Eurojust"
    ).plausible(0.15, 0.65, Scale.LOGIT, "judgement: large cybercrime cases are brought more often than the average")
    eurojust_speed: float = parameter(
        0.35, "share", 0, 0.9, "M20: −20–50 %", "stages 6 to 8 shorter for what it handles"
    ).plausible(0.2, 0.5, Scale.LINEAR, "M20: 20 to 50 %")
    eurojust_readiness: float = parameter(
        0.2, "share", 0, 0.9, "judgement", "preparation left shorter by meetings"
    ).plausible(0, 0.4, Scale.LINEAR, "judgement: meetings set a common date; home courts stay as slow")
    team_gain: float = parameter(
        1.0, "ratio", 0, 10, "judgement", "more often a team where Eurojust coordinates"
    ).plausible(0.3, 3, Scale.LOG, "judgement: desks propose teams; half of the members may not want one")
    brought_in: float = parameter(
        3, "states", 0, 30, "judgement", "with victims alone, that a body brings into a case it coordinates"
    ).plausible(1, 8, Scale.LOG, "a median of 8 states are credited on record; nobody says how many of them searched")
    action_day_use: float = parameter(
        0.5, "share", 0, 1, "judgement", "states asked to act that ask for a host of the day"
    ).plausible(
        0.25, 0.8, Scale.LOGIT, "judgement: of two states that act one may ask, of eight nearly surely one does"
    )
    europol_readiness: float = parameter(
        0.1, "share", 0, 0.9, "judgement", "preparation left shorter with a host"
    ).plausible(0, 0.3, Scale.LINEAR, "judgement: shared packages save some work of preparation, or none")
    synchrony_alone: float = parameter(
        0.9, "share", 0, 1, "judgement", "a ready state acts within 48 h, no host"
    ).plausible(0.6, 0.97, Scale.LOGIT, "judgement: 48 h are long for a ready state; holidays and courts intervene")
    synchrony_hosted: float = parameter(0.98, "share", 0, 1, "judgement", "the same with a host or centre").plausible(
        0.9, 0.995, Scale.LOGIT, "judgement: a command post leaves few behind"
    )
    unsynchronised: float = parameter(
        0.6, "ratio", 0, 1, "M13: 48 h", "P(node removed) where a state comes late"
    ).plausible(0.3, 0.9, Scale.LOGIT, "judgement: groups watch the first seizure and move some servers within days")
    officer_share: float = parameter(
        0.03, "share", 0, 1, "judgement", "of officers abroad, on groups of this tier"
    ).plausible(
        0.01,
        0.1,
        Scale.LOG,
        "judgement: the FBI has some twenty for cybercrime (recalled), half of their time here",
    )
    officer_files: float = parameter(
        12, "files", 1, 200, "judgement", "requests that one looks after at a time"
    ).plausible(8, 20, Scale.LINEAR, "M20: 8 to 20")
    officer_completes: float = parameter(0.45, "share", 0, 0.9, "M20: p_def −30–60 %", "returns saved").plausible(
        0.3, 0.6, Scale.LINEAR, "M20: 30 to 60 %"
    )
    officer_chases: float = parameter(
        0.3, "share", 0, 1, "judgement", "silences that an officer's calls end"
    ).plausible(0.1, 0.6, Scale.LOGIT, "judgement: much silence is of desks; where it is of politics no call ends it")
    officer_speed: float = parameter(
        0.2, "share", 0, 0.9, "M20: stages 5–7 −10–30 %", "stages 5 to 7 shorter"
    ).plausible(0.1, 0.3, Scale.LINEAR, "M20: 10 to 30 %")
    officer_lag_days: float = parameter(
        180, "days", 0, 1000, "judgement", "from choosing a post to work there"
    ).plausible(
        60, 450, Scale.LOG, "judgement: a vacancy filled at once, to selection, language course and accreditation"
    )
    officer_stay: float = parameter(
        1.5, "ratio", 1, 10, "judgement: tours of years", "traffic counted double to stay"
    ).plausible(1, 3, Scale.LINEAR, "judgement: posts are closed as easily as opened, or kept for two tours")
    visit_days: float = parameter(
        5, "days", 0, 60, "judgement", "training of each person in a year with a visit"
    ).plausible(2, 15, Scale.LOG, "judgement: a workshop, to a course of three weeks")
    visits_per_trainer: float = parameter(1, "a year", 0, 12, "judgement", "states that one trainer serves").plausible(
        0.4, 4, Scale.LOG, "judgement: regional projects of years, to short missions"
    )
    visit_pause_years: float = parameter(
        3, "years", 0, 15, "judgement: length of projects", "until trainers come again"
    ).plausible(1, 6, Scale.LOG, "judgement: projects last three to four years; some states are seen each year")


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
