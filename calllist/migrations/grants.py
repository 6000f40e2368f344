"""What each role of the operations plane may do in the database: the least it needs.

    calllist_web      everything of a working day; deletes leases and sign-ins, never rows of people
    calllist_worker   deletes rows of people; writes holdings and certificates
    calllist_intake   inserts records, chunks and findings; reads nothing

The roles themselves are made by whoever installs the server (docker/roles.sql, or the
embedded server). A role that does not exist is passed over.
"""

from sqlalchemy import Connection, text

ROLES: dict[str, dict[str, str]] = {
    "calllist_web": {
        "entrustors, contracts, contract_versions, party_changes, parties, sites": "select, insert",
        "people": "select, insert, update",
        "invitations, sign_ins": "select, insert, update, delete",
        "strangers": "select, insert, update",
        "jobs, lists, holdings": "select, insert, update",
        "assignments, leases": "select, insert, update, delete",
        "findings, chunks": "select",
        "records": "select, update",
        "results": "select, insert, update",
        "certificates": "select, update",
        "ledger_lines, ledger_tiles, ledger_heads, ledger_witnesses": "select",
    },
    "calllist_worker": {
        "entrustors, contracts, contract_versions, party_changes, parties, sites, people": "select",
        "invitations, sign_ins, strangers": "select, delete",
        "leases": "select, update, delete",  # FOR UPDATE asks for the right to update
        "jobs, lists, holdings": "select, update",
        "findings, chunks": "select, delete",
        "records": "select, update, delete",
        "results": "select, insert",  # those that the keeper sealed and no web stored
        "certificates": "select, insert",
        "ledger_lines, ledger_tiles, ledger_heads, ledger_witnesses": "select, insert",
    },
    "calllist_intake": {
        "records, chunks, findings": "insert",
    },
}


def grant(connection: Connection) -> None:
    """State the rights anew: what is not listed is taken away."""
    for role, rights in ROLES.items():
        there = connection.scalar(
            text("select 1 from pg_roles where rolname = :role"), {"role": role}
        )
        if there is None:
            continue
        connection.execute(text(f"revoke all on all tables in schema public from {role}"))
        connection.execute(text(f"grant usage on schema public to {role}"))
        for tables, may in rights.items():
            connection.execute(text(f"grant {may} on {tables} to {role}"))
