"""Pictures as files: read, written, their metadata; style pictures; contact sheets."""
