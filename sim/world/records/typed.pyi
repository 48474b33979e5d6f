"""Rows of the world's tables, as fields.csv declares them: `make types` writes this file."""

from typing import Any, Generic, TypeVar, overload

import numpy as np
import numpy.typing as npt

RowT = TypeVar("RowT")

class Rows(np.ndarray[Any, np.dtype[np.void]], Generic[RowT]):
    """A table. Rows are known by their fields; columns and parts of a table are arrays."""

    @overload  # type: ignore[override]
    def __getitem__(self, row: int | np.integer[Any], /) -> RowT: ...
    @overload
    def __getitem__(self, part: Any, /) -> Any: ...

class EventRow:
    """An event of the queue (engine/clock.py)."""

    time: float
    tie: Any
    kind: int
    stamp: int
    entity: int
    behind: int

class EventTable(Rows[EventRow]):
    time: npt.NDArray[Any]
    tie: npt.NDArray[Any]
    kind: npt.NDArray[Any]
    stamp: npt.NDArray[Any]
    entity: npt.NDArray[Any]
    behind: npt.NDArray[Any]

class DueRow:
    """An event of the present page (engine/clock.py)."""

    time: float
    tie: Any
    row: int

class DueTable(Rows[DueRow]):
    time: npt.NDArray[Any]
    tie: npt.NDArray[Any]
    row: npt.NDArray[Any]

class StateRow:
    """A state with its police and prosecutors as one agency. 196 of them; fixed."""

    slots: float
    """cases: cases its agencies can work on at once"""
    open_cases: int
    """number: cases its agencies work on"""
    skill: float
    """0–1: skill of its agencies and prosecutors"""
    tier: int
    """code: quality of government: 0 best – 3"""
    work_rate: float
    """ratio: work its investigators do, of what they do today (M21)"""
    owes_answers: float
    """0–1: share of requests that its central authority is bound to answer"""
    programme_since: float
    """day: a programme for secure channels reached it, NaN: none (M22)"""
    secure: int
    """0 or 1: it has adopted the secure channel"""
    structured: float
    """0–1: share of its requests and answers in the shared format"""
    decryption: float
    """0–1: share of encrypted content that its laboratories open"""
    reviews: int
    """number: quarterly reviews so far"""
    in_exchange: int
    """0 or 1: some of its officers work abroad in an exchange (M19)"""
    posts_abroad: float
    """persons: liaison officers and prosecutors that it can pay for"""
    posts_unfilled: int
    """persons: of these, whom no other state has enough requests for"""
    posts_abroad_base: float
    """persons: the same before any policy, unrounded"""
    visited: float
    """day: trainers of a liaison body last came, −inf: never"""
    perceived_risk: float
    """0–1: how likely criminals think action there is"""
    governance: float
    """0–1: quality of government"""
    users: float
    """persons: internet users, about whom custodians hold data"""
    victims: float
    """share: of the victims of a group that attacks everywhere"""
    data_held: float
    """person-days: days of records that custodians hold on all users today"""
    data_held_since: float
    """day: it has been as much since then"""
    data_held_sum: float
    """person-days × days: the same added up from the policy's start to that day"""
    gate_odds: float
    """log odds: that a provider which answers some states alone answers this one"""
    gate_opens: float
    """day: a policy opens such providers to it, inf: never"""
    strict_opens: float
    """day: a policy opens strict providers to it, inf: never"""
    ordinary: float
    """requests a month: to providers abroad in ordinary cases, where all answer"""
    preserves: float
    """requests a month: to providers abroad to keep data, in ordinary cases"""
    emergencies: float
    """requests a month: to providers abroad in emergencies"""
    emergencies_answered: float
    """share: of these that bring data"""
    assisted_usa: float
    """requests a month: through authorities of the USA, about data of providers"""
    assisted_irl: float
    """requests a month: the same of Ireland"""
    share_odds: float
    """log odds: by which providers answer it more than others, for its rule of law"""
    single_point: int
    """0 or 1: its requests to providers pass a single point of contact"""
    host_provider: int
    """row of provider: the provider that stands for all hosts there"""
    access_provider: int
    """row of provider: the provider that stands for all access providers there"""
    court_priority: float
    """days: priority credit of requests from abroad at its court"""

class StateTable(Rows[StateRow]):
    slots: npt.NDArray[Any]
    open_cases: npt.NDArray[Any]
    skill: npt.NDArray[Any]
    tier: npt.NDArray[Any]
    work_rate: npt.NDArray[Any]
    owes_answers: npt.NDArray[Any]
    programme_since: npt.NDArray[Any]
    secure: npt.NDArray[Any]
    structured: npt.NDArray[Any]
    decryption: npt.NDArray[Any]
    reviews: npt.NDArray[Any]
    in_exchange: npt.NDArray[Any]
    posts_abroad: npt.NDArray[Any]
    posts_unfilled: npt.NDArray[Any]
    posts_abroad_base: npt.NDArray[Any]
    visited: npt.NDArray[Any]
    perceived_risk: npt.NDArray[Any]
    governance: npt.NDArray[Any]
    users: npt.NDArray[Any]
    victims: npt.NDArray[Any]
    data_held: npt.NDArray[Any]
    data_held_since: npt.NDArray[Any]
    data_held_sum: npt.NDArray[Any]
    gate_odds: npt.NDArray[Any]
    gate_opens: npt.NDArray[Any]
    strict_opens: npt.NDArray[Any]
    ordinary: npt.NDArray[Any]
    preserves: npt.NDArray[Any]
    emergencies: npt.NDArray[Any]
    emergencies_answered: npt.NDArray[Any]
    assisted_usa: npt.NDArray[Any]
    assisted_irl: npt.NDArray[Any]
    share_odds: npt.NDArray[Any]
    single_point: npt.NDArray[Any]
    host_provider: npt.NDArray[Any]
    access_provider: npt.NDArray[Any]
    court_priority: npt.NDArray[Any]

class DeskRow:
    """A staffed desk: outgoing and incoming central authority, court and laboratory of each state, one for each provider and each liaison body, and a 24/7 point of each state. Fixed; staff and skill can change by policy."""

    kind: int
    """code DeskKind: kind of desk"""
    state: int
    """row of state: state in which it is"""
    provider: int
    """row of provider: provider whose desk it is, none for authorities"""
    servers: int
    """persons: persons who work there"""
    pace: float
    """hours a day: touch-hours one person does a calendar day on these files"""
    skill: float
    """0–1: skill of its staff, which raises the pace and lowers errors"""
    staff_base: float
    """persons: persons before any policy, unrounded"""
    skill_base: float
    """0–1: skill before any policy"""
    away: float
    """share: working time spent in training instead of on files"""
    target_wait: float
    """days: the wait from which its load was found, to which those who ask are used"""
    demand_elasticity: float
    """elasticity: by which files are sent to it when its wait falls"""
    pace_elasticity: float
    """elasticity: by which its people work faster when its wait grows"""
    tempo: float
    """ratio: work that its people do in a day this month, relative to that at its usual wait"""
    urgent_head_start: float
    """days: priority credit of urgent files, at courts and laboratories"""
    custody_share: float
    """share: of its other files, those with somebody in custody, which a court takes first"""
    load: float
    """hours a day: other work that is sent to it when policy starts"""
    whole_load: float
    """hours a day: all work, followed files too, with which it meets its target"""
    own_load: float
    """hours a day: work of followed files of late: before policy those that waited in line"""
    brought: float
    """hours: work of the followed files that came this month"""
    file_hours: float
    """hours: mean touch-hours of a file of other work, at bodies weighted by hours"""
    capacity: float
    """hours a day: what its people do without overtime"""
    work: float
    """hours: work in the queue on work_day, some of which will be withdrawn"""
    work_day: float
    """day: the present month began, or people or pace changed"""
    work_end: float
    """hours: work in line at the end of the present month"""
    month_end: float
    """day: the present month ends"""
    idle: float
    """hours a day: working time for which there is no other work, this month"""
    joined: float
    """hours: work of followed files that joined the line this month, on joined_day"""
    joined_day: float
    """day: a followed file last joined or left the line"""
    month: int
    """number: months so far"""
    served: float
    """hours: what its people could do from the first day up to work_day"""
    offered: float
    """hours a day: other work that is sent to it this month"""
    last_wait: float
    """days: wait of a file that stood last in line when the present month began"""
    wait_recent: float
    """days: mean wait of all files, as remembered over the last months"""
    wait_sum: float
    """days: mean wait of arriving files, added up over months"""
    seen: int
    """number: followed files from which it has learnt how many are under a deadline"""
    seen_dated: int
    """number: of these, those under a deadline that binds"""
    dated: float
    """share: of its files, those under a deadline that it keeps"""
    dated_head_start: float
    """days: mean priority credit of those"""
    dated_days: float
    """days: mean time that they allow"""
    own_deadline: int
    """code: deadline of its state for urgent files: 0 none, 1 that nobody enforces, 2 whose breach has a cost"""
    engaged: int
    """number: followed files that were being worked on when it last mattered, as one came or a month began"""
    planned: int
    """row of job: file whose work was planned last"""
    open_files: int
    """number: followed files that are being worked on, or whose work is planned"""
    overtime: float
    """share: working time beyond the usual, this month"""
    overtime_months: int
    """number: months in a row in which files under a deadline were late"""
    overtime_hours: float
    """hours: overtime so far"""
    breaches: float
    """file-years: by which files were answered after a deadline that binds, so far"""

class DeskTable(Rows[DeskRow]):
    kind: npt.NDArray[Any]
    state: npt.NDArray[Any]
    provider: npt.NDArray[Any]
    servers: npt.NDArray[Any]
    pace: npt.NDArray[Any]
    skill: npt.NDArray[Any]
    staff_base: npt.NDArray[Any]
    skill_base: npt.NDArray[Any]
    away: npt.NDArray[Any]
    target_wait: npt.NDArray[Any]
    demand_elasticity: npt.NDArray[Any]
    pace_elasticity: npt.NDArray[Any]
    tempo: npt.NDArray[Any]
    urgent_head_start: npt.NDArray[Any]
    custody_share: npt.NDArray[Any]
    load: npt.NDArray[Any]
    whole_load: npt.NDArray[Any]
    own_load: npt.NDArray[Any]
    brought: npt.NDArray[Any]
    file_hours: npt.NDArray[Any]
    capacity: npt.NDArray[Any]
    work: npt.NDArray[Any]
    work_day: npt.NDArray[Any]
    work_end: npt.NDArray[Any]
    month_end: npt.NDArray[Any]
    idle: npt.NDArray[Any]
    joined: npt.NDArray[Any]
    joined_day: npt.NDArray[Any]
    month: npt.NDArray[Any]
    served: npt.NDArray[Any]
    offered: npt.NDArray[Any]
    last_wait: npt.NDArray[Any]
    wait_recent: npt.NDArray[Any]
    wait_sum: npt.NDArray[Any]
    seen: npt.NDArray[Any]
    seen_dated: npt.NDArray[Any]
    dated: npt.NDArray[Any]
    dated_head_start: npt.NDArray[Any]
    dated_days: npt.NDArray[Any]
    own_deadline: npt.NDArray[Any]
    engaged: npt.NDArray[Any]
    planned: npt.NDArray[Any]
    open_files: npt.NDArray[Any]
    overtime: npt.NDArray[Any]
    overtime_months: npt.NDArray[Any]
    overtime_hours: npt.NDArray[Any]
    breaches: npt.NDArray[Any]

class ProviderRow:
    """A service provider: a named major, or one that stands for all hosts, or all access providers, of a state. Fixed."""

    state: int
    """row of state: state of its seat"""
    kind: int
    """code: class: 0 major, 1 host, 2 access"""
    policy: int
    """code ProviderPolicy: how it answers foreign authorities that ask it directly"""
    since: float
    """day: it answers such requests at all, −inf: always"""
    days: float
    """days: published median time to an answer, NaN: none"""
    staff: float
    """ratio: its people, of those before any policy"""
    usual_load: float
    """requests a month: what its people were hired for"""
    load: float
    """ratio: requests that it gets, of those that its people were hired for"""
    desk: int
    """row of desk: desk that answers foreign orders, where hours are counted"""
    representative: int
    """row of state: state of its legal representative in the EU, NONE for others"""
    bulletproof: float
    """0–1: share of foreign orders that it ignores"""
    weight: float
    """share: of the orders that an investigator of ordinary crime would send abroad"""
    keeps_subscriber: float
    """days: least time for which law makes it keep subscriber data today"""
    keeps_traffic: float
    """days: the same of traffic data"""
    keeps_content: float
    """days: the same of content"""

class ProviderTable(Rows[ProviderRow]):
    state: npt.NDArray[Any]
    kind: npt.NDArray[Any]
    policy: npt.NDArray[Any]
    since: npt.NDArray[Any]
    days: npt.NDArray[Any]
    staff: npt.NDArray[Any]
    usual_load: npt.NDArray[Any]
    load: npt.NDArray[Any]
    desk: npt.NDArray[Any]
    representative: npt.NDArray[Any]
    bulletproof: npt.NDArray[Any]
    weight: npt.NDArray[Any]
    keeps_subscriber: npt.NDArray[Any]
    keeps_traffic: npt.NDArray[Any]
    keeps_content: npt.NDArray[Any]

class UnitRow:
    """The people of one authority: outgoing and incoming central authority, court, laboratory, and investigators of each state. Fixed; people come and go."""

    kind: int
    """code UnitKind: which authority"""
    state: int
    """row of state: state it belongs to"""
    skill: float
    """0–1: mean skill of its people"""
    skill_base: float
    """0–1: skill at which today's training and turnover balance"""
    upkeep: float
    """per year: gap to full skill that today's training and guidance close"""
    persons: float
    """persons: at work; of investigators, as many as the cases they can work on"""
    persons_base: float
    """persons: at work before any policy"""
    posts: float
    """persons: posts that are paid for"""
    posts_base: float
    """persons: posts before any policy, unrounded"""
    recruiting: float
    """persons: posts for which a person is being looked for"""
    training_days: float
    """days a year: training of each person on top of today's"""
    visit_days: float
    """days a year: further training by visiting capacity builders"""
    specialised: float
    """0–1: share of its people who do nothing else"""
    skill_floor: float
    """0–1: least skill, which a policy maintains"""
    files: int
    """number: files handled since the latest review"""
    handled: float
    """per person-year: files handled, mean over the last two years"""
    reviews: int
    """number: reviews so far"""
    openings: int
    """number: vacancies ever opened"""
    joined: float
    """persons: hired since the latest count"""
    left: float
    """persons: left since the latest count"""

class UnitTable(Rows[UnitRow]):
    kind: npt.NDArray[Any]
    state: npt.NDArray[Any]
    skill: npt.NDArray[Any]
    skill_base: npt.NDArray[Any]
    upkeep: npt.NDArray[Any]
    persons: npt.NDArray[Any]
    persons_base: npt.NDArray[Any]
    posts: npt.NDArray[Any]
    posts_base: npt.NDArray[Any]
    recruiting: npt.NDArray[Any]
    training_days: npt.NDArray[Any]
    visit_days: npt.NDArray[Any]
    specialised: npt.NDArray[Any]
    skill_floor: npt.NDArray[Any]
    files: npt.NDArray[Any]
    handled: npt.NDArray[Any]
    reviews: npt.NDArray[Any]
    openings: npt.NDArray[Any]
    joined: npt.NDArray[Any]
    left: npt.NDArray[Any]

class BondRow:
    """Experience of a state's authorities with another's. One row per ordered pair, trusting × states + trusted; fixed."""

    good: float
    """evidence: evidence for trust as of `day`: a of a Beta distribution, prior aside"""
    bad: float
    """evidence: evidence against trust as of `day`: b of it"""
    day: float
    """day: latest change; evidence is forgotten from then on"""
    contact: int
    """number: the trusting state's present contact officer, counted from 1; 0: not yet"""
    contact_until: float
    """day: that officer leaves"""
    contact_stay: float
    """ratio: stay of officers appointed from now on, of today's"""
    joint_days: float
    """days a year: officers in an exchange work side by side"""
    dealings: int
    """number: answers and silences since the latest account"""
    orders: float
    """number: expected direct orders in ordinary cases that the trusting state sent providers in the trusted one, in the policy years"""

class BondTable(Rows[BondRow]):
    good: npt.NDArray[Any]
    bad: npt.NDArray[Any]
    day: npt.NDArray[Any]
    contact: npt.NDArray[Any]
    contact_until: npt.NDArray[Any]
    contact_stay: npt.NDArray[Any]
    joint_days: npt.NDArray[Any]
    dealings: npt.NDArray[Any]
    orders: npt.NDArray[Any]

class LiaisonBodyRow:
    """A body through which states work together. Fixed; its staff can change by policy."""

    kind: int
    """code Body: which body"""
    desk: int
    """row of desk: its desk; of the 24/7 network, the first state's; NONE for trainers"""
    staff: float
    """persons: persons who work on these files, or trainers, today"""
    staff_base: float
    """persons: the same before any policy"""
    skill: float
    """0–1: skill of its people"""
    reply_days: float
    """days: median time away from its desk: members' own answers, meetings"""
    tasks: int
    """bit mask: what it may be asked to do, by ReferralTask"""
    rank: int
    """number: of several bodies that could do a task, that of the highest rank is asked"""
    between: int
    """code Body: the body whose legal basis must be open between two states"""
    channel: int
    """number: Channel that must be open between two states instead, NONE: that basis"""
    match_rate: float
    """per indicator-month: matches by comparing what units give it; 0 where it compares nothing"""

class LiaisonBodyTable(Rows[LiaisonBodyRow]):
    kind: npt.NDArray[Any]
    desk: npt.NDArray[Any]
    staff: npt.NDArray[Any]
    staff_base: npt.NDArray[Any]
    skill: npt.NDArray[Any]
    reply_days: npt.NDArray[Any]
    tasks: npt.NDArray[Any]
    rank: npt.NDArray[Any]
    between: npt.NDArray[Any]
    channel: npt.NDArray[Any]
    match_rate: npt.NDArray[Any]

class OrdinaryRow:
    """Ordinary requests, which are counted and not followed. One row per year, kind and state: (year since the first × kinds + kind) × states + state. Fixed."""

    year: int
    """year: calendar year"""
    kind: int
    """code Ordinary: way, and addressee of direct requests"""
    state: int
    """row of state: state that asks; of the last two kinds that is asked"""
    requests: float
    """number: expected number in the year, so far"""
    answered: float
    """number: of these, expected to bring data"""
    log_days: float
    """log days: sum over the answered of the log of the usual days to their answer"""

class OrdinaryTable(Rows[OrdinaryRow]):
    year: npt.NDArray[Any]
    kind: npt.NDArray[Any]
    state: npt.NDArray[Any]
    requests: npt.NDArray[Any]
    answered: npt.NDArray[Any]
    log_days: npt.NDArray[Any]

class JobRow:
    """A file that is followed, at a desk: a request in one of its stages, or a task of a liaison body."""

    key: Any
    """key: identity for random draws, hashed from where the entity comes from"""
    arrived: float
    """day: reached the desk"""
    started: float
    """day: a person took it up, or will by what is known of the queue"""
    ended: float
    """day: came to its end"""
    touch_hours: float
    """hours: work that it needs"""
    desk: int
    """row of desk: desk that works on it"""
    head_start: float
    """days: by which it goes before files that came on the same day"""
    expected: float
    """days: wait that was to be expected when it came"""
    ahead: float
    """hours: work before it when it last looked"""
    looked: float
    """day: on which it last looked whether its turn had come"""
    served: float
    """hours: what the desk's people could have done since the first day by then"""
    returned_on: float
    """day: returned for its form then, to clear the line; inf: never"""
    next_planned: int
    """row of job: file of the same desk whose work was planned before"""
    request: int
    """row of request: request in one of its stages, NONE: a task of a liaison body"""
    referral: int
    """row of referral: task of a liaison body, NONE: another kind of file"""
    stage: int
    """code Stage: stage of the request, 0: a task of a liaison body"""
    status: int
    """code JobStatus: where it stands"""
    urgent: int
    """0 or 1: in the urgent class"""

class JobTable(Rows[JobRow]):
    key: npt.NDArray[Any]
    arrived: npt.NDArray[Any]
    started: npt.NDArray[Any]
    ended: npt.NDArray[Any]
    touch_hours: npt.NDArray[Any]
    desk: npt.NDArray[Any]
    head_start: npt.NDArray[Any]
    expected: npt.NDArray[Any]
    ahead: npt.NDArray[Any]
    looked: npt.NDArray[Any]
    served: npt.NDArray[Any]
    returned_on: npt.NDArray[Any]
    next_planned: npt.NDArray[Any]
    request: npt.NDArray[Any]
    referral: npt.NDArray[Any]
    stage: npt.NDArray[Any]
    status: npt.NDArray[Any]
    urgent: npt.NDArray[Any]

class GroupRow:
    """A criminal group of the tier that national units investigate."""

    key: Any
    """key: identity for random draws, hashed from where the entity comes from"""
    kind: int
    """code: what it does, as a row of GROUP_KINDS"""
    home: int
    """row of state: state of its core members"""
    domestic: int
    """0 or 1: all of its victims live in its home state"""
    status: int
    """code GroupStatus: active, down, gone"""
    action: int
    """code ActionType: kind of the latest enforcement action"""
    first_node: int
    """row of node: first control node; the others follow"""
    nodes: int
    """number: control nodes that it has"""
    members: int
    """number: core members that it has"""
    first_member: int
    """row of member: first core member; the others follow"""
    first_case: int
    """row of case: newest open case on it"""
    cases: int
    """number: cases ever opened on it"""
    first_migration: int
    """row of migration: newest band of users that left it for a rival"""
    facts: int
    """bit mask: elements that its conduct fulfils, coded as in LawArrays.elements"""
    generation: int
    """number: counts takedowns and rebuilds; an event of an older one is void"""
    entered: float
    """day: began"""
    ended: float
    """day: left by itself, or was removed"""
    lineage_until: float
    """day: leaves by itself then, unless it would rather stay"""
    scale: float
    """ratio: harm relative to the type's rate, with the users that it entered with"""
    capability: float
    """0–1: share of full capability to do harm"""
    alert_until: float
    """day: it is on its guard until then"""
    last_action: float
    """day: latest enforcement action"""
    brands: int
    """number: names taken since it entered"""
    reports: int
    """number: victims' reports so far"""
    users: float
    """ratio: users and affiliates that it has, in units of scale"""
    users_at_takedown: float
    """ratio: users and affiliates that it had when it was last taken down"""
    back_on: float
    """day: comes back after its latest takedown, unless it leaves first"""
    whole_on: float
    """day: has or had its whole capability again, after a return or a partial loss"""
    blows: int
    """number: actions against it so far, partial ones included"""
    experience: float
    """log: what it has lived through: doubt of being caught is exp(−experience)"""
    experience_day: float
    """day: day of that value, which fades from then on"""
    income: float
    """ratio: proceeds a day, in those of a mean group of its kind at full capability"""
    reserve: float
    """days: money in reach of a freeze, in days of a mean group's full proceeds"""
    reserve_day: float
    """day: day of that value; income adds to it, and it is spent or laundered"""
    named: float
    """day: took its present name"""
    stays: int
    """number: times that it stayed though its lineage had run out"""
    doubts: int
    """number: times that it thought of leaving early"""
    clipped: int
    """number: choices to enter or leave for which the declared ceiling was too low"""
    hop_mean: float
    """hops: mean extra hops of a chain"""

class GroupTable(Rows[GroupRow]):
    key: npt.NDArray[Any]
    kind: npt.NDArray[Any]
    home: npt.NDArray[Any]
    domestic: npt.NDArray[Any]
    status: npt.NDArray[Any]
    action: npt.NDArray[Any]
    first_node: npt.NDArray[Any]
    nodes: npt.NDArray[Any]
    members: npt.NDArray[Any]
    first_member: npt.NDArray[Any]
    first_case: npt.NDArray[Any]
    cases: npt.NDArray[Any]
    first_migration: npt.NDArray[Any]
    facts: npt.NDArray[Any]
    generation: npt.NDArray[Any]
    entered: npt.NDArray[Any]
    ended: npt.NDArray[Any]
    lineage_until: npt.NDArray[Any]
    scale: npt.NDArray[Any]
    capability: npt.NDArray[Any]
    alert_until: npt.NDArray[Any]
    last_action: npt.NDArray[Any]
    brands: npt.NDArray[Any]
    reports: npt.NDArray[Any]
    users: npt.NDArray[Any]
    users_at_takedown: npt.NDArray[Any]
    back_on: npt.NDArray[Any]
    whole_on: npt.NDArray[Any]
    blows: npt.NDArray[Any]
    experience: npt.NDArray[Any]
    experience_day: npt.NDArray[Any]
    income: npt.NDArray[Any]
    reserve: npt.NDArray[Any]
    reserve_day: npt.NDArray[Any]
    named: npt.NDArray[Any]
    stays: npt.NDArray[Any]
    doubts: npt.NDArray[Any]
    clipped: npt.NDArray[Any]
    hop_mean: npt.NDArray[Any]

class NodeRow:
    """A control node of a group: a place from which it is run, with a host that may change."""

    key: Any
    """key: identity for random draws, hashed from where the entity comes from"""
    group: int
    """row of group: its group"""
    slot: int
    """number: place within its group"""
    state: int
    """row of state: state in which its operator hosts it"""
    provider: int
    """row of provider: host"""
    since: float
    """day: its operator is with this state since then"""
    moves_at: float
    """day: its operator leaves the state then"""
    moves: int
    """number: moves so far"""
    registry: int
    """row of state: state under whose law its domain is, NONE: it depends on no domain"""
    lost_in: int
    """row of state: state in which it was last seized, NONE before"""
    lost_at: float
    """day: was last seized"""

class NodeTable(Rows[NodeRow]):
    key: npt.NDArray[Any]
    group: npt.NDArray[Any]
    slot: npt.NDArray[Any]
    state: npt.NDArray[Any]
    provider: npt.NDArray[Any]
    since: npt.NDArray[Any]
    moves_at: npt.NDArray[Any]
    moves: npt.NDArray[Any]
    registry: npt.NDArray[Any]
    lost_in: npt.NDArray[Any]
    lost_at: npt.NDArray[Any]

class CaseRow:
    """An investigation by one state's agency into one group, opened or not."""

    key: Any
    """key: identity for random draws, hashed from where the entity comes from"""
    group: int
    """row of group: criminal group concerned"""
    state: int
    """row of state: state whose unit opened it"""
    ordinal: int
    """number: number of the report on the group that led to it"""
    status: int
    """code CaseStatus: where it stands"""
    next_case: int
    """row of case: next older case on the same group, of those not dropped"""
    opened: float
    """day: a report reached the unit"""
    closed: float
    """day: came to its end, solved or merged cases included once their lead case closes"""
    chains: int
    """number: chains ever opened"""
    live_chains: int
    """number: chains being followed"""
    oldest_ask: float
    """day: no live lead that was not doubled has been asking since before that day"""
    first_chain: int
    """row of chain: newest chain"""
    first_request: int
    """row of request: newest request"""
    first_partner: int
    """row of partner: newest partner"""
    first_recipient: int
    """row of recipient: newest state that knows of it"""
    first_sighting: int
    """row of sighting: newest control node of which it learnt"""
    recipients: int
    """number: other states that know of it"""
    known_nodes: int
    """number: control nodes that it knows"""
    known_members: int
    """number: core members that it knows"""
    indicators: int
    """number: answered hops, by which cases on one group are matched"""
    reviews: int
    """number: reviews so far"""
    match_hazard: float
    """unit exponential: hazard of a match added up so far; matched when it passes a drawn threshold"""
    merged_into: int
    """row of case: the case that leads after a merger"""
    team_formed: float
    """day: its joint team began to work; NaN: no team"""
    prepared: float
    """day: first day of preparation"""
    acted: float
    """day: latest action day"""
    actions: int
    """number: action days so far"""
    action_requests: int
    """number: requests for authority to act"""
    leads: int
    """number: police answers so far"""
    evidence: int
    """number: admissible answers so far"""
    proof: float
    """log-odds: proved about the group, with what cases that merged into it proved"""
    search: float
    """unit exponential: cumulated hazard of finding any one control node"""
    trails: int
    """number: trails to control nodes that were completed"""
    quality: float
    """standard normal: persistent drafting quality of this file"""
    comparing: int
    """0 or 1: a liaison body is comparing its indicators"""
    asked_bodies: int
    """bit mask: bodies asked to coordinate it, by Body"""
    support: int
    """bit mask: bodies that coordinate it, by Body"""
    informed: npt.NDArray[Any]
    """bit mask: other states that know of it"""
    informed_openly: npt.NDArray[Any]
    """bit mask: of these, states that learnt of it by ways that do not protect"""
    weighed_until: float
    """day: its unit waits until then, unless other states become ready"""
    weighed_ready: float
    """0–1: states in the preparation that were ready when it was weighed"""
    joint_target: int
    """0 or 1: a common target of the units in J-CAT"""
    deconflicted: int
    """0 or 1: J-CAT was asked whether others aim at the same group"""

class CaseTable(Rows[CaseRow]):
    key: npt.NDArray[Any]
    group: npt.NDArray[Any]
    state: npt.NDArray[Any]
    ordinal: npt.NDArray[Any]
    status: npt.NDArray[Any]
    next_case: npt.NDArray[Any]
    opened: npt.NDArray[Any]
    closed: npt.NDArray[Any]
    chains: npt.NDArray[Any]
    live_chains: npt.NDArray[Any]
    oldest_ask: npt.NDArray[Any]
    first_chain: npt.NDArray[Any]
    first_request: npt.NDArray[Any]
    first_partner: npt.NDArray[Any]
    first_recipient: npt.NDArray[Any]
    first_sighting: npt.NDArray[Any]
    recipients: npt.NDArray[Any]
    known_nodes: npt.NDArray[Any]
    known_members: npt.NDArray[Any]
    indicators: npt.NDArray[Any]
    reviews: npt.NDArray[Any]
    match_hazard: npt.NDArray[Any]
    merged_into: npt.NDArray[Any]
    team_formed: npt.NDArray[Any]
    prepared: npt.NDArray[Any]
    acted: npt.NDArray[Any]
    actions: npt.NDArray[Any]
    action_requests: npt.NDArray[Any]
    leads: npt.NDArray[Any]
    evidence: npt.NDArray[Any]
    proof: npt.NDArray[Any]
    search: npt.NDArray[Any]
    trails: npt.NDArray[Any]
    quality: npt.NDArray[Any]
    comparing: npt.NDArray[Any]
    asked_bodies: npt.NDArray[Any]
    support: npt.NDArray[Any]
    informed: npt.NDArray[Any]
    informed_openly: npt.NDArray[Any]
    weighed_until: npt.NDArray[Any]
    weighed_ready: npt.NDArray[Any]
    joint_target: npt.NDArray[Any]
    deconflicted: npt.NDArray[Any]

class ChainRow:
    """A lead followed hop by hop from a trace to a control node or a core member."""

    key: Any
    """key: identity for random draws, hashed from where the entity comes from"""
    case: int
    """row of case: case that it belongs to"""
    ordinal: int
    """number: place among the chains ever opened in the case"""
    head: int
    """row of chain: the chain that it is a part of: itself, where hops follow one another"""
    parts_left: int
    """number: parts not answered yet: 1 where hops follow one another"""
    next_chain: int
    """row of chain: next older chain of the case"""
    target: int
    """code ChainTarget: what it leads to"""
    hops: int
    """number: hops it takes in all; nobody knows before the last"""
    hop: int
    """number: hop being asked, from 0"""
    attempt: int
    """number: asks and re-asks of this chain; part of every lineage key below it"""
    status: int
    """code ChainStatus: where it stands"""
    doubled: int
    """0 or 1: another lead was opened because this one took too long"""
    asked: float
    """day: the present hop was asked for"""
    created: float
    """day: when the traced communication happened: evidence ages from here"""
    request: int
    """row of request: formal request of the present hop"""
    evidence: int
    """row of evidence: evidence item of the present hop"""
    next_evidence: int
    """row of evidence: item of the next hop, preserved early on a police lead"""
    node: int
    """row of node: control node that it leads to"""
    tried: int
    """bit mask: channels tried for this hop"""
    lead: int
    """0 or 1: police information on this hop has arrived"""
    gaps: int
    """bit mask: hops passed without evidence that a court may use, of a chain and its parts"""

class ChainTable(Rows[ChainRow]):
    key: npt.NDArray[Any]
    case: npt.NDArray[Any]
    ordinal: npt.NDArray[Any]
    head: npt.NDArray[Any]
    parts_left: npt.NDArray[Any]
    next_chain: npt.NDArray[Any]
    target: npt.NDArray[Any]
    hops: npt.NDArray[Any]
    hop: npt.NDArray[Any]
    attempt: npt.NDArray[Any]
    status: npt.NDArray[Any]
    doubled: npt.NDArray[Any]
    asked: npt.NDArray[Any]
    created: npt.NDArray[Any]
    request: npt.NDArray[Any]
    evidence: npt.NDArray[Any]
    next_evidence: npt.NDArray[Any]
    node: npt.NDArray[Any]
    tried: npt.NDArray[Any]
    lead: npt.NDArray[Any]
    gaps: npt.NDArray[Any]

class RequestRow:
    """A request of any kind: formal, police, preservation, domestic, or for authority to act."""

    key: Any
    """key: identity for random draws, hashed from where the entity comes from"""
    case: int
    """row of case: case for which it is made"""
    chain: int
    """row of chain: chain that it belongs to"""
    partner: int
    """row of partner: partner whose authority is asked for"""
    group: int
    """row of group: criminal group concerned"""
    purpose: int
    """code RequestPurpose: what the requester wants with it"""
    hop: int
    """number: place in the chain, from 0"""
    requesting: int
    """row of state: state that asks"""
    requested: int
    """row of state: state that is asked"""
    provider: int
    """row of provider: provider that must produce"""
    channel: int
    """code Channel: legal way"""
    instrument: int
    """row of terms.yaml: terms on which it was drafted and which it keeps, NONE for domestic ones"""
    data_kind: int
    """code DataKind: kind of data"""
    offence: int
    """code Offence: offence that it names"""
    deed: int
    """bit mask: offences that it may be; from bit 8 on, elements that its facts fulfil"""
    status: int
    """code RequestStatus: where it stands"""
    ground: int
    """code Ground: ground of refusal"""
    stage: int
    """code Stage: present stage, 0: passes none"""
    resume: int
    """code Stage: stage to go back to after a deficiency return, 0: none yet"""
    route: int
    """bit mask: stages that it passes"""
    urgent: int
    """0 or 1: in the urgent class"""
    silent: int
    """code: 1: nobody will ever answer, 2: nobody would, but a duty binds to answer"""
    loops: int
    """number: deficiency returns"""
    phoned: int
    """0 or 1: what it lacked was completed by phone instead of a return (M19)"""
    reformatted: int
    """0 or 1: its answer came in a format that had to be asked for again (M9)"""
    dual_criminality: int
    """0 or 1: an offence where it is asked, in truth; the assessor may err"""
    enforceable: int
    """0 or 1: a missed deadline has a cost for who answers"""
    electronic: int
    """0 or 1: the instrument has a secure channel of its own"""
    evidence: int
    """row of evidence: evidence item asked for"""
    job: int
    """row of job: its file at a desk"""
    helped: int
    """bit mask: liaison bodies that helped it, by Body"""
    officer: int
    """row of posting: liaison officer who looks after it"""
    next_request: int
    """row of request: request of the same case that was made before it"""
    returns_saved: int
    """number: returns that the officer saved by completing the draft or by a call"""
    abusive: int
    """code Abuse: what is wrong with it where there is no genuine case behind it"""
    accounts: int
    """number: accounts whose data were handed over, the one asked for included"""
    unconverted: int
    """0 or 1: the trail went on from this police answer without evidence in due form"""
    drafted: float
    """day: drafting began"""
    sent: float
    """day: left the requesting state"""
    ended: float
    """day: answered, withdrawn or stopped"""
    called: float
    """day: an officer called before its sender reneged, so that it was taken up, NaN: not"""
    given_up: float
    """day: the requester stopped counting on it, though it stays open; NaN: it still does"""
    stage_since: float
    """day: the present stage began"""
    deadline_days: float
    """days: time allowed for the answer, NaN: none"""
    queue_since: float
    """day: first arrival at the incoming desk: a returned file keeps its place"""
    court_since: float
    """day: first arrival at the court, likewise"""
    trust: float
    """0–1: trust of who is asked in who asks when it decided, NaN: not yet (M19)"""
    strength: float
    """0–1: evidence strength that it shows"""
    stage_days: npt.NDArray[Any]
    """days: time spent in each stage"""
    desk_days: npt.NDArray[Any]
    """days: of these, waiting for a person and being worked on"""

class RequestTable(Rows[RequestRow]):
    key: npt.NDArray[Any]
    case: npt.NDArray[Any]
    chain: npt.NDArray[Any]
    partner: npt.NDArray[Any]
    group: npt.NDArray[Any]
    purpose: npt.NDArray[Any]
    hop: npt.NDArray[Any]
    requesting: npt.NDArray[Any]
    requested: npt.NDArray[Any]
    provider: npt.NDArray[Any]
    channel: npt.NDArray[Any]
    instrument: npt.NDArray[Any]
    data_kind: npt.NDArray[Any]
    offence: npt.NDArray[Any]
    deed: npt.NDArray[Any]
    status: npt.NDArray[Any]
    ground: npt.NDArray[Any]
    stage: npt.NDArray[Any]
    resume: npt.NDArray[Any]
    route: npt.NDArray[Any]
    urgent: npt.NDArray[Any]
    silent: npt.NDArray[Any]
    loops: npt.NDArray[Any]
    phoned: npt.NDArray[Any]
    reformatted: npt.NDArray[Any]
    dual_criminality: npt.NDArray[Any]
    enforceable: npt.NDArray[Any]
    electronic: npt.NDArray[Any]
    evidence: npt.NDArray[Any]
    job: npt.NDArray[Any]
    helped: npt.NDArray[Any]
    officer: npt.NDArray[Any]
    next_request: npt.NDArray[Any]
    returns_saved: npt.NDArray[Any]
    abusive: npt.NDArray[Any]
    accounts: npt.NDArray[Any]
    unconverted: npt.NDArray[Any]
    drafted: npt.NDArray[Any]
    sent: npt.NDArray[Any]
    ended: npt.NDArray[Any]
    called: npt.NDArray[Any]
    given_up: npt.NDArray[Any]
    stage_since: npt.NDArray[Any]
    deadline_days: npt.NDArray[Any]
    queue_since: npt.NDArray[Any]
    court_since: npt.NDArray[Any]
    trust: npt.NDArray[Any]
    strength: npt.NDArray[Any]
    stage_days: npt.NDArray[Any]
    desk_days: npt.NDArray[Any]

class EvidenceRow:
    """What one custodian holds about one hop of a chain."""

    key: Any
    """key: identity for random draws, hashed from where the entity comes from"""
    case: int
    """row of case: case that it belongs to"""
    chain: int
    """row of chain: chain that it belongs to, NONE for supplementary evidence"""
    hop: int
    """number: place in the chain, from 0"""
    state: int
    """row of state: state in which the custodian is asked"""
    provider: int
    """row of provider: provider that holds or hosts it"""
    data_kind: int
    """code DataKind: kind of data"""
    status: int
    """code EvidenceStatus: where it stands"""
    admissible: int
    """0 or 1: a court may use it"""
    excluded: int
    """0 or 1: excluded because it had travelled unprotected (M22)"""
    decrypted: int
    """0 or 1: encrypted, but the laboratory can open it (M9)"""
    created: float
    """day: when the traced communication happened"""
    retained_until: float
    """day: the custodian deletes it then"""
    moves_at: float
    """day: the server it lies on is abandoned then, inf for logs"""
    frozen_from: float
    """day: preservation begins"""
    frozen_until: float
    """day: the last renewal runs out"""
    settled: float
    """day: its fate was settled"""

class EvidenceTable(Rows[EvidenceRow]):
    key: npt.NDArray[Any]
    case: npt.NDArray[Any]
    chain: npt.NDArray[Any]
    hop: npt.NDArray[Any]
    state: npt.NDArray[Any]
    provider: npt.NDArray[Any]
    data_kind: npt.NDArray[Any]
    status: npt.NDArray[Any]
    admissible: npt.NDArray[Any]
    excluded: npt.NDArray[Any]
    decrypted: npt.NDArray[Any]
    created: npt.NDArray[Any]
    retained_until: npt.NDArray[Any]
    moves_at: npt.NDArray[Any]
    frozen_from: npt.NDArray[Any]
    frozen_until: npt.NDArray[Any]
    settled: npt.NDArray[Any]

class PartnerRow:
    """A state's part in the preparation of an action."""

    key: Any
    """key: identity for random draws, hashed from where the entity comes from"""
    case: int
    """row of case: case that it belongs to"""
    state: int
    """row of state: state that takes part"""
    next_partner: int
    """row of partner: next older partner of the case"""
    in_team: int
    """0 or 1: member of the joint team"""
    request: int
    """row of request: request for its authority"""
    authorised: int
    """0 or 1: its court authorised the action"""
    shown: float
    """log-odds: strength of the file when it was last asked"""
    attempt: int
    """number: how often it was asked"""
    asked: float
    """day: was last asked for its authority"""
    joined: float
    """day: began to prepare"""
    prepared_at: float
    """day: local preparation done"""
    ready_at: float
    """day: both prepared and authorised"""
    acted: float
    """day: last acted with the leading state"""

class PartnerTable(Rows[PartnerRow]):
    key: npt.NDArray[Any]
    case: npt.NDArray[Any]
    state: npt.NDArray[Any]
    next_partner: npt.NDArray[Any]
    in_team: npt.NDArray[Any]
    request: npt.NDArray[Any]
    authorised: npt.NDArray[Any]
    shown: npt.NDArray[Any]
    attempt: npt.NDArray[Any]
    asked: npt.NDArray[Any]
    joined: npt.NDArray[Any]
    prepared_at: npt.NDArray[Any]
    ready_at: npt.NDArray[Any]
    acted: npt.NDArray[Any]

class ActionRow:
    """An action day."""

    case: int
    """row of case: case that acted"""
    group: int
    """row of group: group acted against"""
    type: int
    """code ActionType: kind of action, which decides how groups come back"""
    down: int
    """0 or 1: took the group down"""
    disruption: int
    """0 or 1: meant to disrupt: nobody was waited for, and nobody arrested"""
    day: float
    """day: the action day"""
    states: int
    """number: states that acted, the leading one included"""
    known_nodes: int
    """number: nodes known on the day"""
    ready_nodes: int
    """number: of them, nodes whose state was ready"""
    nodes: int
    """number: control nodes of the group"""
    killed: int
    """number: nodes removed"""
    seized: int
    """number: of them, nodes seized by a state that was ready"""
    arrests: int
    """number: core members arrested on the day"""
    in_team: int
    """0 or 1: the case had a joint team"""
    support: int
    """bit mask: bodies that coordinated it, by Body"""
    synchronous: int
    """0 or 1: all states that were ready acted within 48 hours"""
    residual: float
    """0–1: share of the group's capability that the losses of the day left"""
    foreseen: float
    """0–1: P(takes the group down) as judged beforehand"""
    operation: int
    """row of action: action that it joined, or itself: actions of one operation share it"""
    clients: float
    """number: affiliates and customers whose data were on the servers seized; 0: not read"""
    client_arrests: int
    """number: affiliates and customers arrested later, by police of their states"""
    client_states: int
    """number: states that arrested some of them"""

class ActionTable(Rows[ActionRow]):
    case: npt.NDArray[Any]
    group: npt.NDArray[Any]
    type: npt.NDArray[Any]
    down: npt.NDArray[Any]
    disruption: npt.NDArray[Any]
    day: npt.NDArray[Any]
    states: npt.NDArray[Any]
    known_nodes: npt.NDArray[Any]
    ready_nodes: npt.NDArray[Any]
    nodes: npt.NDArray[Any]
    killed: npt.NDArray[Any]
    seized: npt.NDArray[Any]
    arrests: npt.NDArray[Any]
    in_team: npt.NDArray[Any]
    support: npt.NDArray[Any]
    synchronous: npt.NDArray[Any]
    residual: npt.NDArray[Any]
    foreseen: npt.NDArray[Any]
    operation: npt.NDArray[Any]
    clients: npt.NDArray[Any]
    client_arrests: npt.NDArray[Any]
    client_states: npt.NDArray[Any]

class SpellRow:
    """A time during which a group's capability and size were constant."""

    group: int
    """row of group: group that changed"""
    cause: int
    """code SpellCause: why it changed"""
    action_type: int
    """code ActionType: enforcement action behind it"""
    case: int
    """row of case: case behind it"""
    day: float
    """day: when it changed"""
    capability: float
    """0–1: from this day until the group's next activity period"""
    scale: float
    """ratio: harm relative to the type's rate from this day on, with the users it then has"""
    lasting: float
    """share: P(is not back within 180 days), of a takedown; else NaN"""

class SpellTable(Rows[SpellRow]):
    group: npt.NDArray[Any]
    cause: npt.NDArray[Any]
    action_type: npt.NDArray[Any]
    case: npt.NDArray[Any]
    day: npt.NDArray[Any]
    capability: npt.NDArray[Any]
    scale: npt.NDArray[Any]
    lasting: npt.NDArray[Any]

class MemberRow:
    """A core member of a group."""

    key: Any
    """key: identity for random draws, hashed from where the entity comes from"""
    group: int
    """row of group: its group"""
    slot: int
    """number: place within its group"""
    residence: int
    """row of state: where the person lives; a national of the group's home"""
    status: int
    """code MemberStatus: where it stands"""
    known_by: int
    """row of case: case that identified the person, NONE while unknown"""
    link: float
    """log-odds: by which a completed trail links the person to the group"""
    shown: float
    """log-odds: strength of the file when a warrant was last asked for"""
    replaced: int
    """0 or 1: was in custody when the group came back, with others in the person's place"""
    held_in: int
    """row of state: state of arrest"""
    prosecuted_in: int
    """row of state: state of trial"""
    instead: int
    """0 or 1: prosecuted there because surrender was refused"""
    ground: int
    """code Ground: ground on which surrender was refused"""
    journeys: int
    """number: journeys on which the person was recognised, but not arrested"""
    noticed: float
    """day: a notice that the person is wanted was published"""
    by_notice: int
    """0 or 1: arrested abroad after a notice"""
    identified: float
    """day: identified by a case"""
    indicted: float
    """day: publicly charged"""
    arrested: float
    """day: arrested"""
    surrendered: float
    """day: handed over"""
    ended: float
    """day: released, convicted or acquitted"""

class MemberTable(Rows[MemberRow]):
    key: npt.NDArray[Any]
    group: npt.NDArray[Any]
    slot: npt.NDArray[Any]
    residence: npt.NDArray[Any]
    status: npt.NDArray[Any]
    known_by: npt.NDArray[Any]
    link: npt.NDArray[Any]
    shown: npt.NDArray[Any]
    replaced: npt.NDArray[Any]
    held_in: npt.NDArray[Any]
    prosecuted_in: npt.NDArray[Any]
    instead: npt.NDArray[Any]
    ground: npt.NDArray[Any]
    journeys: npt.NDArray[Any]
    noticed: npt.NDArray[Any]
    by_notice: npt.NDArray[Any]
    identified: npt.NDArray[Any]
    indicted: npt.NDArray[Any]
    arrested: npt.NDArray[Any]
    surrendered: npt.NDArray[Any]
    ended: npt.NDArray[Any]

class MilestoneRow:
    """A turning point in the history of a case or a group that no other table keeps."""

    day: float
    """day: when it happened"""
    kind: int
    """code MilestoneKind: what happened"""
    case: int
    """row of case: case concerned"""
    group: int
    """row of group: group concerned"""
    subject: int
    """row: chain, node, case, partner, action or member that the kind names"""
    reason: int
    """code: why, in the codes that the kind names; -1 where it names none"""

class MilestoneTable(Rows[MilestoneRow]):
    day: npt.NDArray[Any]
    kind: npt.NDArray[Any]
    case: npt.NDArray[Any]
    group: npt.NDArray[Any]
    subject: npt.NDArray[Any]
    reason: npt.NDArray[Any]

class MigrationRow:
    """A band of users and affiliates that went from a group taken down to a rival of the same kind (M17)."""

    key: Any
    """key: identity for random draws, hashed from where the entity comes from"""
    group: int
    """row of group: group that they left"""
    rival: int
    """row of group: group that they went to"""
    next_migration: int
    """row of migration: band that left the same group before"""
    settled: int
    """0 or 1: has decided whether to go back"""
    day: float
    """day: when they went"""
    amount: float
    """ratio: how many, in units of scale"""
    returned: float
    """day: when they went back, NaN for never"""

class MigrationTable(Rows[MigrationRow]):
    key: npt.NDArray[Any]
    group: npt.NDArray[Any]
    rival: npt.NDArray[Any]
    next_migration: npt.NDArray[Any]
    settled: npt.NDArray[Any]
    day: npt.NDArray[Any]
    amount: npt.NDArray[Any]
    returned: npt.NDArray[Any]

class HeadcountRow:
    """A yearly count of a unit's people and skill."""

    unit: int
    """row of unit: unit counted"""
    kind: int
    """code UnitKind: which authority"""
    state: int
    """row of state: state it belongs to"""
    tier: int
    """code: quality of government there: 0 best – 3"""
    day: float
    """day: the count"""
    skill: float
    """0–1: mean skill of its people"""
    persons: float
    """persons: at work"""
    posts: float
    """persons: posts that are paid for"""
    joined: float
    """persons: hired since the count before"""
    left: float
    """persons: left since the count before"""

class HeadcountTable(Rows[HeadcountRow]):
    unit: npt.NDArray[Any]
    kind: npt.NDArray[Any]
    state: npt.NDArray[Any]
    tier: npt.NDArray[Any]
    day: npt.NDArray[Any]
    skill: npt.NDArray[Any]
    persons: npt.NDArray[Any]
    posts: npt.NDArray[Any]
    joined: npt.NDArray[Any]
    left: npt.NDArray[Any]

class VacancyRow:
    """Posts of a unit that fell empty or were created together, and are filled together."""

    key: Any
    """key: identity for random draws, hashed from where the entity comes from"""
    unit: int
    """row of unit: unit that looks for people"""
    persons: float
    """persons: posts to be filled"""
    opened: float
    """day: the search began"""
    filled: float
    """day: they came to work; NaN: still sought, or the posts were cut"""

class VacancyTable(Rows[VacancyRow]):
    key: npt.NDArray[Any]
    unit: npt.NDArray[Any]
    persons: npt.NDArray[Any]
    opened: npt.NDArray[Any]
    filled: npt.NDArray[Any]

class RecipientRow:
    """A state that knows of a case, and may leak it."""

    case: int
    """row of case: case it knows of"""
    state: int
    """row of state: state that knows"""
    next_recipient: int
    """row of recipient: next older recipient of the case"""
    since: float
    """day: it first learnt of the case"""
    channel: int
    """code Channel: channel by which it first learnt of it"""
    takes_part: int
    """0 or 1: it prepares the action, not only an answer"""
    protected: int
    """0 or 1: all that it learnt came by secure channels"""

class RecipientTable(Rows[RecipientRow]):
    case: npt.NDArray[Any]
    state: npt.NDArray[Any]
    next_recipient: npt.NDArray[Any]
    since: npt.NDArray[Any]
    channel: npt.NDArray[Any]
    takes_part: npt.NDArray[Any]
    protected: npt.NDArray[Any]

class LeakRow:
    """Information about a case that reached the group."""

    case: int
    """row of case: case that was betrayed"""
    group: int
    """row of group: group that was warned"""
    state: int
    """row of state: state from which it came"""
    recipients: int
    """number: states that knew of the case on that day, its own included"""
    takes_part: int
    """0 or 1: the state took part in the action"""
    protected: int
    """0 or 1: all that it had learnt had come by secure channels"""
    traced: int
    """0 or 1: its source became known, and is trusted less from then on (M19)"""
    day: float
    """day: the leak"""
    exposure: float
    """per year: hazard of a leak from any of them on that day"""

class LeakTable(Rows[LeakRow]):
    case: npt.NDArray[Any]
    group: npt.NDArray[Any]
    state: npt.NDArray[Any]
    recipients: npt.NDArray[Any]
    takes_part: npt.NDArray[Any]
    protected: npt.NDArray[Any]
    traced: npt.NDArray[Any]
    day: npt.NDArray[Any]
    exposure: npt.NDArray[Any]

class TrustRow:
    """A yearly account of one state's trust in another with which it interacted in that year."""

    trusting: int
    """row of state: state that trusts"""
    trusted: int
    """row of state: state that is trusted"""
    day: float
    """day: the account"""
    trust: float
    """0–1: trust on that day"""
    affinity: float
    """0–1: what it would be without any experience"""
    good: float
    """evidence: evidence for trust that is not forgotten"""
    bad: float
    """evidence: evidence against trust that is not forgotten"""
    dealings: int
    """number: answers and silences in the year"""
    contact: int
    """number: the contact officer, counted from 1"""

class TrustTable(Rows[TrustRow]):
    trusting: npt.NDArray[Any]
    trusted: npt.NDArray[Any]
    day: npt.NDArray[Any]
    trust: npt.NDArray[Any]
    affinity: npt.NDArray[Any]
    good: npt.NDArray[Any]
    bad: npt.NDArray[Any]
    dealings: npt.NDArray[Any]
    contact: npt.NDArray[Any]

class ReferralRow:
    """Something that a liaison body is asked to do."""

    key: Any
    """key: identity for random draws, hashed from where the entity comes from"""
    body: int
    """code Body: who is asked"""
    task: int
    """code ReferralTask: what for"""
    result: int
    """code TaskResult: what came of it"""
    case: int
    """row of case: case that it is for, NONE for a visit"""
    subject: int
    """row: chain, member or request that it is about, NONE: the case itself"""
    stamp: int
    """number: attempt of the chain for which it was asked"""
    state: int
    """row of state: state that asks, or is visited"""
    other: int
    """row of state: other state concerned, NONE: any"""
    job: int
    """row of job: its file at the desk, NONE: none"""
    asked: float
    """day: the body is asked"""
    answered: float
    """day: its answer comes"""

class ReferralTable(Rows[ReferralRow]):
    key: npt.NDArray[Any]
    body: npt.NDArray[Any]
    task: npt.NDArray[Any]
    result: npt.NDArray[Any]
    case: npt.NDArray[Any]
    subject: npt.NDArray[Any]
    stamp: npt.NDArray[Any]
    state: npt.NDArray[Any]
    other: npt.NDArray[Any]
    job: npt.NDArray[Any]
    asked: npt.NDArray[Any]
    answered: npt.NDArray[Any]

class PostingRow:
    """A liaison officer or prosecutor of one state in another."""

    sending: int
    """row of state: state that posts the officer"""
    host: int
    """row of state: state in which the officer works"""
    next_posting: int
    """row of posting: another officer of the same pair"""
    since: float
    """day: begins to work"""
    until: float
    """day: called back"""
    by_policy: int
    """0 or 1: posted by a policy, not where traffic and closeness led"""
    open: int
    """number: requests that the officer looks after now"""
    handled: int
    """number: requests ever looked after"""
    hours: float
    """hours: that the officer works between the last yearly review and the next"""
    reserved: float
    """hours: of these, those that followed requests may take"""
    spent: float
    """hours: of these, those that they have taken so far"""
    ordinary: float
    """number: ordinary requests looked after up to the last review, expected"""
    worked: float
    """hours: on followed and ordinary requests, up to the last review"""

class PostingTable(Rows[PostingRow]):
    sending: npt.NDArray[Any]
    host: npt.NDArray[Any]
    next_posting: npt.NDArray[Any]
    since: npt.NDArray[Any]
    until: npt.NDArray[Any]
    by_policy: npt.NDArray[Any]
    open: npt.NDArray[Any]
    handled: npt.NDArray[Any]
    hours: npt.NDArray[Any]
    reserved: npt.NDArray[Any]
    spent: npt.NDArray[Any]
    ordinary: npt.NDArray[Any]
    worked: npt.NDArray[Any]

class SightingRow:
    """What a case knows, or once knew, of a control node."""

    key: Any
    """key: identity for random draws, hashed from where the entity comes from"""
    case: int
    """row of case: case that learnt of it"""
    node: int
    """row of node: control node"""
    next_sighting: int
    """row of sighting: next older one of the case"""
    in_sight: int
    """0 or 1: the case knows where it is"""
    link: float
    """log-odds: by which a completed trail links it to the group"""

class SightingTable(Rows[SightingRow]):
    key: npt.NDArray[Any]
    case: npt.NDArray[Any]
    node: npt.NDArray[Any]
    next_sighting: npt.NDArray[Any]
    in_sight: npt.NDArray[Any]
    link: npt.NDArray[Any]

class FreezeRow:
    """Money of a group that is frozen, until a court decides on it."""

    key: Any
    """key: identity for random draws, hashed from where the entity comes from"""
    group: int
    """row of group: group whose money it is"""
    case: int
    """row of case: case that traced it, NONE: held on victims' reports"""
    state: int
    """row of state: state where it lies"""
    by: int
    """code FrozenBy: what led to it"""
    day: float
    """day: when it was frozen"""
    frozen: float
    """days: amount, in days of the full proceeds of a mean group of the kind"""
    confiscated: float
    """days: the same, confiscated or given back to victims"""
    decided: float
    """day: a court decided on it"""

class FreezeTable(Rows[FreezeRow]):
    key: npt.NDArray[Any]
    group: npt.NDArray[Any]
    case: npt.NDArray[Any]
    state: npt.NDArray[Any]
    by: npt.NDArray[Any]
    day: npt.NDArray[Any]
    frozen: npt.NDArray[Any]
    confiscated: npt.NDArray[Any]
    decided: npt.NDArray[Any]
