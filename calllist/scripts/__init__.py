"""What is said at the desk: one script per job, in versions, written by its manager.

    proposed -> edited -> checked -> version n+1, in force at once, its hash in the ledger

A script has a line for every branch of a call, and beside it what must not be said there. It
holds placeholders instead of people: whatever looks like a number or an address is refused, so
a script outlives its list. What fills the placeholders is only what the stage shows.
Promised here is what can be checked: what the law wants said first is in the opening, and
before verification one neutral sentence answers what the call is about. That the sentence is
spoken is not.
"""
