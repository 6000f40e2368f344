"""What managers, entrustors and auditors look at: counts, results handed over, certificates.

No verb here returns a person. Results are sealed: only the entrustor's own tool opens them.
One thing may be ordered here: an entrustor, the destruction of its own list (`order`).
"""
