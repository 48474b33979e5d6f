"""Debug mode: runs a tiny world without compilation and records all its random draws.

`python -m tests.recorded_draws` with NUMBA_DISABLE_JIT=1 prints, of two worlds, as JSON, what was drawn or posted more
than once: by purpose, how many draws were repeated and the places of the rules that made them.
"""

import json
import sys
from collections import defaultdict
from dataclasses import replace
from types import FrameType
from typing import Any

import sim.agents.events
import sim.engine.random
from sim.agents.events import Purpose, kinds
from sim.policy.timeline import Assignment, Step, Timeline
from tests.tiny import POLICY, POLICY_START, STATES, TINY, ended

Draw = tuple[int, int, int]
#: Some of the files that will be late for it are returned for their form.
DEADLINE = (Assignment("central_authority.deadline", 15.0), Assignment("central_authority.deadline_enforceable", 1.0))
#: Seed, states and policy of the worlds that are recorded; in the second most arrests lead to a European warrant.
WORLDS = (
    (1, STATES, Timeline()),
    (11, ["DEU", "FRA", "ROU", "USA", "GBR"], Timeline((*POLICY.steps, Step(POLICY_START, assignments=DEADLINE)))),
)


class Recorder:
    """Replacement of the random generator and event scheduler that records their callers."""

    def __init__(self) -> None:
        self.places: defaultdict[Draw, list[str]] = defaultdict(list)
        self.posted: defaultdict[tuple[float, int], list[str]] = defaultdict(list)
        self._bits = sim.engine.random.bits
        self._post = sim.agents.events.post

    def bits(self, seed: Any, purpose: Any, key: Any, count: Any) -> Any:
        """Draws a number and records the calling rule outside the generator."""
        frame: FrameType | None = sys._getframe(1)
        while frame and frame.f_code.co_filename.endswith("engine/random.py"):
            frame = frame.f_back
        assert frame is not None
        assert 0 <= int(purpose) < 1 << 16, frame.f_code.co_name
        assert 0 <= int(count) < 1 << 48, frame.f_code.co_name
        self.places[int(purpose), int(key), int(count)].append(frame.f_code.co_name)
        return self._bits(seed, purpose, key, count)

    def post(self, world: Any, time: float, tie: Any, kind: int, entity: int, stamp: int) -> None:
        """Schedules an event and records its kind."""
        self.posted[float(time), int(tie)].append(kinds()[kind].name)
        self._post(world, time, tie, kind, entity, stamp)

    def report(self) -> dict[str, Any]:
        """Report on random draws that were made more than once."""
        purposes: defaultdict[str, dict[str, Any]] = defaultdict(lambda: {"draws": 0, "repeated": 0, "places": set()})
        for (purpose, _, _), places in self.places.items():
            entry = purposes[Purpose(purpose).name]
            entry["draws"] += 1
            if len(places) > 1:
                entry["repeated"] += 1
                entry["places"].add(" ".join(sorted(set(places))))
        simultaneous = sorted({" ".join(kinds) for kinds in self.posted.values() if len(kinds) > 1})
        return {
            "purposes": {name: entry | {"places": sorted(entry["places"])} for name, entry in purposes.items()},
            "posted twice at one time": simultaneous,
        }


#: Parameters that bring every kind of draw into a world of two years.
EVENTFUL = {
    **{"case.action_price": 1.0, "case.link": 6.0, "case.search_strength": 1.0, "case.leak_per_year": 0.2},
    **{"case.match_none": 0.1, "case.open_threshold": -1.0, "case.readiness_days": 20.0, "case.reveal": 1.0},
    **{"case.seen_at_opening": 0.8, "case.team_agreed": 1.0, "case.analysis_days": 5.0},
    **{"criminal.control_nodes": 0.5, "criminal.lineage_months": 12.0, "criminal.brand_months": 6.0},
    **{"place.relocation_per_year": 0.1, "liaison.notice_located": 1.0, "evidence.first_age_days": 2.0},
    **{"rights.abuse_share": 0.2, "rights.usual_requests": 30.0, "rights.false_emergencies": 1.0},
    **{"request.format_loop_probability": 0.9, "request.appeal_probability": 0.9, "request.conversion": 0.5},
    **{"desk.returned_for_form": 1.0, "custody.travel_per_year": 1.0, "custody.travel_indicted": 1.0},
    **{"custody.arrest": 0.8, "custody.travel_detection": 1.0, "custody.extradition_days": 30.0},
    **{"custody.trial_days": 60.0, "custody.prosecute_instead": 1.0, "custody.assets_traced": 1.0},
    "custody.assets_decision_days": 30.0,
}


def main() -> None:
    """Prints which draws and events came more than once, in a tiny world without a policy and in one with a policy."""
    spec = replace(TINY, groups=16)
    worlds = [(seed, replace(spec, states=states), timeline) for seed, states, timeline in WORLDS]
    recorder = Recorder()
    sim.engine.random.bits = recorder.bits
    sim.agents.events.bits = recorder.bits
    sim.agents.events.post = recorder.post
    reports = []
    for seed, spec, timeline in worlds:
        recorder.places.clear()
        recorder.posted.clear()
        ended(seed, spec, EVENTFUL, timeline)
        reports.append(recorder.report())
    print(json.dumps(reports))


if __name__ == "__main__":
    main()
