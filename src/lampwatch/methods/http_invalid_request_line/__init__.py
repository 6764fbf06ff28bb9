"""HTTP invalid request line: does a middlebox answer or alter what no HTTP server would take (README.md)."""
