"""What can go wrong on the floor."""

from calllist.errors import CalllistError


class NothingInHand(CalllistError):
    """This operator has nobody in hand of a job that one may know of: the call is over."""

    code = "nothing_in_hand"


class NotFree(CalllistError):
    """Nobody who could take the person over: signed out meanwhile, busy, or of another site."""

    code = "not_free"


class NothingOffered(CalllistError):
    """This operator asks this supervisor for nothing, or does no more."""

    code = "not_offered"
