"""The key plane: it alone can open a record, and it opens one at a time.

Runs as its own process, the *keeper*, on its own disk under its own administrator.
Every verb walks through one door in one order:

    caller -> grant -> policy -> stage -> budget -> expiry -> ledger (durable) -> act

Read `keeper` (the verbs) and `door` (one person at a time), then what they call:

    process     __main__ home recovery hygiene secretfile; server remote conversation tls
                private_ca frames client: who speaks, how, and what the process takes from itself
    verbs       keeper: admission (people, statements) keyroom (lists) door (one person)
                attesting certifying claimed (what may be) editions rehearsing logbook
                withdrawals (people taken out);
                wire and errors, one module per matter
    files       letterbox (encrypted ones) corrections (rejected rows, again) recipients dsse: whom
                to encrypt to, stated and signed; age/: that format; references: how they are filed
    durable     journal (before shown) archive witnesses quotas ledger/: what happened, provably
    keys        roots/ keystore vault inventory unlocked epochs memory reserve wrapping signers
                credential pades der: what signs documents for people, and over what
    lists       lists authority endings clocks: how a list lives, who may end it; remaining
    people      roster factors factorbook oath seeds securitykeys challenges
    signed      canonical ids terms orders statements words vocabulary keyfile; approvals policy
                mandates decided: what is decided by signature, and what comes of it
    a person    threshold records budgets tallies finding canaries; disclosure matching forms
                eras fields opening (the keeper's alone) sealing recordform (everybody's)

The other floors import `client`, `wire`, `terms`, `orders`, `fields`, `errors`, the reading half
of `ledger`, and the halves that open no record: `sealing`, `recordform`, `statements`, `keyfile`,
`age`, `recipients`, `references`, `pades`, `der`.

Trusted with: the root, list keys, second factors, the ledger. Knows sealed records,
field kinds and masks; knows no jobs, no HTTP, no Celery, no database of ours.

Not promised: Python cannot wipe memory; root on the live keeper host can read
everything that is open at that moment; a copied root, from a file or from a token in
software, opens a copied keystore of the same epoch (certificates therefore name the kind).
"""
