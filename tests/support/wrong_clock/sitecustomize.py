"""Read by a Python whose clock libfaketime moves: its `time.sleep` waits in a way that libfaketime understands.

Python sleeps until a moment of the monotonic clock (clock_nanosleep with TIMER_ABSTIME), which libfaketime 0.9.10 answers with
"Invalid argument"; waiting for an event that never comes takes another way.
"""

import threading
import time


def _sleep(seconds: float) -> None:
    threading.Event().wait(seconds)


time.sleep = _sleep
