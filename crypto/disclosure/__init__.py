"""One person at a time: whom the keeper opens, for whom, how much of it, and how many of them.

    door          open, match, reveal, close: one way in, in one fixed order
    calls         somebody calls back; somebody asks whether a call was ours
    transfers     the person in hand goes to a supervisor, at the same stage
    outcomes      what a call comes to: its result, sealed, and who may still call back
    ringing       which of a record's numbers is rung
    remarks       a note for the next call, a slip for the entrustor: as the terms permit
    threshold     what stands before it: who asks, policy, budget, expiry; then it is unlocked
    finding       one number, letter or code, at the price of one person
    elsewhere     the same number in the other lists of a job
    offers        what is offered to whom, and until when
    codes         six digits that a call gives and its entrustor knows again
    masks         what of a record reaches the eyes at a stage
    matching      match, not show: does what the callee said mean what the record holds
    budgets       how many distinct people a principal may see
    tallies       what else is limited: wrong answers, revealed fields
    canaries      numbers that the entrustor put among its people, to catch who misuses them

Clear text dies inside the functions that made it; what leaves is masked.
"""
