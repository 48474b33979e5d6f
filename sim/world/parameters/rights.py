"""Uncertainties of abuse, of data disclosed on others than the target, and of oversight (catalogue, part H)."""

from dataclasses import dataclass

from sim.data.derived import derived
from sim.world.parameters.declaration import parameter


@dataclass
class RightsParameters:
    """Abusive and political requests, false emergencies (M9), over-collection (M7), exclusion at trial (M8)."""

    abuse_share: float = parameter(0.02, "share", 0, 0.2, "part H: 0–5 %", "abusive requests wished for, of all")
    usual_requests: float = parameter(
        derived("rights.usual_requests"),
        "per group-year",
        0.1,
        50,
        "sim/data/derived.csv",
        "genuine requests abroad, police questions too",
    )
    abuse_weakness: float = parameter(3, "exponent", 0, 8, "part H", "abuse grows where the rule of law is weak")
    abuse_disguised: float = parameter(0.5, "share", 0, 1, "part H", "dressed up as an ordinary offence")
    abuse_police: float = parameter(0.3, "share", 0, 1, "part H", "asked of police where that way is open")
    abuse_majors: float = parameter(0.45, "share", 0, 1, "part H", "aimed at an account with a named large provider")
    abuse_strength: float = parameter(0.5, "0–1", 0, 1, "part H; M2 E", "mean evidence strength that it shows")
    abuse_age_days: float = parameter(120, "days", 0, 2000, "part H", "median age of the data asked for")
    abuse_age_sigma: float = parameter(1.0, "log", 0, 2, "part H", "spread")
    recognised_open: float = parameter(
        0.7, "share", 0, 1, "part H; M3", "seen to be political by a reviewer of skill ½"
    )
    recognised_disguised: float = parameter(0.2, "share", 0, 1, "part H; M3", "the same of a request in disguise")
    provider_recognises: float = parameter(0.4, "share", 0, 1, "part H; M9", "seen by a provider asked of its own will")
    provider_objects: float = parameter(
        0.1, "share", 0, 1, "part H; M9", "seen, and objected to, under a binding order"
    )
    interpol_screening: float = parameter(
        0.6, "share", 0, 1, "INTERPOL Constitution art. 3; part H", "political message stopped at INTERPOL"
    )
    remedy: float = parameter(0.6, "share", 0, 1, "part H", "an appeal against an abusive request succeeds")
    screening_work: float = parameter(0.25, "share", 0, 1, "part H", "work on a file, of it, spent on screening today")
    false_emergencies: float = parameter(0.06, "per group-year", 0, 5, "M9", "false emergency requests to providers")
    emergency_deceived: float = parameter(0.2, "share", 0, 1, "M9 f .1–2 %", "a provider is deceived by one")
    emergency_days: float = parameter(0.3, "days", 0, 10, "M9 LN(.3, .8)", "median answer in an emergency")
    emergency_sigma: float = parameter(0.8, "log", 0, 2, "M9 LN(.3, .8)", "spread")
    emergency_touch_hours: float = parameter(1, "hours", 0.05, 20, "M9", "work of calling back and checking")
    bystanders_subscriber: float = parameter(
        0.5, "accounts", 0, 100, "M7 ξ", "other accounts in an answer on subscribers"
    )
    bystanders_traffic: float = parameter(12, "accounts", 0, 1000, "M7 ξ", "other persons in an answer on traffic")
    bystanders_content: float = parameter(40, "accounts", 0, 5000, "M7 ξ", "other persons in content handed over")
    bystanders_sigma: float = parameter(1.0, "log", 0, 2, "M7 ξ", "spread")
    narrowing_skill: float = parameter(0.8, "per unit skill", 0, 3, "M7 κ_s", "narrower with a skilled requester")
    narrowing_template: float = parameter(0.2, "per adoption", 0, 2, "M7", "narrower on a template")
    narrowing_lead: float = parameter(0.35, "share", 0, 1, "M8: 20–50 %", "narrower after police information")
    narrowing_return: float = parameter(0.2, "share", 0, 1, "M7", "narrower after each return")
    excluded: float = parameter(0.5, "share", 0, 1, "M8 .2–.8", "answer left out that rests on police information")
