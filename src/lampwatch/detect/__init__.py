"""From series to disturbances to incidents. Pure but for `job`: the same values always give the same answer."""
