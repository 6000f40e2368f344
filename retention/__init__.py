"""What we hold for others, until when, and the proof that it is gone.

    OPEN -> FROZEN -> SHREDDED (no way back) -> ERASED -> VERIFIED -> CERTIFIED
                    `-> LOST (with the keeper's disk) -> LOST_ERASED: never certified

Two powers, handed out by the wiring: `Custody` (open a holding, disclose through it,
release it) goes to the web; `Destroyer` (freeze, shred, erase, verify, certify) goes to
the worker. Knows no phone, operator or screen.

Not promised: what people copied before the destruction stays copied.
"""
