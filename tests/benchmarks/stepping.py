"""How much longer the default world takes by steps of a Mesa model: `python -m tests.benchmarks.stepping`.

The rules and the tables are the same; what is added is one call of the kernel per step, meeting new groups, and the
counts of the data collector.
"""

from statistics import median
from time import process_time

from sim.law.order import LegalOrder
from sim.model import CooperationModel
from sim.policy.timeline import Timeline
from sim.simulate import start
from sim.world.parameters import Parameters, WorldSpec

YEARS, ROUNDS, PERIODS = 5, 5, (1.0, 7.0, 30.0)


def ratios(law: LegalOrder) -> dict[float, float]:
    """Processor time by steps over that in one go, by days of a step; medians of several rounds in turns."""
    found: dict[float, list[float]] = {period: [] for period in PERIODS}
    for _ in range(ROUNDS):
        simulation = start(WorldSpec(), Parameters(), law, Timeline(), 1)
        last = simulation.day + 365.25 * YEARS
        begun = process_time()
        simulation.advance(last)
        whole = process_time() - begun
        for period in PERIODS:
            model = CooperationModel(seed=1, period_days=period, law=law)
            begun = process_time()
            while model.simulation.day < last:
                model.step()
            found[period].append((process_time() - begun) / whole)
    return {period: median(times) for period, times in found.items()}


if __name__ == "__main__":
    for period, ratio in ratios(LegalOrder.load()).items():
        print(f"steps of {period:g} days: {ratio:.1f} times as long")
