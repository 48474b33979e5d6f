"""Uncertainties of cases, of action, and of what becomes of members and money (M11–M14)."""

from dataclasses import dataclass

from sim.law.vocabulary import EvidenceTag
from sim.world.parameters.declaration import Scale, parameter


@dataclass
class CaseParameters:
    """Opening, work and attrition of cases (M11), matching (M12), teams and the action day (M13)."""

    reports_per_year: float = parameter(5, "per group-year", 0, 50, "M11", "reports that could open a case").plausible(
        2, 15, Scale.LOG, "M11: .05 to .15 of victims report; what reaches a unit is not counted"
    )
    open_threshold: float = parameter(0.2, "score", -3, 5, "M11 θ", "score needed with idle investigators").plausible(
        -0.6, 1, Scale.LINEAR, "judgement: idle units open nearly every case, or one in three"
    )
    load_threshold: float = parameter(
        2.5, "score", 0, 10, "M11 θ(capacity)", "rise of the threshold when all are busy"
    ).plausible(1, 4, Scale.LINEAR, "most reports are dropped for capacity; how steeply is open")
    case_slots: float = parameter(300, "cases", 10, 5000, "M11", "cases all agencies can work on together").plausible(
        120, 700, Scale.LOG, "some dozens of national units with two to twenty large cases each"
    )
    attrition_per_year: float = parameter(0.1, "per year", 0, 1, "M11 α .05–.2", "case dropped").plausible(
        0.05, 0.2, Scale.LOG, "M11: .05 to .2"
    )
    chains: float = parameter(5, "chains", 1, 12, "M11", "leads followed at once, median group").plausible(
        2, 8, Scale.LINEAR, "judgement: units follow several leads; few have staff for more than eight on one case"
    )
    effort: float = parameter(0.35, "log-log", 0, 1, "M11 γ", "leads followed grow with a group's size").plausible(
        0.2, 0.5, Scale.LINEAR, "judgement: the largest hundredth of groups gets two to five times as many leads"
    )
    analysis_days: float = parameter(20, "days", 0, 120, "the modellers", "analysis between hops").plausible(
        7, 45, Scale.LOG, "judgement: a log file takes a week, an image with a queue six"
    )
    fresh_traces: float = parameter(
        4, "per trail-year", 0.1, 20, "M10 ν", "new traces by which a lost trail is taken up again, mean group"
    ).plausible(1.5, 8, Scale.LOG, "judgement: new victims or servers show every six weeks, or every eight months")
    trail_strength: float = parameter(
        1.1, "log-odds", -4, 4, "M2 E: .75", "shown when data on a trail are asked for, nothing proved yet"
    ).plausible(0.2, 2.2, Scale.LINEAR, "standards are .2 to .8 (M2), and files are written to meet them: .55 to .9")
    search_strength: float = parameter(
        -2, "log-odds", -6, 2, "M2 E", "shown for a search or an arrest, nothing proved yet"
    ).plausible(-3, -1, Scale.LINEAR, "judgement: a report alone carries no search, standards of which are .6 to .8")
    link: float = parameter(
        2, "log-odds", 0, 6, "M10 λ", "by which a completed trail links a server or person to the group"
    ).plausible(1, 3.5, Scale.LINEAR, "judgement: one trail in due form brings a search within reach of its standard")
    gap: float = parameter(
        1, "log-odds", 0, 4, "M8", "lost per hop of a trail without evidence that a court may use"
    ).plausible(0.4, 1.5, Scale.LINEAR, "judgement: a trail with one hop from police alone is doubted")
    proof_content: float = parameter(
        0.5, "log-odds", 0, 3, "M10", "proved about the group by content or an image"
    ).plausible(0.2, 1.2, Scale.LINEAR, "judgement: images of two to five servers prove a group")
    proof_records: float = parameter(0.05, "log-odds", 0, 1, "M10", "proved about the group by records").plausible(
        0.02, 0.2, Scale.LOG, "judgement: records corroborate; a tenth of an image each"
    )
    least_order: float = parameter(
        0.5, "share", 0, 1, "M2", "least chance to be found enough at once with which a file leaves the unit"
    ).plausible(0.3, 0.8, Scale.LOGIT, "judgement: ready is what more likely passes than not; a fifth is returned")
    impatience_days: float = parameter(180, "days", 10, 1000, "the modellers", "unanswered lead is doubled").plausible(
        90, 365, Scale.LOG, "judgement: after one reminder to after a year; answers take 6 to 24 months"
    )
    tracking: float = parameter(0.5, "share", 0, 1, "M11", "a known node that moves unalarmed is followed").plausible(
        0.2, 0.8, Scale.LOGIT, "judgement: fingerprints of servers find many again, careful operators change them"
    )
    seen_at_opening: float = parameter(
        0.2, "share", 0, 1, "M11", "control nodes that technical analysis shows at once"
    ).plausible(0.05, 0.4, Scale.LOGIT, "judgement: malware names a server or two, seldom the tier behind")
    servers_known: float = parameter(
        0.03, "share", 0, 1, "operations.csv: 4 of 37", "cases that open with all servers known: seized, or reported"
    ).plausible(
        0.01, 0.1, Scale.LOG, "4 of 37 began with a seizure, an informant or a parent case; cases that fail have fewer"
    )
    technical_discovery: float = parameter(
        0.25, "per node-year", 0, 5, "M11", "control nodes found by analysis"
    ).plausible(0.08, 0.8, Scale.LOG, "judgement: scans find a hidden server once in one to twelve years")
    reveal: float = parameter(0.55, "share", 0, 1, "M11", "other control nodes seen from one").plausible(
        0.3, 0.8, Scale.LOGIT, "judgement: from one server's traffic some or most peers show; proxies hide them"
    )
    review_interval_days: float = parameter(30, "days", 5, 180, "M13", "time between reviews of a case").plausible(
        14, 60, Scale.LOG, "judgement: case conferences are fortnightly to bimonthly"
    )
    match_none: float = parameter(0.002, "per indicator-month", 0, 1, "M12 κ", "match without a common body").plausible(
        0.0005, 0.005, Scale.LOG, "M12 has .002: chance contacts alone, well below INTERPOL"
    )
    match_interpol: float = parameter(0.01, "per indicator-month", 0, 1, "M12 κ", "match through INTERPOL").plausible(
        0.003, 0.03, Scale.LOG, "M12 has .01: between no body and Europol"
    )
    match_europol: float = parameter(0.05, "per indicator-month", 0, 1, "M12 κ", "match through Europol").plausible(
        0.02, 0.12, Scale.LOG, "M12 has .05: systematic cross-checks of what is fed"
    )
    match_jcat: float = parameter(0.1, "per indicator-month", 0, 1, "M12 κ", "match in J-CAT").plausible(
        0.05, 0.25, Scale.LOG, "M12 has .1: officers who sit together see more than Europol's data alone"
    )
    sharing: float = parameter(
        0.6, "share", 0, 1, "M12 σ", "indicators that a unit shares with a close state"
    ).plausible(0.3, 0.85, Scale.LOGIT, "judgement: handling codes and live cases hold back a part, even among friends")
    team_threshold: float = parameter(0.5, "0–1", 0, 1, "M13 θ .5–.7", "least trust for a joint team").plausible(
        0.5, 0.7, Scale.LINEAR, "M13: .5 to .7"
    )
    team_agreed: float = parameter(
        0.08,
        "share",
        0,
        1,
        "Eurojust 2021, 2022: 265 teams, 13 % of its cases of three states or more",
        "cases that form a team where they could, without Eurojust",
        EvidenceTag.RECALLED,
    ).plausible(
        0.03,
        0.2,
        Scale.LOG,
        "265 teams; 607 new cases of 3 states or more a year stay 1.4 years: 18 % at Eurojust, which doubles",
    )
    team_setup_days: float = parameter(90, "days", 0, 400, "M13 30–180", "median set-up of a team").plausible(
        30, 180, Scale.LOG, "M13: 30 to 180"
    )
    readiness_days: float = parameter(180, "days", 1, 1000, "M13", "median readiness of a state").plausible(
        90, 365, Scale.LOG, "M13 has 180; operations against large groups took 2 to 4 years in all"
    )
    readiness_sigma: float = parameter(0.8, "log", 0, 2, "M13", "spread").plausible(
        0.5, 1.1, Scale.LINEAR, "M13 has .8; states differ, and the slowest decides"
    )
    removal: float = parameter(
        0.94, "share", 0, 1, "the modellers; TrickBot 120 of 128", "known node removed where its state is ready"
    ).plausible(0.85, 0.98, Scale.LOGIT, "TrickBot: 120 of 128; operations that failed are published less")
    removal_by_host: float = parameter(
        0.2, "share", 0, 1, "the modellers", "known node removed by a cooperative host without authority"
    ).plausible(0.1, 0.3, Scale.LOGIT, "judgement: abuse desks act on some reports of police, hardly on the day")
    removal_unknown: float = parameter(
        0.1, "share", 0, 1, "the modellers", "unknown node falls with the known ones"
    ).plausible(0.05, 0.15, Scale.LOGIT, "judgement: unknown servers fall only with the rest, by keys or images seized")
    action_price: float = parameter(
        10,
        "days of harm",
        0,
        200,
        "the modellers",
        "worth of one state's work on an action, in days of a mean group's harm",
    ).plausible(3, 20, Scale.LOG, "judgement: dozens of officers for weeks; 10 to 60 days for a whole operation")
    horizon_days: float = parameter(
        720, "days", 30, 4000, "M13", "harm that a takedown is expected to avert"
    ).plausible(360, 1500, Scale.LOG, "judgement: from a year of safety to a lineage of four")
    leak_per_year: float = parameter(
        0.003, "per recipient-year", 0, 0.5, "M22 .1–2 %", "leak of a well-governed state that takes part in a case"
    ).plausible(0.001, 0.02, Scale.LOG, "M22: .1 to 2 % a recipient and year")


@dataclass
class CustodyParameters:
    """From identification to conviction, and the money (M14)."""

    arrest: float = parameter(
        0.5, "share", 0, 1, "M14", "identified member arrested on the day, cooperating state"
    ).plausible(
        0.25, 0.8, Scale.LOGIT, "judgement: searches find many suspects at home; 0 to 6 arrests are usual in all"
    )
    travel_per_year: float = parameter(
        0.08, "per year", 0, 1, "M14 ν 0–.15", "travel into a state that would arrest"
    ).plausible(0, 0.15, Scale.LINEAR, "M14: 0 to .15")
    travel_detection: float = parameter(0.4, "share", 0, 1, "M14 .2–.6", "traveller recognised by a notice").plausible(
        0.2, 0.6, Scale.LOGIT, "M14: .2 to .6"
    )
    travel_indicted: float = parameter(0.5, "ratio", 0, 1, "M14", "travel left after a public indictment").plausible(
        0.15, 0.85, Scale.LOGIT, "judgement: who knows of a warrant travels less; some still do"
    )
    warrant_consent: float = parameter(
        0.54,
        "share",
        0,
        1,
        "EC, EAW statistics 2019 (recalled)",
        "surrender by consent under an arrest warrant",
        EvidenceTag.RECALLED,
    ).plausible(0.45, 0.65, Scale.LOGIT, "EC statistics (recalled): about half, by year and state")
    warrant_consent_days: float = parameter(
        15, "days", 1, 90, "M14: EAW 2017", "surrender time with consent", EvidenceTag.VERIFIED
    ).plausible(12, 22, Scale.LOG, "EC statistics: 15 in 2017; some days apart from year to year")
    warrant_days: float = parameter(40, "days", 1, 200, "M14: EAW 2017", "without", EvidenceTag.VERIFIED).plausible(
        35, 65, Scale.LOG, "EC statistics: 40 in 2017; up to two months in later years (recalled)"
    )
    extradition_days: float = parameter(
        300, "days", 30, 3000, "M14: UK about 10 months", "median extradition"
    ).plausible(180, 600, Scale.LOG, "UK mean of about 10 months; contested cases take 1 to 10 years (M14)")
    prosecute_instead: float = parameter(
        0.15, "share", 0, 1, "M14 .05–.3", "tried at home where surrender is refused"
    ).plausible(0.05, 0.3, Scale.LOGIT, "M14: .05 to .3")
    trial_days: float = parameter(
        600, "days", 60, 2000, "M14 12–30 months", "median from custody to judgment"
    ).plausible(365, 910, Scale.LOG, "M14: 12 to 30 months")
    conviction: float = parameter(0.88, "share", 0, 1, "M14 .8–.95", "convicted when evidence is complete").plausible(
        0.8, 0.95, Scale.LOGIT, "M14: .8 to .95"
    )
    trial_standard: float = parameter(0.8, "0–1", 0, 1, "M2, M14", "standard of proof of a conviction").plausible(
        0.7, 0.95, Scale.LINEAR, "above the standard of a search (.6 to .8); beyond reasonable doubt at the end"
    )
    assets_traced: float = parameter(
        0.2, "per case-year", 0, 5, "M14", "money in reach is traced; an action day counts as a year"
    ).plausible(0.05, 0.6, Scale.LOG, "judgement: public ledgers help, mixers do not")
    assets_reported: float = parameter(
        0.045, "share", 0, 1, "M14", "losses held on reports, law in action, where the money has not moved on"
    ).plausible(
        0.02, 0.1, Scale.LOG, "judgement: most recalls that are taken on succeed, but few losses are reported in days"
    )
    assets_confiscated: float = parameter(
        0.5, "share", 0, 1, "Europol 2016: 2 % frozen, 1 % confiscated", "of frozen"
    ).plausible(0.3, 0.75, Scale.LOGIT, "1 % confiscated of 2 % frozen, each within a factor of two (EUR16)")
    assets_days: float = parameter(180, "days", 0, 2000, "M14", "proceeds stay in reach of a freeze, mean").plausible(
        60, 720, Scale.LOG, "judgement: two months of income in wallets, to two years saved"
    )
    assets_decision_days: float = parameter(
        700, "days", 30, 3000, "M14", "median time to a confiscation order"
    ).plausible(365, 1500, Scale.LOG, "judgement: with the judgment (12 to 30 months), appeals after it")
