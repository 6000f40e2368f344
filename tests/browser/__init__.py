"""Real Chromium against the whole platform.

A package, unlike its neighbours: its fixtures end with it, before any other folder's tests run.
The browser's driver keeps an event loop in the tests' thread for as long as it lives.
"""
