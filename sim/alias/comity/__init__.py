"""Alias, so that `import comity` means `import sim` where another module is called sim."""

import sys

import sim
from sim import *  # noqa: F403

sys.modules[__name__] = sim
