"""Everything that the platform keeps, from the first day."""

import sqlalchemy as sa
from alembic import op

from calllist.migrations import routines

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chunks",
        sa.Column("list_id", sa.String(), nullable=False, comment="which list"),
        sa.Column(
            "chunk", sa.BigInteger(), autoincrement=False, nullable=False, comment="0, 1, 2, ..."
        ),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False, comment="HPKE-sealed chunk key"),
        sa.Column(
            "references",
            sa.LargeBinary(),
            nullable=True,
            comment="8-byte keyed hashes of the reference numbers, record by record: withdrawals",
        ),
        sa.PrimaryKeyConstraint("list_id", "chunk", name=op.f("pk_chunks")),
    )
    op.create_table(
        "entrustors",
        sa.Column("id", sa.String(), nullable=False, comment="names the tenant everywhere"),
        sa.Column(
            "name", sa.String(), nullable=False, comment="legal name on screens and certificates"
        ),
        sa.Column(
            "kind",
            sa.String(length=16),
            nullable=False,
            comment="private or public: decides thresholds and forms",
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, comment="onboarding date"
        ),
        sa.Column(
            "mail",
            sa.String(),
            nullable=True,
            comment="its office's mailbox: notices without personal data",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entrustors")),
    )
    op.create_table(
        "holdings",
        sa.Column(
            "id", sa.String(), nullable=False, comment="the list's id; names the keys in the keeper"
        ),
        sa.Column(
            "entrustor_id",
            sa.String(),
            nullable=False,
            comment="whose data it is; certificates are theirs",
        ),
        sa.Column(
            "reference",
            sa.String(),
            nullable=False,
            comment="job code and list number, as the certificate names it",
        ),
        sa.Column(
            "basis",
            sa.String(),
            nullable=False,
            comment="contract and version: the clause we destroy under",
        ),
        sa.Column(
            "people",
            sa.BigInteger(),
            nullable=False,
            comment="records held at receipt, for the certificate",
        ),
        sa.Column(
            "facts",
            sa.JSON(),
            nullable=False,
            comment="receipt facts the certificate repeats: counts, hashes",
        ),
        sa.Column(
            "opened_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when we began to hold it",
        ),
        sa.Column(
            "deadline",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="nothing opens after it, whatever happens",
        ),
        sa.Column(
            "state",
            sa.String(length=16),
            nullable=False,
            comment="how far its destruction has come",
        ),
        sa.Column(
            "trigger",
            sa.String(length=16),
            nullable=True,
            comment="why it ended: completed, deadline, ...",
        ),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="from when the worker may shred (grace hours)",
        ),
        sa.Column(
            "results_first",
            sa.Boolean(),
            nullable=False,
            comment="返還後消去: a completed list waits until the entrustor has its results",
        ),
        sa.Column(
            "held_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="legal hold: kept from destruction since",
        ),
        sa.Column(
            "lost_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="the keys were lost with the keeper's disk",
        ),
        sa.Column(
            "frozen_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="certificate: nothing opened from here on",
        ),
        sa.Column(
            "shredded_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="certificate: when the keys were destroyed",
        ),
        sa.Column(
            "shred_seq",
            sa.BigInteger(),
            nullable=True,
            comment="the keeper's ledger line that says so",
        ),
        sa.Column(
            "erased_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="certificate: when the rows were erased",
        ),
        sa.Column(
            "erased_rows",
            sa.BigInteger(),
            nullable=True,
            comment="certificate: how many rows were erased",
        ),
        sa.Column(
            "verified_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="certificate: when every store was checked",
        ),
        sa.Column(
            "marks",
            sa.LargeBinary(),
            nullable=True,
            comment="pieces of its ciphertext: what every store is searched for, until it is"
            " certified",
        ),
        sa.Column("checks", sa.JSON(), nullable=True, comment="result of each store's check"),
        sa.Column(
            "number",
            sa.BigInteger(),
            nullable=True,
            comment="certificate number, set aside before signing: a crash neither burns nor repeats it",
        ),
        sa.Column(
            "certified_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the certificate was signed",
        ),
        sa.Column(
            "failure",
            sa.String(),
            nullable=True,
            comment="code of the last failed step, for the overseers",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holdings")),
        sa.UniqueConstraint("entrustor_id", "number", name=op.f("uq_holdings_entrustor_id_number")),
    )
    op.create_index(op.f("ix_holdings_deadline"), "holdings", ["deadline"], unique=False)
    op.create_index(op.f("ix_holdings_entrustor_id"), "holdings", ["entrustor_id"], unique=False)
    op.create_index(op.f("ix_holdings_state"), "holdings", ["state"], unique=False)
    op.create_table(
        "parties",
        sa.Column(
            "id", sa.String(), nullable=False, comment="named in signed terms: approved or not"
        ),
        sa.Column(
            "name", sa.String(), nullable=False, comment="legal name on certificates and screens"
        ),
        sa.Column(
            "kind", sa.String(length=16), nullable=False, comment="centre, sub_entrustee or host"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parties")),
    )
    op.create_table(  # columns of a fixed width first: less is lost to alignment
        "records",
        sa.Column("chunk", sa.Integer(), nullable=False, comment="which chunk key"),
        sa.Column(
            "line", sa.Integer(), nullable=False, comment="line in the file: receipts and results"
        ),
        sa.Column("index", sa.SmallInteger(), nullable=False, comment="nonce within the chunk"),
        sa.Column(
            "attempts",
            sa.SmallInteger(),
            nullable=False,
            comment="calls so far, against the contract's limit",
        ),
        sa.Column("rung", sa.SmallInteger(), nullable=False, comment="calls to this number, whoever they were for"),
        sa.Column("rung_that_day", sa.SmallInteger(), nullable=True, comment="of these on the last such day"),
        sa.Column(
            "last_code", sa.SmallInteger(), nullable=True, comment="last result, for the operator"
        ),
        sa.Column("segment1", sa.SmallInteger(), nullable=True, comment="group by the first segment column"),
        sa.Column("segment2", sa.SmallInteger(), nullable=True, comment="group by the second segment column"),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="not before: retry or call-back",
        ),
        sa.Column("rung_on", sa.Date(), nullable=True, comment="which day that was: the limit of one day"),
        sa.Column("list_id", sa.String(), nullable=False, comment="which list"),
        sa.Column("state", sa.String(length=8), nullable=False, comment="waiting, leased or done"),
        sa.Column(
            "token",
            sa.LargeBinary(),
            nullable=True,
            comment="keyed hash of the number: duplicates, households",
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=True, comment="the person's data"),
        sa.Column("due_for", sa.String(), nullable=True, comment="which operator promised to call back"),
        postgresql_partition_by="LIST (list_id)",
    )
    op.create_table(
        "strangers",
        sa.Column(
            "login_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="first 8 bytes of SHA-256: counts without the login",
        ),
        sa.Column("failures", sa.BigInteger(), nullable=False, comment="wrong passwords in a row"),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True, comment="throttling"),
        sa.Column(
            "heard_at", sa.DateTime(timezone=True), nullable=False, comment="forgotten a day later"
        ),
        sa.PrimaryKeyConstraint("login_hash", name=op.f("pk_strangers")),
    )
    op.create_index(op.f("ix_strangers_heard_at"), "strangers", ["heard_at"], unique=False)
    op.create_table(
        "notices",
        sa.Column(
            "id",
            sa.String(),
            nullable=False,
            comment="hash of what it is about: told once, not twice",
        ),
        sa.Column(
            "code",
            sa.String(length=32),
            nullable=False,
            comment="what happened (calllist.oversight.notices)",
        ),
        sa.Column(
            "entrustor_id",
            sa.String(),
            nullable=True,
            comment="whose lists; none: the platform as a whole",
        ),
        sa.Column(
            "party_id",
            sa.String(),
            nullable=True,
            comment="whose operators; none: it is about nobody's staff",
        ),
        sa.Column("list_id", sa.String(), nullable=True, comment="which list, where it is one"),
        sa.Column(
            "facts",
            sa.JSON(),
            nullable=False,
            comment="counts, times, codes of stores; never a value",
        ),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False, comment="since when"),
        sa.Column(
            "over_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="its reason has gone: no longer on the screens",
        ),
        sa.ForeignKeyConstraint(
            ["entrustor_id"], ["entrustors.id"], name=op.f("fk_notices_entrustor_id")
        ),
        sa.ForeignKeyConstraint(
            ["party_id"], ["parties.id"], name=op.f("fk_notices_party_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(
        op.f("ix_notices_entrustor_id_over_at"), "notices", ["entrustor_id", "over_at"], unique=False
    )
    op.create_index(op.f("ix_notices_list_id"), "notices", ["list_id"], unique=False)
    op.create_table(
        "mails",
        sa.Column(
            "id",
            sa.String(),
            nullable=False,
            comment="hash of occasion and mailbox: never sent twice",
        ),
        sa.Column("notice_id", sa.String(), nullable=False, comment="what it says"),
        sa.Column(
            "recipient", sa.String(length=16), nullable=False, comment="whose mailbox: a role"
        ),
        sa.Column(
            "address",
            sa.String(length=64),
            nullable=False,
            comment="hash of the address when it was written",
        ),
        sa.Column(
            "tries",
            sa.BigInteger(),
            nullable=False,
            comment="how often the server was asked: the waits grow",
        ),
        sa.Column(
            "next_at", sa.DateTime(timezone=True), nullable=False, comment="not before this"
        ),
        sa.Column(
            "sent_at", sa.DateTime(timezone=True), nullable=True, comment="when the server took it"
        ),
        sa.Column(
            "failure", sa.String(length=64), nullable=True, comment="code of the last failure"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_mails_notice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    op.create_index(op.f("ix_mails_next_at"), "mails", ["next_at"], unique=False)
    op.create_index(op.f("ix_mails_notice_id"), "mails", ["notice_id"], unique=False)
    op.create_table(
        "sweeps",
        sa.Column("id", sa.String(length=16), nullable=False, comment="one row: LATEST"),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="by the database's clock: how long nobody has swept",
        ),
        sa.Column(
            "facts",
            sa.JSON(),
            nullable=False,
            comment="how often each step has failed, messages that wait",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweeps")),
    )
    op.create_table(
        "certificates",
        sa.Column("id", sa.String(), nullable=False, comment="certificate id, as printed"),
        sa.Column("entrustor_id", sa.String(), nullable=False, comment="to whom it is owed"),
        sa.Column(
            "number",
            sa.BigInteger(),
            nullable=False,
            comment="gap-free per entrustor: a missing one is noticed",
        ),
        sa.Column(
            "holding_id",
            sa.String(),
            nullable=False,
            comment="what was destroyed; each edition exactly once",
        ),
        sa.Column(
            "edition",
            sa.BigInteger(),
            nullable=False,
            comment="1, or a later one that replaces the one before",
        ),
        sa.Column(
            "replaces",
            sa.String(),
            nullable=True,
            comment="the edition before: no longer in force",
        ),
        sa.Column(
            "envelope", sa.String(), nullable=False, comment="the DSSE envelope the keeper signed"
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False, comment="date of issue"),
        sa.Column(
            "revocation",
            sa.String(),
            nullable=True,
            comment="失効: the DSSE envelope that revokes it",
        ),
        sa.Column(
            "revoked_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="how long the revocation is told on screens",
        ),
        sa.Column(
            "pdf",
            sa.LargeBinary(),
            nullable=True,
            comment="the certificate for people, signed (PAdES)",
        ),
        sa.Column(
            "pdf_signed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="since when there is a PDF to download",
        ),
        sa.Column(
            "pdf_stamped_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="the time in its RFC 3161 timestamp; none yet: the worker asks again",
        ),
        sa.Column(
            "viewed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="first seen by the entrustor: delivered",
        ),
        sa.Column(
            "acknowledged_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="受領: the entrustor confirmed receipt",
        ),
        sa.Column("acknowledged_by", sa.String(), nullable=True, comment="which officer confirmed"),
        sa.ForeignKeyConstraint(
            ["holding_id"], ["holdings.id"], name=op.f("fk_certificates_holding_id")
        ),
        sa.ForeignKeyConstraint(
            ["replaces"], ["certificates.id"], name=op.f("fk_certificates_replaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint(
            "entrustor_id",
            "number",
            "edition",
            name=op.f("uq_certificates_entrustor_id_number_edition"),
        ),
        sa.UniqueConstraint(
            "holding_id", "edition", name=op.f("uq_certificates_holding_id_edition")
        ),
        sa.UniqueConstraint("replaces", name=op.f("uq_certificates_replaces")),
    )
    op.create_table(
        "contracts",
        sa.Column("id", sa.String(), nullable=False, comment="names the contract in statements"),
        sa.Column("entrustor_id", sa.String(), nullable=False, comment="whose contract"),
        sa.Column(
            "code", sa.String(), nullable=False, comment="contract number as printed on paper"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="audit"),
        sa.ForeignKeyConstraint(
            ["entrustor_id"], ["entrustors.id"], name=op.f("fk_contracts_entrustor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracts")),
        sa.UniqueConstraint("code", name=op.f("uq_contracts_code")),
    )
    op.create_index(op.f("ix_contracts_entrustor_id"), "contracts", ["entrustor_id"], unique=False)
    op.create_table(
        "sites",
        sa.Column(
            "id", sa.String(), nullable=False, comment="named in signed terms and in the ledger"
        ),
        sa.Column("party_id", sa.String(), nullable=False, comment="whose place"),
        sa.Column("name", sa.String(), nullable=False, comment="shown to managers and entrustors"),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_sites_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
    )
    op.create_table(
        "party_changes",
        sa.Column("nonce", sa.String(), nullable=False, comment="number of the statement"),
        sa.Column("contract_id", sa.String(), nullable=False, comment="which contract"),
        sa.Column(
            "party_id",
            sa.String(),
            nullable=False,
            comment="whose people may, or may no longer, handle its data",
        ),
        sa.Column("approved", sa.Boolean(), nullable=False, comment="approved or withdrawn"),
        sa.Column(
            "issued_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="the latest one counts",
        ),
        sa.Column(
            "version",
            sa.BigInteger(),
            nullable=False,
            comment="in force then: a later version overrules the decision",
        ),
        sa.Column(
            "payload",
            sa.LargeBinary(),
            nullable=False,
            comment="the statement as signed: proof of consent",
        ),
        sa.Column(
            "key", sa.String(), nullable=False, comment="fingerprint of the key that signed"
        ),
        sa.Column(
            "signature", sa.LargeBinary(), nullable=False, comment="the entrustor's signature"
        ),
        sa.Column(
            "decided_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="from when it was in force",
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contracts.id"], name=op.f("fk_party_changes_contract_id")
        ),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_party_changes")),
    )
    op.create_index(
        op.f("ix_party_changes_contract_id"), "party_changes", ["contract_id"], unique=False
    )
    op.create_table(
        "contract_versions",
        sa.Column("contract_id", sa.String(), nullable=False, comment="which contract"),
        sa.Column(
            "version", sa.BigInteger(), autoincrement=False, nullable=False, comment="1, 2, 3, ..."
        ),
        sa.Column(
            "purpose",
            sa.String(length=32),
            nullable=False,
            comment="decides script, fields and result codes",
        ),
        sa.Column(
            "terms",
            sa.String(),
            nullable=False,
            comment="canonical JSON of crypto.signed.terms.ContractTerms",
        ),
        sa.Column(
            "payload",
            sa.LargeBinary(),
            nullable=False,
            comment="the statement as signed: proof of consent",
        ),
        sa.Column("key", sa.String(), nullable=False, comment="fingerprint of the key that signed"),
        sa.Column(
            "signature", sa.LargeBinary(), nullable=False, comment="the entrustor's signature"
        ),
        sa.Column(
            "signed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="from when it was in force",
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="the hard date of the terms",
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contracts.id"], name=op.f("fk_contract_versions_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "version", name=op.f("pk_contract_versions")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(), nullable=False, comment="the principal in the ledger"),
        sa.Column("login", sa.String(), nullable=False, comment="what the person types to sign in"),
        sa.Column("name", sa.String(), nullable=False, comment="shown to colleagues and overseers"),
        sa.Column(
            "role",
            sa.String(length=16),
            nullable=False,
            comment="manager, operator, entrustor, auditor, administrator",
        ),
        sa.Column("party_id", sa.String(), nullable=True, comment="employer: approved or not"),
        sa.Column("site_id", sa.String(), nullable=True, comment="where the person works"),
        sa.Column(
            "entrustor_id",
            sa.String(),
            nullable=True,
            comment="for an entrustor's officer: the only tenant it sees",
        ),
        sa.Column(
            "password", sa.String(), nullable=True, comment="Argon2id hash; empty until enrolled"
        ),
        sa.Column(
            "enrolled_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="second factor confirmed in the keeper",
        ),
        sa.Column(
            "failures",
            sa.BigInteger(),
            nullable=False,
            comment="wrong passwords in a row: throttling",
        ),
        sa.Column(
            "locked_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="throttling per account",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="audit"),
        sa.Column(
            "stopped_at", sa.DateTime(timezone=True), nullable=True, comment="no sign-in afterwards"
        ),
        sa.ForeignKeyConstraint(
            ["entrustor_id"], ["entrustors.id"], name=op.f("fk_people_entrustor_id")
        ),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_people_party_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_people_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("login", name=op.f("uq_people_login")),
    )
    op.create_table(
        "handover_tests",
        sa.Column(
            "entrustor_id", sa.String(), nullable=False, comment="one stands for each entrustor"
        ),
        sa.Column("id", sa.String(), nullable=False, comment="names it in the ledger"),
        sa.Column(
            "key",
            sa.String(),
            nullable=False,
            comment="fingerprint of the entrustor's key that opens it",
        ),
        sa.Column(
            "content", sa.LargeBinary(), nullable=False, comment="the sealed file: holds nobody"
        ),
        sa.Column(
            "proof", sa.LargeBinary(), nullable=False, comment="hash of the code inside it"
        ),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="since when it waits",
        ),
        sa.Column(
            "opened_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when its code was named: calls may begin",
        ),
        sa.Column(
            "opened_by", sa.String(), nullable=True, comment="which officer named the code"
        ),
        sa.ForeignKeyConstraint(
            ["entrustor_id"], ["entrustors.id"], name=op.f("fk_handover_tests_entrustor_id")
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["people.id"], name=op.f("fk_handover_tests_opened_by")
        ),
        sa.PrimaryKeyConstraint("entrustor_id", name=op.f("pk_handover_tests")),
    )
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the link"),
        sa.Column("person_id", sa.String(), nullable=False, comment="for whom"),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="not usable afterwards",
        ),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True, comment="single use"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_invitations_person_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitations")),
    )
    op.create_index(op.f("ix_invitations_person_id"), "invitations", ["person_id"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(), nullable=False, comment="names the job"),
        sa.Column(
            "code",
            sa.String(),
            nullable=False,
            comment="what people call it: letters, digits, hyphens",
        ),
        sa.Column("entrustor_id", sa.String(), nullable=False, comment="tenant"),
        sa.Column("contract_id", sa.String(), nullable=False, comment="under which contract"),
        sa.Column("version", sa.BigInteger(), nullable=False, comment="under which version of it"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="open or closed"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="period on the certificate",
        ),
        sa.Column(
            "closed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="period on the certificate",
        ),
        sa.Column(
            "paused_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="since when a manager lets nobody be called",
        ),
        sa.Column(
            "wrap_up",
            sa.BigInteger(),
            nullable=True,
            comment="seconds that wrap-up may take; empty: what it needs",
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "version"],
            ["contract_versions.contract_id", "contract_versions.version"],
            name=op.f("fk_jobs_contract_id_version"),
        ),
        sa.ForeignKeyConstraint(
            ["entrustor_id"], ["entrustors.id"], name=op.f("fk_jobs_entrustor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("code", name=op.f("uq_jobs_code")),
    )
    op.create_index(op.f("ix_jobs_entrustor_id"), "jobs", ["entrustor_id"], unique=False)
    op.create_table(
        "scripts",
        sa.Column("job_id", sa.String(), nullable=False, comment="of which job"),
        sa.Column(
            "version", sa.BigInteger(), autoincrement=False, nullable=False, comment="1, 2, 3, ..."
        ),
        sa.Column(
            "content",
            sa.JSON(),
            nullable=False,
            comment="what operators say; its hash is in the ledger",
        ),
        sa.Column("saved_by", sa.String(), nullable=False, comment="who wrote it"),
        sa.Column(
            "saved_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="from when it was in force",
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_scripts_job_id")),
        sa.ForeignKeyConstraint(["saved_by"], ["people.id"], name=op.f("fk_scripts_saved_by")),
        sa.PrimaryKeyConstraint("job_id", "version", name=op.f("pk_scripts")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the cookie"),
        sa.Column("person_id", sa.String(), nullable=False, comment="who"),
        sa.Column(
            "complete",
            sa.Boolean(),
            nullable=False,
            comment="false: password right, code still missing",
        ),
        sa.Column(
            "command",
            sa.Boolean(),
            nullable=False,
            comment="of the command line: uploads and receipts only; incomplete: its code",
        ),
        sa.Column(
            "lent_grant",
            sa.LargeBinary(),
            nullable=True,
            comment="of a command's code: the shift's grant, sealed under the code itself",
        ),
        sa.Column(
            "grant_hash",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the shift's grant: no session goes with another's",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="audit"),
        sa.Column(
            "expires_at", sa.DateTime(timezone=True), nullable=False, comment="end of the shift"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_ins")),
    )
    op.create_index(op.f("ix_sign_ins_person_id"), "sign_ins", ["person_id"], unique=False)
    op.create_table(
        "seats",
        sa.Column("person_id", sa.String(), nullable=False, comment="whose seat"),
        sa.Column(
            "reason",
            sa.String(length=16),
            nullable=True,
            comment="why nobody calls there; empty: at work",
        ),
        sa.Column(
            "since",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="shown on the board: how long",
        ),
        sa.Column(
            "until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when wrap-up should be done; empty: no such time",
        ),
        sa.Column("day", sa.Date(), nullable=False, comment="of which day these seconds are"),
        sa.Column(
            "paused",
            sa.BigInteger(),
            nullable=False,
            comment="seconds of that day's ended pauses: own figures",
        ),
        sa.Column(
            "wrapped",
            sa.BigInteger(),
            nullable=False,
            comment="seconds of that day's wrap-up: own figures",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_seats_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_seats")),
    )
    op.create_table(
        "assignments",
        sa.Column("job_id", sa.String(), nullable=False, comment="which job"),
        sa.Column("person_id", sa.String(), nullable=False, comment="which operator"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, comment="audit"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_assignments_job_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_assignments_person_id")
        ),
        sa.PrimaryKeyConstraint("job_id", "person_id", name=op.f("pk_assignments")),
    )
    op.create_table(
        "leases",
        sa.Column("id", sa.String(), nullable=False, comment="unguessable handle for the browser"),
        sa.Column("person_id", sa.String(), nullable=False, comment="one live lease per operator, beside parked ones"),
        sa.Column("job_id", sa.String(), nullable=False, comment="the desk it belongs to"),
        sa.Column("list_id", sa.String(), nullable=False, comment="which record"),
        sa.Column("chunk", sa.BigInteger(), nullable=False, comment="which record"),
        sa.Column("index", sa.BigInteger(), nullable=False, comment="which record"),
        sa.Column(
            "taken_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="shown to supervisors: stuck leases",
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="then the record goes back to the queue",
        ),
        sa.Column("rang", sa.Boolean(), nullable=False, comment="a call of ours: it counts for the number"),
        sa.Column("others", sa.SmallInteger(), nullable=False, comment="how many more have this number"),
        sa.Column(
            "elsewhere",
            sa.JSON(),
            nullable=True,
            comment="how its number is filed in other lists of the job: token by list; none: not asked",
        ),
        sa.Column(
            "dialled_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="a call has begun: it is not put aside any more",
        ),
        sa.Column(
            "parked_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="put aside for somebody who called meanwhile",
        ),
        sa.Column(
            "given_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="its result was given: until `expires_at` another may take its place, then it is final",
        ),
        sa.Column(
            "call_back_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="asked for with that result",
        ),
        sa.Column(
            "call_back_mine",
            sa.Boolean(),
            nullable=False,
            comment="promised by this operator with it",
        ),
        sa.Column("offered_to", sa.String(), nullable=True, comment="the supervisor who is asked to take over"),
        sa.Column("offer", sa.String(), nullable=True, comment="by what the keeper knows that offer"),
        sa.Column(
            "offered_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="then nobody can accept it any more",
        ),
        sa.Column(
            "handed_by",
            sa.String(),
            nullable=True,
            comment="who has handed the person over, and is told so",
        ),
        sa.ForeignKeyConstraint(["handed_by"], ["people.id"], name=op.f("fk_leases_handed_by")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_leases_job_id")),
        sa.ForeignKeyConstraint(["offered_to"], ["people.id"], name=op.f("fk_leases_offered_to")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_leases_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leases")),
        sa.UniqueConstraint(
            "list_id", "chunk", "index", name=op.f("uq_leases_list_id_chunk_index")
        ),
    )
    op.create_index(op.f("ix_leases_expires_at"), "leases", ["expires_at"], unique=False)
    op.create_index(op.f("ix_leases_job_id"), "leases", ["job_id"], unique=False)
    op.create_index(op.f("ix_leases_offered_to"), "leases", ["offered_to"], unique=False)
    op.create_index("ix_leases_live", "leases", ["person_id"], unique=True, postgresql_where=sa.text("parked_at IS NULL"))
    op.create_table(
        "lists",
        sa.Column("id", sa.String(), nullable=False, comment="names keys, rows and holding"),
        sa.Column("job_id", sa.String(), nullable=False, comment="which job"),
        sa.Column("entrustor_id", sa.String(), nullable=False, comment="tenant"),
        sa.Column(
            "number",
            sa.BigInteger(),
            nullable=False,
            comment="1, 2, 3 within the job: what people call it",
        ),
        sa.Column(
            "state", sa.String(length=16), nullable=False, comment="receiving, open, failed or over"
        ),
        sa.Column("uploaded_by", sa.String(), nullable=False, comment="who brought it"),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when the upload began",
        ),
        sa.Column(
            "heard_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="last sign of life of the upload: stale ones are swept",
        ),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the receipt was complete",
        ),
        sa.Column(
            "failure", sa.JSON(), nullable=True, comment="code, line, column of a refused file"
        ),
        sa.Column(
            "rows_seen",
            sa.BigInteger(),
            nullable=False,
            comment="progress while receiving; rows at the end",
        ),
        sa.Column(
            "bytes_read",
            sa.BigInteger(),
            nullable=False,
            comment="progress while receiving: of the file",
        ),
        sa.Column(
            "receipt", sa.JSON(), nullable=True, comment="counts, columns, encoding; never a value"
        ),
        sa.Column(
            "for_entrustor",
            sa.LargeBinary(),
            nullable=True,
            comment="result and trace keys, sealed to the entrustor",
        ),
        sa.Column("turn", sa.SmallInteger(), nullable=False, comment="called first (0), as usual, last (2)"),
        sa.Column(
            "remaining",
            sa.BigInteger(),
            nullable=False,
            comment="records without a final result: completion",
        ),
        sa.Column(
            "resting",
            sa.BigInteger(),
            nullable=False,
            comment="people never reached who may still call back",
        ),
        sa.Column(
            "rest_ends",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the first of them is to be emptied",
        ),
        sa.Column(
            "exposure",
            sa.BigInteger(),
            nullable=False,
            comment="person-seconds of those whose content is gone",
        ),
        sa.Column(
            "recognition",
            sa.LargeBinary(),
            nullable=True,
            comment="slow hash of the file: the same one again continues a list whose keys were "
            "lost",
        ),
        sa.Column(
            "attempt",
            sa.LargeBinary(),
            nullable=True,
            comment="hash of the client's token: sent again after a lost answer it is no second "
            "list",
        ),
        sa.Column(
            "continued_by",
            sa.String(),
            nullable=True,
            comment="its keys were lost: this list has the same file and its states",
        ),
        sa.ForeignKeyConstraint(
            ["continued_by"], ["lists.id"], name=op.f("fk_lists_continued_by")
        ),
        sa.ForeignKeyConstraint(
            ["entrustor_id"], ["entrustors.id"], name=op.f("fk_lists_entrustor_id")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_lists_job_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["people.id"], name=op.f("fk_lists_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists")),
        sa.UniqueConstraint("attempt", name=op.f("uq_lists_attempt")),
    )
    op.create_index(op.f("ix_lists_entrustor_id"), "lists", ["entrustor_id"], unique=False)
    op.create_index(op.f("ix_lists_job_id_number"), "lists", ["job_id", "number"], unique=True)
    op.create_index(op.f("ix_lists_state"), "lists", ["state"], unique=False)
    op.create_table(
        "results",
        sa.Column(
            "id", sa.String(), nullable=False, comment="the attempt: a repeated close adds nothing"
        ),
        sa.Column("entrustor_id", sa.String(), nullable=False, comment="who alone can open it"),
        sa.Column("job_id", sa.String(), nullable=False, comment="counts per job"),
        sa.Column(
            "list_id", sa.String(), nullable=False, comment="counts per list; names the result key"
        ),
        sa.Column("person_id", sa.String(), nullable=False, comment="who called"),
        sa.Column(
            "code",
            sa.SmallInteger(),
            nullable=False,
            comment="counts by result survive destruction",
        ),
        sa.Column(
            "final", sa.Boolean(), nullable=False, comment="counts: done or to be called again"
        ),
        sa.Column(
            "nth",
            sa.SmallInteger(),
            nullable=False,
            comment="which call to the person it was, from 1; 0: nobody was called",
        ),
        sa.Column(
            "at", sa.DateTime(timezone=True), nullable=False, comment="when, by the keeper's clock"
        ),
        sa.Column(
            "sealed",
            sa.LargeBinary(),
            nullable=False,
            comment="reference, line, code, time for the entrustor",
        ),
        sa.Column(
            "slip",
            sa.Boolean(),
            nullable=False,
            comment="whether a hand-over slip is in it: counted",
        ),
        sa.Column(
            "revised_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="given another code later: shown, and counted",
        ),
        sa.Column(
            "first_code",
            sa.SmallInteger(),
            nullable=True,
            comment="what the call had then: shown beside the code to who revised it",
        ),
        sa.Column(
            "acknowledged_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="handed over: may be deleted afterwards",
        ),
        sa.ForeignKeyConstraint(
            ["entrustor_id"], ["entrustors.id"], name=op.f("fk_results_entrustor_id")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_results_job_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_results_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results")),
    )
    op.create_index(
        op.f("ix_results_entrustor_id_acknowledged_at"),
        "results",
        ["entrustor_id", "acknowledged_at"],
        unique=False,
    )
    op.create_index(op.f("ix_results_job_id_at"), "results", ["job_id", "at"], unique=False)
    op.create_index(op.f("ix_results_list_id"), "results", ["list_id"], unique=False)
    op.create_table(
        "findings",
        sa.Column("list_id", sa.String(), nullable=False, comment="which list"),
        sa.Column(
            "line", sa.BigInteger(), autoincrement=False, nullable=False, comment="line in the file"
        ),
        sa.Column("code", sa.String(length=32), nullable=False, comment="what was found"),
        sa.Column(
            "column",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="column in the file, from 1",
        ),
        sa.Column(
            "repeats",
            sa.BigInteger(),
            nullable=True,
            comment="for a duplicate: the line it repeats",
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name=op.f("fk_findings_list_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "list_id", "line", "code", "column", name=op.f("pk_findings")
        ),
    )
    op.create_table(
        "segments",
        sa.Column("list_id", sa.String(), nullable=False, comment="which list"),
        sa.Column("column", sa.SmallInteger(), autoincrement=False, nullable=False, comment="1 or 2: of the contract's terms"),
        sa.Column("code", sa.SmallInteger(), autoincrement=False, nullable=False, comment="what the records carry"),
        sa.Column("label", sa.String(length=30), nullable=False, comment="what at least 20 people share: screens, reports"),
        sa.Column("people", sa.BigInteger(), nullable=False, comment="counts by group survive destruction"),
        sa.Column("turn", sa.SmallInteger(), nullable=False, comment="called first (0), as usual, last (2)"),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_segments_list_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("list_id", "column", "code", name=op.f("pk_segments")),
    )
    op.create_table(
        "own_groups",
        sa.Column("list_id", sa.String(), nullable=False, comment="which list"),
        sa.Column("person_id", sa.String(), nullable=False, comment="which operator"),
        sa.Column("column", sa.SmallInteger(), autoincrement=False, nullable=False, comment="of the group"),
        sa.Column("code", sa.SmallInteger(), autoincrement=False, nullable=False, comment="of the group"),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_own_groups_list_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_own_groups_person_id")),
        sa.PrimaryKeyConstraint("list_id", "person_id", "column", "code", name=op.f("pk_own_groups")),
    )
    op.create_table(
        "templates",
        sa.Column("id", sa.String(), nullable=False, comment="names it in receipts"),
        sa.Column("entrustor_id", sa.String(), nullable=False, comment="tenant"),
        sa.Column("party_id", sa.String(), nullable=False, comment="whose managers use it"),
        sa.Column("header_key", sa.String(length=64), nullable=False, comment="hash of the header row: same row, same columns"),
        sa.Column("places", sa.JSON(), nullable=False, comment="field kind to column numbers"),
        sa.Column("words", sa.JSON(), nullable=False, comment="known header words of these columns, to tell it by"),
        sa.Column("width", sa.SmallInteger(), nullable=False, comment="columns of the header row, to tell it by"),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False, comment="which one is newer, for people"),
        sa.ForeignKeyConstraint(["entrustor_id"], ["entrustors.id"], name=op.f("fk_templates_entrustor_id")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_templates_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_templates")),
        sa.UniqueConstraint("entrustor_id", "party_id", "header_key", name=op.f("uq_templates_entrustor_id_party_id_header_key")),
    )
    op.create_table(
        "ledger_heads",
        sa.Column("log", sa.String(length=64), nullable=False, comment="which log: a keeper that begins anew has another key, and a log of its own"),
        sa.Column("month", sa.String(length=7), nullable=False, comment="which month's tree"),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False, comment="leaves of the month"),
        sa.Column("first", sa.BigInteger(), nullable=False, comment="number of the month's first line"),
        sa.Column("note", sa.String(), nullable=False, comment="the keeper's signature: what it is held to from now on"),
        sa.Column("key", sa.LargeBinary(), nullable=False, comment="the log's public key, whose hash names it: cosigned heads are checked"),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, comment="when we got it: the newest log is the one that counts"),
        sa.PrimaryKeyConstraint("log", "month", "size", name=op.f("pk_ledger_heads")),
    )
    op.create_table(
        "ledger_lines",
        sa.Column("log", sa.String(length=64), nullable=False, comment="which log: a keeper that begins anew has another key, and a log of its own"),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False, comment="number of the line through all months"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when, by the keeper's clock: to search by"),
        sa.Column("kind", sa.String(length=64), nullable=False, comment="what happened: to search by"),
        sa.Column("list_id", sa.String(), nullable=True, comment="about which list: entrustors get theirs"),
        sa.Column("principal", sa.String(), nullable=True, comment="who did it: to search by"),
        sa.Column("n", sa.BigInteger(), nullable=True, comment="number of the line among those of its list, without a gap"),
        sa.Column("salt", sa.LargeBinary(), nullable=False, comment="in front of the leaf when it is hashed"),
        sa.Column("leaf", sa.LargeBinary(), nullable=False, comment="the line itself, byte for byte: proofs are made of it"),
        sa.PrimaryKeyConstraint("log", "seq", name=op.f("pk_ledger_lines")),
    )
    op.create_index(op.f("ix_ledger_lines_log_list_id_seq"), "ledger_lines", ["log", "list_id", "seq"], unique=False)
    op.create_index(op.f("ix_ledger_lines_principal_at"), "ledger_lines", ["principal", "at"], unique=False)
    op.create_index("ix_ledger_lines_budgets", "ledger_lines", ["at"], unique=False, postgresql_where=sa.text("kind IN ('budget_warning', 'refused')"))
    op.create_index("ix_ledger_lines_events", "ledger_lines", ["at"], unique=False, postgresql_where=sa.text("kind = 'event'"))
    op.create_index("ix_ledger_lines_shards", "ledger_lines", ["log", "seq"], unique=False, postgresql_where=sa.text("kind = 'shard'"))
    op.create_index("ix_ledger_lines_signed", "ledger_lines", ["log", "seq"], unique=False, postgresql_where=sa.text("kind IN ('pin', 'signature', 'statement')"))
    op.create_index("ix_ledger_lines_certificates", "ledger_lines", ["log", "seq"], unique=False, postgresql_where=sa.text("kind IN ('certify', 'reissue', 'revoke_certificate')"))
    op.create_table(
        "ledger_tiles",
        sa.Column("log", sa.String(length=64), nullable=False, comment="which log: a keeper that begins anew has another key, and a log of its own"),
        sa.Column("month", sa.String(length=7), nullable=False, comment="which month's tree"),
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False, comment="its level"),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False, comment="its place in the level"),
        sa.Column("hashes", sa.LargeBinary(), nullable=False, comment="shown to everybody: proofs are made of it"),
        sa.Column("root", sa.LargeBinary(), nullable=False, comment="its hash one level up"),
        sa.PrimaryKeyConstraint("log", "month", "level", "number", name=op.f("pk_ledger_tiles")),
    )
    op.create_table(
        "ledger_witnesses",
        sa.Column("log", sa.String(length=64), nullable=False, comment="which log: a keeper that begins anew has another key, and a log of its own"),
        sa.Column("witness", sa.String(length=128), nullable=False, comment="name of the pinned witness"),
        sa.Column("month", sa.String(length=7), nullable=False, comment="which month's tree"),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False, comment="leaves it has seen"),
        sa.Column("note", sa.String(), nullable=False, comment="both signatures: shown to everybody"),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, comment="how old the last look from outside is"),
        sa.PrimaryKeyConstraint("log", "witness", "month", "size", name=op.f("pk_ledger_witnesses")),
    )
    for routine in routines.ALL:
        op.execute(routine)


def downgrade() -> None:
    raise NotImplementedError("the way back is a restored backup, which opens nobody")
