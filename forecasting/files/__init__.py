"""The forecast of a planner's own file: a job of its own beside the night's."""
