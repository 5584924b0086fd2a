"""The engine as the filter sees it: how it is found or started, the session with it, and its jobs."""
