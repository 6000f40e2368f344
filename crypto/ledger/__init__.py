"""One log of everything: what was shown to whom, and what became of the keys.

    tree, proofs          RFC 6962 hashes, proofs and their checks
    tiles                 C2SP tlog-tiles: a month as files, written once
    shards                a log a month, chained
    checkpoint            signed heads, checked
    reading               verify a folder, and hold kept heads up to it
    watching              a witness outside: it cosigns what has only grown
    extract, tracing      an entrustor's own lines, proven; who handled whom
    proven                proofs as files
    manifested            what was written of a file when its list was received

The reading half: anybody may have it. What writes and signs is `crypto.bookkeeping`.

A leaf is canonical JSON with a salt in front. It carries principal ids and person tags, never
personal data, so hash tiles may be shown to everybody; entries go to whom they concern.

Not promised: what was cut off behind the last head that a witness or the mirror has seen does
not show. Whoever holds the signing key can write the future, not the witnessed past. A line
says what the keeper did, not what somebody at a screen remembers, photographs or says aloud.
"""
