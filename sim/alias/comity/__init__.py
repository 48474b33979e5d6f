"""Alias: `import comity` means `import sim`, for programs that have another module called sim."""

import sys

import sim
from sim import *  # noqa: F403

sys.modules[__name__] = sim
