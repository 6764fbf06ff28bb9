"""The outside: resolvers, web sites, messengers and streams, all served by one process on one event loop."""
