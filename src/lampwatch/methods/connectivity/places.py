"""Where the connectivity test looks, which measuring and judging must agree on."""

from typing import Final

OUTSIDE: Final = ("1.1.1.1", "8.8.8.8", "9.9.9.9")
"""Public resolvers of three operators, each in hundreds of places, whose certificates name these addresses."""
NAMES: Final = ("www.google.com", "www.wikipedia.org", "www.cloudflare.com")
"""Renowned names of three operators, used only to ask whether any name is found."""
PORTAL_PAGES: Final = {
    "http://detectportal.firefox.com/success.txt": (200, "success"),
    "http://connectivitycheck.gstatic.com/generate_204": (204, ""),
}
"""Pages that browsers and telephones fetch to find portals, with the status and text that is their own."""
MOST_DOMESTIC: Final = 4
"""Domestic sites that are tried, so that an input cannot ask for a survey."""


def domestic(text: str) -> tuple[str, ...]:
    """The domestic sites in an input."""
    return tuple(dict.fromkeys(host for part in text.split(",") if (host := part.strip().lower())))[
        :MOST_DOMESTIC
    ]
