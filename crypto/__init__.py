"""The key plane: it alone can open a record, and it opens one at a time.

Runs as its own process, the *keeper*, on its own disk under its own administrator.
Every verb walks through one door in one order:

    caller -> grant -> policy -> stage -> budget -> expiry -> ledger (durable) -> act

Read `keeper` (the verbs), `door` (one person at a time), `journal` (durable before shown),
`epochs` and `keystore` (how keys end), then what they call. The other floors import `client`,
`frames`, `wire`, `terms`, `fields`, `errors`, and the halves that open no record: `sealing`,
`statements`, `keyfile`.

Trusted with: the root, list keys, second factors, the ledger. Knows sealed records,
field kinds and masks; knows no jobs, no HTTP, no Celery, no database of ours.

Not promised: Python cannot wipe memory; root on the live keeper host can read
everything that is open at that moment; a copied root, from a file or from a token in
software, opens a copied keystore of the same epoch (certificates therefore name the kind).
"""
