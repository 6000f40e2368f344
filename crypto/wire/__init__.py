"""What can be said to the keeper, and by whom: the closed set of verbs.

One module per matter; each ends with `Requests` and `Replies`, the unions that
`crypto.frames` puts together. How messages travel stands there. Requests of one connection
are answered in order.
"""
