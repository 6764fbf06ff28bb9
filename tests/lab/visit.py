"""What a plain client meets, told in JSON on standard output. Run in a lab as a program of its own: see visiting.py."""

import asyncio
import http.client
import json
import socket
import ssl
import struct
import sys
import time
from typing import Any, cast
from urllib.parse import urlsplit

WAIT_S = 3.0
IP_RECVTTL = 12
"""As Linux has it; Python names it only of late."""


def dns_answers(name: str, resolver: str, listen_s: str = "0.4") -> Any:
    """Every answer to one question over UDP that comes while we listen, in order."""
    import dns.message  # noqa: PLC0415  not every visit wants it

    query = dns.message.make_query(name, "A")
    answers = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
        asking.settimeout(float(listen_s))
        asking.sendto(query.to_wire(), (resolver, 53))
        try:
            while True:
                wire, ancillary, _, _ = asking.recvmsg(4096, 64)
                answer = dns.message.from_wire(wire)
                (ttl,) = [struct.unpack("i", content)[0] for _, _, content in ancillary]
                found = sorted(item.to_text() for rrset in answer.answer for item in rrset)
                answers.append({"rcode": int(answer.rcode()), "addresses": found, "ttl": ttl})
        except TimeoutError:
            return answers


def dns_over(how: str, name: str, resolver: str, ca_file: str) -> Any:
    """One answer by TCP, TLS or HTTPS."""
    import dns.message  # noqa: PLC0415  not every visit wants it
    import dns.query  # noqa: PLC0415  not every visit wants it

    query = dns.message.make_query(name, "A")
    context = ssl.create_default_context(cafile=ca_file)
    if how == "tcp":
        answer = dns.query.tcp(query, resolver, timeout=WAIT_S)
    elif how == "tls":
        answer = dns.query.tls(query, resolver, timeout=WAIT_S, ssl_context=context, server_hostname=resolver)
    elif how == "quic":
        answer = dns.query.quic(query, resolver, timeout=WAIT_S, verify=ca_file)
    else:
        import httpx  # noqa: PLC0415  not every visit wants it

        with httpx.Client(http2=True, verify=context, timeout=WAIT_S) as client:
            reply = client.post(f"https://{resolver}/dns-query", content=query.to_wire())
        answer = dns.message.from_wire(reply.content)
    return sorted(item.to_text() for rrset in answer.answer for item in rrset)


def system(name: str) -> Any:
    """What the system's resolver answers."""
    found = socket.getaddrinfo(name, 443, proto=socket.IPPROTO_TCP)
    return sorted({str(entry[4][0]) for entry in found})


def tcp(address: str, port: str) -> Any:
    with socket.create_connection((address, int(port)), timeout=WAIT_S):
        return "connected"


def web(url: str, address: str, ca_file: str, *how: str) -> Any:
    """A page from an address: status, location, body's size and title, who issued the certificate, bytes a second."""
    split = urlsplit(url)
    port = 443 if split.scheme == "https" else 80
    with socket.create_connection((address, port), timeout=WAIT_S) as plain:
        connection: socket.socket = _split(plain, ca_file, str(split.hostname)) if "split" in how else plain
        if split.scheme == "https" and "split" not in how:
            context = ssl.create_default_context(cafile=ca_file)
            if "unverified" in how:
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection = context.wrap_socket(plain, server_hostname=split.hostname)
        began = time.monotonic()
        connection.settimeout(20 if "patient" in how else WAIT_S)
        path = f"{split.path or '/'}{f'?{split.query}' if split.query else ''}"
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {split.hostname}\r\nConnection: close\r\n\r\n".encode()
        )
        response = http.client.HTTPResponse(connection)
        response.begin()
        body = response.read()
        took_s = time.monotonic() - began
        return {
            "status": response.status,
            "location": response.getheader("location"),
            "bytes": len(body),
            "text": body[:300].decode("latin-1"),
            "kbit_s": len(body) * 8 / 1000 / took_s,
        }


def _split(plain: socket.socket, ca_file: str, name: str) -> socket.socket:
    """A TLS connection whose ClientHello is sent in two segments."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context(cafile=ca_file)
    handshake = context.wrap_bio(incoming, outgoing, server_hostname=name)
    try:
        handshake.do_handshake()
    except ssl.SSLWantReadError:
        hello = outgoing.read()
    cut = hello.index(name.encode()) + 3
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    plain.sendall(hello[:cut])
    time.sleep(0.05)
    plain.sendall(hello[cut:])
    while True:
        try:
            handshake.do_handshake()
            break
        except ssl.SSLWantReadError:
            if pending := outgoing.read():
                plain.sendall(pending)
            received = plain.recv(65536)
            if not received:
                raise EOFError("closed in the handshake") from None
            incoming.write(received)
    plain.sendall(outgoing.read())
    return _OverBio(plain, handshake, incoming, outgoing)  # type: ignore[return-value]  # as much of one as is used


class _OverBio:
    """The little of a socket's manners that an HTTP client needs."""

    def __init__(self, plain: socket.socket, tls: Any, incoming: Any, outgoing: Any) -> None:
        self.plain, self.tls, self.incoming, self.outgoing = plain, tls, incoming, outgoing

    def settimeout(self, seconds: float) -> None:
        self.plain.settimeout(seconds)

    def sendall(self, content: bytes) -> None:
        self.tls.write(content)
        self.plain.sendall(self.outgoing.read())

    def makefile(self, _mode: str) -> Any:
        import io  # noqa: PLC0415  not every visit wants it

        received = b""
        while True:
            try:
                piece = self.tls.read(65536)
                if not piece:
                    break
                received += piece
            except ssl.SSLWantReadError:
                more = self.plain.recv(65536)
                if not more:
                    break
                self.incoming.write(more)
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                break
        return io.BytesIO(received)


def http3(url: str, address: str, ca_file: str) -> Any:
    return asyncio.run(_http3(url, address, ca_file))


async def _http3(url: str, address: str, ca_file: str) -> Any:
    from aioquic.asyncio.client import connect  # noqa: PLC0415  not every visit wants it
    from aioquic.asyncio.protocol import QuicConnectionProtocol  # noqa: PLC0415  not every visit wants it
    from aioquic.h3.connection import H3_ALPN, H3Connection  # noqa: PLC0415  not every visit wants it
    from aioquic.h3.events import DataReceived, HeadersReceived  # noqa: PLC0415  not every visit wants it
    from aioquic.quic.configuration import QuicConfiguration  # noqa: PLC0415  not every visit wants it

    split = urlsplit(url)
    done: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    class Client(QuicConnectionProtocol):
        def __init__(self, *args: Any, **named: Any) -> None:
            super().__init__(*args, **named)
            self.h3 = H3Connection(self._quic)
            self.got: dict[str, Any] = {"bytes": 0}

        def quic_event_received(self, event: Any) -> None:
            for seen in self.h3.handle_event(event):
                if isinstance(seen, HeadersReceived):
                    self.got["status"] = int(dict(seen.headers)[b":status"])
                if isinstance(seen, DataReceived):
                    self.got["bytes"] += len(seen.data)
                    if seen.stream_ended:
                        done.set_result(self.got)

    config = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN, server_name=split.hostname)
    config.load_verify_locations(ca_file)
    async with (
        asyncio.timeout(WAIT_S),
        connect(address, 443, configuration=config, create_protocol=Client) as connection,
    ):
        client = cast("Client", connection)
        stream = client._quic.get_next_available_stream_id()
        head = {":method": "GET", ":scheme": "https", ":authority": str(split.hostname), ":path": "/"}
        client.h3.send_headers(stream, [(k.encode(), v.encode()) for k, v in head.items()], end_stream=True)
        client.transmit()
        return await done


def http2(url: str, address: str, ca_file: str) -> Any:
    import httpx  # noqa: PLC0415  not every visit wants it

    split = urlsplit(url)
    with httpx.Client(
        http2=True, verify=ssl.create_default_context(cafile=ca_file), timeout=WAIT_S
    ) as client:
        there = f"https://{address}{split.path or '/'}"
        response = client.get(
            there, headers={"Host": str(split.hostname)}, extensions={"sni_hostname": split.hostname}
        )
        return {
            "version": response.http_version,
            "status": response.status_code,
            "bytes": len(response.content),
        }


def post(address: str, port: str) -> Any:
    connection = http.client.HTTPConnection(address, int(port), timeout=WAIT_S)
    try:
        connection.request("POST", "/")
        return connection.getresponse().status
    finally:
        connection.close()


def stun(address: str, port: str) -> Any:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(WAIT_S)
        asking.sendto(struct.pack("!HHI12s", 1, 0, 0x2112A442, b"lab-lab-lab-"), (address, int(port)))
        reply = asking.recv(1500)
        mapped = struct.unpack_from("!I", reply, 28)[0] ^ 0x2112A442
        return socket.inet_ntoa(struct.pack("!I", mapped))


def echo(address: str, port: str, text: str) -> Any:
    with socket.create_connection((address, int(port)), timeout=WAIT_S) as talking:
        talking.sendall(text.encode())
        return talking.recv(65536).decode("latin-1")


def many(*jobs: str) -> Any:
    """Several visits, one after another, in one run of the program: each is a JSON array."""
    return [outcome(json.loads(job)) for job in jobs]


def until_failure(*words: str) -> Any:
    """The same visit over and over until it fails: how often it worked, and how it failed."""
    worked = 0
    while "failure" not in (last := outcome(list(words))):
        worked += 1
    return {"worked": worked, "failure": last["failure"]}


def outcome(words: list[str]) -> dict[str, Any]:
    began = time.monotonic()
    try:
        got: dict[str, Any] = {"got": globals()[words[0]](*words[1:])}
    except Exception as error:  # noqa: BLE001  whatever it meets is what it tells
        got = {"failure": type(error).__name__, "why": str(error)}
    return {**got, "seconds": time.monotonic() - began}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(outcome(sys.argv[1:])))
