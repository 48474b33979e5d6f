"""A folder that lasts as long as what needs it."""

import shutil
import tempfile
import weakref
from pathlib import Path


class TemporaryFolder:
    """A folder of the system's that is removed with this object.

    Attributes:
        path: where it is.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="comity-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
