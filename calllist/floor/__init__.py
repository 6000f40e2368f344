"""The floor: who sits where, and what a manager may do about it. Counts and names of staff.

    signed in -> waiting <-> calling (a lease) -> stuck (a lease too long)
                    |            `-> wrap-up -> waiting
                    `-> paused, with a reason -> waiting

The state of a seat is read from leases and sign-ins; only pauses are written down. Nobody of a
list is named here: a record that is taken back goes to the queue, not to whoever took it. Only who
is asked for, and accepts, has the person then (`transferring`).
"""
