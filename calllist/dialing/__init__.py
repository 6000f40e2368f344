"""The desk: one record leased, shown masked, called, recorded; then the next.

    take -> show -> match, reveal, code -> record -> (for a minute) amend
    somebody calls: find -> show ...        who was in hand, undialled, waits aside
    later, by who oversees the call: revise (another code; nobody is opened again)

One live lease per operator, one operator per record, nobody else at its number in hand, exactly
one result per lease. A final result empties the row in the same transaction. The stage of a
record, the tries and the budgets are the keeper's: nothing here states them.
"""
