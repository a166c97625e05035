"""What was looked at, and what of it did not hold."""

import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

MOST_SHOWN = 30


class Tally:
    """Counts from several threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self.held = 0
        self.failures = []

    def check(self, holds, what, saw=""):
        """`what` says what should be so, `saw` what was there instead."""
        with self._lock:
            if holds:
                self.held += 1
            else:
                self.failures.append(f"{what}: {saw}" if saw else what)
        return bool(holds)

    def together(self, works, threads=8):
        """Runs functions, each given with its arguments, at the same time; one that breaks off has failed."""
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda work: self._attempt(*work), works))

    def _attempt(self, work, *arguments):
        try:
            work(*arguments)
        except Exception:
            self.check(False, f"{work.__name__} broke off", traceback.format_exc())

    def report(self):
        """Prints what failed and one line at the end; the exit status."""
        for failure in self.failures[:MOST_SHOWN]:
            print(f"FAILED {failure}")
        if len(self.failures) > MOST_SHOWN:
            print(f"… and {len(self.failures) - MOST_SHOWN} more")
        if self.failures or not self.held:
            print(f"{len(self.failures)} checks failed, {self.held} passed")
            return 1
        print(f"{self.held} checks passed")
        return 0
