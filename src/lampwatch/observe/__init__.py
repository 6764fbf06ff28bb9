"""Raw measurement -> observations. Pure: what happened, never what it means."""
