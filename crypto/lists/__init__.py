"""How a list lives and ends: its keys are minted, its people come and go, it is shredded for good.

    keyroom       mint, manifest, abandon, freeze, shred: the verbs
    epochs        changes of the keystore, one at a time: a new list, or the end of some
    withdrawals   people whom the entrustor takes out
    provisional   a result that may still be changed, for a minute
    revisions     another code for a result that stands, by who oversees the call
    suppressions  further records of somebody who has moved or died
    taking_out    of one record: its result sealed, closed out of any hand
    letterbox     files that the entrustor encrypted to a job
    corrections   rejected rows, sent again
    remaining     ended lists whose keys are still here
    authority     who may end a list for good; endings: whose word can still be taken back
    lifecycle     the lists whose keys are here: pending -> open -> frozen -> shredded
    progress      of each record: in whose hand it is, how far the check has come, closed

Knows nobody's stage or mask: who sees a person is decided in `crypto.disclosure`.
"""
