"""Investigations: cases, the chains that they follow, and the action days that they prepare."""

from sim.world.records.codes import ActionType, CaseStatus, ChainStatus, ChainTarget
from sim.world.records.field import KEY, Entity, Field

CASE = Entity(
    "case",
    "An investigation by one state's agency into one group, opened or not.",
    (
        KEY,
        Field("group", "i8", "row of group", "criminal group concerned"),
        Field("state", "i8", "row of state", "state whose unit opened it"),
        Field("ordinal", "i8", "number", "number of the report on the group that led to it"),
        Field("status", "i8", CaseStatus, "where it stands"),
        Field("next_case", "i8", "row of case", "next older case on the same group"),
        Field("opened", "f8", "day", "a report reached the unit"),
        Field("closed", "f8", "day", "came to its end, solved or merged cases included once their lead case closes"),
        Field("chains", "i8", "number", "chains ever opened"),
        Field("live_chains", "i8", "number", "chains being followed"),
        Field("first_chain", "i8", "row of chain", "newest chain"),
        Field("first_partner", "i8", "row of partner", "newest partner"),
        Field("known_nodes", "i8", "number", "control nodes that it knows"),
        Field("known_members", "i8", "number", "core members that it knows"),
        Field("indicators", "i8", "number", "answered hops, by which cases on one group are matched"),
        Field("reviews", "i8", "number", "reviews so far"),
        Field(
            "match_hazard",
            "f8",
            "unit exponential",
            "hazard of a match added up so far; matched when it passes a drawn threshold",
        ),
        Field("merged_into", "i8", "row of case", "the case that leads after a merger"),
        Field("team_formed", "f8", "day", "its joint team began to work; NaN: no team"),
        Field("prepared", "f8", "day", "first day of preparation"),
        Field("acted", "f8", "day", "latest action day"),
        Field("actions", "i8", "number", "action days so far"),
        Field("action_requests", "i8", "number", "requests for authority to act"),
        Field("leads", "i8", "number", "police answers so far"),
        Field("evidence", "i8", "number", "admissible answers so far"),
        Field("quality", "f8", "standard normal", "persistent drafting quality of this file"),
    ),
)

CHAIN = Entity(
    "chain",
    "A lead followed hop by hop from a trace to a control node or a core member.",
    (
        KEY,
        Field("case", "i8", "row of case", "case that it belongs to"),
        Field("ordinal", "i8", "number", "place among the chains ever opened in the case"),
        Field("next_chain", "i8", "row of chain", "next older chain of the case"),
        Field("target", "i8", ChainTarget, "what it leads to"),
        Field("hops", "i8", "number", "hops it takes in all; nobody knows before the last"),
        Field("hop", "i8", "number", "hop being asked, from 0"),
        Field("attempt", "i8", "number", "asks and re-asks of this chain; part of every lineage key below it"),
        Field("status", "i8", ChainStatus, "where it stands"),
        Field("doubled", "i8", "0 or 1", "another lead was opened because this one took too long"),
        Field("asked", "f8", "day", "the present hop was asked for"),
        Field("created", "f8", "day", "when the traced communication happened: evidence ages from here"),
        Field("request", "i8", "row of request", "formal request of the present hop"),
        Field("evidence", "i8", "row of evidence", "evidence item of the present hop"),
        Field("next_evidence", "i8", "row of evidence", "item of the next hop, preserved early on a police lead"),
        Field("node", "i8", "row of node", "control node that it leads to"),
        Field("tried", "i8", "bit mask", "channels tried for this hop"),
        Field("lead", "i8", "0 or 1", "police information on this hop has arrived"),
    ),
)

PARTNER = Entity(
    "partner",
    "A state's part in the preparation of an action.",
    (
        KEY,
        Field("case", "i8", "row of case", "case that it belongs to"),
        Field("state", "i8", "row of state", "state that takes part"),
        Field("next_partner", "i8", "row of partner", "next older partner of the case"),
        Field("in_team", "i8", "0 or 1", "member of the joint team"),
        Field("request", "i8", "row of request", "request for its authority"),
        Field("authorised", "i8", "0 or 1", "the action request was executed (or is not needed)"),
        Field("attempt", "i8", "number", "how often it was asked"),
        Field("joined", "f8", "day", "began to prepare"),
        Field("prepared_at", "f8", "day", "local preparation done"),
        Field("ready_at", "f8", "day", "both prepared and authorised"),
    ),
)

ACTION = Entity(
    "action",
    "An action day.",
    (
        Field("case", "i8", "row of case", "case that acted"),
        Field("group", "i8", "row of group", "group acted against"),
        Field("type", "i8", ActionType, "kind of action, which decides how groups come back"),
        Field("complete", "i8", "0 or 1", "every control node was removed"),
        Field("day", "f8", "day", "the action day"),
        Field("states", "i8", "number", "states that took part"),
        Field("known_nodes", "i8", "number", "nodes known on the day"),
        Field("ready_nodes", "i8", "number", "of them, nodes whose state was ready"),
        Field("nodes", "i8", "number", "control nodes of the group"),
        Field("killed", "i8", "number", "nodes removed"),
        Field("arrests", "i8", "number", "core members arrested on the day"),
        Field("in_team", "i8", "0 or 1", "the case had a joint team"),
        Field("expected_kill", "f8", "0–1", "P(all nodes removed) as judged beforehand"),
        Field("assets_traced", "f8", "days", "days of the group's full proceeds whose place is known"),
        Field("assets_frozen", "f8", "days", "the same, frozen before they moved"),
        Field("assets_confiscated", "f8", "days", "the same, confiscated"),
    ),
)
