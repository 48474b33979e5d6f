"""`import comity` is `import sim`: for programs in which another module is called sim."""

import sys

import sim
from sim import *  # noqa: F403

sys.modules[__name__] = sim
