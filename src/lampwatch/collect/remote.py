"""Objects in S3 and on web servers as sources, by obstore. The library retries, and goes on by range where it was."""

import datetime as dt
import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import msgspec
import obstore
from obstore.exceptions import BaseError
from obstore.store import HTTPStore, S3Store

from lampwatch.collect.ending import ENDINGS, shape_of
from lampwatch.collect.local import unsupported
from lampwatch.collect.source import CHUNK_BYTES, BrokenError, Source
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.model.measurement import Reason

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ClientConfig, RetryConfig, S3Config

RETRIES: Final = 5
READ_TIMEOUT: Final = dt.timedelta(seconds=60)
"""How long a server may say nothing. There is no limit on the whole: an object may take hours."""
WHOLE_TIMEOUT: Final = dt.timedelta(days=7)
PUBLIC_REGIONS: Final = {"ooni-data-eu-fra": "eu-central-1"}
"""Regions of well-known public buckets, so that nobody has to look them up. Source: docs.ooni.org/data."""
_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_ROLES: Final = (
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_ENDPOINTS: Final = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_STATUS: Final = re.compile(r"status code: (\d{3})")
_NO_ACCESS: Final = ("401", "403")
_TRUE: Final = ("1", "true", "yes", "on")
_ERRORS: Final = (BaseError, OSError, ValueError)
"""What obstore raises for the network: its own errors, and Python's for what is not found."""


class RemoteObject(msgspec.Struct, frozen=True):
    """One object in a store, as it was when it was found: tag is its version there, empty where the server has none."""

    store: S3Store | HTTPStore
    path: str
    tag: str

    def identity(self) -> str:
        """Its version when it was found; chunks breaks where the server has another by then."""
        return self.tag

    def chunks(self) -> Iterator[bytes]:
        """Give its bytes. A connection that stays broken after the retries leaves the stream unfinished."""
        offset = 0
        try:
            result = obstore.get(self.store, self.path)
            if _tag(result.meta) != self.tag:
                detail = "has changed on the server since it was listed; run the command again"
                raise BrokenError(Reason.UNREADABLE_SOURCE, detail, finished=False)
            for chunk in result.stream(min_chunk_size=CHUNK_BYTES):
                offset += len(chunk)
                # Not bytes, but obstore's own buffer, in some versions.
                yield bytes(chunk)
        except _ERRORS as error:
            detail = f"cannot be read on from byte {offset}: {_first_line(error)}"
            raise BrokenError(Reason.UNREADABLE_SOURCE, detail, finished=False) from error


def _tag(meta: "ObjectMeta") -> str:
    """Name an object's version: the server's tag, else size and time of change, else nothing."""
    if meta["e_tag"]:
        return meta["e_tag"]
    changed = meta["last_modified"]
    return f"{meta['size']}:{changed.isoformat()}" if changed.timestamp() > 0 else ""


def _first_line(error: Exception) -> str:
    return printable(str(error).partition("\n")[0])[:300]


def _client(*, allow_http: bool) -> "ClientConfig":
    return {"allow_http": allow_http, "timeout": WHOLE_TIMEOUT, "read_timeout": READ_TIMEOUT}


def _retry(first_wait: dt.timedelta) -> "RetryConfig":
    backoff = {"init_backoff": first_wait, "max_backoff": first_wait * 100, "base": 3}
    return {"max_retries": RETRIES, "retry_timeout": dt.timedelta(minutes=3), "backoff": backoff}  # type: ignore[typeddict-item]  # a dict literal by another name


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def web_sources(url: str, *, allow_http: bool, first_wait: dt.timedelta) -> Iterator[Source]:
    """Give the one object at an https address; http only on this machine, or where it is allowed.

    Asks the server for it at once. Raises UserError where the address or the server does not give it.
    """
    parts = urlsplit(url)
    shown = printable(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}")
    if parts.username or parts.password:
        raise UserError(f"{shown}: an address may not hold a password. Download it, and give the file.")
    if parts.scheme == "http" and not (allow_http or _is_loopback(parts.hostname)):
        raise UserError(
            f"{shown}: http can be read and changed on the way. Use https, or allow it with --allow-http."
        )
    filename = unquote(parts.path.rpartition("/")[2])
    if shape_of(filename) is None:
        raise UserError(unsupported(shown))
    client = _client(allow_http=parts.scheme == "http")
    try:
        store = HTTPStore(url, client_options=client, retry_config=_retry(first_wait))
        # Only its head: the body of this answer is never asked for.
        meta = obstore.get(store, "").meta
    except FileNotFoundError as error:
        raise UserError(f"{shown}: the server has nothing there. Check the address.") from error
    except _ERRORS as error:
        raise UserError(_refused(shown, error)) from error
    tag = _tag(meta)
    return iter((Source(shown, filename, tag, meta["size"], RemoteObject(store, "", tag)),))


def _refused(shown: str, error: Exception) -> str:
    if "Content-Length" in str(error):
        return f"{shown}: the server does not say how long it is. Download it, or pipe it into lampwatch ingest -."
    if _status(error) in _NO_ACCESS:
        return f"{shown}: the server refuses access. Download it as whoever may read it, and give the file."
    return f"{shown} cannot be read. Check the address and the network ({_first_line(error)})."


def _status(error: Exception) -> str:
    """The HTTP status that an error of the library tells of; its types tell it for some requests only."""
    found = _STATUS.search(str(error))
    return found.group(1) if found else ""


def s3_sources(
    url: str, *, environ: Mapping[str, str], allow_http: bool, first_wait: dt.timedelta
) -> Iterator[Source]:
    """Give the object of this address, or all measurement objects whose keys begin so, in the order of their keys.

    Credentials, region and endpoint are those of the AWS_* variables in environ; without credentials the bucket is read
    as anyone may. Asks the server at once. Raises UserError where it does not answer or has nothing of the kind.
    """
    parts = urlsplit(url, allow_fragments=False)
    bucket, prefix = parts.netloc, parts.path.lstrip("/")
    shown = printable(url)
    if not bucket:
        raise UserError(f"{shown} names no bucket. Write s3://bucket/prefix.")
    store = _bucket(bucket, shown, environ, allow_http=allow_http, first_wait=first_wait)
    try:
        if shape_of(prefix) is not None:
            try:
                return iter((_object(store, bucket, obstore.head(store, prefix)),))
            except FileNotFoundError:
                # A folder may have such a name as well.
                prefix = prefix.rstrip("/")
        found = _listed(store, bucket, prefix)
        first = next(found, None)
    except _ERRORS as error:
        raise UserError(_refused_bucket(shown, bucket, error)) from error
    if first is None:
        raise UserError(f"{shown} holds no measurements. They end in one of {', '.join(ENDINGS)}.")
    return _all_listed(first, found, shown, bucket)


def _all_listed(first: Source, rest: Iterator[Source], shown: str, bucket: str) -> Iterator[Source]:
    yield first
    try:
        yield from rest
    except _ERRORS as error:
        raise UserError(_refused_bucket(shown, bucket, error)) from error


def _refused_bucket(shown: str, bucket: str, error: Exception) -> str:
    if "redirect" in str(error).lower():
        return f"{shown}: the bucket {bucket} lies in another region. Name it in AWS_REGION."
    if _status(error) == "404":
        return f"{shown}: there is no bucket {bucket}. Check its name, and AWS_ENDPOINT_URL."
    if _status(error) in _NO_ACCESS:
        return f"{shown}: access is refused. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of one who may read it."
    return f"{shown} cannot be read. Check AWS_ENDPOINT_URL and the network ({_first_line(error)})."


def _bucket(
    bucket: str, shown: str, environ: Mapping[str, str], *, allow_http: bool, first_wait: dt.timedelta
) -> S3Store:
    config: S3Config = {}
    if region := environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or PUBLIC_REGIONS.get(bucket):
        config["region"] = region
    missing = [key for key in _KEYS if not environ.get(key)]
    if len(missing) == 1:
        raise UserError(f"{shown}: {missing[0]} is not set. Set both it and its companion, or neither.")
    if not missing:
        config["access_key_id"], config["secret_access_key"] = (environ[key] for key in _KEYS)
        if token := environ.get("AWS_SESSION_TOKEN"):
            config["session_token"] = token
    elif not any(environ.get(key) for key in _ROLES):
        # Without this the library would ask a cloud's metadata service for credentials, and wait for it.
        config["skip_signature"] = True
    endpoint = next((environ[key] for key in _ENDPOINTS if environ.get(key)), "")
    if endpoint:
        config["endpoint"] = endpoint
        if endpoint.startswith("http://"):
            allow_http = allow_http or environ.get("AWS_ALLOW_HTTP", "").lower() in _TRUE
            allow_http = allow_http or _is_loopback(urlsplit(endpoint).hostname)
            if not allow_http:
                message = f"{shown}: AWS_ENDPOINT_URL is not https. Use https, or set AWS_ALLOW_HTTP=true."
                raise UserError(message)
    client = _client(allow_http=endpoint.startswith("http://"))
    try:
        return S3Store(bucket, config=config, client_options=client, retry_config=_retry(first_wait))
    except _ERRORS as error:
        raise UserError(_refused_bucket(shown, bucket, error)) from error


def _listed(store: S3Store, bucket: str, prefix: str) -> Iterator[Source]:
    """List keys that begin with prefix. The library lists whole folders only: the rest of a prefix is compared here."""
    folder, slash, _ = prefix.rpartition("/")
    begin = prefix if prefix and not prefix.endswith("/") else None
    pages: Iterator[Sequence[ObjectMeta]] = obstore.list(store, folder if slash else None, offset=begin)
    for page in pages:
        for meta in page:
            if meta["path"].startswith(prefix):
                if shape_of(meta["path"]) is not None:
                    yield _object(store, bucket, meta)
            elif meta["path"] > prefix:
                # Keys come in order, so that none behind this one begins so.
                return


def _object(store: S3Store, bucket: str, meta: "ObjectMeta") -> Source:
    path, tag = meta["path"], _tag(meta)
    name = printable(f"s3://{bucket}/{path}")
    return Source(name, path.rpartition("/")[2], tag, meta["size"], RemoteObject(store, path, tag))
