"""Keys at rest, under the root of the current epoch, and the one module that opens with them.

    root of an epoch -> entrustor keys -> secrets of each list

    roots         where the root lives: a file or a token
    keystore      every key that opens something, in one file; a change is a new epoch
    unlocked      one state of it in memory
    vault         what stands in the file, and what each wrap is bound to
    inventory     what the journal knows of it: which file is the right one
    wrapping      a key under another, bound to its place
    opening       the opening half of `crypto.records.sealing`

The keeper's alone; only named modules may import these (protected, in pyproject.toml). The
keystore is never backed up: what was shredded here is gone.
"""
