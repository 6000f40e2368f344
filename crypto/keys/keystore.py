"""Every key that opens something, in one file, under the root of the current epoch.

    root of epoch e  ->  entrustor keys  ->  secrets of each list
                     ->  factor key (seeds of second factors)

A change is *staged* beside the file, fsynced; the journal notes the digest of what is staged;
one rename *commits* it. What lies there after a crash is therefore told by its digest, and
anything else is refused (`Recorded`).

Destroying lists begins a new epoch: a new root, every survivor wrapped again (fresh entrustor
keys too, or an old copy of the file would still open), reread and verified. The rename is the
**point of no return**; then the old root is destroyed, and what it had wrapped is tried.

Never backed up: the entrustor holds the original of every list.
"""

import contextlib
import os
import secrets
import threading
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from crypto.errors.lists import RootNotDestroyed
from crypto.errors.records import DoesNotOpen
from crypto.host.memory import LockedMemory, Slot
from crypto.keys.roots.file import sync_folder
from crypto.keys.roots.kinds import Root, RootRefused, Roots
from crypto.keys.unlocked import Unlocked
from crypto.keys.vault import (
    FORMAT,
    Binding,
    KeystoreRefused,
    ListSecrets,
    Place,
    Recorded,
    StoredBox,
    StoredFile,
    StoredList,
    beside,
    digest_of,
    encode,
    read,
    settle,
)
from crypto.keys.wrapping import wrap
from crypto.records.sealing import KEY_BYTES

PROOF_BYTES = 32


class Keystore:
    """The open keystore.

    One change at a time (`crypto.lists.epochs` sees to it); `secrets` may be asked meanwhile, from
    another thread, and does not wait for the token.
    """

    def __init__(self, path: Path, roots: Roots) -> None:
        self._path, self._roots = path, roots
        self._memory = LockedMemory()
        self._guard = threading.Lock()  # of `_live`: between readers and the rename
        self._staged: Unlocked | None = None
        self._owed = False  # the journal has noted what is staged, the rename failed
        self._live: Unlocked

    @classmethod
    def create(cls, path: Path, roots: Roots, epoch: int = 1) -> "Keystore":
        """An empty one, in epoch 1; in a later one if keys were lost (`crypto.keeper.recovery`).

        Raises KeystoreRefused if there is one, or was; RootRefused.
        """
        if path.exists() or roots.epochs() - {epoch}:
            raise KeystoreRefused(f"{path}: there is, or was, a keystore here")
        root, place = roots.create(epoch), Place(epoch)
        proof = root.wrap(place.proof(), secrets.token_bytes(PROOF_BYTES))
        factor_key = root.wrap(place.factors(), secrets.token_bytes(KEY_BYTES))
        keystore = cls(path, roots)
        keystore._stage(StoredFile(FORMAT, epoch, proof, b"", factor_key, {}, {}), root, {})
        keystore.commit()
        return keystore

    @classmethod
    def load(cls, path: Path, roots: Roots, recorded: Recorded) -> "Keystore":
        """Open what the journal says is there, and finish an interrupted change.

        Nothing is destroyed before that is certain. Raises KeystoreRefused, RootRefused.
        """
        file, digest = settle(path, recorded)
        keystore = cls(path, roots)
        root = roots.unlock(file.epoch)
        keystore._live = Unlocked.by(file, digest, root, keystore._memory)
        # The root fits: whatever else lies here is left over.
        beside(path).unlink(missing_ok=True)
        keystore.retire()
        return keystore

    @property
    def epoch(self) -> int:
        return self._live.file.epoch

    @property
    def digest(self) -> bytes:
        """SHA-256 of the file."""
        return self._live.digest

    @property
    def root_kind(self) -> str:
        """The root's assurance, as certificates name it."""
        return self._roots.assurance

    @property
    def entrustors(self) -> frozenset[str]:
        """Those who have a key here."""
        return frozenset(self._live.file.entrustors)

    def __contains__(self, list_id: str) -> bool:
        return list_id in self._live.file.lists

    def close(self) -> None:
        """Wipe every key in memory."""
        self._live.wipe()
        self._roots.close()

    # -- reading ---------------------------------------------------------------------------

    def factor_key(self) -> bytes:
        """The key under which the roster keeps the seeds of second factors."""
        return self._live.factor_key()

    def secrets(self, binding: Binding) -> ListSecrets:
        """Raises UnknownList; DoesNotOpen if they were wrapped for another binding."""
        with self._guard:
            return self._live.secrets(binding)

    def box(self, job: str, entrustor: str) -> bytes:
        """A job's age identity. Raises UnknownList, DoesNotOpen."""
        with self._guard:
            return self._live.box(job, entrustor)

    @property
    def boxes(self) -> frozenset[str]:
        """The jobs that have one."""
        return frozenset(self._live.file.boxes)

    # -- changing: stage, (the journal notes the digest), commit ---------------------------------

    def stage_lists(self, added: Mapping[Binding, ListSecrets]) -> bytes:
        """More lists, beside the file; the digest to be noted. Raises RootRefused, OSError."""
        self._pay_what_is_owed()
        live, place = self._live, Place(self.epoch)
        entrustors, slots, lists = (
            dict(live.file.entrustors),
            dict(live.keys),
            dict(live.file.lists),
        )
        for binding, keys in added.items():
            self._add_entrustor(binding.entrustor, entrustors, slots)
            wrapped = wrap(
                slots[binding.entrustor].key, place.list(binding), msgspec.msgpack.encode(keys)
            )
            lists[binding.list] = StoredList(binding, wrapped)
        file = msgspec.structs.replace(live.file, entrustors=entrustors, lists=lists)
        return self._stage(file, live.root, slots)

    def stage_box(self, job: str, entrustor: str, identity: bytes) -> bytes:
        """A job's age identity, in place of an earlier one; the digest to be noted.

        Raises RootRefused, OSError.
        """
        self._pay_what_is_owed()
        live = self._live
        entrustors, slots = dict(live.file.entrustors), dict(live.keys)
        self._add_entrustor(entrustor, entrustors, slots)
        wrapped = wrap(slots[entrustor].key, live.place.box(entrustor, job), identity)
        boxes = live.file.boxes | {job: StoredBox(entrustor, wrapped)}
        file = msgspec.structs.replace(live.file, entrustors=entrustors, boxes=boxes)
        return self._stage(file, live.root, slots)

    def _add_entrustor(
        self, entrustor: str, entrustors: dict[str, bytes], slots: dict[str, Slot]
    ) -> None:
        """A key for an entrustor that has none here yet."""
        if entrustor not in entrustors:
            over = secrets.token_bytes(KEY_BYTES)
            entrustors[entrustor] = self._live.root.wrap(
                self._live.place.entrustor(entrustor), over
            )
            slots[entrustor] = self._memory.hold(over)

    def stage_rebound(self, before: Binding, after: Binding) -> bytes:
        """The same list for another binding: its expiry was extended by statement.

        Raises UnknownList, DoesNotOpen.
        """
        self._pay_what_is_owed()
        live = self._live
        plaintext = msgspec.msgpack.encode(self.secrets(before))
        over = live.keys[after.entrustor].key
        wrapped = wrap(over, Place(self.epoch).list(after), plaintext)
        lists = live.file.lists | {after.list: StoredList(after, wrapped)}
        return self._stage(msgspec.structs.replace(live.file, lists=lists), live.root, live.keys)

    def stage_epoch(self, keep: Collection[str], boxes: Collection[str] = ()) -> bytes:
        """A new epoch with only the lists in `keep` and the identities of the jobs in `boxes`,
        beside the file, reread and verified.

        The digest to be noted. Raises KeystoreRefused if a survivor did not survive,
        RootRefused, OSError.
        """
        self._pay_what_is_owed()
        epoch = self.epoch + 1
        root, place = self._roots.create(epoch), Place(epoch)
        kept = [entry for name, entry in self._live.file.lists.items() if name in keep]
        held = {job: entry for job, entry in self._live.file.boxes.items() if job in boxes}
        owners = {entry.binding.entrustor for entry in kept}
        owners |= {entry.entrustor for entry in held.values()}
        slots = {name: self._memory.hold(secrets.token_bytes(KEY_BYTES)) for name in owners}
        file = StoredFile(
            FORMAT,
            epoch,
            root.wrap(place.proof(), secrets.token_bytes(PROOF_BYTES)),
            self._live.file.proof,
            root.wrap(place.factors(), self.factor_key()),
            {
                name: root.wrap(place.entrustor(name), bytes(slot.key))
                for name, slot in slots.items()
            },
            {entry.binding.list: self._rewrapped(entry, epoch, slots) for entry in kept},
            {job: self._box_rewrapped(job, entry, epoch, slots) for job, entry in held.items()},
        )
        digest = self._stage(file, root, slots)
        self._verify_staged(digest)
        return digest

    def commit(self) -> None:
        """What is staged becomes the keystore: no way back from here. Raises OSError."""
        staged = self._staged
        if staged is None:
            return
        self._owed = True
        with self._guard:
            beside(self._path).replace(self._path)
            before, self._live = getattr(self, "_live", None), staged
            self._staged, self._owed = None, False
            if before is not None:
                before.wipe(but=staged)
        sync_folder(self._path.parent)

    def finish(self, noted: bytes) -> None:
        """Commit what is staged if the journal has noted it, else forget it."""
        if self._staged is not None and self._staged.digest == noted:
            self.commit()
        self.drop()

    def drop(self) -> None:
        """Forget what is staged, unless its rename is owed."""
        if self._owed:
            return
        staged, self._staged = self._staged, None
        if staged is not None:
            staged.wipe(but=self._live)

    def retire(self) -> None:
        """Destroy every root but this epoch's and prove it: what the root before had wrapped is
        tried and must not open, while this root opens what it wrapped itself.

        Raises RootNotDestroyed, RootRefused.
        """
        ended = self.epoch - 1
        handles: list[Root] = []
        if self._live.file.ended and ended in self._roots.epochs():
            with contextlib.suppress(RootRefused):  # damaged by a crash: destroyed all the same
                handles.append(self._roots.unlock(ended))
        for epoch in self._roots.epochs() - {self.epoch}:
            self._roots.destroy(epoch)
        if left := self._roots.epochs() - {self.epoch}:
            raise RootNotDestroyed(str(min(left)))
        self._require_open()
        for root in (*handles, self._live.root):
            self._require_closed(root, ended)

    # -- the steps of a change -------------------------------------------------------------

    def _stage(self, file: StoredFile, root: Root, slots: dict[str, Slot]) -> bytes:
        data = encode(file)
        self._write_beside(data)
        self._staged = Unlocked(file, digest_of(data), root, slots)
        return self._staged.digest

    def _write_beside(self, data: bytes) -> None:
        path = beside(self._path)
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        sync_folder(path.parent)

    def _rewrapped(self, entry: StoredList, epoch: int, slots: dict[str, Slot]) -> StoredList:
        place = Place(epoch).list(entry.binding)
        over = slots[entry.binding.entrustor].key
        return StoredList(entry.binding, wrap(over, place, self._live.plaintext(entry)))

    def _box_rewrapped(
        self, job: str, entry: StoredBox, epoch: int, slots: dict[str, Slot]
    ) -> StoredBox:
        place, over = Place(epoch).box(entry.entrustor, job), slots[entry.entrustor].key
        return StoredBox(entry.entrustor, wrap(over, place, self._live.box(job, entry.entrustor)))

    def _verify_staged(self, digest: bytes) -> None:
        """Reread from disk; every survivor must open to what it was, by keys unwrapped anew."""
        file, found = read(beside(self._path))
        staged = self._staged
        if staged is None or found != digest or file != staged.file:
            raise KeystoreRefused("the new epoch was not written as it should be")
        again = Unlocked.by(file, found, staged.root, self._memory)
        try:
            for name, entry in file.lists.items():
                if again.plaintext(entry) != self._live.plaintext(self._live.file.lists[name]):
                    raise KeystoreRefused(f"{name} did not survive")
            for job, box in file.boxes.items():
                if again.box(job, box.entrustor) != self._live.box(job, box.entrustor):
                    raise KeystoreRefused(f"the address of {job} did not survive")
            if again.factor_key() != self.factor_key():
                raise KeystoreRefused("the factor key did not survive")
        finally:
            again.wipe()

    def _require_open(self) -> None:
        """A store of roots that opens nothing at all would prove nothing."""
        try:
            self._live.root.unwrap(self._live.place.proof(), self._live.file.proof)
        except DoesNotOpen:
            raise RootRefused(f"root of epoch {self.epoch}: does not open its own") from None

    def _require_closed(self, root: Root, ended: int) -> None:
        wrapped = self._live.file.ended
        if not wrapped:
            return
        try:
            root.unwrap(Place(ended).proof(), wrapped)
        except DoesNotOpen:
            return
        raise RootNotDestroyed(str(ended))

    def _pay_what_is_owed(self) -> None:
        """A rename that failed after the journal had noted it comes first."""
        if self._owed:
            self.commit()
        self.drop()
