"""What the public sees: the HTTP API and the pages, made on the server from what the store holds."""
