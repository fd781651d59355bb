"""The staffing of a planner's own file, and of cases with known answers: a job of its own beside the night's."""
