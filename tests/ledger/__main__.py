"""Updates the ledger, with a reason for increases of a tenth: `make ledger REASON="what it buys"`.

`--sets` writes the pinned parameter sets from today's ensemble, which makes figures before and after incomparable.
"""

import argparse
import csv
import sys

from tests.ledger import count


def pin() -> None:
    """Stores the parameters of the ensemble's first sets for the ledger's worlds."""
    from sim.calibration.ensemble import load

    names = [name for name in count.WORLDS if name != "default"]
    sets = load().sets()
    chosen = [sets.values[sets.number(count.WORLDS[name])] for name in names]
    with count.SETS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("parameter", *names))
        writer.writerows((name, *(repr(float(values[name])) for values in chosen)) for name in chosen[0])


def main() -> int:
    """Measures, prints and writes the counts; returns 1 if a reason is missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--reason", default="", help="what the rise of a figure buys")
    parser.add_argument("--sets", action="store_true", help="pin other parameter sets first")
    chosen = parser.parse_args()
    if chosen.sets:
        pin()
    ledger, figures = count.stored(), count.measured()
    for key, counts in figures.items():
        before = ledger[key].total if key in ledger else 0
        if before != sum(counts):
            print(f"{' '.join(key):34} {before:12,} → {sum(counts):12,}")
    risen = count.rises(figures, ledger) if ledger else {}
    if risen and not chosen.reason.strip():
        print(f'{len(risen)} figures rise by more than a tenth. Say what that buys: make ledger REASON="…"')
        return 1
    count.write(count.renewed(figures, ledger, chosen.reason.strip()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
