import importlib
import pkgutil
import re
from collections import Counter

import msgspec
import pytest

from lampwatch import methods
from lampwatch.formats.domains import site_of
from lampwatch.formats.names import ascii_host, is_address
from lampwatch.formats.services import (
    Catalogue,
    catalogue,
    category_of,
    read_services,
    service_named,
    service_of,
)
from lampwatch.formats.test_list import CATEGORIES
from lampwatch.model.service import Kind, Service
from lampwatch.pipeline.methods import by_test_name, discover
from tests.stories.stories import STORIES
from tests.stories.story import Story

SERVICES = catalogue().services
METHODS = {folder.name for folder in pkgutil.iter_modules(methods.__path__) if folder.ispkg}
BY_TEST_NAME = by_test_name(discover())
MADE_FOR_SERVICES = {name for service in SERVICES if service.targets for name in service.methods}
"""Methods that measure services of the catalogue and nothing else."""


def small(text: str) -> Catalogue:
    return Catalogue(read_services(text))


SHOP = '[shop]\nname = "Shop"\nkind = "games"\ncategory = "COMM"\n'


def test_the_catalogue_knows_what_people_ask_for_first() -> None:
    counts = Counter(service.kind for service in SERVICES)
    assert len(SERVICES) >= 90
    for kind in (
        Kind.MESSENGER,
        Kind.SOCIAL_MEDIA,
        Kind.NEWS,
        Kind.CIRCUMVENTION,
        Kind.VIDEO,
        Kind.APP_STORE,
    ):
        assert counts[kind] >= 10, kind


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: str(service.id))
def test_every_entry_of_the_catalogue_is_sound(service: Service) -> None:
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", service.id)
    assert service.name.strip() == service.name != ""
    assert service.is_in_catalogue
    assert service.category in CATEGORIES
    assert set(service.methods) <= METHODS
    assert service.domains or service.hosts or service.targets
    assert [domain for domain in service.domains if site_of(domain) != domain or "." not in domain] == []
    assert [host for host in service.hosts if site_of(host) == host] == []
    assert [target for target in service.targets if "." in target] == []


def test_every_name_is_written_as_verdicts_have_it_and_in_one_service_only() -> None:
    names = [name for one in SERVICES for name in (*one.domains, *one.hosts, *one.targets)]
    assert [name for name in names if ascii_host(name) != name or is_address(name)] == []
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert [name for name, times in Counter(one.id for one in SERVICES).items() if times > 1] == []
    assert [
        name for name, times in Counter(one.name.casefold() for one in SERVICES).items() if times > 1
    ] == []


def test_no_host_is_its_own_service_s_already() -> None:
    needless = [
        host
        for one in SERVICES
        if not one.shared
        for host in one.hosts
        if any(host.endswith(f".{domain}") for domain in one.domains)
    ]
    assert needless == []


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_every_target_that_a_method_gives_has_its_place(story: Story) -> None:
    method = BY_TEST_NAME[story.test].name
    for target in story.truth:
        service = service_of(target)
        if "." not in target:
            assert service.kind is not Kind.SITE, target
        if method in MADE_FOR_SERVICES:
            assert method in service.methods, target


@pytest.mark.parametrize(
    ("method", "service"),
    [
        ("telegram", "telegram"),
        ("whatsapp", "whatsapp"),
        ("signal", "signal"),
        ("facebook_messenger", "facebook_messenger"),
    ],
)
def test_every_target_that_a_messenger_s_rules_name_is_the_messenger_s(method: str, service: str) -> None:
    rules = importlib.import_module(f"lampwatch.methods.{method}.rules")
    named = [getattr(rules, name) for name in ("TARGET", "WEB", "REGISTRATION") if hasattr(rules, name)]
    assert {service_of(target).id for target in named} == {service}


@pytest.mark.parametrize("target", ["tor", "tor-obfs4", "tor-snowflake", "tor-meek", "tor-webtunnel"])
def test_every_way_into_tor_is_tor(target: str) -> None:
    assert service_of(target).id == "tor"


@pytest.mark.parametrize(
    ("target", "service", "kind"),
    [
        ("telegram", "telegram", Kind.MESSENGER),
        ("web.telegram.org", "telegram", Kind.MESSENGER),
        ("T.me", "telegram", Kind.MESSENGER),
        ("telegra.ph", "telegraph", Kind.PUBLISHING),
        ("v.whatsapp.net", "whatsapp", Kind.MESSENGER),
        ("e7.whatsapp.net", "whatsapp", Kind.MESSENGER),
        ("www.bbc.co.uk", "bbc", Kind.NEWS),
        ("www.google.com", "google", Kind.SEARCH),
        ("maps.google.com", "google_maps", Kind.MAPS),
        ("stun.l.google.com", "google_stun", Kind.CALLS),
        ("openvpn-someone", "openvpn", Kind.CIRCUMVENTION),
        ("openvpn-riseup", "riseup_vpn", Kind.CIRCUMVENTION),
        ("riseup.net", "riseup", Kind.EMAIL),
        ("internet", "internet", Kind.PATH),
        ("path", "path", Kind.PATH),
        ("www.news.kz", "news.kz", Kind.SITE),
        ("nottelegram.org", "nottelegram.org", Kind.SITE),
        ("telegram.org.evil.example", "evil.example", Kind.SITE),
        ("198.51.100.7", "198.51.100.7", Kind.SITE),
    ],
)
def test_a_target_belongs_to_one_service(target: str, service: str, kind: Kind) -> None:
    found = service_of(target)
    assert (found.id, found.kind) == (service, kind)


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("wordpress.com", "wordpress_com"),
        ("www.wordpress.com", "wordpress_com"),
        ("diary.wordpress.com", "diary.wordpress.com"),
        ("m.diary.wordpress.com", "diary.wordpress.com"),
        ("miro.medium.com", "medium"),
    ],
)
def test_below_a_shared_domain_each_name_is_another_service(host: str, service: str) -> None:
    assert service_of(host).id == service


@pytest.mark.parametrize("target", ["", ".", "..", "a..b", "x" * 5000, "a." * 2000, "*", "openvpn-"])
def test_any_text_has_a_service(target: str) -> None:
    assert isinstance(service_of(target), Service)


@pytest.mark.parametrize(
    ("target", "category"),
    [
        ("telegram", "COMT"),
        ("web.telegram.org", "COMT"),
        ("news.kz", "NEWS"),
        ("www.news.kz", "NEWS"),
        ("m.news.kz", "NEWS"),
        ("shop.news.kz", "COMM"),
        ("www.party.kz", "POLR"),
        ("m.party.kz", "POLR"),
        ("other.kz", ""),
        ("path", ""),
    ],
)
def test_a_category_is_the_service_s_or_as_listed_for_the_name_or_its_site(
    target: str, category: str
) -> None:
    listed = {
        "news.kz": "NEWS",
        "shop.news.kz": "COMM",
        "www.party.kz": "POLR",
        "web.telegram.org": "GRP",
        "path": "MISC",
    }
    assert category_of(target, listed) == category


def test_a_name_in_two_services_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"shop\.test is a name of two services: shop and store"):
        small(f'{SHOP}domains = ["shop.test"]\n{SHOP.replace("[shop]", "[store]")}domains = ["shop.test"]\n')


@pytest.mark.parametrize(
    "text",
    [
        SHOP.replace("games", "toys"),
        SHOP + 'domain = ["shop.test"]\n',
        SHOP.replace('name = "Shop"\n', ""),
        SHOP + SHOP,
        "[shop",
    ],
)
def test_what_is_no_catalogue_is_refused(text: str) -> None:
    with pytest.raises(msgspec.MsgspecError):
        read_services(text)


def test_the_longest_beginning_of_a_target_decides() -> None:
    found = small(
        f'{SHOP}targets = ["vpn-*"]\n{SHOP.replace("[shop]", "[store]")}targets = ["vpn-store-*"]\n'
    )
    assert found.service_of("vpn-store-1").id == "store"
    assert found.service_of("vpn-1").id == "shop"


def test_a_service_is_found_by_its_id_and_else_by_what_is_measured_of_it() -> None:
    assert [service_named(one.id) for one in catalogue().services] == list(catalogue().services)
    assert service_named("v.whatsapp.net").id == "whatsapp"
    assert service_named("news.example").kind is Kind.SITE
