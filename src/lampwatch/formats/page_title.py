"""The title of an HTML page, found without reading the page as HTML."""

import re
from typing import Final

_TITLE: Final = re.compile(r"<title[^>]{0,256}>([^<]{0,8192})<", re.IGNORECASE)
_TAGS: Final = ("<title", "<TITLE", "<Title")
_SEARCHED_CHARACTERS: Final = 65_536
_LONGEST: Final = 512


def title_of(page: str) -> str:
    """The page's first title, with white space folded; empty where there is none near its beginning.

    Only one place is tried, so that no page can make this slow.
    """
    if not page:
        return ""
    # Three plain searches are a hundred times quicker than one without regard to case.
    found = [at for tag in _TAGS if (at := page.find(tag, 0, _SEARCHED_CHARACTERS)) >= 0]
    match = _TITLE.match(page, min(found)) if found else None
    return " ".join(match.group(1).split())[:_LONGEST] if match else ""
