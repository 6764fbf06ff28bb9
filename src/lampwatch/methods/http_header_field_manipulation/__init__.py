"""HTTP header field manipulation: does a middlebox rewrite the headers of a request (README.md)."""
