"""The key plane: it alone can open a record, and it opens one at a time.

Runs as its own process, the *keeper*, on its own disk under its own administrator.
Every verb walks through one door in one order:

    caller -> grant -> policy -> stage -> budget -> expiry -> ledger (durable) -> act

Read `keeper.verbs` (the closed set) and `disclosure.door` (one person at a time). Arrows point
down only, from package to package and inside each; what is in one line does not know the other:

    __main__                      starts a keeper
    keeper                        the process: its verbs, its folder, its sockets
    disclosure                    one person at a time: the door, masks, budgets, canaries
    lists                         how a list lives and ends, and how far each record has come
    people       certificates     who works here, and its factor; what the keeper itself signs
    bookkeeping  keys             nothing before its line is durable; keys at rest, and opening
    signed  wire  ledger          what people sign; what callers say; the log, for any reader
    records  host                 what a record is, and sealing it; what is asked of the machine
    standards  errors  ids        formats of others; every way to say no; how ids look

The other floors import `wire`, `ledger`, `records`, `standards`, `errors`, `ids`, and what opens no
record and holds no key of the keeper's: statements, terms, orders, words, policy and keyfile of
`signed`, dsse and recipients of `certificates`, secretfile of `host`. Never keeper, disclosure,
lists, people, bookkeeping, keys: they are the keeper's alone.

Trusted with: the root, list keys, second factors, the ledger. Knows sealed records,
field kinds and masks; knows no jobs, no HTTP, no Celery, no database of ours.

Not promised: Python cannot wipe memory; root on the live keeper host can read
everything that is open at that moment; a copied root, from a file or from a token in
software, opens a copied keystore of the same epoch (certificates therefore name the kind).
"""
