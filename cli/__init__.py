"""The command line `leadline`: parses, calls a job, prints. Nothing here computes."""
