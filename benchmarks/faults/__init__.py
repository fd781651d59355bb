"""Faults that are planted into clean days, and what the monitors see of them."""
