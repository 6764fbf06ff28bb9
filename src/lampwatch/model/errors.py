"""The one exception for what a user can mend."""


class UserError(Exception):
    """Something the user can mend. Its text is one line: what, where, what to do. The command line exits with 2."""
