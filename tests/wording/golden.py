"""The sentences and paragraphs of every language, as kept in golden/LANGUAGE.txt for a reader to review.

`python -m tests.wording.golden` writes them anew; what changed is then in the diff.
"""

from pathlib import Path

from lampwatch.wording.episode import episode
from lampwatch.wording.language import LOCALES
from lampwatch.wording.paragraph import paragraph
from lampwatch.wording.sentence import sentence
from tests.wording.incidents import EPISODES, NAMES, SAID

FOLDER = Path(__file__).parent / "golden"


def golden(locale: str) -> str:
    """All that is said of the incidents in one language: a name, the sentence, and what the paragraph adds."""
    told = []
    for name, said in SAID.items():
        first = sentence(said, locale, NAMES)
        whole = paragraph(said, locale, NAMES)
        assert whole.startswith(first)
        told.append("\n".join(filter(None, [f"# {name}", first, whole.removeprefix(first).strip()])))
    told += [f"# episode: {name}\n{episode(several, locale, NAMES)}" for name, several in EPISODES.items()]
    return "\n\n".join(told) + "\n"


if __name__ == "__main__":
    for one in LOCALES:
        (FOLDER / f"{one}.txt").write_text(golden(one), encoding="utf-8")
