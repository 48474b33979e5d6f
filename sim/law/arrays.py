"""The law of one day as arrays: what compiled rules read."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]
Flags = npt.NDArray[np.int8]


class LawArrays(NamedTuple):
    """Law on one day. Pair arrays are [requesting, requested]; all are C-contiguous and read-only.

    S states in ISO3 order; offences, data kinds and channels by their vocabulary values.
    """

    terms: np.recarray[Any, np.dtype[np.void]]  # TERMS, one row per instrument variant
    instrument: Flags  # [S, S, channels] row of terms, -1 closed
    opened: Float  # [S, S, channels] day since which the channel is open; NaN closed
    offence: Flags  # [S, offences] covered
    penalty_years: Float  # [S, offences]
    elements: npt.NDArray[np.uint8]  # [S, offences] mask of extra elements
    power: Flags  # [S, data kinds]
    implementation: Float  # [S] 0–1
    nationals_bar: Flags  # [S] never extradites its nationals
    affinity: Float  # [S, S] 0–1
    shared_language: Flags  # [S, S]
    conflict: Flags  # [S, S] data-protection conflict when `requested` sends to `requesting`
    police_body: Flags  # [S, S] best common police body: 0 none, 1 INTERPOL, 2 Europol, 3 J-CAT
    eurojust: Flags  # [S, S] both sides work through Eurojust
    conducts: npt.NDArray[np.int32]  # [kinds of group] mask of the offences that what they do may be
