"""The writing half of the ledger: nothing is done or shown before its line is durable.

    journal       state and ledger line in one transaction
    lines         the end of the log: numbers, salts, months
    archive       full tiles leave the journal, heads are published, proofs are made
    filing        the shelf: tiles as files, written once
    signing       the log's own signature under a head
    witnesses     who outside keeps our heads, and the latest that each has cosigned
    quotas        how many lines an hour may be had for nothing

The keeper's alone. The reading half, which anybody may have, is `crypto.ledger`.
"""
