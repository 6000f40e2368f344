"""One state of the keystore, unlocked: its file, its root, and the entrustors' keys in memory."""

import msgspec

from crypto.errors.lists import UnknownList
from crypto.errors.records import DoesNotOpen
from crypto.host.memory import LockedMemory, Slot
from crypto.keys.roots.kinds import Root
from crypto.keys.vault import Binding, KeystoreRefused, ListSecrets, Place, StoredFile, StoredList
from crypto.keys.wrapping import unwrap


class Unlocked:
    """Entrustor keys are unwrapped once: nothing here waits for a token afterwards."""

    def __init__(self, file: StoredFile, digest: bytes, root: Root, keys: dict[str, Slot]) -> None:
        self.file, self.digest, self.root, self.keys = file, digest, root, keys

    @classmethod
    def by(cls, file: StoredFile, digest: bytes, root: Root, memory: LockedMemory) -> "Unlocked":
        """Everything unwrapped anew by the root.

        Raises KeystoreRefused if it is not the root of this file; RootRefused.
        """
        opened = cls(file, digest, root, {})
        opened.factor_key()
        try:
            for entrustor, wrapped in file.entrustors.items():
                key = root.unwrap(opened.place.entrustor(entrustor), wrapped)
                opened.keys[entrustor] = memory.hold(key)
        except BaseException:
            opened.wipe()
            raise
        return opened

    @property
    def place(self) -> Place:
        """Of what is wrapped in this epoch."""
        return Place(self.file.epoch)

    def factor_key(self) -> bytes:
        """Raises KeystoreRefused."""
        try:
            return self.root.unwrap(self.place.factors(), self.file.factor_key)
        except DoesNotOpen:
            raise KeystoreRefused(f"epoch {self.file.epoch}: not under this root") from None

    def secrets(self, binding: Binding) -> ListSecrets:
        """Raises UnknownList; DoesNotOpen if they were wrapped for another binding."""
        entry = self.file.lists.get(binding.list)
        if entry is None:
            raise UnknownList(binding.list)
        if binding.entrustor not in self.keys:
            raise DoesNotOpen(binding.list)
        plaintext = self.plaintext(StoredList(binding, entry.secrets))
        return msgspec.msgpack.decode(plaintext, type=ListSecrets)

    def plaintext(self, entry: StoredList) -> bytes:
        """A list's secrets as they were encoded. Raises DoesNotOpen."""
        key = self.keys[entry.binding.entrustor].key
        return unwrap(key, self.place.list(entry.binding), entry.secrets)

    def box(self, job: str, entrustor: str) -> bytes:
        """A job's age identity. Raises UnknownList, DoesNotOpen."""
        entry = self.file.boxes.get(job)
        if entry is None or entry.entrustor != entrustor or entrustor not in self.keys:
            raise UnknownList(job)
        return unwrap(self.keys[entrustor].key, self.place.box(entrustor, job), entry.identity)

    def wipe(self, but: "Unlocked | None" = None) -> None:
        """Wipe every key that `but` does not have as well."""
        for entrustor, slot in self.keys.items():
            if but is None or but.keys.get(entrustor) is not slot:
                slot.wipe()
