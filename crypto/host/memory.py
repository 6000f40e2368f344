"""Memory for the keys above all others: never swapped, left out of dumps, wiped when let go.

Root keys in files and entrustor keys lie here for as long as they live. Where the kernel
forbids to lock (RLIMIT_MEMLOCK), the log says so once and the keeper goes on: `harden`
may have locked everything anyway.

Not promised: the copies that Python makes on the way in cannot be wiped.
"""

import ctypes
import logging
import mmap
import os
import threading

SLOT_BYTES = 32  # AES-256
REGION_BYTES = 16 * mmap.PAGESIZE  # 2,048 keys: few enough for the usual 8 MB limit

log = logging.getLogger(__name__)


class Slot:
    """Room for one key. After `wipe` it reads as zeros, whatever lies there since."""

    __slots__ = ("_memory", "key")

    def __init__(self, memory: "LockedMemory", view: memoryview) -> None:
        self._memory, self.key = memory, view

    def __repr__(self) -> str:
        return f"Slot({SLOT_BYTES} bytes)"

    def wipe(self) -> None:
        """Overwrite the key and give the room back. Repeated: nothing to do."""
        if not self.key.readonly:
            view, self.key = self.key, memoryview(bytes(SLOT_BYTES))
            view[:] = bytes(SLOT_BYTES)
            self._memory.take_back(view)


class LockedMemory:
    """Regions of anonymous pages, cut into slots."""

    def __init__(self) -> None:
        self._free: list[memoryview] = []
        self._guard = threading.Lock()
        self.locked = True  # whether the kernel locked every region so far

    def hold(self, key: bytes) -> Slot:
        """A slot with this key in it. Raises ValueError on any other length."""
        if len(key) != SLOT_BYTES:
            raise ValueError("not a key")
        with self._guard:
            if not self._free:
                self._grow()
            view = self._free.pop()
        view[:] = key
        return Slot(self, view)

    def take_back(self, view: memoryview) -> None:
        """Room that a slot has wiped."""
        with self._guard:
            self._free.append(view)

    def _grow(self) -> None:
        region = mmap.mmap(-1, REGION_BYTES)
        region.madvise(mmap.MADV_DONTDUMP)
        region.madvise(mmap.MADV_DONTFORK)
        libc = ctypes.CDLL(None, use_errno=True)
        address = ctypes.addressof(ctypes.c_char.from_buffer(region))
        if libc.mlock(ctypes.c_void_p(address), ctypes.c_size_t(REGION_BYTES)):
            if self.locked:
                log.warning("keys are not locked in memory: %s", os.strerror(ctypes.get_errno()))
            self.locked = False
        whole = memoryview(region)
        starts = range(0, REGION_BYTES, SLOT_BYTES)
        self._free.extend(whole[start : start + SLOT_BYTES] for start in starts)
