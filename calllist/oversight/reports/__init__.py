"""日報・月報: what was called of a job in a day or a month, in counts, for those who oversee it.

    periods   which day or month
    worked    counts by site, operator, day, hour, result and turn
    folding   figures too small to stand alone stand together
    tables    the same in words: what screen, workbook and paper show alike
    workbook, paper    XLSX and PDF
    issuing   a copy that is handed out: its hash is in the ledger first

Nothing of a person is in it and no group of people. Results and turns of fewer than five calls
stand together. Operators are named to managers and the auditor; the entrustor's officer sees
sites, and only those where at least three people called.
"""
