"""How many forged measurements or identities it takes to create, hide or end an incident of blocking, by level.

`python -m bench poisoning [--write] [--most N]`: on simulated honest countries, thin, medium and dense. --write puts
the table into docs/poisoning.md. Ends with status 1 where one source, however loud, reaches level 2 or hides a true
level 3.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from bench.blocking.catalogue import MESSENGERS, PROGRAMS, SITES, SOFTWARE, Why, blocked, ok
from bench.blocking.country import DAY_S, FIRST, HOUR_S, Integers
from bench.blocking.detecting import Detect, categories, detection, sizes
from bench.blocking.page import table
from bench.blocking.rows import MICRO, Rows
from bench.blocking.votes import evidence_of, joined
from lampwatch.formats.vote_tables import Evidence
from lampwatch.model.vocabulary import Mechanism

WRITTEN: Final = Path(__file__).resolve().parents[1] / "docs" / "poisoning.md"
COUNTRY: Final = "AA"
MOST_MEASUREMENTS: Final = 10_000
MOST_IDENTITIES: Final = 1_000
LEVELS: Final = (1, 2, 3)
DAYS: Final = 28
FAKE_NETWORKS: Final = 40
"""So many made-up networks an attacker has at most, in the numbers that nobody has been given."""

_ITEMS: Final = (MESSENGERS[0], MESSENGERS[2], MESSENGERS[3], SITES[0], SITES[8], SITES[16])
_ATTACKED: Final = _ITEMS[0]
_BLOCK_FROM: Final = FIRST + 24 * DAY_S
_ATTACK_FROM: Final = FIRST + 26 * DAY_S
_END: Final = FIRST + DAYS * DAY_S
_EVERY_S: Final = 2 * HOUR_S
"""An identity measures so often while the attack lasts."""
_MISTAKEN: Final = 0.002
_REST: Final = 10
"""So many other countries measure the same targets, and find nothing."""


class Template(NamedTuple):
    """An honest country: so many networks, and on each so many sessions a day, one probe each."""

    name: str
    networks: int
    sessions: int


TEMPLATES: Final = (
    Template("thin: 2 networks, 3 sessions a day on each", 2, 3),
    Template("medium: 6 networks, 8 sessions a day on each", 6, 8),
    Template("dense: 15 networks, 20 sessions a day on each", 15, 20),
)


class Attack(StrEnum):
    """Who forges. Its value is what is counted."""

    ONE_SESSION = "measurements, all of one session"
    ONE_NETWORK = "identities in one network"
    KNOWN_NETWORKS = "identities over the known networks"
    FAKE_NETWORKS = "identities over made-up networks"
    CROWDED_NETWORKS = "identities, eight on each made-up network"


class Aim(StrEnum):
    """What for.

    create          an incident where nothing is blocked, within two days
    create standing the same, from the first day on
    hide            a block, from its first hour on
    hide standing   a block that has stood since the first day, for the last two weeks
    end             an incident that lasts, two days before now
    """

    CREATE = "create"
    CREATE_STANDING = "create, as if it had always stood"
    HIDE = "hide"
    HIDE_STANDING = "hide what has always stood"
    END = "end"

    @property
    def creates(self) -> bool:
        """Whether what is forged says that it is blocked, where nothing is."""
        return self in {Aim.CREATE, Aim.CREATE_STANDING}

    @property
    def since(self) -> int:
        """From when on it is forged."""
        return {
            Aim.CREATE_STANDING: FIRST,
            Aim.HIDE: _BLOCK_FROM,
            Aim.HIDE_STANDING: FIRST + 14 * DAY_S,
        }.get(self, _ATTACK_FROM)

    @property
    def blocked_since(self) -> int | None:
        """From when on the target is blocked; None where it is not."""
        if self.creates:
            return None
        return FIRST if self is Aim.HIDE_STANDING else _BLOCK_FROM


class Told(NamedTuple):
    """What detection says of the attacked target: its highest level, and the highest of what lasts; 0 where nothing."""

    level: int
    lasting: int


class Least(NamedTuple):
    """So many it takes at least, by level: None where the most that was tried does not do it.

    Levels that the honest country does not reach have no place in it: nothing can be hidden or ended there.
    """

    template: Template
    aim: Aim
    attack: Attack
    by_level: dict[int, int | None]


def honest(template: Template, country: str, *, since: int | None) -> Rows:
    """The verdicts of a country without a forger. From since on one target is blocked on all networks, without a miss.

    Now and then another target is called blocked by mistake, as it is everywhere.
    """
    random = np.random.default_rng([11, template.networks, since is not None, *country.encode()])
    sessions = template.networks * template.sessions * DAYS
    network = np.repeat(np.arange(template.networks), template.sessions * DAYS)
    start = FIRST + random.random(sessions) * DAYS * DAY_S
    session = np.repeat(np.arange(sessions), len(_ITEMS))
    item = np.tile(np.arange(len(_ITEMS)), sessions)
    time = start[session] + item * 10.0
    why = item.copy()
    why[(item > 0) & (random.random(len(item)) < _MISTAKEN)] = len(_ITEMS)
    if since is not None:
        why[(item == 0) & (time >= since)] = len(_ITEMS)
    return _sorted(
        Rows(
            country=country,
            items=_ITEMS,
            networks=_first_number(country) + np.arange(template.networks),
            users=np.full(template.networks, 1e6),
            whys=(
                *(ok(one.method) for one in _ITEMS),
                blocked(_ATTACKED.method, Mechanism.IP_DROP),
                _forged(),
            ),
            time=(time * MICRO).astype(np.int64),
            item=item,
            network=network[session],
            voter=random.integers(1, 2**62, sessions)[session],
            software=random.integers(0, len(SOFTWARE), sessions)[session],
            version=np.zeros(len(session), np.int64),
            why=why,
        )
    )


def _first_number(country: str) -> int:
    return 1000 * (1 + sum(country.encode()))


def _forged() -> Why:
    """What a forger claims: the best evidence there is."""
    return blocked(_ATTACKED.method, Mechanism.HTTP_BLOCK_PAGE, "forged.block_page")


def _sorted(rows: Rows) -> Rows:
    return rows.taken(np.argsort(rows.time, kind="stable"))


def forged(rows: Rows, attack: Attack, aim: Aim, count: int) -> Rows:
    """A country with so many forged measurements or identities added."""
    since = aim.since
    if attack is Attack.ONE_SESSION:
        time = since + (np.arange(count) + 0.5) / count * (_END - since)
        identity = np.zeros(count, np.int64)
    else:
        times = np.arange(since, _END, _EVERY_S, dtype=np.float64)
        identity = np.repeat(np.arange(count), len(times))
        # Each a little later than the one before, as programs on many machines are.
        time = np.tile(times, count) + identity % 1000 * 3.0 + 60
    known = len(rows.networks)
    network = {
        Attack.ONE_SESSION: np.zeros_like(identity),
        Attack.ONE_NETWORK: np.zeros_like(identity),
        Attack.KNOWN_NETWORKS: identity % known,
        Attack.FAKE_NETWORKS: known + identity % FAKE_NETWORKS,
        Attack.CROWDED_NETWORKS: known + identity // 8 % FAKE_NETWORKS,
    }[attack]
    size = len(time)
    why = rows.whys.index(_forged()) if aim.creates else 0
    return _sorted(
        rows._replace(
            networks=np.concatenate((rows.networks, 4_200_000_000 + np.arange(FAKE_NETWORKS))),
            users=np.concatenate((rows.users, np.zeros(FAKE_NETWORKS))),
            time=_more(rows.time, (time * MICRO).astype(np.int64)),
            item=_more(rows.item, np.zeros(size, np.int64)),
            network=_more(rows.network, network),
            voter=_more(rows.voter, 2**61 + identity * 1_000_003),
            software=_more(rows.software, _programs()[identity % len(_programs())]),
            version=_more(rows.version, np.zeros(size, np.int64)),
            why=_more(rows.why, np.full(size, why)),
        )
    )


@cache
def _programs() -> Integers:
    """What forgers say they measure with: one program and version after the other, as a crowd of honest probes does."""
    versions = [
        (program.name, version) for program in PROGRAMS for version, day in program.versions if day <= 0
    ]
    return np.array([SOFTWARE.index(f"{name} {version}") for name, version in versions], np.int64)


def _more(honest_ones: Integers, forged_ones: Integers) -> Integers:
    return np.concatenate((honest_ones, forged_ones.astype(np.int64)))


@cache
def _rest() -> tuple[Evidence, ...]:
    """What others measured of the same targets meanwhile, without a finding."""
    codes = [f"B{chr(ord('A') + n)}" for n in range(_REST)]
    calm = Template("rest", 4, 4)
    return tuple(evidence_of(honest(calm, code, since=None)) for code in codes)


def said(detect: Detect, rows: Rows) -> Told:
    """What detection says of the attacked target, with the rest of the world beside it."""
    found = [
        one
        for one in detect(joined([evidence_of(rows), *_rest()]))
        if one.country == COUNTRY and _ATTACKED.target in one.targets
    ]
    return Told(
        max((int(one.level) for one in found), default=0),
        max((int(one.level) for one in found if one.end is None), default=0),
    )


def least(works: Callable[[int], bool], most: int) -> int | None:
    """The least count that works, found by doubling and halving; None where not even the most does.

    Where more does not always do more, it is a count that works and whose predecessor does not.
    """
    high = 1
    while not works(high):
        if high == most:
            return None
        high = min(2 * high, most)
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if works(middle) else (middle, high)
    return high


def searched(detect: Detect, template: Template, aim: Aim, attack: Attack, most: tuple[int, int]) -> Least:
    """How many it takes, at each level. most is the most measurements and identities that are tried."""
    rows = honest(template, COUNTRY, since=aim.blocked_since)
    limit = most[0] if attack is Attack.ONE_SESSION else most[1]

    @cache
    def outcome(count: int) -> Told:
        return said(detect, forged(rows, attack, aim, count) if count else rows)

    def works(level: int) -> Callable[[int], bool]:
        if aim.creates:
            return lambda count: outcome(count).level >= level
        if aim is Aim.END:
            return lambda count: outcome(count).lasting < level
        return lambda count: outcome(count).level < level

    # What is so without any forger takes none, and is not asked.
    open_ = [level for level in LEVELS if not works(level)(0)]
    return Least(template, aim, attack, {level: least(works(level), limit) for level in open_})


def results(detect: Detect, template: Template, most: tuple[int, int]) -> Iterator[Least]:
    """Every attack on a template."""
    for aim in Aim:
        for attack in Attack:
            yield searched(detect, template, aim, attack, most)


def broken(found: Sequence[Least]) -> list[str]:
    """Where one source, however loud, reaches level 2, or hides or ends a true level 3."""
    single = [one for one in found if one.attack in {Attack.ONE_SESSION, Attack.ONE_NETWORK}]
    said_ = []
    for one in single:
        levels = (2, 3) if one.aim.creates else (3,)
        said_ += [
            f"{one.by_level[level]} {one.attack} {one.aim} level {level} ({one.template.name})"
            for level in levels
            if one.by_level.get(level) is not None
        ]
    return said_


_HEAD: Final = """\
# Poisoning

Anyone can submit anything. This is how much it takes to turn what Lampwatch tells, made by
`python -m bench poisoning --write` on simulated honest countries.

- create: an incident of one target where nothing is blocked, with the best evidence there is (a known block page),
  within two days.
- create, as if it had always stood: the same, for four weeks from the day on which measuring began there. Who comes
  later than in the first week makes no level 2 that way on networks that nobody knew.
- hide: a block of one target on all networks, from its first hour on, by measurements that say it works, for four
  days.
- hide what has always stood: the same of a block that stood on the first day, for the last two of four weeks.
- end: an incident that has lasted for two days, by the same, so that it reads as over.
- An identity is a session: it measures every two hours while the attack lasts. Made-up networks are numbers that were
  never seen in that country, {fake} at most.

Each figure is the least that was found by doubling and halving. "> {measurements:,}" or "> {identities:,}": not even
so many do it. A dash: without a forger, the honest country does not reach that level.

"""

_PROMISE: Final = """
One source, however loud (one session, or any number of sessions in one network), never reaches level 2, and never hides
or ends a true level 3: the command that makes this page fails where it does.
"""


def page(found: Sequence[Least], most: tuple[int, int]) -> str:
    """The page in the docs."""
    lines = _HEAD.format(fake=FAKE_NETWORKS, measurements=most[0], identities=most[1]).splitlines()
    for template in dict.fromkeys(one.template for one in found):
        lines += [f"## {template.name[0].upper()}{template.name[1:]}", ""]
        rows = [
            (one.aim.value, one.attack.value, *(_cell(one, level, most) for level in LEVELS))
            for one in found
            if one.template == template
        ]
        lines += [*table(("to", "it takes", *(f"level {level}" for level in LEVELS)), rows), ""]
    return "\n".join([*lines[:-1], _PROMISE])


def _cell(one: Least, level: int, most: tuple[int, int]) -> str:
    if level not in one.by_level:
        return "-"
    count = one.by_level[level]
    limit = most[0] if one.attack is Attack.ONE_SESSION else most[1]
    return f"> {limit:,}" if count is None else f"{count:,}"


def main(arguments: Sequence[str]) -> int:
    """Print the page, or write it where it belongs: 1 where the promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench poisoning", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/poisoning.md")
    parser.add_argument("--most", type=int, default=MOST_IDENTITIES, help="identities tried at most")
    given = parser.parse_args(arguments)
    most = (MOST_MEASUREMENTS, given.most)
    found = []
    for template in TEMPLATES:
        rows = honest(template, COUNTRY, since=None)
        # Made-up networks have no users, known ones as many as each other.
        detect = detection(sizes([rows]), categories([rows]))
        for one in results(detect, template, most):
            cells = ", ".join(_cell(one, level, most) for level in LEVELS)
            print(f"{one.template.name}: {one.aim} by {one.attack}: {cells}", file=sys.stderr)
            found.append(one)
    failures = broken(found)
    for failure in failures:
        print(f"lampwatch: one source is enough: {failure}", file=sys.stderr)
    text = page(found, most)
    if given.write and not failures:
        WRITTEN.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
