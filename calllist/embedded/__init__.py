"""The whole platform on one machine: our own PostgreSQL and every process, watched.

What `make run` and the tests stand on, and a small centre may stay on. `postgres.py` owns the
database server, `processes.py` everything else. Every child gets a parent-death signal:
whatever happens to us, nothing we started stays behind.

Not promised: separation of planes. All processes run under one uid here (as root, PostgreSQL
runs as `nobody`, yet with the right to pass closed folders). `docker/` separates them.
"""
