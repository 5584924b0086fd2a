"""What `impasto doctor` looks at: a small function for each finding, and a report that may be shown to anybody."""
