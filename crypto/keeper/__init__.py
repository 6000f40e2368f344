"""The process: it answers the closed set of verbs, from its own folder, on its own sockets.

    verbs         the closed set, and the order in which each is carried out; answered by
    admission     who may do what: pinned keys, statements (decided: what comes of each), shifts
    attesting     what the worker says it has done after the keys were destroyed
    claimed       what the worker may claim, and what the keeper knows better
    certifying    certificates of destruction, counts, and the PDFs in which people read them
    editions      certificates replaced or revoked by two signatures
    rehearsing    one invented result, before there is anything to hand over
    logbook       heads, proofs and the operations plane's own lines

    home          its folder, and the checks before anything is opened
    recovery      begins again beside a restored journal, when the disk was lost
    server        sockets of this host; remote: the one TCP port; both hold conversations:
    conversation  one connection, within limits that no caller can stretch

The verbs of lists and of one person stand in `crypto.lists` and `crypto.disclosure`.
"""
