"""What a record is made of, and how it is sealed by those who cannot read it again.

    fields        the kinds of field, the stages and masks that a policy may name
    eras          dates as people write them
    forms         the one form in which values of a kind are compared
    slips         what a person asks to have told to the entrustor: typed fields
    references    reference numbers, as they are filed in one list
    recordform    how a record is written before it is sealed
    sealing       the sealing half: what intake and the entrustor's own tools do with keys

Nothing here opens a record of a list: that is `crypto.keys.opening`.
"""
