"""Investigations: cases, the chains that they follow, the action days that they prepare, and milestones."""

import math

from sim.world.records.codes import ActionType, CaseStatus, ChainStatus, ChainTarget, FrozenBy, MilestoneKind
from sim.world.records.field import KEY, Entity, Field

STATE_WORDS = 4  # of 64 bits: a bit for each state

CASE = Entity(
    "case",
    "An investigation by one state's agency into one group, opened or not.",
    (
        KEY,
        Field("group", "i4", "row of group", "criminal group concerned"),
        Field("state", "i4", "row of state", "state whose unit opened it"),
        Field("ordinal", "i4", "number", "number of the report on the group that led to it"),
        Field("status", "i4", CaseStatus, "where it stands"),
        Field("next_case", "i4", "row of case", "next older case on the same group, of those not dropped"),
        Field("opened", "f8", "day", "a report reached the unit"),
        Field("closed", "f8", "day", "came to its end, solved or merged cases included once their lead case closes"),
        Field("chains", "i4", "number", "chains ever opened"),
        Field("live_chains", "i4", "number", "chains being followed"),
        Field("oldest_ask", "f8", "day", "no live lead that was not doubled has been asking since before that day"),
        Field("first_chain", "i4", "row of chain", "newest chain"),
        Field("first_request", "i4", "row of request", "newest request"),
        Field("first_partner", "i4", "row of partner", "newest partner"),
        Field("first_recipient", "i4", "row of recipient", "newest state that knows of it"),
        Field("first_sighting", "i4", "row of sighting", "newest control node of which it learnt"),
        Field("recipients", "i4", "number", "other states that know of it"),
        Field("known_nodes", "i4", "number", "control nodes that it knows"),
        Field("known_members", "i4", "number", "core members that it knows"),
        Field("indicators", "i4", "number", "answered hops, by which cases on one group are matched"),
        Field("reviews", "i4", "number", "reviews so far"),
        Field(
            "match_hazard",
            "f8",
            "unit exponential",
            "hazard of a match added up so far; matched when it passes a drawn threshold",
        ),
        Field("merged_into", "i4", "row of case", "the case that leads after a merger"),
        Field("team_formed", "f8", "day", "its joint team began to work; NaN: no team"),
        Field("prepared", "f8", "day", "first day of preparation"),
        Field("acted", "f8", "day", "latest action day"),
        Field("actions", "i4", "number", "action days so far"),
        Field("action_requests", "i4", "number", "requests for authority to act"),
        Field("leads", "i4", "number", "police answers so far"),
        Field("evidence", "i4", "number", "admissible answers so far"),
        Field("proof", "f8", "log-odds", "proved about the group, with what cases that merged into it proved"),
        Field("search", "f8", "unit exponential", "cumulated hazard of finding any one control node"),
        Field("trails", "i4", "number", "trails to control nodes that were completed"),
        Field("quality", "f8", "standard normal", "persistent drafting quality of this file"),
        Field("comparing", "i4", "0 or 1", "a liaison body is comparing its indicators"),
        Field("asked_bodies", "i4", "bit mask", "bodies asked to coordinate it, by Body"),
        Field("support", "i4", "bit mask", "bodies that coordinate it, by Body"),
        Field("informed", "u8", "bit mask", "other states that know of it", (STATE_WORDS,)),
        Field(
            "informed_openly",
            "u8",
            "bit mask",
            "of these, states that learnt of it by ways that do not protect",
            (STATE_WORDS,),
        ),
        Field("weighed_until", "f8", "day", "its unit waits until then, unless its file changes"),
        Field("weighed_file", "u8", "hash", "the file on which it decided to wait"),
        Field("joint_target", "i4", "0 or 1", "a common target of the units in J-CAT"),
        Field("deconflicted", "i4", "0 or 1", "J-CAT was asked whether others aim at the same group"),
    ),
)

CHAIN = Entity(
    "chain",
    "A lead followed hop by hop from a trace to a control node or a core member.",
    (
        KEY,
        Field("case", "i4", "row of case", "case that it belongs to"),
        Field("ordinal", "i4", "number", "place among the chains ever opened in the case"),
        Field("head", "i4", "row of chain", "the chain that it is a part of: itself, where hops follow one another"),
        Field("parts_left", "i4", "number", "parts not answered yet: 1 where hops follow one another"),
        Field("next_chain", "i4", "row of chain", "next older chain of the case"),
        Field("target", "i4", ChainTarget, "what it leads to"),
        Field("hops", "i4", "number", "hops it takes in all; nobody knows before the last"),
        Field("hop", "i4", "number", "hop being asked, from 0"),
        Field("attempt", "i4", "number", "asks and re-asks of this chain; part of every lineage key below it"),
        Field("status", "i4", ChainStatus, "where it stands"),
        Field("doubled", "i4", "0 or 1", "another lead was opened because this one took too long"),
        Field("asked", "f8", "day", "the present hop was asked for"),
        Field("created", "f8", "day", "when the traced communication happened: evidence ages from here"),
        Field("request", "i4", "row of request", "formal request of the present hop"),
        Field("evidence", "i4", "row of evidence", "evidence item of the present hop"),
        Field("next_evidence", "i4", "row of evidence", "item of the next hop, preserved early on a police lead"),
        Field("node", "i4", "row of node", "control node that it leads to"),
        Field("tried", "i4", "bit mask", "channels tried for this hop"),
        Field("lead", "i4", "0 or 1", "police information on this hop has arrived"),
        Field("gaps", "i4", "bit mask", "hops passed without evidence that a court may use, of a chain and its parts"),
    ),
)

PARTNER = Entity(
    "partner",
    "A state's part in the preparation of an action.",
    (
        KEY,
        Field("case", "i4", "row of case", "case that it belongs to"),
        Field("state", "i4", "row of state", "state that takes part"),
        Field("next_partner", "i4", "row of partner", "next older partner of the case"),
        Field("in_team", "i4", "0 or 1", "member of the joint team"),
        Field("request", "i4", "row of request", "request for its authority"),
        Field("authorised", "i4", "0 or 1", "its court authorised the action"),
        Field("shown", "f8", "log-odds", "strength of the file when it was last asked", initial=-math.inf),
        Field("attempt", "i4", "number", "how often it was asked"),
        Field("asked", "f8", "day", "was last asked for its authority"),
        Field("joined", "f8", "day", "began to prepare"),
        Field("prepared_at", "f8", "day", "local preparation done"),
        Field("ready_at", "f8", "day", "both prepared and authorised"),
        Field("acted", "f8", "day", "last acted with the leading state"),
    ),
)

ACTION = Entity(
    "action",
    "An action day.",
    (
        Field("case", "i4", "row of case", "case that acted"),
        Field("group", "i4", "row of group", "group acted against"),
        Field("type", "i4", ActionType, "kind of action, which decides how groups come back"),
        Field("down", "i4", "0 or 1", "took the group down"),
        Field("disruption", "i4", "0 or 1", "meant to disrupt: nobody was waited for, and nobody arrested"),
        Field("day", "f8", "day", "the action day"),
        Field("states", "i4", "number", "states that acted, the leading one included"),
        Field("known_nodes", "i4", "number", "nodes known on the day"),
        Field("ready_nodes", "i4", "number", "of them, nodes whose state was ready"),
        Field("nodes", "i4", "number", "control nodes of the group"),
        Field("killed", "i4", "number", "nodes removed"),
        Field("seized", "i4", "number", "of them, nodes seized by a state that was ready"),
        Field("arrests", "i4", "number", "core members arrested on the day"),
        Field("in_team", "i4", "0 or 1", "the case had a joint team"),
        Field("support", "i4", "bit mask", "bodies that coordinated it, by Body"),
        Field("synchronous", "i4", "0 or 1", "all states that were ready acted within 48 hours"),
        Field("residual", "f8", "0–1", "share of the group's capability that the losses of the day left"),
        Field("foreseen", "f8", "0–1", "P(takes the group down) as judged beforehand"),
        Field(
            "operation", "i4", "row of action", "action that it joined, or itself: actions of one operation share it"
        ),
        Field("clients", "f8", "number", "affiliates and customers whose data were on the servers seized; 0: not read"),
        Field("client_arrests", "i4", "number", "affiliates and customers arrested later, by police of their states"),
        Field("client_states", "i4", "number", "states that arrested some of them"),
    ),
)

FREEZE = Entity(
    "freeze",
    "Money of a group that is frozen, until a court decides on it.",
    (
        KEY,
        Field("group", "i4", "row of group", "group whose money it is"),
        Field("case", "i4", "row of case", "case that traced it, NONE: held on victims' reports"),
        Field("state", "i4", "row of state", "state where it lies"),
        Field("by", "i4", FrozenBy, "what led to it"),
        Field("day", "f8", "day", "when it was frozen"),
        Field("frozen", "f8", "days", "amount, in days of the full proceeds of a mean group of the kind"),
        Field("confiscated", "f8", "days", "the same, confiscated or given back to victims"),
        Field("decided", "f8", "day", "a court decided on it"),
    ),
)

MILESTONE = Entity(
    "milestone",
    "A turning point in the life of a case or a group that no other table keeps.",
    (
        Field("day", "f8", "day", "when it happened"),
        Field("kind", "i4", MilestoneKind, "what happened"),
        Field("case", "i4", "row of case", "case concerned"),
        Field("group", "i4", "row of group", "group concerned"),
        Field("subject", "i4", "row", "chain, node, case, partner, action or member that the kind names"),
        Field("reason", "i4", "code", "why, in the codes that the kind names; -1 where it names none"),
    ),
)
