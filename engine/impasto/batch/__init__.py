"""Many pictures painted by one order; what was painted is noted, and not painted again."""
