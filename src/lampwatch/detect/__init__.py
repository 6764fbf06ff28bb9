"""From series to disturbances to incidents. Pure: the same values always give the same answer."""
