"""Liaison bodies at the start of a world: their people, desks, and how well states feed them (M20)."""

import numpy as np
import numpy.typing as npt

from sim.data.load import members, read_table, states
from sim.law.order import LegalOrder
from sim.world.parameters import Theme
from sim.world.records import LIAISON_BODY, Body
from sim.world.world import Table

#: Bodies with a desk of their own, in the order of their desks; those of the 24/7 network follow, one per state.
STAFFED_BODIES = (Body.INTERPOL, Body.EUROPOL, Body.JCAT, Body.EUROJUST)
SEATS = ("FRA", "NLD", "NLD", "NLD")  # Lyon; The Hague
BODY_SKILL = 0.8  # judgement: seconded specialists


def feed(law: LegalOrder) -> npt.NDArray[np.float64]:
    """Quality with which each state feeds each body, 0: not at all, float64 [body, state].

    Capacity builders go to every state that needs them.
    """
    table = read_table("liaison_feed.csv")
    result = np.zeros((len(Body), len(law.states)))
    result[Body.BUILDERS] = 1.0
    for tie in table.rows:
        body, quality = Body[tie["body"]], table.number(tie, "feed")
        fed = np.isin(law.states, list(members(tie["member_of"], tie["kind"])))
        result[body, fed] = np.maximum(result[body, fed], quality)
    return result


def body_persons(liaison: Theme) -> npt.NDArray[np.float64]:
    """Persons at the desks of STAFFED_BODIES, unrounded: a share of their staff for cybercrime (people.csv)."""
    table = read_table("people.csv")
    staff = {row["body"]: table.number(row, "persons") for row in table.rows if not row["state"]}
    return liaison.body_share * np.array([staff[body.name] for body in STAFFED_BODIES])


def bodies(liaison: Theme, first_desk: int) -> Table:
    """The rows of the liaison bodies.

    Args:
        liaison: staff and replies.
        first_desk: row of the first body's desk.
    """
    rows = np.zeros(len(Body), LIAISON_BODY).view(np.recarray)
    rows.kind = np.arange(len(Body))
    rows.desk = [*range(first_desk, first_desk + len(STAFFED_BODIES) + 1), -1]
    rows.staff_base = [*body_persons(liaison), liaison.contact_point_staff, liaison.builder_trainers]
    rows.staff = np.rint(rows.staff_base)
    rows.skill = BODY_SKILL
    own = [getattr(liaison, f"{body}_reply_days") for body in ("interpol", "europol", "jcat", "eurojust")]
    rows.reply_days = [*own, 0.0, 0.0]
    return rows


def posts_abroad(liaison: Theme, slots: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Liaison officers that each state can pay for, unrounded, float64 [state].

    They follow the size of its agencies. Five senders publish theirs (people.csv): as many officers for each case that
    their agencies can work on are abroad for all states, and a share of them works on groups of this tier.

    Args:
        liaison: the share.
        slots: cases that the agencies of each state can work on at once, in the order of sim.data.load.states.
    """
    table, order = read_table("people.csv"), states()
    known = [row for row in table.rows if row["state"]]
    abroad = sum(table.number(row, "persons") for row in known)
    posts: npt.NDArray[np.float64] = liaison.officer_share * slots
    posts *= abroad / max(float(slots[[order.index(row["state"]) for row in known]].sum()), 1e-9)
    return posts
