"""What people decide by signature: how it is said, signed and carried, and what is then in force.

    statements    make, sign, check and carry one; the signature covers canonical JSON
    terms         contracts, policies, the roster; orders: everything else that is decided
    words         what a statement decides, said in words, with the sentences of vocabulary
    keyfile       the keys of people who sign, on their own machine
    approvals     who must sign what, as far as the keeper enforces it
    policy        what no terms may say about disclosure, whoever signs them
    mandates      what signed orders have put in force

Their bytes are frozen: what was signed yesterday is accepted for ever. `approvals` and
`mandates` are the keeper's alone; the effect of each statement is `crypto.keeper.decided`.
"""
