"""The folder that the processes of one run of the suite share: what one of them has made there serves the others.

tests/suite.py makes it and takes it away. Where tests are run without the suite there is none, and nothing is shared.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "ASKONCE_TEST_RUN"


@contextmanager
def place(name: str) -> Iterator[Path | None]:
    """The file of this name, there or to be made, held against other processes meanwhile.

    None where there is no folder or no name.
    """
    folder = os.environ.get(VARIABLE)
    if not folder or not name:
        yield None
        return
    path = Path(folder) / name
    with path.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path
