"""Entrustors and what they have decided: contract versions, signed, never changed.

    draft -> signed on the entrustor's own machine -> accepted by the keeper -> in force

Knows which fields, masks, codes and hours follow from a purpose by default. Not promised:
that the row kept here is what the keeper enforces; the keeper has its own copy, and wins.
"""
