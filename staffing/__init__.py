"""Forecast -> people: positions per interval by the right model of each channel."""
