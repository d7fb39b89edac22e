"""A bound on the memory of one process, so that a job cannot take the machine along."""

import sys
from pathlib import Path

MB = 1024 * 1024


def bound(megabytes: int) -> None:
    """Let this process take `megabytes` beyond what it holds now; more raises MemoryError in it.

    Counted is what it may write to (RLIMIT_DATA, Linux from 4.7 on), not address space: numpy and
    threads reserve much of that and never use it. Where the kernel keeps no such bound, as on
    macOS, nothing happens. A narrower bound set from outside (`ulimit -d`) stays.
    """
    if sys.platform != "linux":
        return
    import resource  # which other systems do not have

    held = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bounds = [each for each in (soft, hard) if each != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min([held + megabytes * MB, *bounds]), hard))
