"""Levers of oversight: how closely requests are looked at, and who must allow them (part H of the catalogue)."""

from sim.law.vocabulary import EvidenceTag
from sim.policy.lever import Lever, Quantity, Target

RIGHTS = (
    Lever(
        "oversight.authority_screening",
        "Care with which incoming central authorities look for abusive and political requests",
        Quantity.RATIO,
        0,
        10,
        1,
        Target.WORLD,
        "setting.authority_screening: files found out in review, and work on every incoming file",
        "more work on every incoming file, so that genuine ones wait longer too",
        "part H; judgement",
    ),
    Lever(
        "oversight.provider_screening",
        "Care with which providers check who asks them and why",
        Quantity.RATIO,
        0,
        10,
        1,
        Target.WORLD,
        "setting.provider_screening: abuse and false emergencies found out, and work on every file",
        "borne by the providers; genuine requests wait longer at their desks",
        "M9: screening of false emergencies",
    ),
    Lever(
        "oversight.provider_court_order",
        "Providers asked directly produce only after legal review and on a court's order where they are asked",
        Quantity.SWITCH,
        0,
        1,
        0,
        Target.WORLD,
        "setting.provider_court_order: two stages more in requests drafted from then on; emergencies are excepted",
        "courts' time; the speed of direct requests",
        "Convention on Cybercrime art. 15; CJEU C-746/18 on independent prior review",
        EvidenceTag.RECALLED,
    ),
)
