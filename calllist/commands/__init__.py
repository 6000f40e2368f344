"""The command line, one module per group of commands.

Two kinds of user, two kinds of machine: approvers and entrustors run `keys`, `approve`,
`verify` and `results` on their own, offline, with their own key; the people who set the
platform up run the rest on its hosts. Every message exists in Japanese and English, every
expected failure is a sentence and an exit code:

    0  done        1  checked, and the answer is no        2  wrong file, key, option, setting
    3  the platform cannot be reached, try again           130  ended by Ctrl-C

Managers send files from their own machines with `upload`, and read receipts; entrustors check
with `receipt check` that the file received is theirs. `sign-in` begins with a code that the
signed-in browser shows, and what it keeps ends with the shift (calllist I72).

No secret and no needle is ever an argument: other people see arguments.
"""
