"""Occasions on which networks are switched off more often: elections, protests, exams, coups."""

from enum import StrEnum

import msgspec


class OccasionKind(StrEnum):
    """What kind of occasion it is."""

    ELECTION = "election"
    PROTEST = "protest"
    EXAM = "exam"
    COUP = "coup"


class Occasion(msgspec.Struct, frozen=True):
    """One occasion in a country (ISO 3166-1 alpha-2). Days are counted from 1970, the last one included."""

    country: str
    kind: OccasionKind
    first_day: int
    last_day: int
    name: str
