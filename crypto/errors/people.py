"""Who asks: people, their second factors, their shifts."""

from crypto.errors.base import Refusal


class UnknownPerson(Refusal):
    """No roster statement names this person."""

    code = "unknown_person"


class RosterOver(Refusal):
    """The person's last working day has passed."""

    code = "roster_over"


class AlreadyEnrolled(Refusal):
    """The factor is confirmed; another one needs a new roster statement that says so."""

    code = "already_enrolled"


class NotEnrolled(Refusal):
    """The person has no second factor yet."""

    code = "not_enrolled"


class WrongCode(Refusal):
    """The one-time code is wrong, too old, or was used before."""

    code = "wrong_code"


class WrongKey(Refusal):
    """What the security key signed does not hold: another key, origin, challenge or count."""

    code = "wrong_key"


class KeyNotBound(Refusal):
    """The key can be copied to other devices, so it does not stand for one device in one hand."""

    code = "key_not_bound"


class ChallengeOver(Refusal):
    """There is no challenge for this security key: used, too old, or never asked for."""

    code = "challenge_over"


class KeysNotOffered(Refusal):
    """This keeper was not told its origin (`--origin`), without which no security key signs."""

    code = "keys_not_offered"


class FactorTaken(Refusal):
    """This token or security key is another person's."""

    code = "factor_taken"


class Locked(Refusal):
    """Too many wrong codes; `detail` is the time from which codes are looked at again."""

    code = "locked"


class UnknownGrant(Refusal):
    """No such grant lives: never given, revoked, or replaced by a later one."""

    code = "unknown_grant"


class GrantOver(Refusal):
    """The shift is over."""

    code = "grant_over"
