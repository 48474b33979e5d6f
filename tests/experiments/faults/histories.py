"""Random histories of commands with a fault at any call, and the guarantees checked after each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.experiments.faults.bench import SAID, STOPPED, WELL, WORLDS, Bench, Made, benches, undisturbed
from tests.experiments.faults.disk import Loss, Trouble

#: Calls: a command that finds all done makes some 25, one that makes all runs 120 and, with events, 1,000.
_CALLS = st.integers(1, 25) | st.integers(1, 120)
_TROUBLES = st.sampled_from(list(Trouble))
_TROUBLES_OR_NONE = st.sampled_from([*Trouble, None])
_LOSSES = st.sampled_from(list(Loss))
_CHANCES = st.integers(0, 10_000)
#: Worlds that a command adds.
_MORE = st.integers(0, 2)
#: Steps of a history.
STEPS = 7


class Counted:
    """Counts of what happened in histories, as evidence that faults occurred."""

    def __init__(self) -> None:
        self.histories = 0
        self.met: dict[str, int] = {}

    def add(self, what: str) -> None:
        """Counts an event of a history."""
        self.met[what] = self.met.get(what, 0) + 1


def histories(
    kinds: Sequence[Made], number: int, counted: Counted | None = None, seed: int | None = None, *, shrink: bool = True
) -> None:
    """Runs a number of histories; raises the first that breaks a guarantee, shortened."""
    with benches():
        _carry_out(kinds, number, counted or Counted(), seed, shrink=shrink)


def _carry_out(kinds: Sequence[Made], number: int, counted: Counted, seed: int | None, *, shrink: bool) -> None:  # noqa: C901 - one class
    undisturbed_tables = [undisturbed(what) for what in kinds]

    class History(RuleBasedStateMachine):
        """A random history of commands and faults."""

        def __init__(self) -> None:
            super().__init__()
            self.bench = Bench(kinds[0])
            self.wanted = undisturbed_tables[0]
            self.fate: tuple[Loss, int] = Loss.ALL, 0
            self.kept = 0
            counted.histories += 1

        @initialize(kind=st.integers(0, len(kinds) - 1), loss=_LOSSES, chance=_CHANCES)
        def begins(self, kind: int, loss: Loss, chance: int) -> None:
            """Chooses the kind of study, and the kind of power loss at the end."""
            self.bench.what, self.wanted, self.fate = kinds[kind], undisturbed_tables[kind], (loss, chance)

        @rule(more=_MORE)
        def conducts(self, more: int) -> None:
            """Starts, extends or resumes the study without a fault; the command succeeds."""
            self._ends_well(lambda: self.bench.conducts(more))

        @rule(more=_MORE, trouble=_TROUBLES, at=_CALLS, retry=st.booleans())
        def conducts_in_trouble(self, more: int, trouble: Trouble, at: int, *, retry: bool) -> None:
            """Starts, extends or resumes the study with a fault at some call."""
            self._in_trouble(lambda: self.bench.conducts(more, retry=retry), trouble, at)

        @rule(more=_MORE, shard=st.integers(0, 1), trouble=_TROUBLES_OR_NONE, at=_CALLS)
        def conducts_a_shard(self, more: int, shard: int, trouble: Trouble | None, at: int) -> None:
            """Runs one of two shards of the study."""
            self._in_trouble(lambda: self.bench.conducts(more, (shard, 2)), trouble, at)

        @rule(more=_MORE, trouble=_TROUBLES_OR_NONE, at=_CALLS)
        def conducts_and_a_world_fails(self, more: int, trouble: Trouble | None, at: int) -> None:
            """Runs the study while all runs of one seed fail, so that a retry must repeat them."""
            self._in_trouble(lambda: self.bench.conducts(more, failing=True), trouble, at)

        @rule(more=_MORE)
        def retries(self, more: int) -> None:
            """Repeats failed runs."""
            self._ends_well(lambda: self.bench.conducts(more, retry=True))

        @rule(more=_MORE, trouble=_TROUBLES_OR_NONE, at=_CALLS)
        def is_interrupted(self, more: int, trouble: Trouble | None, at: int) -> None:
            """Interrupts the study at its first run."""
            self.bench.meanwhile(self.bench.stops)
            self._in_trouble(lambda: self.bench.conducts(more), trouble, at)

        @rule(more=_MORE, shard=st.booleans(), trouble=_TROUBLES_OR_NONE, at=_CALLS)
        def is_conducted_twice(self, more: int, trouble: Trouble | None, at: int, *, shard: bool) -> None:
            """Starts a second command during the first; it is refused unless both are shards of one study."""
            codes: list[int | None] = []
            mine, other = ((0, 2), (1, 2)) if shard else ((0, 1), (0, 1))
            self.bench.meanwhile(lambda: codes.append(self.bench.conducts(more, other)))
            self._in_trouble(lambda: self.bench.conducts(more, mine), trouble, at)
            if not (self.bench.disk.struck or shard):
                assert set(codes) <= {SAID}, codes
                counted.add("refused") if codes else None

        @rule(trouble=_TROUBLES_OR_NONE, at=_CALLS)
        def calibrates(self, trouble: Trouble | None, at: int) -> None:
            """Starts or resumes a calibration."""
            self._in_trouble(self.bench.calibrates, trouble, at)

        @rule()
        def looks(self) -> None:
            """Asks for the status, which gives an answer or an error message."""
            self.bench.disk.begin()
            assert self.bench.looks() in (WELL, SAID)

        @rule(loss=_LOSSES, chance=_CHANCES)
        def loses_power(self, loss: Loss, chance: int) -> None:
            """Simulates a power loss and checks that reported runs still exist."""
            self.bench.loses_power(loss, chance)
            counted.add("power lost")
            self._kept()

        def _ends_well(self, command: Callable[[], int | None]) -> None:
            self.bench.disk.begin()
            assert command() == WELL, self.bench.said
            self.kept = self.bench.done()

        def _in_trouble(self, command: Callable[[], int | None], trouble: Trouble | None, at: int) -> None:
            self.bench.disk.begin(trouble, at)
            code = command()
            self.bench.meanwhile()
            counted.add("killed" if code is None else ("well", "", "message")[code] if code < 3 else "stopped")
            if code in (WELL, STOPPED):
                self.kept = self.bench.done() if "study" in self.bench.asked else 0
            if not self.bench.disk.struck:
                assert code in (WELL, STOPPED), self.bench.said

        def _kept(self) -> None:
            """Checks that no run that a command reported as finished is lost."""
            if self.kept:
                assert self.bench.done() >= self.kept, (self.bench.done(), self.kept)

        def teardown(self) -> None:
            """Finishes all tables without faults, and checks that they survive a power loss."""
            try:
                self._ends()
            finally:
                self.bench.close()

        def _ends(self) -> None:
            self.bench.meanwhile()
            if "study" in self.bench.asked:
                self._ends_well(lambda: self.bench.conducts(WORLDS, retry=True))
            if "calibration" in self.bench.asked:
                self._ends_well(self.bench.calibrates)
            found = self.bench.tables()
            assert [name for name, table in found.items() if table != self.wanted[name]] == []
            assert not self.bench.unsummed()
            assert not self.bench.unfinished()
            before = self.bench.content()
            self.bench.loses_power(*self.fate)
            if self.bench.content() == before:
                return
            found = self.bench.tables()
            assert [name for name, table in found.items() if table != self.wanted[name]] == []
            assert not self.bench.unsummed()
            made = self.bench.fresh
            if "study" in self.bench.asked:
                self._ends_well(lambda: self.bench.conducts(WORLDS))
            assert self.bench.fresh == made, "runs that were there are made again"

    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    options = settings(
        max_examples=number,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=checks,
        derandomize=seed is None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
    )
    if seed is not None:
        from hypothesis import seed as seeded

        History = seeded(seed)(History)  # noqa: N806 - the class itself
    run_state_machine_as_test(History, settings=options)
