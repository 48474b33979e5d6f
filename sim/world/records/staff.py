"""States, providers, desks and the files at them; people and skill of authorities (M21); who knows of a case (M22)."""

import math

from sim.law.vocabulary import Channel
from sim.world.records.codes import DeskKind, JobStatus, Ordinary, ProviderPolicy, Stage, UnitKind
from sim.world.records.field import KEY, Entity, Field

STATE = Entity(
    "state",
    "A state with its police and prosecutors as one agency. 196 of them; fixed.",
    (
        Field("slots", "f8", "cases", "cases its agencies can work on at once"),
        Field("open_cases", "i4", "number", "cases its agencies work on"),
        Field("skill", "f8", "0–1", "skill of its agencies and prosecutors"),
        Field("tier", "i4", "code", "quality of government: 0 best – 3"),
        Field("work_rate", "f8", "ratio", "work its investigators do, of what they do today (M21)"),
        Field("owes_answers", "f8", "0–1", "share of requests that its central authority is bound to answer"),
        Field("programme_since", "f8", "day", "a programme for secure channels reached it, NaN: none (M22)"),
        Field("secure", "i4", "0 or 1", "it has adopted the secure channel"),
        Field("structured", "f8", "0–1", "share of its requests and answers in the shared format"),
        Field("decryption", "f8", "0–1", "share of encrypted content that its laboratories open"),
        Field("reviews", "i4", "number", "quarterly reviews so far"),
        Field("in_exchange", "i4", "0 or 1", "some of its officers work abroad in an exchange (M19)"),
        Field("posts_abroad", "f8", "persons", "liaison officers and prosecutors that it can pay for"),
        Field("posts_unfilled", "i4", "persons", "of these, whom no other state has enough requests for"),
        Field("posts_abroad_base", "f8", "persons", "the same before any policy, unrounded"),
        Field("visited", "f8", "day", "trainers of a liaison body last came, −inf: never"),
        Field("perceived_risk", "f8", "0–1", "how likely criminals think action there is"),
        Field("governance", "f8", "0–1", "quality of government"),
        Field("users", "f8", "persons", "internet users, about whom custodians hold data"),
        Field("victims", "f8", "share", "of the victims of a group that attacks everywhere"),
        Field("data_held", "f8", "person-days", "days of records that custodians hold on all users today"),
        Field("data_held_since", "f8", "day", "it has been as much since then"),
        Field("data_held_sum", "f8", "person-days × days", "the same added up from the policy's start to that day"),
        Field("gate_odds", "f8", "log odds", "that a provider which answers some states alone answers this one"),
        Field("gate_opens", "f8", "day", "a policy opens such providers to it, inf: never"),
        Field("strict_opens", "f8", "day", "a policy opens strict providers to it, inf: never"),
        Field("ordinary", "f8", "requests a month", "to providers abroad in ordinary cases, where all answer"),
        Field("preserves", "f8", "requests a month", "to providers abroad to keep data, in ordinary cases"),
        Field("emergencies", "f8", "requests a month", "to providers abroad in emergencies"),
        Field("emergencies_answered", "f8", "share", "of these that bring data"),
        Field("assisted_usa", "f8", "requests a month", "through authorities of the USA, about data of providers"),
        Field("assisted_irl", "f8", "requests a month", "the same of Ireland"),
        Field("share_odds", "f8", "log odds", "by which providers answer it more than others, for its rule of law"),
        Field("single_point", "i4", "0 or 1", "its requests to providers pass a single point of contact"),
        Field("host_provider", "i4", "row of provider", "the provider that stands for all hosts there"),
        Field("access_provider", "i4", "row of provider", "the provider that stands for all access providers there"),
    ),
)

ORDINARY = Entity(
    "ordinary",
    "Ordinary requests, which are counted and not followed. One row per year, kind and state: (year since the first × "
    "kinds + kind) × states + state. Fixed.",
    (
        Field("year", "i4", "year", "calendar year"),
        Field("kind", "i4", Ordinary, "way, and addressee of direct requests"),
        Field("state", "i4", "row of state", "state that asks; of the last two kinds that is asked"),
        Field("requests", "f8", "number", "expected number in the year, so far"),
        Field("answered", "f8", "number", "of these, expected to bring data"),
        Field("log_days", "f8", "log days", "sum over the answered of the log of the usual days to their answer"),
    ),
)

DESK = Entity(
    "desk",
    "A staffed desk: outgoing and incoming central authority, court and laboratory of each state, one for each "
    "provider and each liaison body, and a 24/7 point of each state. Fixed; staff and skill can change by policy.",
    (
        Field("kind", "i4", DeskKind, "kind of desk"),
        Field("state", "i4", "row of state", "state it stands in"),
        Field("provider", "i4", "row of provider", "provider whose desk it is, none for authorities"),
        Field("servers", "i4", "persons", "persons who work there"),
        Field("pace", "f8", "hours a day", "touch-hours one person does a calendar day on these files"),
        Field("skill", "f8", "0–1", "skill of its staff, which raises the pace and lowers errors"),
        Field("staff_base", "f8", "persons", "persons before any policy, unrounded"),
        Field("skill_base", "f8", "0–1", "skill before any policy"),
        Field("away", "f8", "share", "working time spent in training instead of on files"),
        Field("target_wait", "f8", "days", "the wait from which its load was found, to which those who ask are used"),
        Field("load", "f8", "hours a day", "other work that is sent to it when policy starts"),
        Field("whole_load", "f8", "hours a day", "all work, followed files too, with which it meets its target"),
        Field(
            "own_load", "f8", "hours a day", "work of followed files of late: before policy those that waited in line"
        ),
        Field("brought", "f8", "hours", "work of the followed files that came this month"),
        Field(
            "file_hours",
            "f8",
            "hours",
            "mean touch-hours of a file of other work, at bodies weighted by hours",
        ),
        Field("capacity", "f8", "hours a day", "what its people do without overtime"),
        Field("work", "f8", "hours", "work in line on work_day, some of which will be given up"),
        Field("work_day", "f8", "day", "the present month began, or people or pace changed"),
        Field("work_end", "f8", "hours", "work in line at the end of the present month"),
        Field("month_end", "f8", "day", "the present month ends"),
        Field("idle", "f8", "hours a day", "working time for which there is no other work, this month"),
        Field("joined", "f8", "hours", "work of followed files that joined the line this month, on joined_day"),
        Field("joined_day", "f8", "day", "a followed file last joined or left the line"),
        Field("month", "i4", "number", "months so far"),
        Field("served", "f8", "hours", "what its people could do from the first day up to work_day"),
        Field("offered", "f8", "hours a day", "other work that is sent to it this month"),
        Field("last_wait", "f8", "days", "wait of a file that stood last in line when the present month began"),
        Field("wait_recent", "f8", "days", "mean wait of all files, as remembered over the last months"),
        Field("wait_sum", "f8", "days", "mean wait of arriving files, added up over months"),
        Field("seen", "i4", "number", "followed files from which it has learnt how many are under a deadline"),
        Field("seen_dated", "i4", "number", "of these, those under a deadline that binds"),
        Field("dated", "f8", "share", "of its files, those under a deadline that it keeps"),
        Field("dated_head_start", "f8", "days", "mean head start of those"),
        Field("dated_days", "f8", "days", "mean time that they allow"),
        Field(
            "own_deadline",
            "i4",
            "code",
            "deadline of its state for urgent files: 0 none, 1 that nobody enforces, 2 whose breach has a cost",
        ),
        Field("engaged", "i4", "number", "followed files that are being worked on"),
        Field("overtime", "f8", "share", "working time beyond the usual, this month"),
        Field("overtime_months", "i4", "number", "months in a row in which files under a deadline were late"),
        Field("overtime_hours", "f8", "hours", "overtime so far"),
        Field("breaches", "f8", "file-years", "by which files were answered after a deadline that binds, so far"),
    ),
)

PROVIDER = Entity(
    "provider",
    "A service provider: a named major, or one that stands for all hosts, or all access providers, of a state. Fixed.",
    (
        Field("state", "i4", "row of state", "state of its seat"),
        Field("kind", "i4", "code", "class: 0 major, 1 host, 2 access"),
        Field("policy", "i4", ProviderPolicy, "how it answers foreign authorities that ask it directly"),
        Field("since", "f8", "day", "it answers such requests at all, −inf: always"),
        Field("days", "f8", "days", "published median time to an answer, NaN: none"),
        Field("staff", "f8", "ratio", "its people, of those before any policy"),
        Field("usual_load", "f8", "requests a month", "what its people were hired for"),
        Field("load", "f8", "ratio", "requests that it gets, of those that its people were hired for"),
        Field("desk", "i4", "row of desk", "desk that answers foreign orders, where hours are counted"),
        Field("representative", "i4", "row of state", "state of its legal representative in the EU, NONE for others"),
        Field("bulletproof", "f8", "0–1", "share of foreign orders that it ignores"),
        Field("weight", "f8", "share", "of the orders that an investigator of ordinary crime would send abroad"),
        Field(
            "keeps_subscriber",
            "f8",
            "days",
            "least time for which law makes it keep subscriber data today",
        ),
        Field("keeps_traffic", "f8", "days", "the same of traffic data"),
        Field("keeps_content", "f8", "days", "the same of content"),
    ),
)

JOB = Entity(
    "job",
    "A file that is followed, at a desk: a request in one of its stages, or a task of a liaison body.",
    (
        KEY,
        Field("arrived", "f8", "day", "reached the desk"),
        Field("started", "f8", "day", "a person took it up"),
        Field("ended", "f8", "day", "came to its end"),
        Field("touch_hours", "f8", "hours", "work that it needs"),
        Field("desk", "i4", "row of desk", "desk that works on it"),
        Field("head_start", "f8", "days", "by which it goes before files that came on the same day"),
        Field("ahead", "f8", "hours", "work before it when it last looked"),
        Field("looked", "f8", "day", "on which it last looked whether its turn had come"),
        Field("served", "f8", "hours", "what the desk's people could have done since the first day by then"),
        Field("expected", "f8", "days", "wait that was to be expected when it came"),
        Field(
            "returned_on", "f8", "day", "returned for its form then, to clear the line; inf: never", initial=math.inf
        ),
        Field("request", "i4", "row of request", "request in one of its stages, NONE: a task of a liaison body"),
        Field("referral", "i4", "row of referral", "task of a liaison body, NONE: another kind of file"),
        Field("stage", "i4", Stage, "stage of the request, 0: a task of a liaison body"),
        Field("status", "i4", JobStatus, "where it stands"),
        Field("urgent", "i4", "0 or 1", "in the urgent class"),
    ),
)

UNIT = Entity(
    "unit",
    "The people of one authority: outgoing and incoming central authority, court, laboratory, and investigators of "
    "each state. Fixed; people come and go.",
    (
        Field("kind", "i4", UnitKind, "which authority"),
        Field("state", "i4", "row of state", "state it belongs to"),
        Field("skill", "f8", "0–1", "mean skill of its people"),
        Field("skill_base", "f8", "0–1", "skill at which today's training and turnover balance"),
        Field("upkeep", "f8", "per year", "gap to full skill that today's training and guidance close"),
        Field("persons", "f8", "persons", "at work; of investigators, as many as the cases they can work on"),
        Field("persons_base", "f8", "persons", "at work before any policy"),
        Field("posts", "f8", "persons", "posts that are paid for"),
        Field("posts_base", "f8", "persons", "posts before any policy, unrounded"),
        Field("recruiting", "f8", "persons", "posts for which a person is being looked for"),
        Field("training_days", "f8", "days a year", "training of each person on top of today's"),
        Field("visit_days", "f8", "days a year", "further training by visiting capacity builders"),
        Field("specialised", "f8", "0–1", "share of its people who do nothing else"),
        Field("skill_floor", "f8", "0–1", "least skill, which a policy maintains"),
        Field("files", "i4", "number", "files handled since the latest review"),
        Field("handled", "f8", "per person-year", "files handled, mean over the last two years"),
        Field("reviews", "i4", "number", "reviews so far"),
        Field("openings", "i4", "number", "vacancies ever opened"),
        Field("joined", "f8", "persons", "hired since the latest count"),
        Field("left", "f8", "persons", "left since the latest count"),
    ),
)

HEADCOUNT = Entity(
    "headcount",
    "A yearly count of a unit's people and skill.",
    (
        Field("unit", "i4", "row of unit", "unit counted"),
        Field("kind", "i4", UnitKind, "which authority"),
        Field("state", "i4", "row of state", "state it belongs to"),
        Field("tier", "i4", "code", "quality of government there: 0 best – 3"),
        Field("day", "f8", "day", "the count"),
        Field("skill", "f8", "0–1", "mean skill of its people"),
        Field("persons", "f8", "persons", "at work"),
        Field("posts", "f8", "persons", "posts that are paid for"),
        Field("joined", "f8", "persons", "hired since the count before"),
        Field("left", "f8", "persons", "left since the count before"),
    ),
)

VACANCY = Entity(
    "vacancy",
    "Posts of a unit that fell empty or were created together, and are filled together.",
    (
        KEY,
        Field("unit", "i4", "row of unit", "unit that looks for people"),
        Field("persons", "f8", "persons", "posts to be filled"),
        Field("opened", "f8", "day", "the search began"),
        Field("filled", "f8", "day", "they came to work; NaN: still sought, or the posts were cut"),
    ),
)

RECIPIENT = Entity(
    "recipient",
    "A state that knows of a case, and may leak it.",
    (
        Field("case", "i4", "row of case", "case it knows of"),
        Field("state", "i4", "row of state", "state that knows"),
        Field("next_recipient", "i4", "row of recipient", "next older recipient of the case"),
        Field("since", "f8", "day", "it first learnt of the case"),
        Field("channel", "i4", Channel, "channel by which it first learnt of it"),
        Field("takes_part", "i4", "0 or 1", "it prepares the action, not only an answer"),
        Field("protected", "i4", "0 or 1", "all that it learnt came by secure channels"),
    ),
)

LEAK = Entity(
    "leak",
    "Information about a case that reached the group.",
    (
        Field("case", "i4", "row of case", "case that was betrayed"),
        Field("group", "i4", "row of group", "group that was warned"),
        Field("state", "i4", "row of state", "state from which it came"),
        Field("recipients", "i4", "number", "states that knew of the case on that day, its own included"),
        Field("takes_part", "i4", "0 or 1", "the state took part in the action"),
        Field("protected", "i4", "0 or 1", "all that it had learnt had come by secure channels"),
        Field("traced", "i4", "0 or 1", "its source became known, and is trusted less from then on (M19)"),
        Field("day", "f8", "day", "the leak"),
        Field("exposure", "f8", "per year", "hazard of a leak from any of them on that day"),
    ),
)
