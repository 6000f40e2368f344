"""Files encrypted in the age format (C2SP age-encryption.org/v1, age.md), as far as we need it.

    recipient (X25519) -> file key -> header's MAC
                                   -> payload key -> 64 KiB chunks (STREAM)

Whoever has `age` or any tool of that format makes and reads the same files. Only X25519
recipients open here; stanzas of other kinds are passed over, as the format wants it.

    keys     recipients and identities as people write them: age1..., AGE-SECRET-KEY-1...
    header   who may learn the file key: made by the sender, opened in the keeper only
    stream   the payload under a file key: sealed and opened block by block
"""
