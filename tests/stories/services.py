"""The test_keys of messengers: Telegram (ts-020), WhatsApp (ts-018), Facebook Messenger (ts-019), Signal (ts-029)."""

from tests.stories.steps import Keys, connect, exchange, joined, query, shake

TELEGRAM_SERVERS = (
    "149.154.175.50",
    "149.154.167.51",
    "149.154.175.100",
    "149.154.167.91",
    "149.154.171.5",
    "95.161.76.100",
)
TELEGRAM_ASN = 62041
META_ASN = 32934
AMAZON_ASN = 16509
MESSENGER_HOSTS = (
    "b-api.facebook.com",
    "b-graph.facebook.com",
    "edge-mqtt.facebook.com",
    "external.xx.fbcdn.net",
    "scontent.xx.fbcdn.net",
    "star.c10r.facebook.com",
)
SIGNAL_HOSTS = (
    "chat.signal.org",
    "cdn.signal.org",
    "cdn2.signal.org",
    "sfu.voip.signal.org",
    "storage.signal.org",
)


def site(
    host: str,
    ip: str,
    asn: int,
    *,
    lookup: str | None = None,
    connects: str | None = None,
    tls: str | None = None,
    code: int = 200,
    path: str = "/",
) -> Keys:
    """A site fetched over HTTPS, that fails at the first step for which a failure is given."""
    keys: Keys = {"queries": [query(host, *(() if lookup else (ip,)), failure=lookup, asn=asn)]}
    if not lookup:
        keys["tcp_connect"] = [connect(ip, 443, connects)]
        if not connects:
            keys["tls_handshakes"] = [shake(host, f"{ip}:443", tls)]
    failure = lookup or connects or tls
    keys["requests"] = [
        exchange(f"https://{host}{path}", 0 if failure else code, failure=failure, address=f"{ip}:443")
    ]
    return keys


def telegram(*, app: str | None = None, web: str | None = None) -> Keys:
    """Telegram; app is how connects to its servers fail, web how the TLS handshake with its site does."""
    servers: Keys = {
        "tcp_connect": [connect(ip, port, app) for ip in TELEGRAM_SERVERS for port in (80, 443)],
        "requests": [
            exchange(f"http://{ip}:{port}/", 0 if app else 501, failure=app, method="POST")
            for ip in TELEGRAM_SERVERS
            for port in (80, 443)
        ],
    }
    return joined(servers, site("web.telegram.org", "149.154.167.99", TELEGRAM_ASN, tls=web))


def whatsapp(*, web: str | None = None) -> Keys:
    """WhatsApp, whose endpoints answer; web is how the TLS handshake with its site fails."""
    endpoints = [(f"e{n}.whatsapp.net", f"3.33.252.{n}") for n in range(1, 17)]
    servers: Keys = {
        "queries": [query(host, ip, asn=AMAZON_ASN) for host, ip in endpoints],
        "tcp_connect": [connect(ip, port) for _, ip in endpoints for port in (443, 5222)],
    }
    registration = site("v.whatsapp.net", "31.13.86.51", META_ASN, path="/v2/register")
    return joined(servers, registration, site("web.whatsapp.com", "31.13.86.52", META_ASN, tls=web))


def facebook_messenger(*, lookup: str | None = None) -> Keys:
    """Facebook Messenger; lookup is how every one of its names fails to resolve."""
    hosts = [(host, f"31.13.86.{n}") for n, host in enumerate(MESSENGER_HOSTS, 20)]
    calls = query("stun.fbsbx.com", "31.13.86.40", asn=META_ASN)
    return {
        "queries": [
            *[query(host, *(() if lookup else (ip,)), failure=lookup, asn=META_ASN) for host, ip in hosts],
            calls,
        ],
        "tcp_connect": [] if lookup else [connect(ip, 443) for _, ip in hosts],
    }


def signal(*, tls: str | None = None, well: bool = True) -> Keys:
    """Signal; tls is how every handshake fails; well is what Signal says of itself."""
    servers = [
        site(host, f"76.223.92.{n}", AMAZON_ASN, tls=tls, code=404)
        for n, host in enumerate(SIGNAL_HOSTS, 165)
    ]
    status: Keys = {"queries": [query("uptime.signal.org", "127.0.0.1" if well else "127.0.0.2", asn=0)]}
    return joined(*servers, status)
