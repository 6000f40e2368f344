"""What is decided by signature, and what a contract permits."""

from crypto.errors.base import Refusal


class BadStatement(Refusal):
    """Not canonical, not signed by this key, contradicts itself, or a newer one is in force."""

    code = "bad_statement"


class ReplayedStatement(Refusal):
    """This statement was accepted before."""

    code = "replayed_statement"


class IssuerApproves(Refusal):
    """Who asked for it is, or works for, who approves it."""

    code = "issuer_approves"


class StatementExpired(Refusal):
    """The statement's time of validity has passed, or has not begun."""

    code = "statement_expired"


class UnpinnedKey(Refusal):
    """The key is not the one pinned for who must sign this."""

    code = "unpinned_key"


class UnknownContract(Refusal):
    """No signed contract of this id and version."""

    code = "unknown_contract"


class WiderThanContract(Refusal):
    """The list would outlive its contract, or a later version has replaced this one."""

    code = "wider_than_contract"


class ForeignJob(Refusal):
    """This job's lists were minted under another contract: they are searched together."""

    code = "foreign_job"


class UnpinnedEntrustor(Refusal):
    """Nobody's keys are pinned under this id."""

    code = "unpinned_entrustor"
