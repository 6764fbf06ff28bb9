"""A small npm registry on this machine, that serves what it is given and can misbehave on request."""

import base64
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]  # netaddr ships no types

ASN = "@ip-location-db/asn"
COUNTRY = "@ip-location-db/geo-whois-asn-country-mmdb"
VERSION = "2.3.2026061719"


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def country_mmdb(path: Path) -> bytes:
    writer = MMDBWriter(6, "country ipvAll", ipv4_compatible=True)
    writer.insert_network(IPSet(["192.0.2.0/24", "2001:db8::/32"]), {"country_code": "KZ"})
    writer.to_db_file(str(path))
    return path.read_bytes()


class Registry:
    """Packages by name; integrity, tarball and answers may be overridden before it is asked."""

    def __init__(self) -> None:
        self.base = ""
        self.tarballs: dict[str, bytes] = {}
        self.integrity: dict[str, str] = {}
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[str] = []

    def publish(self, name: str, files: dict[str, bytes], version: str = VERSION) -> None:
        content = packed({f"package/{file}": body for file, body in files.items()})
        self.tarballs[name] = content
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
        dist = {"tarball": f"{self.base}/{name}/-/p.tgz", "integrity": self.integrity.get(name, integrity)}
        document = {
            "dist-tags": {"latest": version},
            "versions": {version: {"dist": dist, "license": "CC-BY-4.0"}},
        }
        self.answers[f"/{name.replace('/', '%2f')}"] = (200, {}, json.dumps(document).encode())
        self.answers[f"/{name}/-/p.tgz"] = (200, {}, content)

    def publish_defaults(self, scratch: Path) -> None:
        self.publish(
            ASN,
            {
                "asn-ipv4.csv": b'192.0.2.0,192.0.2.255,9198,"Kazakhtelecom, JSC"\n',
                "asn-ipv6.csv": b"2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,9198,Kazakhtelecom\n",
                "DBIP-LICENSE": b"Attribute it to DB-IP.com.",
                "NRO_LICENSE": b"Attribute it to nro.net.",
            },
        )
        self.publish(COUNTRY, {"geo-whois-asn-country.mmdb": country_mmdb(scratch / "served.mmdb")})


@contextmanager
def serving() -> Iterator[Registry]:
    registry = Registry()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            registry.asked.append(self.path)
            status, headers, body = registry.answers.get(self.path, (404, {}, b"{}"))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the server's own signature
            """Say nothing: a test's output is its failure."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    registry.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
