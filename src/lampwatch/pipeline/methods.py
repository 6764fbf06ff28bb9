"""Finds the methods: each folder of `lampwatch.methods` with an extract and a rule book."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import msgspec

from lampwatch import methods
from lampwatch.judge.method import Assessor
from lampwatch.judge.rule import Rule
from lampwatch.observe.method import Extractor

if TYPE_CHECKING:
    # Reading and judging do without the network kit: its libraries would cost every worker 20 MB.
    from lampwatch.probe.method import Measurer


class Method(msgspec.Struct, frozen=True):
    """One way of measuring, as reading and judging see it. name is its folder's."""

    name: str
    extractor: Extractor
    assessor: Assessor


def discover() -> tuple[Method, ...]:
    """Every method there is, by name."""
    return tuple(
        Method(
            folder.name,
            cast("Extractor", importlib.import_module(f"{methods.__name__}.{folder.name}.extract")),
            cast("Assessor", importlib.import_module(f"{methods.__name__}.{folder.name}.rules")),
        )
        for folder in sorted(pkgutil.iter_modules(methods.__path__), key=lambda folder: folder.name)
        if folder.ispkg
    )


def by_test_name(found: tuple[Method, ...]) -> Mapping[str, Method]:
    """The method that reads each test name. Raises ValueError where two claim the same one."""
    names: dict[str, Method] = {}
    for method in found:
        for name in method.extractor.NAMES:
            if name in names:
                message = f"{method.name} and {names[name].name} both read {name}"
                raise ValueError(message)
            names[name] = method
    return MappingProxyType(names)


def rule_book(found: tuple[Method, ...]) -> dict[str, Rule[Any]]:
    """Every rule of every method, by id, in the order of the books. A rule may stand in several books."""
    return {rule.id: rule for method in found for rule in method.assessor.RULES}


def measurable() -> tuple[str, ...]:
    """The methods that a probe can measure by, by name. Some only read what other probes measured."""
    return tuple(
        sorted(
            folder.name
            for folder in pkgutil.iter_modules(methods.__path__)
            if importlib.util.find_spec(f"{methods.__name__}.{folder.name}.measure")
        )
    )


def measurer(name: str) -> "Measurer":
    """The measuring part of one of `measurable()`; imported only here, for it brings the network kit."""
    return cast("Measurer", importlib.import_module(f"{methods.__name__}.{name}.measure"))
