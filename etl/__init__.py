"""Source systems -> core tables -> history."""
