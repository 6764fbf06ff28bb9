"""The importers' way out, with this machine's clock and the user's tokens."""

import time

from lampwatch.cli.settings import RADAR_TOKEN, environment
from lampwatch.signals.web import Web


def way_out(*, allow_http: bool = False) -> Web:
    """A client for `NetworkImporter.fetch`; use it as a context. Raises UserError where a token cannot be one."""
    return Web(
        clock=time.time,
        sleep=time.sleep,
        tokens={"cloudflare-radar-api": environment().get(RADAR_TOKEN.envvar, "")},
        allow_http=allow_http,
    )
