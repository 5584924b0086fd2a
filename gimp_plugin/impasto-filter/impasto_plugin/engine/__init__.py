"""The engine as the filter sees it: found or started, spoken to, its jobs."""
