"""The command line, one module per group of commands.

Two kinds of user, two kinds of machine: approvers and entrustors run `keys`, `approve`,
`verify` and `results` on their own, offline, with their own key; the people who set the
platform up run the rest on its hosts. Every message exists in Japanese and English, every
expected failure is a sentence and an exit code:

    0  done        1  checked, and the answer is no        2  wrong file, key, option, setting

No secret and no needle is ever an argument: other people see arguments.
"""
