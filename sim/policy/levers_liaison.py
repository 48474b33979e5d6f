"""Levers on liaison bodies, officers abroad, joint teams and the action day (M20, M13)."""

from sim.policy.lever import Lever, Quantity, Target

_HUB_COST = "100,000 to 200,000 euros a person and year (judgement)"


def _staff(name: str, whom: str, rows: str, source: str) -> Lever:
    """People of one body."""
    return Lever(
        name,
        f"Staff of {whom} for files of this tier",
        Quantity.RATIO,
        0,
        20,
        1,
        Target.WORLD,
        f"servers of the desk of {rows}, at once: specialists are seconded",
        _HUB_COST,
        source,
    )


def _use(name: str, title: str, field: str, source: str, needs: str) -> Lever:
    """How much more often something is made use of."""
    return Lever(
        name,
        title,
        Quantity.SHARE,
        0,
        1,
        0,
        Target.WORLD,
        f"setting.{field}; where it is more already, it stays",
        "none by itself: use is voluntary, and the body's people must cope with it",
        source,
        needs=needs,
    )


def _feed(name: str, body: str) -> Lever:
    """How well a state feeds a body."""
    return Lever(
        name,
        f"Least share of their indicators that states give {body}",
        Quantity.SHARE,
        0,
        1,
        0,
        Target.STATES,
        f"feed of {body}; where law opens no way to it (see law.join), nothing can be given",
        "connecting national case systems, once",
        "M12; judgement",
        needs=f"states at both ends for which law opens {body}, and less given today than this",
    )


LIAISON_LEVERS = (
    _staff("interpol.staff", "INTERPOL", "INTERPOL", "M20"),
    _feed("interpol.feed", "INTERPOL"),
    Lever(
        "interpol.reply",
        "Time that national bureaus take to answer through INTERPOL",
        Quantity.RATIO,
        0.05,
        5,
        1,
        Target.WORLD,
        "setting.interpol_scale: replies of INTERPOL, and police answers where it is the only way",
        "a person more in each bureau for half of the time (judgement)",
        "M20: 5–30 d",
    ),
    Lever(
        "jcat.join",
        "States second an officer to the Joint Cybercrime Action Taskforce",
        Quantity.SWITCH,
        0,
        1,
        0,
        Target.STATES,
        "feed of J-CAT, between states whose police may talk at all",
        "200,000 to 400,000 euros a post and year (M24)",
        "M12, M20",
        needs="other states of the task force, and police who may talk at all",
    ),
    _staff("europol.staff", "Europol and J-CAT", "Europol and J-CAT", "M20"),
    _feed("europol.feed", "Europol"),
    _use(
        "europol.analysis",
        "Least share of answered hops between states that feed Europol that go to its analysts",
        "analysis_share",
        "M20",
        "states at both ends that feed Europol (europol.feed)",
    ),
    _staff("eurojust.staff", "Eurojust", "Eurojust", "M20"),
    _use(
        "eurojust.use",
        "Least share of cases, and of requests between members, that are brought to Eurojust",
        "eurojust_share",
        "M20; Eurojust annual report 2024",
        "states at both ends that work through Eurojust (members, or with an agreement: law.join jit_agreement)",
    ),
    Lever(
        "joint_team.money",
        "Joint teams that Eurojust can pay for in a year",
        Quantity.RATIO,
        0,
        20,
        1,
        Target.WORLD,
        "grants_a_year of Eurojust",
        "30,000 to 80,000 euros a team (judgement)",
        "M13; Fifth JITs Evaluation Report 2025 (recalled)",
        needs="more teams than today's money pays for (eurojust.use)",
    ),
    Lever(
        "liaison.posts",
        "Liaison officers and prosecutors on cybercrime that a state pays for; they go where traffic and closeness are",
        Quantity.RATIO,
        0,
        20,
        1,
        Target.STATES,
        "posts_abroad of states; filled at the yearly review, after half a year",
        "200,000 to 400,000 euros a post and year (M24)",
        "M20, M24",
        needs="traffic: an officer goes only where requests are sent often enough",
    ),
    Lever(
        "liaison.posting",
        "A liaison officer is posted in each of these pairs, whatever traffic says",
        Quantity.SWITCH,
        0,
        1,
        0,
        Target.PAIRS,
        "posting_set; taken up at the yearly review, beyond what the sending state pays for itself",
        "200,000 to 400,000 euros a post and year (M24)",
        "M20, M24",
    ),
    Lever(
        "contact_point.staff",
        "Staff of 24/7 points for files of this tier",
        Quantity.RATIO,
        0,
        20,
        1,
        Target.STATES,
        "servers of contact points' desks",
        "100,000 to 600,000 euros a year for duty round the clock (judgement)",
        "M5, M20; Budapest Convention art. 35",
        needs="a desk of a 24/7 point in the selected states, and requests to it (preservation.use)",
    ),
    Lever(
        "capacity_builders.trainers",
        "Trainers of capacity builders (Council of Europe C-PROC, UNODC)",
        Quantity.RATIO,
        0,
        20,
        1,
        Target.WORLD,
        "staff of the capacity builders: how many states they visit in a year",
        "120,000 to 250,000 euros a trainer and year (judgement)",
        "M20, M21",
    ),
    _use(
        "action.hosted",
        "Least share of actions with a state that the lead can work with through Europol or INTERPOL for which a host "
        "of the day is asked",
        "hosted_share",
        "M13, M20",
        "a body that both sides feed (interpol.feed, europol.feed)",
    ),
    Lever(
        "action.least_ready",
        "Least share of states that must be ready before a case acts, for at most 600 days of preparation",
        Quantity.SHARE,
        0,
        1,
        0,
        Target.WORLD,
        "setting.least_ready",
        "none; the group does harm while states wait, and each month is another in which something can leak",
        "M13: option value of waiting",
    ),
)
