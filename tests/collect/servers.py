"""Servers on this machine: files over HTTP, and as much of S3 as reading needs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

FIRST = '"first"'


class Shelf(ThreadingHTTPServer):
    """Serves objects by path. What it is to do wrong is set on it; what it was asked for is kept."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.tags: dict[str, str] = {}
        self.asked: list[str] = []
        self.signed: list[bool] = []
        self.refusal = 0
        self.page_size = 2
        self.gives_range = True
        self.gives_length = True
        self.drops = 0
        self.drop_after = 0

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that has seen enough goes away in the middle of an answer."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Shelf

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        shelf = self.server
        parts = urlsplit(self.path)
        shelf.asked.append(f"{self.command} {self.path} {self.headers.get('Range', '')}".strip())
        shelf.signed.append("Authorization" in self.headers)
        query = parse_qs(parts.query)
        if shelf.refusal:
            self._send(shelf.refusal, b"<Error><Code>Refused</Code></Error>")
        elif "list-type" in query:
            self._send(200, self._listing(unquote(parts.path), query))
        elif unquote(parts.path) in shelf.objects:
            self._object(unquote(parts.path))
        else:
            self._send(404, b"")

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def _object(self, path: str) -> None:
        shelf, body, start = self.server, self.server.objects[path], 0
        asked = self.headers.get("Range")
        if asked and shelf.gives_range:
            start = int(asked.removeprefix("bytes=").partition("-")[0])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        if shelf.gives_length:
            self.send_header("Content-Length", str(len(body) - start))
        self.send_header("Connection", "close")
        self.send_header("Last-Modified", "Wed, 05 Jan 2022 12:00:00 GMT")
        if tag := shelf.tags.get(path, FIRST):
            self.send_header("ETag", tag)
        self.end_headers()
        if self.command == "HEAD":
            return
        end = len(body)
        if shelf.drops:
            shelf.drops -= 1
            end = min(end, start + shelf.drop_after)
        self.wfile.write(body[start:end])
        self.close_connection = True

    def _listing(self, path: str, query: dict[str, list[str]]) -> bytes:
        """One page of ListObjectsV2, path style."""
        bucket = path.strip("/")
        prefix = query.get("prefix", [""])[0]
        after = max(query.get("start-after", [""])[0], query.get("continuation-token", [""])[0])
        root = f"/{bucket}/"
        keys = sorted(key.removeprefix(root) for key in self.server.objects if key.startswith(root))
        keys = [key for key in keys if key.startswith(prefix) and key > after]
        page, more = keys[: self.server.page_size], len(keys) > self.server.page_size
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2022-01-05T12:00:00.000Z</LastModified>"
            f"<ETag>{escape(self.server.tags.get(root + key, FIRST))}</ETag>"
            f"<Size>{len(self.server.objects[root + key])}</Size><StorageClass>STANDARD</StorageClass></Contents>"
            for key in page
        )
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix><KeyCount>{len(page)}</KeyCount>"
            f"<MaxKeys>{self.server.page_size}</MaxKeys><IsTruncated>{str(more).lower()}</IsTruncated>"
            f"{contents}{token}</ListBucketResult>"
        ).encode()


@contextmanager
def shelf_on_loopback() -> Iterator[Shelf]:
    with Shelf() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
