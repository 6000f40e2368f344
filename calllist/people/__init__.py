"""Natural persons, one account and one role each; signing in, and inviting.

    invited -> password chosen -> second factor confirmed -> (signed in <-> out) -> stopped

Passwords are ours (Argon2id); second factors and shifts are the keeper's. Stored here: hashes
only. Nothing says whether a login exists.
"""
