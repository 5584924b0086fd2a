"""What the filter's window shows and does."""
