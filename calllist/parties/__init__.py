"""Parties: legal persons whose people may work here, and their sites.

Registering one gives it nothing: whether its people may handle an entrustor's data is
decided by that entrustor's signature and checked in the keeper at every record.
"""
