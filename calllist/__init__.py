"""The platform: contracts, jobs, intake, the desk, people, oversight, web, API, wiring.

It can seal but not open. It grows by domain, not by technical layer; arrows between
the domains point down (see the import contracts in pyproject.toml).
"""
