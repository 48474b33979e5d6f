"""The people of authorities: posts, vacancies and skill (M21); states that know of a case, and leaks (M22)."""

from sim.law.vocabulary import Channel
from sim.world.records.codes import UnitKind
from sim.world.records.field import KEY, Entity, Field

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
