"""The plan book: one self-contained HTML file that planners open in the morning."""
