"""An archive on this machine that serves ranges, and can break off or refuse on request."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Archive:
    """Files by path. troubles are used up one a request: a number breaks off after so many bytes, or is a status."""

    def __init__(self) -> None:
        self.base = ""
        self.files: dict[str, bytes] = {}
        self.break_after: list[int] = []
        self.statuses: list[int] = []
        self.asked: list[tuple[str, str]] = []


@contextmanager
def archive() -> Iterator[Archive]:
    served = Archive()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            served.asked.append((self.path, asked))
            content = served.files.get(self.path)
            status = served.statuses.pop(0) if served.statuses else 404 if content is None else 200
            if status != 200 or content is None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            begin = int(asked.removeprefix("bytes=").partition("-")[0]) if asked else 0
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(content) - begin))
            self.end_headers()
            stop = begin + served.break_after.pop(0) if served.break_after else len(content)
            self.wfile.write(content[begin:stop])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the server's own signature
            """Say nothing: a test's output is its failure."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
