"""What is said between a lab and those who hold it: one JSON object a line, over a socket pair."""

from typing import TypeAlias

import msgspec

from lampwatch.lab.scenario import Stage
from lampwatch.lab.view import LabView


class Build(msgspec.Struct, frozen=True, tag=True):
    """Take down what there is, and build a fresh lab."""

    stage: Stage


class Start(msgspec.Struct, frozen=True, tag=True):
    """Start a service outside; it is up when it listens on address and port."""

    argv: tuple[str, ...]
    address: str
    port: int


class Run(msgspec.Struct, frozen=True, tag=True):
    """Run a program to its end at the client (or outside); terminal gives it the terminal of whoever holds the lab.

    By its name, where it has one, it can be killed meanwhile.
    """

    argv: tuple[str, ...]
    timeout_s: float
    outside: bool = False
    terminal: bool = False
    name: str = ""


class Kill(msgspec.Struct, frozen=True, tag=True):
    """End a program by its name, or a service by its address, without a word."""

    name: str


class Fetch(msgspec.Struct, frozen=True, tag=True):
    """Fetch an unencrypted page at the client, by the provider's resolver."""

    url: str


class Switch(msgspec.Struct, frozen=True, tag=True):
    """Apply or lift one block of the stage, by its place in the censor."""

    block: int
    on: bool


class Fired(msgspec.Struct, frozen=True, tag=True):
    """Ask how often each block has fired."""


class Close(msgspec.Struct, frozen=True, tag=True):
    """Take the lab down."""


Request: TypeAlias = Build | Start | Run | Kill | Fetch | Switch | Fired | Close


class Built(msgspec.Struct, frozen=True, tag=True):
    """The lab stands."""

    view: LabView


class Ran(msgspec.Struct, frozen=True, tag=True):
    """How a program ended: status is negative where a signal or the time limit ended it."""

    status: int
    stdout: bytes
    stderr: bytes
    seconds: float


class Fetched(msgspec.Struct, frozen=True, tag=True):
    """Whether a page came, and if not, why."""

    failure: str = ""


class Counts(msgspec.Struct, frozen=True, tag=True):
    """How often each block has fired, in the order of the stage."""

    fired: tuple[int, ...]


class Done(msgspec.Struct, frozen=True, tag=True):
    """It was done."""


class Failed(msgspec.Struct, frozen=True, tag=True):
    """It could not be done."""

    why: str


Reply: TypeAlias = Built | Ran | Fetched | Counts | Done | Failed


class Call(msgspec.Struct, frozen=True):
    """A request with the number by which its reply will be known."""

    number: int
    request: Request


class Answer(msgspec.Struct, frozen=True):
    """The reply to the call of that number."""

    number: int
    reply: Reply
