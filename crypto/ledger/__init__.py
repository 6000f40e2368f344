"""One log of everything: what was shown to whom, and what became of the keys.

A leaf is canonical JSON with a salt in front; hashes are RFC 6962's, the head is signed as
a C2SP checkpoint. A leaf carries principal ids and person tags, never personal data.

Not promised yet: whoever can write the file and sign can cut off its end unseen; only a
witness outside notices.
"""
