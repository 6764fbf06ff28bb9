"""The control service: says what a web site looks like from where it stands, to probes that a censor may be fooling.

It speaks the protocol of OONI's Web Connectivity test helper. It connects only to public addresses, each checked in the
very form in which it is connected to, so that nobody can use it as a proxy or as a way into its own network.
"""
