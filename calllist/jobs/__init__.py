"""Jobs, their lists and records: who may know of them, how they begin and end.

    list    receiving -> open -> settled -> over       record    waiting <-> leased -> done

Ending a list and releasing its holding are one transaction. Locks are taken in one order:
lease, list, holding, job. Not here: anything that opens a record.
"""
