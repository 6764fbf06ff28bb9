"""XML from strangers -> a small tree. Nothing is ever expanded or fetched: a document with a DTD is refused."""

from typing import Final
from xml.parsers import expat

import msgspec

_MOST_ELEMENTS: Final = 100_000
_MOST_DEPTH: Final = 32
_LONGEST_TEXT: Final = 4096


class Element(msgspec.Struct):
    """One element: its name without a namespace, its attributes, its children in order, its own text."""

    name: str
    attributes: dict[str, str]
    children: list["Element"] = msgspec.field(default_factory=list)
    text: str = ""

    def every(self, name: str) -> list["Element"]:
        """The children of a name."""
        return [child for child in self.children if child.name == name]

    def one(self, name: str) -> "Element | None":
        """The first child of a name; None where there is none."""
        return next((child for child in self.children if child.name == name), None)

    def get(self, name: str) -> str:
        """An attribute; empty where there is none."""
        return self.attributes.get(name, "")


class _RefusedError(Exception):
    """The document has a DTD, or is larger or deeper than any real one."""


def read_xml(content: bytes) -> Element | None:
    """The root element of a document; None where it is no XML, has a DTD, or is unreasonably large or deep."""
    building = _Building()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = building.refuse
    parser.EntityDeclHandler = building.refuse
    parser.StartElementHandler = building.begin
    parser.EndElementHandler = building.end
    parser.CharacterDataHandler = building.say
    try:
        parser.Parse(content, True)  # noqa: FBT003  expat takes it by position only
    except (expat.ExpatError, _RefusedError, ValueError, LookupError):
        return None
    return building.root


class _Building:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def refuse(self, *_: object) -> None:
        raise _RefusedError

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MOST_ELEMENTS or len(self._open) >= _MOST_DEPTH:
            raise _RefusedError
        element = Element(name.rpartition(":")[2], attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    def say(self, text: str) -> None:
        if self._open and len(self._open[-1].text) < _LONGEST_TEXT:
            self._open[-1].text += text
