"""The invented week: who measured what, what happened, and what is true of it.

XA and XB are codes that no country will ever have; the network numbers are for private use; every site is invented.
"""

from typing import Final

from lampwatch.model.vocabulary import Layer, Mechanism, State
from tests.stories import own, paths, services
from tests.stories.story import OK, Network, Story, Truth, at, blocked, down, unknown
from tests.stories.web import DEAD, FREE, NO_CONTROL, NO_NAME, WORKS, Outside, Site, Treatment, fetch

TELECOM: Final = Network("XA", 64512, "Example Telecom (invented)")
MOBILE: Final = Network("XA", 64513, "Example Mobile (invented)")
BROADBAND: Final = Network("XA", 64514, "Example Broadband (invented)")
SAMPLE: Final = Network("XB", 64515, "Sample Net (invented)")
CABLE: Final = Network("XB", 64516, "Sample Cable (invented)")
WEEK: Final = range(7)
LATER: Final = range(2, 7)
"""From the third day on, when Example Telecom began to block Telegram."""

_BLOCK_PAGE: Final = "<html><head><title>Denied</title></head><body>No.</body></html>"


def _site(name: str, last: int, title: str, *, scheme: str = "https") -> Site:
    return Site(f"{scheme}://{name}/", name, f"93.184.216.{last}", title)


EXAMPLE_ORG: Final = _site("example.org", 34, "Example Domain")
NEWS: Final = _site("news.example", 40, "Independent Newspaper")
RADIO: Final = _site("radio.example", 41, "Radio Programme")
VIDEO: Final = _site("video.example", 42, "Moving Pictures")
ARCHIVE: Final = _site("archive.example", 43, "Public Archive")
SHOP: Final = _site("shop.example", 44, "Corner Shop")
RIGHTS: Final = _site("rights.example", 45, "Human Rights Watchers")
PARTY: Final = _site("party.example", 46, "Opposition Party")
WIKI: Final = _site("wiki.example", 47, "Collected Knowledge")
FORUM: Final = _site("forum.example", 48, "Village Forum", scheme="http")
BLOG: Final = _site("blog.example", 49, "Somebody's Journal", scheme="http")
PAPER: Final = _site("paper.example", 50, "Morning Paper", scheme="http")
MAIL: Final = _site("mail.example", 51, "Letters Home")
MAPS: Final = _site("maps.example", 52, "Streets and Squares")
MUSIC: Final = _site("music.example", 53, "Songs of Yesterday")


def _web(
    name: str,
    story: str,
    network: Network,
    times: tuple[tuple[int, int], ...],
    site: Site,
    truth: Truth = OK,
    treatment: Treatment = FREE,
    outside: Outside = WORKS,
) -> Story:
    return Story(
        name=name,
        story=story,
        network=network,
        times=times,
        test="web_connectivity",
        version="0.5.28",
        input=site.url,
        keys=fetch(site, treatment, outside),
        truth={site.host: truth},
    )


_DNS, _IP, _TLS, _HTTP = Layer.DNS, Layer.IP, Layer.TLS, Layer.HTTP

WEB_STORIES: Final = (
    _web("home_telecom", "example.org works on every network.", TELECOM, at(WEEK, 9), EXAMPLE_ORG),
    _web("home_mobile", "example.org works on every network.", MOBILE, at(range(0, 7, 2), 9), EXAMPLE_ORG),
    _web("home_sample", "example.org works on every network.", SAMPLE, at(range(0, 7, 3), 9), EXAMPLE_ORG),
    _web(
        "news_reset", "Example Telecom resets TLS connections whose ClientHello names news.example.",
        TELECOM, at(WEEK, 7, 19), NEWS, blocked(_TLS, Mechanism.TLS_SNI_RESET),
        Treatment(tls="connection_reset"),
    ),
    _web("news_free", "Next to it, Example Broadband lets news.example pass.", BROADBAND, at(WEEK, 8), NEWS),
    _web(
        "rights_drop", "Example Mobile drops TLS connections whose ClientHello names rights.example.",
        MOBILE, at(LATER, 11), RIGHTS, blocked(_TLS, Mechanism.TLS_SNI_DROP),
        Treatment(tls="generic_timeout_error"),
    ),
    _web(
        "wiki_interception", "Example Mobile answers for wiki.example with a certificate of its own.",
        MOBILE, at(range(3, 6), 12), WIKI, blocked(_TLS, Mechanism.TLS_INTERCEPTION),
        Treatment(tls="ssl_unknown_authority"),
    ),
    _web(
        "radio_nxdomain", "Example Mobile's resolver denies that radio.example exists.",
        MOBILE, at(range(1, 5), 13), RADIO, blocked(_DNS, Mechanism.DNS_NXDOMAIN),
        Treatment(lookup="dns_nxdomain_error"),
    ),
    _web(
        "radio_bogon", "Example Telecom's resolver gives radio.example a private address.",
        TELECOM, at(range(1, 5), 14), RADIO, blocked(_DNS, Mechanism.DNS_BOGON),
        Treatment(answers=("10.10.34.34",)),
    ),
    _web(
        "party_spoof", "Sample Net's resolver gives party.example an address where nobody answers.",
        SAMPLE, at(range(2, 5), 10), PARTY, blocked(_DNS, Mechanism.DNS_SPOOF),
        Treatment(answers=("23.192.228.80",)),
    ),
    _web(
        "party_refused", "Sample Cable's resolver refuses to look party.example up.",
        CABLE, at(range(3, 5), 10), PARTY, blocked(_DNS, Mechanism.DNS_REFUSED),
        Treatment(lookup="dns_refused_error"),
    ),
    _web(
        "mail_silence", "Example Telecom's resolver never answers for mail.example, and another one does.",
        TELECOM, at(range(4, 6), 15), MAIL, blocked(_DNS, Mechanism.DNS_TIMEOUT),
        Treatment(lookup="generic_timeout_error"),
    ),
    _web(
        "mail_empty", "Sample Net's resolver gives mail.example no address.",
        SAMPLE, at(range(4, 6), 15), MAIL, blocked(_DNS, Mechanism.DNS_NO_ANSWER),
        Treatment(lookup="dns_no_answer"),
    ),
    _web(
        "maps_drop", "Example Telecom drops packets to the address of maps.example.",
        TELECOM, at(range(3, 7), 16), MAPS, blocked(_IP, Mechanism.IP_DROP),
        Treatment(connect="generic_timeout_error"),
    ),
    _web(
        "maps_refuse", "Sample Cable turns connections to maps.example away.",
        CABLE, at(range(5, 7), 16), MAPS, blocked(_IP, Mechanism.IP_REFUSE),
        Treatment(connect="connection_refused"),
    ),
    _web(
        "blog_page", "Sample Net shows a page of its own in the place of blog.example.",
        SAMPLE, at(range(0, 7, 2), 17), BLOG, blocked(_HTTP, Mechanism.HTTP_BLOCK_PAGE),
        Treatment(page=_BLOCK_PAGE),
    ),
    _web(
        "forum_redirect", "Sample Cable sends readers of forum.example to a page that says no.",
        CABLE, at(range(1, 7, 2), 18), FORUM, blocked(_HTTP, Mechanism.HTTP_REDIRECT),
        Treatment(detour="http://denied.example/", page=_BLOCK_PAGE),
    ),
    _web(
        "paper_reset", "Example Telecom cuts unencrypted requests for paper.example off.",
        TELECOM, at(range(2, 4), 18), PAPER, blocked(_HTTP, Mechanism.HTTP_RESET),
        Treatment(http="connection_reset"),
    ),
    _web(
        "paper_drop", "Example Mobile leaves unencrypted requests for paper.example without an answer.",
        MOBILE, at(range(2, 4), 18), PAPER, blocked(_HTTP, Mechanism.HTTP_DROP),
        Treatment(http="generic_timeout_error"),
    ),
    _web("paper_free", "Example Broadband lets paper.example pass.", BROADBAND, at(range(2, 4), 18), PAPER),
    _web(
        "video_slow", "video.example begins to arrive over Example Telecom and never ends; nobody can say why.",
        TELECOM, at(range(4, 7), 20), VIDEO, unknown(_HTTP, Mechanism.THROTTLING),
        Treatment(begins=True, http="generic_timeout_error"),
    ),
    _web("video_free", "video.example arrives over Example Broadband.", BROADBAND, at(range(4, 7), 20), VIDEO),
    _web("archive_well", "archive.example works everywhere until Wednesday.", SAMPLE, at(range(2), 12), ARCHIVE),
    _web(
        "archive_down_xa", "archive.example's server is out of order: it accepts no connection from anywhere.",
        BROADBAND, at(range(3, 6), 12), ARCHIVE, down(_IP), outside=DEAD,
    ),
    _web(
        "archive_down_xb", "archive.example's server is out of order: it accepts no connection from anywhere.",
        SAMPLE, at(range(3, 6), 12), ARCHIVE, down(_IP), outside=DEAD,
    ),
    _web(
        "shop_gone", "shop.example has let its name lapse.",
        CABLE, at(range(2), 13), SHOP, down(_DNS), outside=NO_NAME,
    ),
    _web(
        "music_no_control", "music.example cannot be connected to, and no control answered: blocked or down?",
        CABLE, at(range(2, 4), 14), MUSIC, unknown(), Treatment(connect="generic_timeout_error"), NO_CONTROL,
    ),
)  # fmt: skip


def _other(
    test: str,
    version: str,
    keys: dict[str, object],
    truth: dict[str, Truth],
    *,
    about: tuple[str, str],
    network: Network,
    times: tuple[tuple[int, int], ...],
    given: str | None = None,
) -> Story:
    return Story(
        name=about[0],
        story=about[1],
        network=network,
        times=times,
        test=test,
        version=version,
        input=given,
        keys=keys,
        truth=truth,
    )


_WHATSAPP: Final = {"whatsapp": OK, "v.whatsapp.net": OK, "web.whatsapp.com": OK}
_TELEGRAM: Final = {"telegram": OK, "web.telegram.org": OK}

MESSENGER_STORIES: Final = (
    _other(
        "telegram", "0.3.1", services.telegram(), _TELEGRAM,
        about=("telegram_before", "Telegram works on Example Telecom until Tuesday."),
        network=TELECOM, times=at(range(2), 6, 14),
    ),
    _other(
        "telegram", "0.3.1", services.telegram(app="generic_timeout_error", web="connection_reset"),
        {
            "telegram": blocked(_IP, Mechanism.IP_DROP),
            "web.telegram.org": blocked(_TLS, Mechanism.TLS_SNI_RESET),
        },
        about=("telegram_blocked", "From Wednesday on, Example Telecom drops packets to Telegram's servers."),
        network=TELECOM, times=at(LATER, 6, 14, 22),
    ),
    _other(
        "telegram", "0.3.1", services.telegram(), _TELEGRAM,
        about=("telegram_free", "Telegram goes on working on Example Broadband."),
        network=BROADBAND, times=at(WEEK, 7),
    ),
    _other(
        "whatsapp", "0.12.0", services.whatsapp(), _WHATSAPP,
        about=("whatsapp_free", "WhatsApp works on Example Broadband."), network=BROADBAND, times=at(range(0, 7, 3), 8),
    ),
    _other(
        "whatsapp", "0.12.0", services.whatsapp(web="connection_reset"),
        _WHATSAPP | {"web.whatsapp.com": blocked(_TLS, Mechanism.TLS_SNI_RESET)},
        about=("whatsapp_web", "Example Mobile resets WhatsApp's web site; the app works."),
        network=MOBILE, times=at(range(4, 7), 8),
    ),
    _other(
        "facebook_messenger", "0.2.1", services.facebook_messenger(), {"facebook_messenger": OK},
        about=("messenger_free", "Facebook Messenger works on Example Telecom."),
        network=TELECOM, times=at(range(0, 7, 3), 10),
    ),
    _other(
        "facebook_messenger", "0.2.1", services.facebook_messenger(lookup="dns_nxdomain_error"),
        {"facebook_messenger": blocked(_DNS, Mechanism.DNS_NXDOMAIN)},
        about=("messenger_denied", "Sample Net's resolver denies that Facebook Messenger's names exist."),
        network=SAMPLE, times=at(range(3, 6), 11),
    ),
    _other(
        "signal", "0.2.5", services.signal(), {"signal": OK},
        about=("signal_free", "Signal works on Example Broadband."), network=BROADBAND, times=at(range(0, 7, 3), 11),
    ),
    _other(
        "signal", "0.2.5", services.signal(tls="connection_reset"),
        {"signal": blocked(_TLS, Mechanism.TLS_SNI_RESET)},
        about=("signal_reset", "From Friday on, Example Telecom resets connections to Signal."),
        network=TELECOM, times=at(range(4, 7), 11),
    ),
    _other(
        "signal", "0.2.5", services.signal(tls="generic_timeout_error", well=False),
        {"signal": down()},
        about=("signal_outage", "On Sunday evening Signal itself has an outage, and says so."),
        network=CABLE, times=at(range(6, 7), 21),
    ),
)  # fmt: skip

PATH_STORIES: Final = (
    _other(
        "tor", "0.4.0", paths.tor(), {"tor": OK, "tor-obfs4": OK},
        about=("tor_free", "Tor can be reached from Example Broadband."), network=BROADBAND, times=at(range(2), 4),
    ),
    _other(
        "tor", "0.4.0", paths.tor(authorities="connection_refused"),
        {"tor": blocked(_IP, Mechanism.IP_REFUSE), "tor-obfs4": OK},
        about=("tor_refused", "Example Telecom turns connections to Tor's authorities away, and bridges work."),
        network=TELECOM, times=at(range(2, 5), 4),
    ),
    _other(
        "vanilla_tor", "0.3.0", paths.bootstrap(success=False), {"tor": unknown()},
        about=("tor_slow", "A Tor client does not come up on Example Mobile, which may be the line's fault."),
        network=MOBILE, times=at(range(3, 4), 4),
    ),
    _other(
        "torsf", "0.5.0", paths.bootstrap(success=True), {"tor-snowflake": OK},
        about=("snowflake", "Tor comes up through Snowflake on Example Telecom."),
        network=TELECOM, times=at(range(4, 6), 5),
    ),
    _other(
        "openvpn", "0.1.6", paths.openvpn(), {"openvpn-samplevpn": OK},
        about=("vpn_free", "An invented VPN works on Sample Cable."), network=CABLE, times=at(range(2), 5),
        given="openvpn://samplevpn.corp/?address=93.184.216.90:1194&transport=tcp",
    ),
    _other(
        "openvpn", "0.1.6", paths.openvpn(failure="generic_timeout_error"),
        {"openvpn-samplevpn": blocked(_IP, Mechanism.PROTOCOL_DROP)},
        about=("vpn_dropped", "Sample Net lets the connection stand and drops what looks like OpenVPN in it."),
        network=SAMPLE, times=at(range(3, 5), 5),
        given="openvpn://samplevpn.corp/?address=93.184.216.90:1194&transport=tcp",
    ),
    _other(
        "stunreachability", "0.4.0", paths.stun(), {paths.STUN_HOST: OK},
        about=("stun_free", "A server for calls answers on Sample Cable."), network=CABLE, times=at(range(2), 3),
        given=f"stun://{paths.STUN_HOST}:3478",
    ),
    _other(
        "stunreachability", "0.4.0", paths.stun(failure="generic_timeout_error"), {paths.STUN_HOST: unknown()},
        about=("stun_silent", "It does not answer on Example Mobile, and nothing shows whose doing that is."),
        network=MOBILE, times=at(range(2, 4), 3),
        given=f"stun://{paths.STUN_HOST}:3478",
    ),
    _other(
        "dnscheck", "0.9.2", paths.dnscheck(), {paths.RESOLVER_HOST: OK},
        about=("resolver_free", "An encrypted resolver answers on Example Broadband."), network=BROADBAND,
        times=at(range(2), 2), given=f"https://{paths.RESOLVER_HOST}/dns-query",
    ),
    _other(
        "dnscheck", "0.9.2", paths.dnscheck(tls="connection_reset"),
        {paths.RESOLVER_HOST: blocked(_TLS, Mechanism.TLS_SNI_RESET)},
        about=("resolver_reset", "Example Telecom resets connections to the encrypted resolver."), network=TELECOM,
        times=at(range(2, 4), 2), given=f"https://{paths.RESOLVER_HOST}/dns-query",
    ),
    _other(
        "echcheck", "0.3.0", paths.echcheck(), {"echcheck": OK},
        about=("ech_free", "Encrypted Client Hellos pass on Sample Net."), network=SAMPLE, times=at(range(1), 2),
        given=f"https://{paths.ECH_HOST}/",
    ),
    _other(
        "echcheck", "0.3.0", paths.echcheck(failure="connection_reset"),
        {"echcheck": blocked(_TLS, Mechanism.PROTOCOL_RESET)},
        about=("ech_reset", "Example Mobile resets connections with an Encrypted Client Hello."),
        network=MOBILE, times=at(range(5, 7), 2), given=f"https://{paths.ECH_HOST}/",
    ),
    _other(
        "http_invalid_request_line", "0.2.0", paths.invalid_request_line(), {"path": OK},
        about=("lines_equal", "What is sent over Sample Net comes back as it was."),
        network=SAMPLE, times=at(range(2), 1),
    ),
    _other(
        "http_invalid_request_line", "0.2.0", paths.invalid_request_line(changed=True),
        {"path": Truth(OK.state, Layer.PATH, Mechanism.MIDDLEBOX)},
        about=("lines_changed", "On Example Telecom a middlebox answers in the place of the server."),
        network=TELECOM, times=at(range(2, 4), 1),
    ),
    _other(
        "http_header_field_manipulation", "0.2.2", paths.header_manipulation(), {"path": OK},
        about=("headers_equal", "Headers arrive over Example Broadband as they were sent."), network=BROADBAND,
        times=at(range(1), 1),
    ),
    _other(
        "http_header_field_manipulation", "0.2.2", paths.header_manipulation(changed=True),
        {"path": Truth(OK.state, Layer.PATH, Mechanism.MIDDLEBOX)},
        about=("headers_changed", "Example Mobile's proxy writes headers its own way."), network=MOBILE,
        times=at(range(2), 1),
    ),
)  # fmt: skip

_STREAMED: Final = _site("stream.example", 54, "Live from the Square")
OWN_STORIES: Final = (
    _other(
        "quic", "0.1.0", own.quic(MAPS), {MAPS.host: OK},
        about=("quic_free", "maps.example comes over HTTP/3 on Sample Net."), network=SAMPLE,
        times=at(range(6, 7), 4), given=MAPS.url,
    ),
    _other(
        "quic", "0.1.0", own.quic(MAPS, failure="generic_timeout_error"),
        {MAPS.host: blocked(Layer.QUIC, Mechanism.QUIC_DROP)},
        about=("quic_drop", "Example Mobile drops QUIC to maps.example, and lets TCP pass."), network=MOBILE,
        times=at(range(6, 7), 4), given=MAPS.url,
    ),
    _other(
        "stream", "0.1.0", own.stream(_STREAMED, 7, 8, 9), {_STREAMED.host: OK},
        about=("stream_goes_on", "A live stream goes on over Sample Net."), network=SAMPLE,
        times=at(range(6, 7), 5), given=_STREAMED.url,
    ),
    _other(
        "stream", "0.1.0", own.stream(_STREAMED, 7, 7, 7),
        {_STREAMED.host: Truth(State.DOWN, Layer.HTTP, Mechanism.STREAM_INTERRUPTED)},
        about=("stream_still", "Its time stands still, here as elsewhere: the studio is dark."), network=TELECOM,
        times=at(range(6, 7), 5), given=_STREAMED.url,
    ),
)  # fmt: skip

STORIES: Final = (*WEB_STORIES, *MESSENGER_STORIES, *PATH_STORIES, *OWN_STORIES)
