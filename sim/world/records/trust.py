"""Trust of one state's authorities in another's, its evidence, and its yearly account (M19)."""

from sim.world.records.field import Entity, Field

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
