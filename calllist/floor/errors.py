"""What can go wrong on the floor."""

from calllist.errors import CalllistError


class NothingInHand(CalllistError):
    """This operator has nobody in hand of a job that one may know of: the call is over."""

    code = "nothing_in_hand"
