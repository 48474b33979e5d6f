"""Requests, and the evidence that they ask for."""

from sim.law.vocabulary import Channel, DataKind, Ground, Offence
from sim.world.records.codes import STAGES, EvidenceStatus, RequestPurpose, RequestStatus, Stage
from sim.world.records.field import KEY, Entity, Field

REQUEST = Entity(
    "request",
    "A request of any kind: formal, police, preservation, domestic, or for authority to act.",
    (
        KEY,
        Field("case", "i8", "row of case", "case for which it is made"),
        Field("chain", "i8", "row of chain", "chain that it belongs to"),
        Field("partner", "i8", "row of partner", "partner whose authority is asked for"),
        Field("group", "i8", "row of group", "criminal group concerned"),
        Field("purpose", "i8", RequestPurpose, "what the requester wants with it"),
        Field("hop", "i8", "number", "place in the chain, from 0"),
        Field("requesting", "i8", "row of state", "state that asks"),
        Field("requested", "i8", "row of state", "state that is asked"),
        Field("provider", "i8", "row of provider", "provider that must produce"),
        Field("channel", "i8", Channel, "legal way"),
        Field(
            "instrument",
            "i8",
            "row of terms.yaml",
            "terms on which it was drafted and which it keeps, NONE for domestic ones",
        ),
        Field("data_kind", "i8", DataKind, "kind of data"),
        Field("offence", "i8", Offence, "offence it is about"),
        Field("status", "i8", RequestStatus, "where it stands"),
        Field("ground", "i8", Ground, "ground of refusal"),
        Field("stage", "i8", Stage, "present stage, 0: passes none"),
        Field("resume", "i8", Stage, "stage to go back to after a deficiency return, 0: none yet"),
        Field("route", "i8", "bit mask", "stages that it passes"),
        Field("urgent", "i8", "0 or 1", "in the urgent class"),
        Field("silent", "i8", "0 or 1", "nobody will ever answer"),
        Field("loops", "i8", "number", "deficiency returns"),
        Field("dual_criminality", "i8", "0 or 1", "an offence in both states: the truth, whatever the assessor found"),
        Field("enforceable", "i8", "0 or 1", "a missed deadline has a cost for who answers"),
        Field("electronic", "i8", "0 or 1", "the instrument has a secure channel of its own"),
        Field("evidence", "i8", "row of evidence", "evidence item asked for"),
        Field("job", "i8", "row of job", "its file at a desk"),
        Field("drafted", "f8", "day", "drafting began"),
        Field("sent", "f8", "day", "left the requesting state"),
        Field("ended", "f8", "day", "answered, withdrawn or stopped"),
        Field("stage_since", "f8", "day", "the present stage began"),
        Field("deadline_days", "f8", "days", "time allowed for the answer, NaN: none"),
        Field("queue_since", "f8", "day", "first arrival at the incoming desk: a returned file keeps its place"),
        Field("strength", "f8", "0–1", "evidence strength that it shows"),
        Field("stage_days", "f8", "days", "time spent in each of the twelve stages", (STAGES,)),
    ),
)

EVIDENCE = Entity(
    "evidence",
    "What one custodian holds about one hop of a chain.",
    (
        KEY,
        Field("case", "i8", "row of case", "case that it belongs to"),
        Field("chain", "i8", "row of chain", "chain that it belongs to"),
        Field("hop", "i8", "number", "place in the chain, from 0"),
        Field("state", "i8", "row of state", "state in which the custodian is asked"),
        Field("provider", "i8", "row of provider", "provider that holds or hosts it"),
        Field("data_kind", "i8", DataKind, "kind of data"),
        Field("status", "i8", EvidenceStatus, "where it stands"),
        Field("admissible", "i8", "0 or 1", "a court may use it"),
        Field("created", "f8", "day", "when the traced communication happened"),
        Field("retained_until", "f8", "day", "the custodian deletes it then"),
        Field("moves_at", "f8", "day", "the server it lies on is given up then, inf for logs"),
        Field("frozen_from", "f8", "day", "preservation begins"),
        Field("frozen_until", "f8", "day", "the last renewal runs out"),
        Field("settled", "f8", "day", "its fate was settled"),
    ),
)
