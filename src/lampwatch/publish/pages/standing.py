"""How a summary stands: in one word that never says more than its counts do."""

from lampwatch.publish.words import INSUFFICIENT
from lampwatch.store.rows import Counted, NetworkSummary, TargetSummary


def is_insufficient(counts: Counted) -> bool:
    """Measured or not, not one verdict was reached: this is not `ok`, and never shown as such."""
    return counts.ok + counts.down + counts.blocked == 0


def latest_state(summary: TargetSummary | NetworkSummary) -> str:
    """The state of the latest verdict; `insufficient` where none was ever reached."""
    return INSUFFICIENT if is_insufficient(summary) else summary.last_state
