"""What a user names -> sources to read."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO, Final

from lampwatch.collect.local import local_sources, stream_source
from lampwatch.collect.remote import s3_sources, web_sources
from lampwatch.collect.source import Source
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError

FIRST_WAIT: Final = dt.timedelta(milliseconds=100)
"""How long a first retry on the network waits; each further one waits three times as long."""


def discover(
    paths: Iterable[str],
    *,
    stdin: BinaryIO,
    environ: Mapping[str, str],
    allow_http: bool = False,
    first_wait: dt.timedelta = FIRST_WAIT,
) -> Iterator[Source]:
    """Give the sources that paths name, in that order: files, folders, `-` for stdin, `s3://` and `https://` addresses.

    Everything named is looked for before the first source is given, and UserError is raised, in one line, where one of
    them does not exist, is empty, has no ending of ours or cannot be reached. Folders and buckets are listed as the
    sources are taken, so that millions of files cost no memory; a bucket that stops answering raises UserError then.
    environ holds the AWS_* variables.
    """
    found: list[Iterator[Source]] = []
    has_stdin = False
    for path in paths:
        scheme, separator, _ = path.partition("://")
        if path == "-":
            if has_stdin:
                raise UserError("- is named twice, and standard input can be read once. Name it once.")
            has_stdin = True
            found.append(iter((stream_source(stdin),)))
        elif not separator:
            found.append(local_sources(path))
        elif scheme == "s3":
            found.append(s3_sources(path, environ=environ, allow_http=allow_http, first_wait=first_wait))
        elif scheme in {"http", "https"}:
            found.append(web_sources(path, allow_http=allow_http, first_wait=first_wait))
        else:
            message = f"{printable(path)}: {printable(scheme)}:// is not supported. Use s3:// or https://, or a file."
            raise UserError(message)
    return (source for sources in found for source in sources)
