"""Simulated source systems of a mid-size insurer. Shares nothing with the pipeline but the source formats."""
