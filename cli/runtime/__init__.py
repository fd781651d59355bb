"""Airflow on this machine: its settings, its processes, its REST interface, and one night run through it."""
