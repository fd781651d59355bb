"""The command line `leadline`: parses, calls a job, prints. Nothing here computes."""

import os

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # before Arrow is loaded: see enterprise.memory.steady_memory
