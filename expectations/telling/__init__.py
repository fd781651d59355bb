"""Telling people by mail and webhook what a night found: a job of its own, which must work when the lake does not."""
