"""Services: what people know a target as."""

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What a service is to those who use it, as a sentence calls it.

    SITE is a site that the catalogue does not know. PATH is no service: what is measured there is the way to every one.
    """

    MESSENGER = "messenger"
    CALLS = "calls"
    SOCIAL_MEDIA = "social_media"
    VIDEO = "video"
    MUSIC = "music"
    PHOTOS = "photos"
    NEWS_AGENCY = "news_agency"
    NEWS = "news"
    RIGHTS = "rights"
    CIRCUMVENTION = "circumvention"
    RESOLVER = "resolver"
    APP_STORE = "app_store"
    SEARCH = "search"
    MAPS = "maps"
    ENCYCLOPAEDIA = "encyclopaedia"
    ARCHIVE = "archive"
    ASSISTANT = "assistant"
    TRANSLATION = "translation"
    EMAIL = "email"
    FILES = "files"
    DEVELOPERS = "developers"
    PUBLISHING = "publishing"
    GAMES = "games"
    SITE = "site"
    PATH = "path"


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One service: all names under which it is measured, never an address.

    category is a code of the test lists, empty where only a list can tell. domains are registrable: they are the
    service's with all that lies below them, but for the hosts that are another service's. Of a shared domain, what lies
    below is others' (a diary, a shop), each a service of its own. targets are names that methods give and that are no
    host names; one that ends in `*` stands for all that begin so. methods are those made for this service, by the names
    of their folders; methods that take any URL measure its domains beside them.
    """

    id: str
    name: str
    kind: Kind
    category: str
    domains: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    shared: bool = False

    @property
    def is_in_catalogue(self) -> bool:
        """Whether its names were checked by a person: neither a mere site nor the path."""
        return self.kind not in {Kind.SITE, Kind.PATH}
