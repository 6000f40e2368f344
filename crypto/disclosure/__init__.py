"""One person at a time: whom the keeper opens, for whom, how much of it, and how many of them.

    door          open, match, reveal, find, close: one way in, in one fixed order
    threshold     what stands before it: who asks, policy, budget, expiry; then it is unlocked
    finding       somebody calls back: one number, at the price of one person
    masks         what of a record reaches the eyes at a stage
    matching      match, not show: does what the callee said mean what the record holds
    budgets       how many distinct people a principal may see
    tallies       what else is limited: wrong answers, revealed fields
    canaries      numbers that the entrustor put among its people, to catch who misuses them

Clear text dies inside the functions that made it; what leaves is masked.
"""
