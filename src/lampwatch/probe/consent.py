"""What somebody agrees to before a probe measures anything, and the record that they did."""

import datetime as dt
import os
from pathlib import Path
from typing import Final

import msgspec

from lampwatch.model.errors import UserError

VERSION: Final = 1
"""Counted up with every change of TEXT that changes what is agreed to: it is then asked for anew."""
TEXT: Final = """\
Lampwatch probe: what it does, and what that can mean for you

What it does. From this machine and the network that it is on, it visits web sites of public test lists and messengers
such as Telegram and WhatsApp, and writes down which of them work, and how those that do not work fail. It measures
nothing but what is on these lists, and sends nothing of yours: no files, no history, no accounts.

What others can see. Whoever runs or watches your network sees these visits as if you had made them, and that they are
measurements. Some of these sites may be blocked where you are, and some are about politics, religion, sexuality, drugs
or gambling. In some places visiting them, or measuring at all, is against the law or may put you in danger. If you are
not sure, do not run it. Never run it on a network of which somebody else has to bear the consequences.

What is published. Results are sent to a collector, if you name one, and are then public for good. They say the country
and the network (AS number) that they were measured from, the time, and what was seen. They do not say your address or
where exactly you are, but a network with few people narrows down who it was. A network's own pages can contain details.

What it costs. Some 500 MB a day at most, unless you set another --budget.

How to stop. Ctrl-C ends it at any time. What has not been sent yet lies in the folder below, and nothing else does.
Delete that folder, and nothing of it is left, your consent neither.
"""
FILE: Final = "consent.json"


class Consent(msgspec.Struct, frozen=True):
    """Who agreed is nowhere written: only to which text, when (UTC, ISO 8601), and by `typed` or `option`."""

    version: int
    given_at: str
    how: str


def given_consent(directory: Path) -> Consent | None:
    """The consent to the present text that was given in a probe's directory; None where there is none."""
    try:
        found = msgspec.json.decode((directory / FILE).read_bytes(), type=Consent)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        # What cannot be read is no consent: it is asked for once more.
        return None
    return found if found.version == VERSION else None


def record_consent(directory: Path, now: dt.datetime, how: str) -> Consent:
    """Write down that consent was given now (UTC). Raises UserError where that cannot be written."""
    consent = Consent(VERSION, now.isoformat(timespec="seconds") + "Z", how)
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        making = directory / f"{FILE}.new"
        with making.open("wb") as file:
            file.write(msgspec.json.encode(consent) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        making.replace(directory / FILE)
    except OSError as error:
        raise UserError(
            f"{directory} cannot be written: {error.strerror}; name another with --data"
        ) from error
    return consent
