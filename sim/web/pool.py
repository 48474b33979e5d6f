"""Worker processes of the page, each with the seeds that it owns, and the streams that wait for their arms.

Worker i owns seeds i, i + n, i + 2n, …: the past of a seed is simulated once, in its worker, and kept on disk. A worker
has one errand at a time, so nothing queues in a pipe, and a stream that is closed costs no more than the arm that is
being run; even that is kept for the next one who asks. Streams take turns.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any

from sim.experiments.processes import end_process, start_process
from sim.experiments.run import Failure, FailureStage
from sim.experiments.worker_process import Begun, read
from sim.web.worker import ArmNumbers, Errand, Result, only_past

#: Times that an errand may cost a worker's life before it is given up.
TRIES = 2
#: Policies whose arms are remembered; 20 arms of a policy take about a megabyte.
MOST_REMEMBERED = 64


@dataclass(frozen=True)
class Arms:
    """One policy in one set of worlds.

    Attributes:
        world: name of the worlds.
        policy: what identifies the policy: the text of its scenario.
        errand: the errand of a seed.
    """

    world: str
    policy: Hashable
    errand: Callable[[int], Errand] = field(compare=False)

    @property
    def key(self) -> tuple[str, Hashable]:
        """What identifies it."""
        return self.world, self.policy


@dataclass(eq=False)
class Stream:
    """Somebody who waits for some policies under some seeds.

    Attributes:
        wanted: policies, that of the baseline first.
        seeds: in the order in which they are run.
        changed: called, from any thread, when there is news.
    """

    wanted: tuple[Arms, ...]
    seeds: tuple[int, ...]
    changed: Callable[[], None]


Shelf = Callable[[Arms, int], ArmNumbers | None]


class WorkerPool:
    """Worker processes, and what is known so far.

    Args:
        workers: number of processes.
        function: what each process does with an errand, such as `simulate`; can be pickled.
        shelf: finds the numbers of an arm under a seed that were kept before the page was opened; None for nowhere.
    """

    def __init__(self, workers: int, function: Callable[[Errand], Result], shelf: Shelf | None = None) -> None:
        self._function, self._shelf = function, shelf
        self._news = Condition()
        self._streams: deque[Stream] = deque()
        self._asides: list[_Chosen] = []
        self._idle: Stream | None = None
        #: Worlds and seeds whose past a worker has simulated, and keeps on disk, or has tried to.
        self._begun: set[tuple[str, int]] = set()
        self._known: OrderedDict[tuple[str, Hashable], dict[int, ArmNumbers | Failure]] = OrderedDict()
        self._deaths: dict[tuple[str, Hashable, int], int] = {}
        self._closed = False
        self._processes: list[Any] = [None] * workers
        self._threads = [Thread(target=self._serve, args=(number,), daemon=True) for number in range(workers)]
        for thread in self._threads:
            thread.start()

    @contextmanager
    def open(self, stream: Stream) -> Iterator[Stream]:
        """Runs a stream's arms while the block runs; leaving the block cancels them."""
        with self._news:
            self._streams.append(stream)
            self._news.notify_all()
        try:
            yield stream
        finally:
            with self._news:
                self._streams.remove(stream)

    def prepare(self, stream: Stream) -> None:
        """Arms and pasts to prepare while nobody waits; each past is begun once, so that an idle page comes to rest."""
        with self._news:
            if self._idle and (self._idle.wanted, self._idle.seeds) == (stream.wanted, stream.seeds):
                return
            self._idle = stream
            self._news.notify_all()

    @property
    def prepared(self) -> tuple[int, int]:
        """Seeds whose arms and past need no more preparation, and how many there are in all."""
        with self._news:
            if self._idle is None:
                return (0, 0)
            known, world = self._of(self._idle.wanted[0]), self._idle.wanted[0].world
            ready = (seed in known and (world, seed) in self._begun for seed in self._idle.seeds)
            return sum(ready), len(self._idle.seeds)

    def found(self, stream: Stream) -> dict[int, tuple[ArmNumbers | Failure, ...]]:
        """Seeds of which all policies of a stream are known, in order."""
        with self._news:
            columns = [self._of(arms) for arms in stream.wanted]
            return {
                seed: tuple(column[seed] for column in columns)
                for seed in stream.seeds
                if all(seed in column for column in columns)
            }

    def ask(self, errand: Errand) -> Future[Any]:
        """The result of an errand outside any comparison, which goes before all else; cancelling takes it back."""
        answer: Future[Any] = Future()
        with self._news:
            self._asides.append(_Chosen(errand, None, errand.task.seed, answer))
            self._news.notify_all()
        return answer

    def close(self) -> None:
        """Ends all workers, in the middle of their work if need be."""
        with self._news:
            self._closed = True
            self._news.notify_all()
        for process in self._processes:
            if process is not None:
                process.terminate()
        for thread in self._threads:
            thread.join(10.0)

    def _of(self, arms: Arms) -> dict[int, ArmNumbers | Failure]:
        known = self._known.setdefault(arms.key, {})
        self._known.move_to_end(arms.key)
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return known

    def _serve(self, number: int) -> None:
        """One worker from start to end: picks an errand, waits for its answer, and makes it known."""
        pipe = None
        while True:
            with self._news:
                while not self._closed and (chosen := self._choose(number)) is None:
                    self._news.wait()
                if self._closed:
                    break
            assert chosen is not None  # noqa: S101 - the loop has ended
            if pipe is None:
                self._processes[number], pipe = start_process(self._function)
            try:
                self._learn(chosen, _carried_out(pipe, chosen.errand))
            except (EOFError, OSError):
                pipe.close()
                cause = end_process(self._processes[number])
                pipe, self._processes[number] = None, None
                self._worker_died(chosen, cause)
        if pipe is not None:
            pipe.close()
            end_process(self._processes[number])

    def _choose(self, number: int) -> _Chosen | None:
        """The next errand of a worker: of somebody who asked, of the streams in turn, then what may be needed."""
        for aside in [entry for entry in self._asides if self._owner(entry.seed) == number]:
            self._asides.remove(aside)
            answer = aside.answer
            if answer and (answer.running() or answer.set_running_or_notify_cancel()):
                return aside
        for _ in range(len(self._streams)):
            stream = self._streams[0]
            self._streams.rotate(-1)
            if chosen := self._missing(number, stream):
                return chosen
        return self._missing(number, self._idle) or self._cold(number, self._idle) if self._idle else None

    def _owner(self, seed: int) -> int:
        return seed % len(self._threads)

    def _missing(self, number: int, stream: Stream) -> _Chosen | None:
        """An arm that is missing in a stream: of a seed of which most is there, so that a pair is shown soon."""
        best: tuple[int, int, Arms] | None = None
        for place, seed in enumerate(stream.seeds):
            if self._owner(seed) != number:
                continue
            missing = [arms for arms in stream.wanted if not self._kept(arms, seed)]
            if not missing:
                continue
            left = len(missing) + 2 * ((missing[0].world, seed) not in self._begun)
            if best is None or (left, place) < best[:2]:
                best = (left, place, missing[0])
        if best is None:
            return None
        seed = stream.seeds[best[1]]
        return _Chosen(best[2].errand(seed), best[2], seed)

    def _kept(self, arms: Arms, seed: int) -> bool:
        known = self._of(arms)
        if seed not in known and self._shelf and (numbers := self._shelf(arms, seed)):
            known[seed] = numbers
            self._announce()
        return seed in known

    def _cold(self, number: int, stream: Stream) -> _Chosen | None:
        arms = stream.wanted[0]
        for seed in stream.seeds:
            if self._owner(seed) == number and (arms.world, seed) not in self._begun:
                return _Chosen(only_past(arms.errand(seed)), None, seed)
        return None

    def _learn(self, chosen: _Chosen, result: Result) -> None:
        with self._news:
            if chosen.answer:
                chosen.answer.set_result(result)
            elif chosen.arms and isinstance(result, ArmNumbers | Failure):
                self._of(chosen.arms)[chosen.seed] = result
            self._begun.add((chosen.errand.world, chosen.seed))
            self._announce()

    def _worker_died(self, chosen: _Chosen, cause: str) -> None:
        """The errand is done again by the next worker, but not for ever."""
        with self._news:
            key = (chosen.errand.world, chosen.arms.policy if chosen.arms else "", chosen.seed)
            self._deaths[key] = self._deaths.get(key, 0) + 1
            if self._closed or self._deaths[key] < TRIES:
                if chosen.answer:
                    self._asides.insert(0, chosen)
                return
            failure = Failure.of_death(cause, "page", chosen.seed)
            del self._deaths[key]
            if chosen.answer:
                chosen.answer.set_result(failure)
            elif chosen.arms:
                self._of(chosen.arms)[chosen.seed] = failure
                self._announce()
            else:
                self._idle = None  # preparing costs lives: better to wait for somebody who asks

    def _announce(self) -> None:
        for stream in self._streams:
            stream.changed()


@dataclass(frozen=True)
class _Chosen:
    """An errand that a worker carries out: of a policy under a seed, or of somebody who waits for the answer."""

    errand: Errand
    arms: Arms | None
    seed: int
    answer: Future[Any] | None = None


def _carried_out(pipe: Any, errand: Errand) -> Result:
    """What came of an errand.

    Raises:
        EOFError, OSError: the worker has died.
    """
    pipe.send(errand)
    while isinstance(message := pipe.recv(), Begun):
        pass
    try:
        result: Result = read(message)
    except Exception as error:  # raised in the worker
        return Failure.of(error, "page", errand.task.seed, "", FailureStage.ARM)
    return result
