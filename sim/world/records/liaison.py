"""Liaison bodies, their tasks, officers posted abroad (M20), and trust between two states' authorities (M19)."""

from sim.world.records.codes import Body, ReferralTask, TaskResult
from sim.world.records.field import KEY, Entity, Field

LIAISON_BODY = Entity(
    "liaison_body",
    "A body through which states work together. Fixed; its staff can change by policy.",
    (
        Field("kind", "i4", Body, "which body"),
        Field("desk", "i4", "row of desk", "its desk; of the 24/7 network, the first state's; NONE for trainers"),
        Field("staff", "f8", "persons", "persons who work on these files, or trainers, today"),
        Field("staff_base", "f8", "persons", "the same before any policy"),
        Field("skill", "f8", "0–1", "skill of its people"),
        Field("reply_days", "f8", "days", "median time away from its desk: members' own answers, meetings"),
    ),
)

REFERRAL = Entity(
    "referral",
    "Something that a liaison body is asked to do.",
    (
        KEY,
        Field("body", "i4", Body, "who is asked"),
        Field("task", "i4", ReferralTask, "what for"),
        Field("result", "i4", TaskResult, "what came of it"),
        Field("case", "i4", "row of case", "case that it is for, NONE for a visit"),
        Field("subject", "i4", "row", "chain, member or request that it is about, NONE: the case itself"),
        Field("stamp", "i4", "number", "attempt of the chain for which it was asked"),
        Field("state", "i4", "row of state", "state that asks, or is visited"),
        Field("other", "i4", "row of state", "other state concerned, NONE: any"),
        Field("job", "i4", "row of job", "its file at the desk, NONE: none"),
        Field("asked", "f8", "day", "the body is asked"),
        Field("answered", "f8", "day", "its answer comes"),
    ),
)

POSTING = Entity(
    "posting",
    "A liaison officer or prosecutor of one state in another.",
    (
        Field("sending", "i4", "row of state", "state that posts the officer"),
        Field("host", "i4", "row of state", "state in which the officer works"),
        Field("next_posting", "i4", "row of posting", "another officer of the same pair"),
        Field("since", "f8", "day", "begins to work"),
        Field("until", "f8", "day", "called back"),
        Field("by_policy", "i4", "0 or 1", "posted by a policy, not where traffic and closeness led"),
        Field("open", "i4", "number", "requests that the officer looks after now"),
        Field("handled", "i4", "number", "requests ever looked after"),
    ),
)

BOND = Entity(
    "bond",
    "Experience of a state's authorities with another's. One row per ordered pair, trusting × states + trusted; fixed.",
    (
        Field("good", "f8", "evidence", "evidence for trust as of `day`: a of a Beta distribution, prior aside"),
        Field("bad", "f8", "evidence", "evidence against trust as of `day`: b of it"),
        Field("day", "f8", "day", "latest change; evidence is forgotten from then on"),
        Field("contact", "i4", "number", "the trusting state's present contact officer, counted from 1; 0: not yet"),
        Field("contact_until", "f8", "day", "that officer leaves"),
        Field("contact_stay", "f8", "ratio", "stay of officers appointed from now on, of today's"),
        Field("joint_days", "f8", "days a year", "officers in an exchange work side by side"),
        Field("dealings", "i4", "number", "answers and silences since the latest account"),
        Field(
            "orders",
            "f8",
            "number",
            "expected direct orders in ordinary cases that the trusting state sent providers in the "
            "trusted one, in the policy years",
        ),
    ),
)

TRUST = Entity(
    "trust",
    "A yearly account of one state's trust in another with which it had dealings in that year.",
    (
        Field("trusting", "i4", "row of state", "state that trusts"),
        Field("trusted", "i4", "row of state", "state that is trusted"),
        Field("day", "f8", "day", "the account"),
        Field("trust", "f8", "0–1", "trust on that day"),
        Field("affinity", "f8", "0–1", "what it would be without any experience"),
        Field("good", "f8", "evidence", "evidence for trust that is not forgotten"),
        Field("bad", "f8", "evidence", "evidence against trust that is not forgotten"),
        Field("dealings", "i4", "number", "answers and silences in the year"),
        Field("contact", "i4", "number", "the contact officer, counted from 1"),
    ),
)
