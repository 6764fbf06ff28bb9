"""What can go wrong with the lab itself, as against the networks in it."""


class LabError(Exception):
    """A lab could not be built or asked: a bug of ours or of the machine, never a finding. Its text is one line."""
