"""The censor simulator: real packets from a client over routers with a censor to the outside, in network namespaces."""
