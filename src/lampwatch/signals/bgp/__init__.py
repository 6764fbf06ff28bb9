"""The BGP signal: which address space the world's routers can reach, by network and country, in 5-minute bins.

A prefix is visible when more than half of the peers that tell a collector a whole table have a route to it. What such
peers are, and when there are too few of them, is in `sessions`; how space is counted, in `space`.
"""
