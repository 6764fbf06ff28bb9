"""The one place where settings are declared and read from the environment. docs/settings.md names each of them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from lampwatch.model.errors import UserError


class Setting(msgspec.Struct, frozen=True):
    """One setting: its name on the command line, its environment variable, and what it means."""

    name: str
    envvar: str
    meaning: str


DATA: Final = Setting(
    "data", "LAMPWATCH_DATA", "the directory that holds the archive, the store and reference data"
)
FINGERPRINTS: Final = Setting(
    "fingerprints", "LAMPWATCH_FINGERPRINTS", "files or folders of known block pages and injected answers"
)
WORKERS: Final = Setting(
    "workers", "LAMPWATCH_WORKERS", "how many processes judge; one a core where not given"
)
HOST: Final = Setting("host", "LAMPWATCH_HOST", "the address that `serve` listens on")
PORT: Final = Setting("port", "LAMPWATCH_PORT", "the port that `serve` listens on")
CONTROL: Final = Setting(
    "control",
    "LAMPWATCH_CONTROL",
    "the control services that a probe compares with, with spaces between them",
)
COLLECTOR: Final = Setting("collector", "LAMPWATCH_COLLECTOR", "where a probe sends what it measured")
RADAR_TOKEN: Final = Setting(
    "radar token", "LAMPWATCH_RADAR_TOKEN", "the token with which series are asked for at Cloudflare Radar"
)
SIZES: Final = Setting("sizes", "LAMPWATCH_SIZES", "files of how many users networks and places have")
OCCASIONS: Final = Setting(
    "occasions",
    "LAMPWATCH_OCCASIONS",
    "files of elections, exams, protests and coups, before which more is expected",
)
SIGN_OFF_KEY: Final = Setting(
    "sign-off key", "LAMPWATCH_SIGN_OFF_KEY", "the file of the private key with which incidents are signed"
)

SETTINGS: Final = (
    DATA,
    FINGERPRINTS,
    WORKERS,
    HOST,
    PORT,
    CONTROL,
    COLLECTOR,
    RADAR_TOKEN,
    SIZES,
    OCCASIONS,
    SIGN_OFF_KEY,
)


def environment() -> Mapping[str, str]:
    """The process's environment."""
    return os.environ


def default_directory(environ: Mapping[str, str]) -> Path:
    """Where data lies when nobody says otherwise: `lampwatch` in the user's data directory (XDG)."""
    given = environ.get("XDG_DATA_HOME", "")
    if given and Path(given).is_absolute():
        return Path(given) / "lampwatch"
    try:
        return Path.home() / ".local" / "share" / "lampwatch"
    except RuntimeError as error:
        raise UserError("there is no home directory; name a place with --data DIRECTORY") from error


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
