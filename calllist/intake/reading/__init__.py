"""From the bytes of a file to rows that are accepted, duplicates or rejected.

    bytes ► decode or workbook ► rows ► columns ► triage ► batches

Nothing here knows a key, a database or the keeper: it reads what anybody may have written.
"""
