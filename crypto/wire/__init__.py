"""What can be said to the keeper, and by whom: the closed set of verbs.

One module per matter: approvals, people, lists, uploads, withdrawals, suppressions, records,
revisions, calls, transfers, ledger, over base. Each ends with `Requests` and `Replies`, the unions
that frames puts together. Requests of one connection are answered in order.

    client        how the other floors speak: one verb, one answer
    frames        how messages travel: a length, then one request or reply
    private_ca    the authority of one keeper: it certifies its host and its callers
    tls           between hosts, TLS 1.3: the caller class is what the certificate says
"""
