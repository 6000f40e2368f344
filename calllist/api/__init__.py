"""The same verbs as the screens', as JSON under /api/v1. Thin: parse, call, render.

Never more than one person in an answer (`shapes`); never a value of the request in an error.
"""
