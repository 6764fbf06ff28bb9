"""Cookies within one measurement: some sites redirect to themselves until theirs come back."""

from lampwatch.probe.http import Response

_MOST: int = 64
_LONGEST: int = 4096


class Cookies:
    """Remembers what sites set, for those sites and the domain they named, and forgets it with the measurement."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], str] = {}

    def take(self, hostname: str, response: Response) -> None:
        """Keep what a response of this host sets. A domain that the host does not belong to is not believed."""
        for name, value in response.headers:
            if name.lower() != b"set-cookie" or len(value) > _LONGEST or len(self._kept) >= _MOST:
                continue
            pair, *attributes = value.decode("latin-1").split(";")
            key, is_pair, content = pair.strip().partition("=")
            domain = next((a.strip()[7:] for a in attributes if a.strip().lower().startswith("domain=")), "")
            domain = domain.strip().lstrip(".").lower()
            if is_pair and key:
                owner = f".{domain}" if domain and f".{hostname}".endswith(f".{domain}") else hostname
                self._kept[owner, key] = content.strip()

    def header(self, hostname: str) -> tuple[tuple[str, str], ...]:
        """The Cookie header for a host, empty where nothing is kept for it."""
        pairs = [
            f"{name}={value}"
            for (owner, name), value in self._kept.items()
            if owner == hostname or (owner.startswith(".") and f".{hostname}".endswith(owner))
        ]
        return (("Cookie", "; ".join(pairs)),) if pairs else ()
