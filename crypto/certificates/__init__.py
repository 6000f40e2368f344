"""What the keeper itself signs for the world outside, and the keys that it signs with.

    signers       its keys: for the ledger's head, for certificates, for documents
    credential    the X.509 certificate of the last, self-issued or the customer's
    dsse          envelopes, made here and read back offline by anybody
    recipients    to whom an entrustor encrypts the file of one job, stated and signed

The keys outlive every epoch: an old certificate must still verify. What is stated of a list
is `crypto.keeper.certifying`; `signers` and `credential` are the keeper's alone.
"""
