"""Planners' changes: read from a file or the planners' table, checked, kept, and taken into a night."""
