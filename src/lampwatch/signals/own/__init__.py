"""Series made from what Lampwatch itself received. Pure: counts by the hour in, series out."""
