"""What makes files survive a power cut."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Wait until a file, or what was created, renamed or removed in a folder, is on the disk.

    A file whose folder is not synced may be gone after a power cut. Raises OSError.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
