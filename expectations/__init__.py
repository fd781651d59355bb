"""What must be true of a table, and what happens when it is not."""
