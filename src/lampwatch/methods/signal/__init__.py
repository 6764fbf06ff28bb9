"""Signal: do the servers that its app needs work here (README.md)."""
