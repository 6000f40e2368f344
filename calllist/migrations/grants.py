"""What each role of the operations plane may do in the database: the least it needs.

    calllist_web      everything of a working day; deletes leases and sign-ins, never rows of people
    calllist_worker   drops the tables of lists that are over; writes holdings and certificates
    calllist_intake   fills the table of one upload, inserts chunks and findings; reads nothing

The roles themselves are made by whoever installs the server (docker/roles.sql, or the
embedded server). A role that does not exist is passed over.
"""

from sqlalchemy import Connection, text

# What a call does to a record; neither its place nor its list is anybody's to change.
CALLED = (
    "select, update (sealed, token, state, attempts, rung, rung_that_day, rung_on,"
    " due_at, due_for, last_code)"
)

ROLES: dict[str, dict[str, str]] = {
    "calllist_web": {
        "entrustors": "select, insert, update (mail)",
        "contracts, contract_versions, party_changes, parties, sites": "select, insert",
        "handover_tests": "select, insert, update, delete",
        "people": "select, insert, update",
        "invitations, sign_ins": "select, insert, update, delete",
        "strangers": "select, insert, update",
        "jobs, lists, holdings": "select, insert, update",
        "seats": "select, insert, update",
        "assignments, leases": "select, insert, update, delete",
        "own_groups": "select, insert, delete",
        "findings, chunks": "select",
        "segments": "select, insert, update",
        "templates": "select, insert, delete",
        "scripts": "select, insert",
        "records": CALLED,
        "results": "select, insert, update",
        "certificates": "select, update (viewed_at, acknowledged_at, acknowledged_by)",
        "notices": "select, insert, update",
        "mails": "select (recipient, notice_id, tries, next_at, sent_at, failure)",
        "sweeps": "select",
        "ledger_lines, ledger_tiles, ledger_heads, ledger_witnesses": "select",
    },
    "calllist_worker": {
        "entrustors, contracts, contract_versions, party_changes, parties, sites, people": "select",
        "handover_tests": "select (entrustor_id, id, key), delete",
        "invitations, sign_ins, strangers": "select, delete",
        "leases": "select, update, delete",  # FOR UPDATE asks for the right to update
        "jobs, lists, holdings": "select, update",
        "findings, chunks": "select, delete",
        "segments": "select, update",
        "records": CALLED,
        "results": "select, insert",  # those that the keeper sealed and no web stored
        "certificates": "select, insert,"
        " update (revocation, revoked_at, pdf, pdf_signed_at, pdf_stamped_at)",
        "mails": "select, insert, update",
        "notices": "select, insert, update",
        "sweeps": "select, insert, update",
        "ledger_lines, ledger_tiles, ledger_heads, ledger_witnesses": "select, insert",
    },
    "calllist_intake": {
        "chunks, findings": "insert",
    },
}

# What they may have done for them, with the rights of the database's owner (`routines`).
ROUTINES: dict[str, str] = {
    "calllist_worker": "drop_list(text)",
    "calllist_intake": "begin_list(text), finish_list(text, smallint[], smallint[]),"
    " repeated(text, text, bytea[], bytea[], boolean)",
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
        connection.execute(text(f"revoke all on all functions in schema public from {role}"))
        if role in ROUTINES:
            connection.execute(text(f"grant execute on function {ROUTINES[role]} to {role}"))
