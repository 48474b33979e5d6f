"""Uncertainties of abuse, of data disclosed on others than the target, and of oversight (catalogue, part H)."""

from dataclasses import dataclass

from sim.data.load import derived
from sim.world.parameters.declaration import Scale, parameter


@dataclass
class RightsParameters:
    """Abusive and political requests, false emergencies (M9), over-collection (M7), exclusion at trial (M8)."""

    abuse_share: float = parameter(
        0.02, "share", 0, 0.2, "part H: 0–5 %", "abusive requests wished for, of all"
    ).plausible(0, 0.05, Scale.LINEAR, "part H: 0 to 5 %")
    usual_requests: float = parameter(
        derived("rights.usual_requests"),
        "per group-year",
        0.1,
        200,
        "sim/data/derived.csv",
        "genuine requests abroad, police questions too",
    ).plausible(10, 100, Scale.LOG, "measured in the default world; worlds with few or many cases differ several times")
    abuse_weakness: float = parameter(
        3, "exponent", 0, 8, "part H", "abuse grows where the rule of law is weak"
    ).plausible(1, 6, Scale.LINEAR, "judgement: in proportion to weakness, to almost only the weakest")
    abuse_disguised: float = parameter(0.5, "share", 0, 1, "part H", "dressed up as an ordinary offence").plausible(
        0.2, 0.85, Scale.LOGIT, "judgement: open political offences are refused, so most who try disguise them"
    )
    abuse_police: float = parameter(0.3, "share", 0, 1, "part H", "asked of police where that way is open").plausible(
        0.1, 0.6, Scale.LOGIT, "judgement: police channels ask fewer questions, and courts take no product of them"
    )
    abuse_majors: float = parameter(
        0.45, "share", 0, 1, "part H", "aimed at an account with a named large provider"
    ).plausible(0.2, 0.75, Scale.LOGIT, "judgement: critics use large platforms, as everybody does")
    abuse_strength: float = parameter(
        0.5, "0–1", 0, 1, "part H; M2 E", "mean evidence strength that it shows"
    ).plausible(0.25, 0.75, Scale.LINEAR, "judgement: below genuine requests (.55 to .9), but written to convince")
    abuse_age_days: float = parameter(120, "days", 0, 2000, "part H", "median age of the data asked for").plausible(
        30, 500, Scale.LOG, "judgement: a post of last month, to an opponent's past years"
    )
    abuse_age_sigma: float = parameter(1.0, "log", 0, 2, "part H", "spread").plausible(
        0.5, 1.5, Scale.LINEAR, "judgement: targets and purposes differ"
    )
    recognised_open: float = parameter(
        0.7, "share", 0, 1, "part H; M3", "seen to be political by a reviewer of skill ½"
    ).plausible(0.4, 0.92, Scale.LOGIT, "judgement: art. 27(4) names the ground; overloaded reviewers miss some")
    recognised_disguised: float = parameter(
        0.2, "share", 0, 1, "part H; M3", "the same of a request in disguise"
    ).plausible(0.05, 0.45, Scale.LOGIT, "judgement: below open ones; context betrays some")
    provider_recognises: float = parameter(
        0.4, "share", 0, 1, "part H; M9", "seen by a provider asked of its own will"
    ).plausible(0.15, 0.7, Scale.LOGIT, "providers reject 2 to 6 % of all requests (TRANS), for many reasons")
    provider_objects: float = parameter(
        0.1, "share", 0, 1, "part H; M9", "seen, and objected to, under a binding order"
    ).plausible(0.02, 0.3, Scale.LOGIT, "judgement: a binding order leaves a few days and narrow grounds")
    interpol_screening: float = parameter(
        0.6, "share", 0, 1, "INTERPOL Constitution art. 3; part H", "political message stopped at INTERPOL"
    ).plausible(0.3, 0.9, Scale.LOGIT, "recalled: notices are screened since 2016, diffusions and messages less")
    remedy: float = parameter(0.6, "share", 0, 1, "part H", "an appeal against an abusive request succeeds").plausible(
        0.25, 0.85, Scale.LOGIT, "judgement: courts that hear an appeal against abuse mostly see it"
    )
    screening_work: float = parameter(
        0.25, "share", 0, 1, "part H", "work on a file, of it, spent on screening today"
    ).plausible(0.1, 0.4, Scale.LOGIT, "judgement: reading for rights is part of reading the file")
    false_emergencies: float = parameter(
        0.06, "per group-year", 0, 5, "M9", "false emergency requests to providers"
    ).plausible(0.01, 0.4, Scale.LOG, "recalled: publicly known since 2022, and then only by chance")
    emergency_deceived: float = parameter(0.2, "share", 0, 1, "M9 f .1–2 %", "a provider is deceived by one").plausible(
        0.03, 0.5, Scale.LOGIT, "M9: .1 to 2 % of disclosures; of false requests a larger part"
    )
    emergency_days: float = parameter(0.3, "days", 0, 10, "M9 LN(.3, .8)", "median answer in an emergency").plausible(
        0.1, 1, Scale.LOG, "M9 has .3; the EU's limit is 8 h"
    )
    emergency_touch_hours: float = parameter(1, "hours", 0.05, 20, "M9", "work of calling back and checking").plausible(
        0.3, 4, Scale.LOG, "judgement: one call back, to a check with the embassy"
    )
    bystanders_subscriber: float = parameter(
        0.5, "accounts", 0, 100, "M7 ξ", "other accounts in an answer on subscribers"
    ).plausible(0.1, 3, Scale.LOG, "judgement: one account asked for, others on a shared address")
    bystanders_traffic: float = parameter(
        12, "accounts", 0, 1000, "M7 ξ", "other persons in an answer on traffic"
    ).plausible(3, 100, Scale.LOG, "judgement: the contacts of a week, to those of a year")
    bystanders_content: float = parameter(
        40, "accounts", 0, 5000, "M7 ξ", "other persons in content handed over"
    ).plausible(8, 400, Scale.LOG, "judgement: the correspondents in one folder, to a whole mailbox")
    bystanders_sigma: float = parameter(1.0, "log", 0, 2, "M7 ξ", "spread").plausible(
        0.5, 1.8, Scale.LINEAR, "judgement: contacts of persons are spread over orders of magnitude"
    )
    narrowing_skill: float = parameter(
        0.8, "per unit skill", 0, 3, "M7 κ_s", "narrower with a skilled requester"
    ).plausible(0.2, 1.6, Scale.LINEAR, "judgement: as for deficiency, full skill saves a fifth to four fifths")
    narrowing_template: float = parameter(0.2, "per adoption", 0, 2, "M7", "narrower on a template").plausible(
        0, 0.5, Scale.LINEAR, "M7: templates save 20 to 40 % of returns; breadth perhaps nothing"
    )
    narrowing_lead: float = parameter(
        0.35, "share", 0, 1, "M8: 20–50 %", "narrower after police information"
    ).plausible(0.2, 0.5, Scale.LINEAR, "M8: 20 to 50 %")
    narrowing_return: float = parameter(0.2, "share", 0, 1, "M7", "narrower after each return").plausible(
        0.05, 0.45, Scale.LINEAR, "judgement: overbreadth is one of several reasons for a return (SIR)"
    )
