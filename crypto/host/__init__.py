"""What the key plane asks of the machine it runs on, and what it takes from itself there.

    memory        never swapped, left out of dumps, wiped when let go
    secretfile    a secret is read from a file that only its owner can read
    reserve       room on the disk for what must always be possible
    hygiene       no dumps, no new privileges, no environment
    clocks        the clock, and how far it is to be believed

Not promised: root on the live host can read everything that is open at that moment.
"""
