"""What is answered over HTTP: each row a measurement, and the truth of it."""

import pytest

from lampwatch.judge.fingerprints import KnownPages
from lampwatch.judge.references import References
from lampwatch.model.fingerprint import Fingerprint, Pattern, Scope
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State
from tests.methods.web_connectivity.measuring import (
    BLOCK_HEADERS,
    BLOCK_PAGE,
    BLOCKER,
    EOF,
    HOST,
    HTTP,
    HTTPS,
    NO_CONTROL,
    PAGE,
    RESET,
    SITE,
    TIMEOUT,
    Keys,
    block_page,
    connect,
    control,
    fetch,
    joined,
    judged,
    redirect,
    resolved,
    served,
    shake,
    truth,
)

RESOLVED = resolved(HOST, SITE)
WORKS = control(SITE)
CONNECTED = connect(SITE, 80)
BLOCK_PAGE_CAME = (State.BLOCKED, Layer.HTTP, Mechanism.HTTP_BLOCK_PAGE)
CLOUDFLARE = {"Server": "cloudflare", "Content-Type": "text/html"}
CAPTCHA = "<title>Attention Required! | Cloudflare</title>Please complete the CAPTCHA"
INDONESIAN = "<title>Internet Positif</title>Situs ini tidak bisa diakses sesuai peraturan perundang-undangan"


def knowing(*fingerprints: Fingerprint) -> References:
    return References(fingerprints=KnownPages(fingerprints, "test"))


def known(pattern: str, location: str = "body", scope: Scope = Scope.NAT) -> Fingerprint:
    return Fingerprint("test.page", scope, location, Pattern.CONTAINS, pattern, 5, frozenset({"ID"}))


POSITIF = knowing(known("peraturan perundang-undangan"))


@pytest.mark.parametrize("failure", [RESET, EOF])
def test_the_host_header_is_reset(failure: str) -> None:
    found = judged(HTTP, RESOLVED, CONNECTED, fetch(HTTP, SITE, failure=failure), WORKS)
    assert truth(found) == (State.BLOCKED, Layer.HTTP, Mechanism.HTTP_RESET)


def test_the_request_is_dropped() -> None:
    found = judged(HTTP, RESOLVED, CONNECTED, fetch(HTTP, SITE, failure=TIMEOUT), WORKS)
    assert truth(found) == (State.BLOCKED, Layer.HTTP, Mechanism.HTTP_DROP)


def test_a_block_page_is_injected() -> None:
    assert truth(judged(HTTP, RESOLVED, CONNECTED, block_page(HTTP, SITE), WORKS)) == BLOCK_PAGE_CAME


def test_a_known_block_page_is_direct_evidence() -> None:
    page = fetch(HTTP, SITE, INDONESIAN, headers=BLOCK_HEADERS)
    found = judged(HTTP, RESOLVED, CONNECTED, page, WORKS, references=POSITIF, country="ID")
    assert truth(found) == BLOCK_PAGE_CAME
    assert (found.evidence, found.fingerprint) == (Evidence.DIRECT, "test.page")


@pytest.mark.parametrize("code", [200, 403, 503])
def test_a_captcha_over_http_is_no_censorship(code: int) -> None:
    found = judged(
        HTTP,
        RESOLVED,
        CONNECTED,
        fetch(HTTP, SITE, CAPTCHA, code=code, headers=CLOUDFLARE),
        control(SITE, headers=CLOUDFLARE),
    )
    assert found.state in {State.OK, State.UNKNOWN}


@pytest.mark.parametrize("code", [200, 403, 503])
def test_a_captcha_over_https_is_ok(code: int) -> None:
    found = judged(
        HTTPS,
        RESOLVED,
        connect(SITE),
        shake(SITE),
        fetch(HTTPS, SITE, CAPTCHA, code=code, headers=CLOUDFLARE),
        control(SITE, headers=CLOUDFLARE),
    )
    assert found.state is State.OK


@pytest.mark.parametrize("code", [403, 451])
@pytest.mark.parametrize(("url", "state"), [(HTTPS, State.OK), (HTTP, State.UNKNOWN)])
def test_a_geo_block_by_the_server_is_no_network_censorship(url: str, code: int, state: State) -> None:
    page = fetch(url, SITE, "<title>Unavailable</title>", code=code, headers={"Server": "nginx"})
    found = judged(url, RESOLVED, served(url, SITE) | page, WORKS)
    assert found.state is state


@pytest.mark.parametrize(("url", "state"), [(HTTP, State.UNKNOWN), (HTTPS, State.OK)])
@pytest.mark.parametrize("none", [NO_CONTROL, {"control": {}, "control_failure": None}, {"control": None}])
def test_without_a_control_only_a_certificate_says_ok(url: str, state: State, none: Keys) -> None:
    assert judged(url, RESOLVED, served(url, SITE), none).state is state


@pytest.mark.parametrize(
    "steps",
    [
        joined(connect(SITE), shake(SITE, RESET)),
        joined(connect(SITE, failure=TIMEOUT)),
        joined(connect(SITE, 80), block_page(HTTP, SITE)),
    ],
)
@pytest.mark.parametrize("none", [NO_CONTROL, {"control": {}, "control_failure": None}, {"control": None}])
def test_without_a_control_nothing_is_blocked(steps: Keys, none: Keys) -> None:
    url = HTTP if steps["requests"] else HTTPS
    assert judged(url, RESOLVED, steps, none).state is State.UNKNOWN


def test_a_control_that_could_not_fetch_the_page_accuses_nobody() -> None:
    outside = control(SITE, failure=TIMEOUT)
    assert judged(HTTP, RESOLVED, CONNECTED, block_page(HTTP, SITE), outside).state is State.UNKNOWN


@pytest.mark.parametrize("url", [HTTP, HTTPS])
def test_a_large_page_that_was_cut_is_ok(url: str) -> None:
    page = fetch(url, SITE, "x" * 2**19, truncated=True)
    found = judged(url, RESOLVED, served(url, SITE) | page, control(SITE, body_length=2**24, title=""))
    assert found.state is State.OK


@pytest.mark.parametrize("url", [HTTP, HTTPS])
def test_throttling_is_suspected_and_not_called_blocking(url: str) -> None:
    page = fetch(url, SITE, "x" * 4096, truncated=True, failure=TIMEOUT)
    found = judged(url, RESOLVED, served(url, SITE) | page, control(SITE, body_length=2**24))
    assert truth(found) == (State.UNKNOWN, Layer.HTTP, Mechanism.THROTTLING)


def test_throttling_that_cuts_the_connection_over_tls_is_suspected() -> None:
    page = fetch(HTTPS, SITE, failure=TIMEOUT)
    found = judged(HTTPS, RESOLVED, served(HTTPS, SITE) | page, WORKS)
    assert found.state is State.UNKNOWN


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("http://яндекс.рф/", ("xn--d1acpjx3f.xn--p1ai", "яндекс.рф")),
        ("http://ЯНДЕКС.РФ/", ("xn--d1acpjx3f.xn--p1ai",)),
        ("http://xn--d1acpjx3f.xn--p1ai/", ("xn--d1acpjx3f.xn--p1ai",)),
        ("http://XN--D1ACPJX3F.XN--P1AI/", ("xn--d1acpjx3f.xn--p1ai", "XN--D1ACPJX3F.XN--P1AI")),
        ("http://straße.de/", ("xn--strae-oqa.de",)),
        ("http://www。example。com/", ("www.example.com",)),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_internationalised_names_are_one_name(url: str, names: tuple[str, ...], scheme: str) -> None:
    asked = url.replace("http", scheme, 1)
    for name in names:
        fetched = f"{scheme}://{name.lower()}/"
        steps = [connect(SITE, 80)] if scheme == "http" else [connect(SITE), shake(SITE, host=name)]
        found = judged(asked, resolved(name, SITE), *steps, fetch(fetched, SITE), control(SITE, host=name))
        assert found.state is State.OK
        assert found.target == names[0]
        gone = judged(
            asked, resolved(name, failure="dns_nxdomain_error", doh=(SITE,)), control(SITE, host=name)
        )
        assert truth(gone) == (State.BLOCKED, Layer.DNS, Mechanism.DNS_NXDOMAIN)


ARCHIVE = "http://archive.org/"
LABUH = "http://lamanlabuh.aduankonten.id/"
ARCHIVE_WORKS = control("207.241.224.2", host="archive.org", body_length=120_000, title="Internet Archive")


def indonesian_chain(end: str) -> Keys:
    """The request for the site is answered with a redirect to the block page's own site."""
    return joined(
        resolved("archive.org", "207.241.224.2"),
        connect("207.241.224.2", 80),
        redirect(ARCHIVE, "207.241.224.2", end),
        fetch(end, BLOCKER, INDONESIAN, headers=BLOCK_HEADERS, depth=1),
    )


@pytest.mark.parametrize("end", [LABUH, LABUH.replace("http:", "https:")])
def test_an_indonesian_redirect_to_a_known_block_page_is_blocking(end: str) -> None:
    # Over TLS the page is as surely the block page's own: it was an unencrypted answer that led there.
    found = judged(ARCHIVE, indonesian_chain(end), ARCHIVE_WORKS, references=POSITIF, country="ID")
    assert truth(found) == BLOCK_PAGE_CAME
    assert found.evidence is Evidence.DIRECT


def test_an_indonesian_redirect_is_known_by_its_location() -> None:
    refs = knowing(known("lamanlabuh", "header.location"))
    found = judged(ARCHIVE, indonesian_chain(LABUH), ARCHIVE_WORKS, references=refs, country="ID")
    assert truth(found) == BLOCK_PAGE_CAME


def test_an_indonesian_redirect_without_fingerprints_is_blocking() -> None:
    found = judged(ARCHIVE, indonesian_chain(LABUH), ARCHIVE_WORKS, country="ID")
    assert truth(found) == (State.BLOCKED, Layer.HTTP, Mechanism.HTTP_REDIRECT)


def test_a_redirect_to_an_unknown_page_over_tls_accuses_nobody() -> None:
    found = judged(ARCHIVE, indonesian_chain(LABUH.replace("http:", "https:")), ARCHIVE_WORKS, country="ID")
    assert truth(found) == (State.UNKNOWN, Layer.HTTP, Mechanism.HTTP_REDIRECT)


@pytest.mark.parametrize("references", [POSITIF, References()], ids=["known", "unknown"])
def test_an_indonesian_block_page_behind_spoofed_dns_is_dns(references: References) -> None:
    found = judged(
        ARCHIVE,
        resolved("archive.org", BLOCKER, doh=("207.241.224.2",)),
        connect(BLOCKER, 80),
        fetch(ARCHIVE, BLOCKER, INDONESIAN, headers=BLOCK_HEADERS),
        ARCHIVE_WORKS,
        references=references,
        country="ID",
    )
    assert truth(found) == (State.BLOCKED, Layer.DNS, Mechanism.DNS_SPOOF)


def test_a_servers_own_words_over_tls_are_no_block_page() -> None:
    found = judged(
        HTTPS, RESOLVED, connect(SITE), shake(SITE), fetch(HTTPS, SITE, INDONESIAN), WORKS, references=POSITIF
    )
    assert found.state is State.OK


def test_a_known_refusal_by_a_server_is_unknown() -> None:
    refs = knowing(known("Access Denied", scope=Scope.FP))
    found = judged(HTTP, RESOLVED, CONNECTED, block_page(HTTP, SITE), WORKS, references=refs)
    assert found.state is State.UNKNOWN


def test_a_news_page_that_quotes_a_block_page_as_the_control_got_it_is_ok() -> None:
    quoting = PAGE + INDONESIAN
    found = judged(
        HTTP,
        RESOLVED,
        CONNECTED,
        fetch(HTTP, SITE, quoting),
        control(SITE, body_length=len(quoting)),
        references=POSITIF,
        country="ID",
    )
    assert found.state is State.OK


def test_a_page_that_changes_from_visit_to_visit_is_ok_by_its_title() -> None:
    page = fetch(HTTP, SITE, "<title>Default welcome</title>" + "x" * 9000)
    assert judged(HTTP, RESOLVED, CONNECTED, page, WORKS).state is State.OK


def test_a_country_edition_on_a_site_of_its_own_from_the_same_server_accuses_nobody() -> None:
    edition = "http://www.example.de/"
    page = fetch(edition, SITE, "<title>Willkommen</title>", depth=1)
    found = judged(HTTP, RESOLVED, CONNECTED, redirect(HTTP, SITE, edition), page, WORKS)
    assert found.state in {State.OK, State.UNKNOWN}


def test_an_error_of_the_server_itself_is_no_block_page() -> None:
    page = fetch(HTTP, SITE, "<h1>Internal Server Error</h1>", code=500, headers={"Server": "nginx"})
    assert judged(HTTP, RESOLVED, CONNECTED, page, WORKS).state is not State.BLOCKED


def test_a_block_page_where_the_control_was_turned_away_accuses_nobody() -> None:
    outside = control(SITE, code=403, body_length=500, title="Forbidden", headers={"Server": "cloudflare"})
    assert judged(HTTP, RESOLVED, CONNECTED, fetch(HTTP, SITE, BLOCK_PAGE), outside).state is State.UNKNOWN
