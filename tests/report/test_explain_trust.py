"""Where trust mattered, and questions to police that come before formal requests, in words."""

import numpy as np
import pytest

from sim.policy.timeline import Assignment, Step, Timeline
from sim.report.explain.cases import case_account
from sim.report.explain.events import Events, read_events
from sim.report.explain.leads import StepResult, lead_of
from sim.report.explain.requests import request_account
from sim.world.records import ChainStatus, RequestPurpose
from tests.report.casebook import write_world
from tests.tiny import POLICY_START, TINY, ended

#: Everything goes through police first, and their answer is often enough.
POLICE = Timeline(
    (Step(POLICY_START, assignments=(Assignment("police.first", 1.0), Assignment("police.before_formal", 1.0))),)
)


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Events:
    changes = {"request.conversion": 0.3, "trust.phone": 0.9, "trust.contact_leaves": 1.5}
    world = ended(3, changes=changes, timeline=POLICE)
    return read_events(write_world(tmp_path_factory.mktemp("results") / "run", TINY, world))


def test_steps_that_police_answered_without_a_formal_request_are_reported(events: Events) -> None:
    """Every hop that a complete lead passed is a step of its own, no matter who answered it."""
    by_police = 0
    for row in events.where("chain", status=ChainStatus.COMPLETE):
        lead = lead_of(events, int(row))
        answered = {step.number for step in lead.steps if step.result is StepResult.ANSWERED}
        assert answered == set(range(1, int(events["chain"].hops[row]) + 1)), row
        alone = [step for step in lead.steps if step.by_lead and not step.formal]
        by_police += len(alone)
        if alone:
            account = case_account(events, int(events["chain"].case[row]), full=True)
            text = " ".join(entry.text for entry in account.entries)
        for step in alone:
            assert f"Lead {lead.number}, step {step.number}: police of" in text
    assert by_police > 3


def test_every_question_to_police_belongs_to_one_step(events: Events) -> None:
    for row in range(len(events["chain"])):
        asked = events.where("request", chain=row, purpose=RequestPurpose.LEAD).tolist()
        placed = [step.lead for step in lead_of(events, row).steps if step.lead >= 0]
        assert sorted(placed) == sorted(asked), row
        steps = lead_of(events, row).steps
        purposes = {int(events["request"].purpose[held]) for step in steps for held in step.preservation}
        assert purposes <= {RequestPurpose.PRESERVATION}, row


def test_a_request_says_how_far_its_sender_was_trusted(events: Events) -> None:
    request = events["request"]
    phoned = np.flatnonzero(request.phoned == 1)
    assert len(phoned) > 3
    for row in phoned:
        account = request_account(events, int(row))
        assert sum("asks by phone for what it lacks" in entry.text for entry in account.entries) == 1, row
        assert any(f"at {request.trust[row]:.2f}, from 0 to 1, when it last read it" in fact for fact in account.facts)
    facts = [fact for row in range(len(request)) for fact in request_account(events, row).facts]
    assert any("Its contact officer for" in fact and "trust was lost with that person" in fact for fact in facts)
