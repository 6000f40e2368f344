"""The states of jobs, lists and records.

job     open -> closed
list    receiving -> open -> settled -> over      (open: may also go straight to over)
        receiving -> failed                       (nothing of it is stored)
        open | settled -> lost -> over            (keys lost: the same file again continues it)
record  waiting <-> leased -> done
        leased -> resting <-> leased                  (nobody reached: found when calling back)
        resting -> done
"""

from enum import StrEnum


class JobState(StrEnum):
    """Of a job."""

    OPEN = "open"
    CLOSED = "closed"


class ListState(StrEnum):
    """Of a list, from the first byte to its release."""

    RECEIVING = "receiving"  # the upload streams
    OPEN = "open"  # called; its intake is open: it does not end by itself
    SETTLED = "settled"  # called; intake closed: the last final result ends it
    FAILED = "failed"  # refused or broken off: no row, no key
    LOST = "lost"  # its keys went with the keeper's disk: not called; `jobs.lost`
    OVER = "over"  # released: nothing opens, the worker destroys


class RecordState(StrEnum):
    """Of one person on a list."""

    WAITING = "waiting"
    LEASED = "leased"
    RESTING = "resting"  # nobody was reached: leased to a search only, emptied when its window ends
    DONE = "done"


CALLED = (ListState.OPEN, ListState.SETTLED)
UNFINISHED = (*CALLED, ListState.LOST)
