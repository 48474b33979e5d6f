"""Small tables of known content, and large random ones, in the world's record types."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from sim.law.vocabulary import Channel, DataKind, Ground
from sim.measures.harm import harm_rates
from sim.measures.history import Window
from sim.measures.observation import Observation
from sim.measures.outcomes import outcome
from sim.world import records
from sim.world.records import GROWING, Abuse, Body, ReferralTask, RequestPurpose, RequestStatus, SpellCause, TaskResult

START, END = 1826.0, 5478.0
WINDOW = Window(START, END, END + 180.0)
#: What bodies are asked in a random arm, and the median days to their answer.
REFERRALS = (
    *((Body.INTERPOL, ReferralTask.COMPARE, 9.0), (Body.INTERPOL, ReferralTask.NOTICE, 14.0)),
    *((Body.EUROPOL, ReferralTask.COMPARE, 20.0), (Body.EUROPOL, ReferralTask.ANALYSE, 25.0)),
    *((Body.EUROPOL, ReferralTask.ACTION_DAY, 60.0), (Body.JCAT, ReferralTask.COMPARE, 4.0)),
    *((Body.EUROJUST, ReferralTask.FACILITATE, 12.0), (Body.EUROJUST, ReferralTask.COORDINATE, 50.0)),
    *((Body.CONTACT_POINTS, ReferralTask.FREEZE, 1.5), (Body.BUILDERS, ReferralTask.VISIT, 30.0)),
)


def table(name: str, rows: list[Mapping[str, Any]]) -> np.ndarray:
    """Rows of a growing table; missing times are NaN, missing row numbers −1, all else 0."""
    made = np.zeros(len(rows), GROWING[name])
    for field in made.dtype.names or ():
        if made.dtype[field].base.kind == "f" and field not in ("capability", "scale", "stage_days"):
            made[field] = np.nan
        if field in ("case", "chain", "group", "request", "evidence", "job", "provider"):
            made[field] = -1
    for place, row in enumerate(rows):
        for field, value in row.items():
            made[field][place] = value
    return made


def filled(name: str, size: int, **columns: Any) -> np.ndarray:
    """Rows of a growing table with the given columns; all other columns are 0."""
    rows = np.zeros(size, GROWING[name])
    for column, values in columns.items():
        rows[column] = values
    return rows


def desks(states: int) -> np.ndarray:
    """All states' desks in the order kind × states + state, and one provider's desk."""
    rows = np.zeros(4 * states + 1, records.DESK)
    rows["kind"][:-1] = np.repeat(np.arange(4), states)
    rows["kind"][-1] = records.DeskKind.PROVIDER
    rows["state"][:-1] = np.tile(np.arange(states), 4)
    return rows


def _states(states: int) -> np.ndarray:
    """States with equal numbers of internet users and victims, and three years of data on each user."""
    rows = np.zeros(states, records.STATE)
    rows["victims"] = 1.0 / states
    rows["users"] = 1e6
    rows["data_held"], rows["data_held_since"] = 1100 * rows["users"], START
    return rows


def bonds(states: int, orders: Iterable[tuple[int, int, int]] = ()) -> np.ndarray:
    """Trust records of all ordered pairs of states, with the given numbers of direct orders."""
    rows = np.zeros(states * states, records.BOND)
    for requesting, requested, number in orders:
        rows["orders"][requesting * states + requested] = number
    return rows


def observation(
    window: Window = WINDOW,
    states: int = 4,
    orders: Iterable[tuple[int, int, int]] = (),
    ordinary: np.ndarray | None = None,
    **rows: list[Mapping[str, Any]] | np.ndarray,
) -> Observation:
    """A scenario run with the given growing tables; those not given are empty."""
    tables = {
        name: given if isinstance(given := rows.get(name, []), np.ndarray) else table(name, given) for name in GROWING
    }
    return Observation(
        window,
        tables
        | {"desk": desks(states), "state": np.zeros(states, records.STATE), "bond": bonds(states, orders)}
        | {"ordinary": np.zeros(0, records.ORDINARY) if ordinary is None else ordinary},
        harm_rates(),
    )


def check(seen: Observation, **expected: float) -> None:
    """Checks that outcomes have the expected values, by key."""
    found = {key: outcome(key).measure(seen) for key in expected}
    np.testing.assert_allclose([*found.values()], [*expected.values()], rtol=1e-6, atol=1e-12, err_msg=str(found))


def request(sent: float, ended: float = np.nan, **fields: Any) -> dict[str, Any]:
    """A formal request from state 0 to state 1, which was executed if it has ended."""
    default = {"requesting": 0, "requested": 1, "channel": Channel.BUDAPEST, "data_kind": DataKind.CONTENT}
    default |= {"purpose": RequestPurpose.CHAIN, "dual_criminality": 1, "given_up": np.nan}
    default |= {"status": RequestStatus.OPEN if np.isnan(ended) else RequestStatus.EXECUTED}
    default |= {"sent": START + sent, "ended": START + ended}
    return default | fields


def spell(day: float, capability: float, cause: SpellCause, group: int = 0, **fields: Any) -> dict[str, Any]:
    """An activity period that begins `day` days after the policy's start."""
    return {"group": group, "day": START + day, "capability": capability, "cause": cause, "scale": 1.0} | fields


def random_arm(
    seed: int, requests: int = 2_000, jobs: int = 8_000, groups: int = 300, faster: float = 1.0
) -> Observation:
    """A random scenario run; `faster` divides the durations of requests."""
    draw = np.random.default_rng(seed)
    request_rows = _random_requests(draw, requests, faster)
    kind, scale = draw.integers(0, 6, groups), draw.lognormal(0, 0.8, groups)
    entered, places = draw.uniform(0, END - 500, groups), np.random.default_rng((seed, 3))
    home, domestic = places.integers(0, 196, groups), places.integers(0, 2, groups)
    group_rows = filled("group", groups, kind=kind, scale=scale, entered=entered, home=home, domestic=domestic)
    group_rows["key"] = np.arange(1, groups + 1)
    tables = {name: np.zeros(0, kind) for name, kind in GROWING.items()} | {
        **{"job": _random_jobs(draw, jobs, requests), "group": group_rows, "request": request_rows},
        **{"evidence": _random_evidence(draw, requests), "spell": _random_spells(draw, group_rows, faster)},
        **{"case": _random_cases(draw, groups), "action": _random_actions(draw, groups)},
        "member": _random_members(draw, 3 * groups),
        "freeze": _random_freezes(np.random.default_rng((seed, 2)), 5 * groups, groups),
        **{"headcount": _random_headcounts(draw, 5 * groups), "node": _random_nodes(draw, groups), "desk": desks(196)},
        "state": _states(196),
        "ordinary": np.array(
            [(2030, kind, 0, 40.0, 20.0, 30.0) for kind in range(records.Ordinary.KINDS)], records.ORDINARY
        ),
        "bond": bonds(196, [tuple(row) for row in draw.integers(0, [196, 196, 900], (40, 3))]),
    }
    _add_needs(tables["evidence"], request_rows)
    group_rows["ended"] = np.nan
    case_rows = tables["case"]
    case_rows["group"] = places.integers(0, groups, len(case_rows))
    at_home = places.random(len(case_rows)) < 0.5
    case_rows["state"] = np.where(at_home, group_rows["home"][case_rows["group"]], 0)
    _add_liaison(np.random.default_rng((seed, 1)), tables, faster)
    return Observation(WINDOW, tables, harm_rates())


def _add_needs(evidence: np.ndarray, request: np.ndarray) -> None:
    """Adds an item of evidence for each request, obtained if the request was executed."""
    request["evidence"], request["drafted"] = np.arange(request.size), request["sent"] - 30
    evidence["state"] = 1 + np.arange(request.size) % 39
    evidence["settled"] = np.fmax(request["ended"], request["sent"])
    evidence["status"][request["status"] == RequestStatus.EXECUTED] = records.EvidenceStatus.OBTAINED


def _add_liaison(draw: np.random.Generator, tables: dict[str, np.ndarray], faster: float) -> None:
    """Adds trust records, liaison bodies and officers, and rows that refer to them."""
    tables["trust"] = _random_trust(draw, 40, faster)
    tables["referral"] = _random_referrals(draw, 1_500, tables["case"].size, tables["job"].size)
    tables["posting"] = _random_postings(draw, 60)
    tables["state"]["posts_abroad"] = 2.0
    tables["partner"] = _random_partners(draw, tables["case"])
    request, action, case = tables["request"], tables["action"], tables["case"]
    slow = request["channel"] < 4
    request["loops"] = np.where(slow, draw.poisson(0.5, request.size), 0)
    request["phoned"] = slow & (draw.random(request.size) < 0.15)
    request["officer"] = np.where(slow & (draw.random(request.size) < 0.2), draw.integers(0, 60, request.size), -1)
    request["returns_saved"] = (request["officer"] >= 0) & (draw.random(request.size) < 0.3)
    request["helped"] = np.where(slow & (draw.random(request.size) < 0.1), 1 << Body.EUROJUST, 0)
    case["team_formed"] = np.where(draw.random(case.size) < 0.2, case["opened"] + 200, np.nan)
    action["known_nodes"] = draw.integers(1, 6, action.size)
    action["ready_nodes"] = np.floor(action["known_nodes"] * draw.random(action.size))
    action["synchronous"] = draw.random(action.size) < 0.4
    action["support"] = np.where(draw.random(action.size) < 0.5, 1 << Body.EUROPOL, 0)


def _random_trust(draw: np.random.Generator, states: int, faster: float) -> np.ndarray:
    """Trust accounts of ordered pairs of the first states over ten years, only of years in which they interact."""
    trusting, trusted = np.nonzero(~np.eye(states, dtype=bool))
    rows = np.zeros((10, trusting.size), GROWING["trust"])
    rows["trusting"], rows["trusted"], closeness = trusting, trusted, draw.random((states, states))
    rows["affinity"] = ((closeness + closeness.T) / 2)[trusting, trusted]
    rows["day"] = START + 365.0 * np.arange(1, 11)[:, None] - 1.0
    rows["good"], rows["bad"] = draw.gamma(2.0, 1.0, rows.shape) * np.sqrt(faster), draw.gamma(1.5, 1.0, rows.shape)
    rows["trust"] = (4 * rows["affinity"] + rows["good"]) / (4 + rows["good"] + rows["bad"])
    rows["dealings"] = draw.poisson(2.0, rows.shape)
    return rows[rows["dealings"] > 0]


def _random_referrals(draw: np.random.Generator, size: int, cases: int, jobs: int) -> np.ndarray:
    rows = np.zeros(size, GROWING["referral"])
    kind = draw.integers(0, len(REFERRALS), size)
    body, task, median = np.array(REFERRALS).T
    rows["body"], rows["task"] = body[kind], task[kind]
    rows["case"], rows["subject"], rows["other"] = draw.integers(0, cases, size), -1, -1
    rows["state"] = draw.integers(0, 40, size)
    rows["job"] = np.where(rows["body"] < Body.CONTACT_POINTS, draw.integers(0, jobs, size), -1)
    rows["asked"] = draw.uniform(0, END + 180, size)
    answered = rows["asked"] + median[kind] * draw.lognormal(0, 0.8, size)
    rows["answered"] = np.where(answered > WINDOW.observed_until, np.nan, answered)
    come = draw.choice([TaskResult.HELPED, TaskResult.NOTHING, TaskResult.TOO_LATE], size, p=[0.5, 0.4, 0.1])
    rows["result"] = np.where(np.isnan(rows["answered"]), TaskResult.OPEN, come)
    return rows


def _random_postings(draw: np.random.Generator, size: int) -> np.ndarray:
    sending, host, since = draw.integers(0, 40, size), draw.integers(1, 40, size), draw.uniform(0, END, size)
    until = np.where(draw.random(size) < 0.3, since + draw.exponential(1500, size), np.nan)
    host, handled = (sending + host) % 40, draw.poisson(20, size)
    return filled("posting", size, sending=sending, host=host, since=since, until=until, handled=handled)


def _random_partners(draw: np.random.Generator, cases: np.ndarray) -> np.ndarray:
    """Two partner states for each case, some of which never become ready."""
    size, case = 2 * cases.size, np.repeat(np.arange(cases.size), 2)
    state, joined = draw.integers(1, 40, size), cases["opened"][case] + draw.uniform(0, 100, size)
    ready = {"prepared_at": joined + draw.exponential(90, size)}
    ready["ready_at"] = np.where(draw.random(size) < 0.6, ready["prepared_at"] + draw.exponential(60, size), np.nan)
    return filled("partner", size, case=case, state=state, request=-1, next_partner=-1, joined=joined, **ready)


def _random_freezes(draw: np.random.Generator, size: int, groups: int) -> np.ndarray:
    """Frozen money from reports, cases and action days, half of which is confiscated years later."""
    kinds = [records.FrozenBy.REPORT, records.FrozenBy.CASE, records.FrozenBy.ACTION]
    group, by = draw.integers(0, groups, size), draw.choice(kinds, size, p=[0.9, 0.07, 0.03])
    day, frozen = draw.uniform(0, END, size), draw.exponential(3.0, size)
    decided = day + 700 * draw.lognormal(0, 0.5, size)
    taken = np.where(draw.random(size) < 0.5, frozen, 0.0)
    return filled("freeze", size, group=group, by=by, day=day, frozen=frozen, decided=decided, confiscated=taken)


def _random_nodes(draw: np.random.Generator, groups: int) -> np.ndarray:
    size = 4 * groups
    state, seized = (196 * draw.random(size) ** 3).astype(int), draw.random(size) < 0.3
    lost_in = np.where(seized, draw.integers(0, 196, size), -1)
    lost_at = np.where(seized, draw.uniform(0, END, size), np.nan)
    return filled("node", size, group=np.repeat(np.arange(groups), 4), state=state, lost_in=lost_in, lost_at=lost_at)


def _random_requests(draw: np.random.Generator, size: int, faster: float) -> np.ndarray:
    rows = np.zeros(size, GROWING["request"])
    rows["requesting"], rows["requested"] = draw.integers(0, 40, size), draw.integers(0, 40, size)
    rows["channel"] = draw.choice([0, 1, 2, 4, 5, 6, 8, 11], size, p=[0.05, 0.15, 0.3, 0.1, 0.05, 0.15, 0.1, 0.1])
    rows["data_kind"] = draw.choice([1, 2, 3, 4], size)
    rows["purpose"] = np.where(rows["channel"] == Channel.POLICE, RequestPurpose.LEAD, RequestPurpose.CHAIN)
    rows["dual_criminality"] = draw.random(size) < 0.97
    statuses = [RequestStatus[name] for name in ("OPEN", "EXECUTED", "REFUSED", "NO_DATA", "WITHDRAWN")]
    rows["status"] = draw.choice(statuses, size, p=[0.1, 0.55, 0.1, 0.1, 0.15])
    refused = rows["status"] == RequestStatus.REFUSED
    rows["ground"] = np.where(refused, draw.integers(1, 9, size), Ground.NONE)
    rows["silent"] = np.isin(rows["status"], (0, 4)) & (draw.random(size) < 0.5)
    slow = rows["channel"] < 4
    median = np.where(slow, 250.0, np.where(rows["channel"] == Channel.POLICE, 4.0, 20.0)) / np.where(slow, faster, 1.0)
    days = median * draw.lognormal(0, 0.8, size)
    rows["sent"] = np.sort(draw.uniform(0, END, size))
    ends = rows["sent"] + days
    rows["ended"] = np.where((rows["status"] == RequestStatus.OPEN) | (ends > WINDOW.observed_until), np.nan, ends)
    rows["status"] = np.where(np.isnan(rows["ended"]), RequestStatus.OPEN, rows["status"])
    split = np.where(
        slow[:, None], [14, 10, 10, 12, 150, 20, 12, 35, 14, 8, 18, 0], [3, 0, 0, 1, 0, 0, 0, 0, 10, 0, 2, 0]
    )
    rows["stage_days"] = split * draw.lognormal(0, 0.5, (size, 12)) / np.where(np.arange(12) == 4, faster, 1.0)
    rows["accounts"] = np.where(rows["status"] == RequestStatus.EXECUTED, 1 + draw.poisson(8, size), 0)
    rows["route"] = np.where(slow, 1 << records.Stage.COURT_ORDER, 0)
    return _with_abuse(draw, rows)


def _with_abuse(draw: np.random.Generator, rows: np.ndarray) -> np.ndarray:
    """Turns some of the requests into abusive ones, without a genuine case."""
    abusive = draw.random(rows.size) < 0.04
    rows["abusive"][abusive] = draw.choice([Abuse.OPEN, Abuse.DISGUISED, Abuse.FALSE_EMERGENCY], abusive.sum())
    rows["purpose"][abusive] = RequestPurpose.PRETEXT
    rows["case"][abusive] = rows["group"][abusive] = -1
    return rows


def _random_headcounts(draw: np.random.Generator, size: int) -> np.ndarray:
    kind, tier, day = draw.integers(0, 5, size), draw.integers(0, 4, size), draw.uniform(0, END, size)
    skill, posts = draw.random(size), draw.integers(1, 40, size)
    persons = np.floor(posts * draw.random(size))
    return filled("headcount", size, kind=kind, tier=tier, day=day, skill=skill, posts=posts, persons=persons)


def _random_jobs(draw: np.random.Generator, size: int, requests: int) -> np.ndarray:
    rows = np.zeros(size, GROWING["job"])
    rows["desk"] = draw.choice([0, 1, 2, 3], size, p=[0.2, 0.5, 0.25, 0.05]) * 196 + draw.integers(0, 196, size)
    rows["desk"][::50] = 4 * 196  # a provider
    rows["request"] = np.where(draw.random(size) < 0.4, draw.integers(0, requests, size), -1)
    rows["arrived"] = draw.uniform(0, END + 180, size)
    rows["started"] = rows["arrived"] + draw.exponential(150, size)
    rows["ended"] = rows["started"] + draw.exponential(3, size)
    rows["status"] = records.JobStatus.SERVED
    rows["touch_hours"] = draw.exponential(12, size)
    waits = rows["started"] > END + 180
    rows["started"][waits], rows["ended"][waits] = np.nan, np.nan
    return rows


def _random_evidence(draw: np.random.Generator, size: int) -> np.ndarray:
    status, kind = draw.choice(list(records.EvidenceStatus), size), draw.choice([1, 2, 3, 4], size)
    admissible, settled = draw.random(size) < 0.9, draw.uniform(0, END + 180, size)
    return filled("evidence", size, status=status, data_kind=kind, admissible=admissible, settled=settled)


def _random_spells(draw: np.random.Generator, groups: np.ndarray, faster: float) -> np.ndarray:
    rows: list[tuple[int, int, float, float]] = []
    for group, day in enumerate(groups["entered"]):
        rows.append((group, SpellCause.ENTRY, day, 1.0))
        gone = day + draw.exponential(1460)
        hit = day + draw.exponential(6000 / faster)
        if hit < gone:
            rows.append((group, SpellCause.TAKEDOWN, hit, 0.0))
            if draw.random() < 0.4:
                rows.append((group, SpellCause.RETURN, hit + draw.exponential(250), 0.6))
        else:
            rows.append((group, SpellCause.SELF_EXIT, gone, 0.0))
    seen = [row for row in rows if row[2] < WINDOW.observed_until]
    group, cause, day, able = zip(*seen, strict=True)
    periods = filled("spell", len(seen), group=group, cause=cause, day=day, capability=able)
    periods["scale"], down = groups["scale"][periods["group"]], periods["cause"] == SpellCause.TAKEDOWN
    periods["lasting"] = np.where(down, 0.5, np.nan)
    periods["action_type"] = np.where(down, 3 + 2 * (periods["group"] % 2), 0)
    return periods


def _random_cases(draw: np.random.Generator, size: int) -> np.ndarray:
    opened = np.sort(draw.uniform(0, END, size))
    closed, status = opened + draw.uniform(100, 2000, size), draw.choice([0, 2, 4, 5], size)
    return filled("case", size, opened=opened, closed=closed, status=status)


def _random_actions(draw: np.random.Generator, cases: int) -> np.ndarray:
    case, day, down = draw.integers(0, cases, 40), draw.uniform(START, END, 40), draw.random(40) < 0.6
    states, arrests = draw.integers(1, 9, 40), draw.poisson(1.5, 40)
    return filled("action", 40, case=case, day=day, down=down, states=states, arrests=arrests)


def _random_members(draw: np.random.Generator, size: int) -> np.ndarray:
    rows = filled("member", size, residence=draw.integers(0, 40, size), identified=draw.uniform(0, END, size))
    stages = ("identified", "arrested", "surrendered", "ended")
    for after, field, mean in zip(stages, stages[1:], (400, 200, 600), strict=False):
        rows[field] = rows[after] + draw.exponential(mean, size)
        rows[field][draw.random(size) < 0.3] = np.nan
    rows["indicted"] = rows["identified"] + 30
    rows["ground"] = np.where(np.isnan(rows["surrendered"]), Ground.DUAL_CRIMINALITY, Ground.NONE)
    status = records.MemberStatus
    rows["status"] = np.where(np.isnan(rows["ended"]), status.HELD, status.CONVICTED)
    return rows
