"""WhatsApp: do its app servers, its registration and its web site work here (README.md)."""
