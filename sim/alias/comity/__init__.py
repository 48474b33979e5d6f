"""Alias: `import comity` is `import sim`, for programs with another module called sim."""

import sys

import sim
from sim import *  # noqa: F403

sys.modules[__name__] = sim
