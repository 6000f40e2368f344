"""Formats and methods that others have set down, one module each, spelled one way only.

    canonical     JSON (RFC 8785): one value, one sequence of bytes
    der           X.690, the little of it that signatures are made of
    pades         ETSI EN 319 142-1: what is signed under a PDF
    oath          HOTP and TOTP (RFC 4226, RFC 6238)
    age           age-encryption.org/v1: files encrypted to a recipient

Bytes in, bytes out: nothing here knows a list, a person or a key of ours.
"""
