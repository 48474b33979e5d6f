"""Levers of oversight: how closely requests are looked at, and who must allow them (part H of the catalogue).

What oversight takes is hours, which are counted as work on requests.
"""

from sim.law.vocabulary import EvidenceTag
from sim.policy.lever import YES_OR_NO, Limits, OwnStage, Quantity, Target, WorldLever
from sim.policy.levers.shared import Setting, free

LEVERS = (
    WorldLever(
        "oversight.authority_screening",
        "Care with which incoming central authorities look for abusive and political requests",
        Quantity.RATIO,
        Target.WORLD,
        limits=Limits(0, 10, neutral=1),
        acts_on="setting.authority_screening: files found out in review, and work on every incoming file",
        writes=Setting("authority_screening"),
        stage=OwnStage("touch_days", rises=True),
        cost="more work on every incoming file, so that genuine ones wait longer too",
        charges=free,
        source="part H; judgement",
    ),
    WorldLever(
        "oversight.provider_screening",
        "Care with which providers check who asks them and why",
        Quantity.RATIO,
        Target.WORLD,
        limits=Limits(0, 10, neutral=1),
        acts_on="setting.provider_screening: abuse and false emergencies found out, and work on every file",
        writes=Setting("provider_screening"),
        stage=OwnStage("abusive_executed_share", rises=False),
        cost="borne by the providers; genuine requests wait longer at their desks",
        charges=free,
        source="M9: screening of false emergencies",
    ),
    WorldLever(
        "oversight.provider_court_order",
        "Providers asked directly produce only after legal review and on a court's order where they are asked",
        Quantity.SWITCH,
        Target.WORLD,
        acts_on="setting.provider_court_order: two stages more in requests drafted from then on; emergencies are "
        "excepted",
        writes=Setting("provider_court_order"),
        stage=YES_OR_NO,
        cost="courts' time; the speed of direct requests",
        charges=free,
        source="Convention on Cybercrime art. 15; CJEU C-746/18 on independent prior review",
        tag=EvidenceTag.RECALLED,
    ),
)
