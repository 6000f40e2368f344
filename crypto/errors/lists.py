"""A list as a whole, from its keys' first day to their last."""

from crypto.errors.base import Refusal


class UnknownList(Refusal):
    """The keeper has no keys of this list."""

    code = "unknown_list"


class ListPending(Refusal):
    """The upload is not complete: there is no manifest yet."""

    code = "list_pending"


class ListOver(Refusal):
    """Frozen, expired or shredded: nothing of this list opens any more."""

    code = "list_over"


class ListExists(Refusal):
    """Keys of this list have been minted before."""

    code = "list_exists"


class NotFrozen(Refusal):
    """A list that still lives is not shredded."""

    code = "not_frozen"


class NotAuthorised(Refusal):
    """Nobody who has the right to it has ended this list, and it has not expired."""

    code = "not_authorised"


class ClocksDisagree(Refusal):
    """Expiry alone shreds nothing while the keeper's clock is in doubt, or the database's says
    something else."""

    code = "clocks_disagree"


class ListHeld(Refusal):
    """The list is kept by a legal hold."""

    code = "list_held"


class TooManyShreds(Refusal):
    """More lists than `detail` within an hour: this one waits for a signed order."""

    code = "too_many_shreds"


class NotShredded(Refusal):
    """No certificate before the keeper's own shred line."""

    code = "not_shredded"


class CertificateTaken(Refusal):
    """This name is on the certificate of another list: whoever asks knows an older state."""

    code = "certificate_taken"


class AlreadyCertified(Refusal):
    """This list has a certificate, of another name: a later one is a signed reissue's."""

    code = "already_certified"


class NotAttested(Refusal):
    """The keeper was not told that the rows were erased and every store was looked into."""

    code = "not_attested"


class ClaimsContradict(Refusal):
    """The keeper knows better than the claim that `detail` names, or was told otherwise."""

    code = "claims_contradict"


class NotCertified(Refusal):
    """The keeper has signed no certificate of this name: it signs no document of it either."""

    code = "not_certified"


class TooManyDocuments(Refusal):
    """As many different documents as `detail` were signed for this certificate."""

    code = "too_many_documents"


class RootNotDestroyed(Refusal):
    """The root of an ended epoch is still there, or still opens what it wrapped: no completion
    may follow. `detail` is the epoch."""

    code = "root_not_destroyed"


class RootUnavailable(Refusal):
    """The token that holds the root does not do what it is asked; the keeper's log says why."""

    code = "root_unavailable"


class KeysLost(Refusal):
    """The list's keys were lost with the keeper's disk. They were not destroyed by us, so they
    can neither be shredded nor certified."""

    code = "keys_lost"


class AlreadyOpened(Refusal):
    """A record has been opened: the list is not an abandoned upload."""

    code = "already_opened"


class UploadSettled(Refusal):
    """The list has lived longer than a broken upload stays unnoticed: it is not one."""

    code = "upload_settled"
