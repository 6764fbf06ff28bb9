"""The test_keys of tests that are our own, as their README.md have them: `quic` and `stream`."""

from tests.stories.steps import EXAMPLE_COM_ASN, Keys, connect, exchange, query, shake
from tests.stories.web import Site

_ANNOUNCED = {"Alt-Svc": 'h3=":443"; ma=86400', "Content-Type": "text/html"}
_OVER_QUIC = 4
_DATED = "Tue, 17 Nov 2026 06:00:00 GMT"


def quic(site: Site, *, failure: str | None = None) -> Keys:
    """A site that speaks HTTP/3, also to the control; failure is how QUIC to it ends for the probe."""
    over_quic = shake(site.host, site.address, failure, transaction_id=_OVER_QUIC, network="udp")
    page = exchange(site.url, 200, body=site.body, headers=_ANNOUNCED, address=site.address)
    http3 = page | {"network": "udp", "alpn": "h3", "transaction_id": _OVER_QUIC}
    silent: Keys = {"address": site.address, "failure": failure, "versions": [], "transaction_id": 5}
    control = _control(site)
    return {
        **_opened(site),
        "quic_handshakes": [over_quic],
        "requests": [page] if failure else [http3, page],
        "control": control | {"quic_handshake": control["tls_handshake"]},
        "control_failure": None,
        "x_quic_versions": [silent] if failure else [],
    }


def stream(site: Site, *newest: int) -> Keys:
    """A live stream whose playlist named these pieces as its newest, look by look."""
    playlist = exchange(site.url, 200, body="#EXTM3U\n", address=site.address)
    look = {"url": site.url, "failure": None, "status": 200, "live": True, "target_duration_s": 6.0}
    piece = {"url": f"{site.url}/{newest[-1]}.ts", "failure": None, "status": 200, "num_bytes": 65_536}
    outside = {"failure": None, "status": 200, "last_modified": _DATED, "etag": None}
    return {
        **_opened(site),
        "requests": [playlist | {"tags": ["depth=0", "stream=opening"]}],
        "control": _control(site),
        "control_failure": None,
        "x_stream": {
            "kind": "hls",
            "playlists": [look | {"newest": n, "by_clock": False} for n in newest],
            "segments": [piece],
            "outside": [outside, outside] if len(set(newest)) == 1 else [],
        },
    }


def _opened(site: Site) -> Keys:
    return {
        "queries": [query(site.host, site.ip)],
        "tcp_connect": [connect(site.ip, site.port)],
        "tls_handshakes": [shake(site.host, site.address)],
    }


def _control(site: Site) -> Keys:
    stood = {site.address: {"failure": None, "server_name": site.host, "status": True}}
    return {
        "dns": {"addrs": [site.ip], "failure": None},
        "http_request": {
            "body_length": len(site.body),
            "failure": None,
            "headers": {},
            "status_code": 200,
            "title": site.title,
        },
        "ip_info": {site.ip: {"asn": EXAMPLE_COM_ASN, "flags": 2}},
        "tcp_connect": stood,
        "tls_handshake": stood,
    }
