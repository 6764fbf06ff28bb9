"""Host names -> the domains that somebody registered, by the public suffix list."""

from functools import lru_cache
from typing import Final

from publicsuffixlist import PublicSuffixList

from lampwatch.formats.names import is_address

_SUFFIXES: Final = PublicSuffixList()


@lru_cache(maxsize=16_384)
def site_of(host: str) -> str:
    """The registrable domain of a host name: `www.bbc.co.uk` -> `bbc.co.uk`; the host itself where it has none.

    What lies below a suffix that a company lends out (`diary.blogspot.com`) was registered with that company.
    """
    return host if is_address(host) else _SUFFIXES.privatesuffix(host) or host
