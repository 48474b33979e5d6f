"""Uncertainties of liaison bodies, liaison officers and capacity builders (M20)."""

from dataclasses import dataclass

from sim.law.vocabulary import EvidenceTag
from sim.world.parameters.declaration import parameter


@dataclass
class LiaisonParameters:
    """Who works for liaison bodies on files of this kind, how soon they answer, and what their help is worth.

    No body publishes its staff by kind of file: persons here are those whose whole time goes to groups of the tier that
    is modelled. They are set so that the default world stays near the one in which liaison bodies were a static prior.
    """

    interpol_staff: float = parameter(5, "persons", 0, 500, "judgement", "of INTERPOL, on files of this tier")
    europol_staff: float = parameter(3, "persons", 0, 500, "judgement", "of Europol EC3, the same")
    jcat_staff: float = parameter(1, "persons", 0, 200, "M20; judgement", "of J-CAT, the same")
    eurojust_staff: float = parameter(2, "persons", 0, 300, "judgement", "of Eurojust, the same")
    contact_point_staff: float = parameter(1, "persons", 0, 50, "judgement", "on duty at a 24/7 point for this tier")
    builder_trainers: float = parameter(20, "persons", 0, 500, "judgement", "trainers of C-PROC and UNODC")
    compare_hours: float = parameter(6, "hours", 0.1, 80, "judgement; Europol 4.2 d", "comparing indicators of a unit")
    analyse_hours: float = parameter(24, "hours", 0.5, 200, "judgement", "analysing what a hop has yielded")
    notice_hours: float = parameter(6, "hours", 0.1, 80, "judgement", "reviewing and publishing a notice")
    facilitate_hours: float = parameter(10, "hours", 0.1, 80, "judgement", "helping one request along")
    coordinate_hours: float = parameter(80, "hours", 1, 400, "judgement", "meetings and papers for one case")
    action_day_hours: float = parameter(60, "hours", 1, 400, "judgement", "preparing one action day")
    freeze_hours: float = parameter(2, "hours", 0.1, 40, "judgement", "a 24/7 point, on one request to preserve")
    interpol_reply_days: float = parameter(12, "days", 0, 90, "M20: 5–30 d", "median reply through INTERPOL")
    interpol_reply_sigma: float = parameter(0.7, "log", 0, 2, "M20: 5–30 d as its middle 80 %", "spread")
    interpol_message_days: float = parameter(
        6, "days", 0, 90, "M8 LN(4, 1), M20: slower through INTERPOL", "median police answer through INTERPOL alone"
    )
    europol_reply_days: float = parameter(
        0.5,
        "days",
        0,
        60,
        "Europol CAAR 2023: 80 % in 4.2 d, desk included",
        "median time away from the desk",
        EvidenceTag.RECALLED,
    )
    europol_reply_sigma: float = parameter(0.7, "log", 0, 2, "judgement", "spread")
    jcat_reply_days: float = parameter(0.5, "days", 0, 30, "M20: hours to days", "median time away from the desk")
    jcat_reply_sigma: float = parameter(0.8, "log", 0, 2, "judgement", "spread")
    eurojust_reply_days: float = parameter(7, "days", 0, 90, "judgement", "median until a meeting, away from the desk")
    eurojust_reply_sigma: float = parameter(0.6, "log", 0, 2, "judgement", "spread")
    analysis_use: float = parameter(0.15, "share", 0, 1, "judgement", "answered hops sent to Europol for analysis")
    analysis_seen: float = parameter(0.03, "share", 0, 1, "judgement", "further control nodes that its analysts see")
    notice_recognised: float = parameter(
        0.25, "ratio", 0, 1, "M14: .2–.6 with a notice", "recognition abroad without a notice, of that with one"
    )
    notice_located: float = parameter(0.05, "share", 0, 1, "judgement", "found at home, cooperating state, by a notice")
    eurojust_requests: float = parameter(
        0.15, "share", 0, 1, "judgement", "requests between members brought to Eurojust"
    )
    eurojust_cases: float = parameter(0.35, "share", 0, 1, "judgement", "cases with members brought to Eurojust")
    eurojust_speed: float = parameter(
        0.35, "share", 0, 0.9, "M20: −20–50 %", "stages 6 to 8 shorter for what it handles"
    )
    eurojust_readiness: float = parameter(0.2, "share", 0, 0.9, "judgement", "preparation left shorter by meetings")
    team_grants: float = parameter(5, "a year", 0, 500, "M20; judgement", "joint teams that Eurojust can pay for")
    team_money: float = parameter(0.3, "share", 0, 0.9, "M13: translation, travel", "set-up shorter with money")
    team_gain: float = parameter(1.0, "ratio", 0, 10, "judgement", "more often a team where Eurojust coordinates")
    action_day_use: float = parameter(0.5, "share", 0, 1, "judgement", "actions for which a host is asked")
    europol_readiness: float = parameter(0.1, "share", 0, 0.9, "judgement", "preparation left shorter with a host")
    synchrony_alone: float = parameter(0.9, "share", 0, 1, "judgement", "a ready state acts within 48 h, no host")
    synchrony_hosted: float = parameter(0.98, "share", 0, 1, "judgement", "the same with a host or centre")
    unsynchronised: float = parameter(0.6, "ratio", 0, 1, "M13: 48 h", "P(node removed) where a state comes late")
    officer_posts: float = parameter(
        40, "persons", 0, 2000, "judgement", "liaison officers and prosecutors on cybercrime"
    )
    officer_files: float = parameter(12, "files", 1, 200, "judgement", "requests that one looks after at a time")
    officer_completes: float = parameter(0.45, "share", 0, 0.9, "M20: p_def −30–60 %", "returns saved")
    officer_speed: float = parameter(0.2, "share", 0, 0.9, "M20: stages 5–7 −10–30 %", "stages 5 to 7 shorter")
    officer_lag_days: float = parameter(180, "days", 0, 1000, "judgement", "from choosing a post to work there")
    officer_least_traffic: float = parameter(
        2, "requests a year", 0, 100, "judgement", "traffic that merits an officer"
    )
    officer_stay: float = parameter(1.5, "ratio", 1, 10, "judgement: tours of years", "traffic counted double to stay")
    visit_days: float = parameter(5, "days", 0, 60, "judgement", "training of each person in a year with a visit")
    visits_per_trainer: float = parameter(1, "a year", 0, 12, "judgement", "states that one trainer serves")
    visit_pause_years: float = parameter(
        3, "years", 0, 15, "judgement: length of projects", "until trainers come again"
    )
