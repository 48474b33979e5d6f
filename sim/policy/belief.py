"""A policymaker's beliefs about measures, and how reviews update them.

An indicator's log is its level less the effects of the measures in operation, plus error. Level and effects have normal
priors; each review is one more observation. The policymaker cannot distinguish two measures that
began together and act on the same indicator, nor a measure from a change in the world.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

#: Standard deviation of the prior: of an effect, as a share of its mean; of the level, log.
EFFECT_DOUBT, LEVEL_DOUBT = 1.0, 3.0
#: Standard deviations that the policymaker assumes for an indicator's error and for the world's own movement, log.
ERROR, DRIFT = 0.15, 0.10
#: Least value of an indicator, days lost per request, so that its log is finite.
LEAST = 0.1


@dataclass(frozen=True)
class Effect:
    """Belief about one measure: by how much it lowers the log of its indicator.

    Attributes:
        mean: expected.
        deviation: standard deviation of the belief.
    """

    mean: float
    deviation: float

    @property
    def cut(self) -> float:
        """Expected share by which the indicator falls."""
        return float(1.0 - np.exp(-max(self.mean, 0.0)))


def prior(expects: float) -> Effect:
    """The belief before any review, from the share by which a measure is expected to cut its indicator."""
    mean = -float(np.log1p(-min(expects, 0.95)))
    return Effect(mean, EFFECT_DOUBT * mean)


def updated(
    priors: Sequence[Effect], operating: npt.NDArray[np.float64], seen: npt.NDArray[np.float64]
) -> tuple[Effect, ...]:
    """Beliefs after some reviews, about the measures against one indicator.

    Args:
        priors: of the measures.
        operating: [reviews, measures] how far each was in operation in the time that the figures cover, 0–1.
        seen: [reviews] the indicator.
    """
    if not len(seen) or not priors:
        return tuple(priors)
    logs = np.log(np.maximum(seen, LEAST))
    design = np.column_stack([np.ones(len(seen)), -operating])
    centre = np.array([logs[0], *(effect.mean for effect in priors)])
    precision = np.diag([LEVEL_DOUBT**-2, *(max(effect.deviation, 1e-6) ** -2 for effect in priors)])
    weight = 1.0 / (ERROR**2 + DRIFT**2)
    posterior = np.linalg.inv(precision + weight * design.T @ design)
    mean = posterior @ (precision @ centre + weight * design.T @ logs)
    spread = np.sqrt(np.diag(posterior))
    return tuple(Effect(float(m), float(s)) for m, s in zip(mean[1:], spread[1:], strict=True))
