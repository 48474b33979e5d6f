"""Conduct of each kind of group, as the law may see it: conduct decides, not the label (Budapest art. 25(5))."""

import numpy as np
import numpy.typing as npt

from sim.data.load import read_table
from sim.law.statutes import offence_named
from sim.law.vocabulary import Offence

FILE = "conducts.csv"


def kinds() -> tuple[str, ...]:
    """Kinds of group in the order of the file."""
    return tuple(dict.fromkeys(row["kind"] for row in read_table(FILE).rows))


def load_conducts() -> npt.NDArray[np.int32]:
    """[kinds of group] mask of the offences that their conduct may be.

    Raises:
        DataError: the file cannot be used.
    """
    masks = dict.fromkeys(kinds(), 0)
    for row in read_table(FILE).rows:
        masks[row["kind"]] |= 1 << offence_named(row["offence"], FILE, row["kind"])
    return np.array(list(masks.values()), np.int32)


def leading() -> tuple[Offence, ...]:
    """The offence that each kind of group commits first of all: the first row of the kind."""
    first = {row["kind"]: row["offence"] for row in reversed(read_table(FILE).rows)}
    return tuple(offence_named(first[kind], FILE, kind) for kind in kinds())
