"""OONI's event detector on verdicts: a two-sided CUSUM on hourly medians per country, network, domain and layer.

Source: ooni/data, oonipipeline/src/oonipipeline/analysis/detector.py at commit 03a397bfacacc12a49ca9038b29ece2fd04d54ce
(2026), with the parameters of its `run_detector`: ok is 0.0 and blocked 0.7 (mu_0, mu_1), the drift is half of that,
the threshold ten drifts (edd 10, so h = 3.5); a series begins without a state and takes one silently at its first
crossing; after more than 24 hours without measurements both sums are halved for every 48 hours; what was last seen more
than ten days ago is forgotten. After Basseville and Nikiforov, Detection of Abrupt Changes (1993), 2.2.5.

Carried over to our verdicts to its advantage: what is called blocked at a layer counts 1.0 there where OONI's own
scores are lower; the resolvers of the network and others are one series; messengers are looked at too, where OONI has
web sites alone. It has the layers DNS, TCP and TLS, and no other.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np

from bench.blocking.country import HOUR_S, Integers
from bench.blocking.rows import MICRO, Rows
from lampwatch.model.vocabulary import Layer, Mechanism, State

NAME: Final = "OONI's CUSUM"
LAYERS: Final = (Layer.DNS, Layer.IP, Layer.TLS)
METHODS: Final = ("web_connectivity", "telegram", "whatsapp", "signal", "facebook_messenger")

_OK: Final = 0.0
_BLOCKED: Final = 0.7
_DRIFT: Final = (_BLOCKED - _OK) / 2
_THRESHOLD: Final = 10 * _DRIFT
_HALVED_H: Final = 48.0
_GAP_H: Final = 24
_FORGOTTEN_H: Final = 10 * 24
_TOGETHER_S: Final = 24 * HOUR_S


class Alert(NamedTuple):
    """A series is called blocked. at is the end of the hour that decided, in seconds since 1970 (UTC)."""

    country: str
    asn: int
    target: str
    layer: Layer
    at: int


class Group(NamedTuple):
    """The alerts of one country and target within a day of the first."""

    country: str
    target: str
    at: int
    networks: frozenset[int]
    second: int | None


def looks_at(mechanism: Mechanism, layer: Layer | None, method: str) -> bool:
    """Whether a mechanism at a layer can show in its series at all."""
    return layer in LAYERS and method in METHODS and mechanism is not Mechanism.THROTTLING


def alerts(rows: Rows) -> list[Alert]:
    """Every alert of one country, as it would be sent: the changes to blocked."""
    found = []
    for asn, target, layer, hours, medians in _series(rows):
        found += [
            Alert(rows.country, asn, target, layer, (hour + 1) * HOUR_S) for hour in _changes(hours, medians)
        ]
    return sorted(found, key=lambda alert: alert.at)


def grouped(every: Iterable[Alert]) -> list[Group]:
    """Alerts of one country and target within a day are one: more than the detector itself does. In order of time."""
    open_: dict[tuple[str, str], list[Alert]] = {}
    found: list[list[Alert]] = []
    for alert in sorted(every, key=lambda alert: alert.at):
        known = open_.get((alert.country, alert.target))
        if known is None or alert.at >= known[0].at + _TOGETHER_S:
            known = open_[alert.country, alert.target] = []
            found.append(known)
        known.append(alert)
    return [
        Group(
            one[0].country,
            one[0].target,
            one[0].at,
            frozenset(alert.asn for alert in one),
            next((alert.at for alert in one if alert.asn != one[0].asn), None),
        )
        for one in found
    ]


def _series(rows: Rows) -> Iterator[tuple[int, str, Layer, Integers, "np.typing.NDArray[np.float64]"]]:
    """Hours and medians of each series that is ever above zero: the others cannot alert."""
    names = list(dict.fromkeys(item.target for item in rows.items if item.method in METHODS))
    place_of = np.array(
        [names.index(item.target) if item.method in METHODS else -1 for item in rows.items], dtype=np.int64
    )
    told = np.array([why.state is not State.UNKNOWN for why in rows.whys])
    kept = (place_of[rows.item] >= 0) & told[rows.why]
    hour = rows.time[kept] // (HOUR_S * MICRO)
    first = int(hour.min()) if len(hour) else 0
    hours = int(hour.max()) - first + 1 if len(hour) else 1
    series = rows.network[kept] * len(names) + place_of[rows.item[kept]]
    cells, cell = np.unique(series * hours + hour - first, return_inverse=True)
    total = np.bincount(cell, minlength=len(cells))
    for layer in LAYERS:
        blocked = np.array([why.state is State.BLOCKED and why.layer is layer for why in rows.whys])
        hits = np.bincount(cell, weights=blocked[rows.why[kept]], minlength=len(cells))
        # The median of zeros and ones, as ClickHouse interpolates it.
        medians = np.where(2 * hits > total, 1.0, np.where(2 * hits == total, 0.5, 0.0))
        for one in np.unique(cells[medians > 0] // hours).tolist():
            low, high = np.searchsorted(cells, [one * hours, (one + 1) * hours])
            yield (
                int(rows.networks[one // len(names)]),
                names[one % len(names)],
                layer,
                cells[low:high] % hours + first,
                medians[low:high],
            )


def _changes(hours: Integers, medians: "np.typing.NDArray[np.float64]") -> list[int]:
    """The hours in which one series is found to have become blocked."""
    found: list[int] = []
    state, rise, fall = "", 0.0, 0.0
    last: int | None = None
    for hour, value in zip(hours.tolist(), medians.tolist(), strict=True):
        silent = hour - last if last is not None else 0
        last = hour
        if silent > _FORGOTTEN_H:
            state, rise, fall = "", 0.0, 0.0
        elif silent > _GAP_H:
            rise, fall = rise * 0.5 ** (silent / _HALVED_H), fall * 0.5 ** (silent / _HALVED_H)
        rise = 0.0 if state == "blocked" else max(0.0, rise + value - _OK - _DRIFT)
        fall = 0.0 if state == "ok" else max(0.0, fall + _BLOCKED - value - _DRIFT)
        if rise > _THRESHOLD:
            if state == "ok":
                found.append(hour)
            state, rise, fall = "blocked", 0.0, 0.0
        elif fall > _THRESHOLD:
            state, rise, fall = "ok", 0.0, 0.0
    return found
