"""An entrustor's file becomes sealed rows: all of it, or nothing.

    web (`upload`) ──frames──► intake process ──COPY, ciphertext──► PostgreSQL
                                     └──mint, manifest──► keeper

Owes: every row is accepted, a duplicate or rejected with line, column and code; an error
names a place and a code and never a value; clear text exists only in the memory of one
short-lived process, which can seal and not open; a broken connection or a killed process
leaves no rows and no key (`sweep` removes what a crash between two commits left).

Memory is flat in the file's size but for about 20 to 70 bytes per accepted row, by which
duplicates are found (`repetitions`).

Not promised: whoever controls the host while a file passes sees the file.
"""
