"""Series -> disturbances -> incidents of connectivity: shutdowns, outages, surges."""
