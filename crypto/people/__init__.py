"""Who works here, and how they prove that it is them.

    roster        people named by signed statements, and their shifts
    factors       second factors: registered, confirmed, locked, replaced by signature
    factorbook    which factor each person has, row by row
    seeds         seeds of one-time codes at rest
    securitykeys  FIDO2: what a browser brings back is checked; nothing is kept
    challenges    what a security key is asked to sign, good once

Who may be *let in* is signed elsewhere (`crypto.signed`); here they prove who they are.
"""
