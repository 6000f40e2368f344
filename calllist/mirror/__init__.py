"""The keeper's ledger once more, in PostgreSQL: to look into, to show, to check against.

    keeper --Entries--> worker: lines, hash tiles, signed heads (insert only) --> web: read

The log itself is the keeper's; the mirror is rebuilt from it at any time (`calllist ledger
mirror --rebuild`) and compared with it (`calllist ledger verify --mirror`). A head is stored
only when the mirrored lines lead to it, and the newest one is held up to the keeper before
each pull: a keeper whose ledger is shorter, or another, refuses everything from then on.

Shown to everybody: heads, hash tiles, consistency proofs, the first line of each month; none
of them says anything of a person. Shown to an entrustor: the lines about its own lists.

Not promised: whoever owns the database can change the mirror. That shows in the comparison.
"""
