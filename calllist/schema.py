"""All tables in one place, for migrations and for the test that asks each column why."""

import calllist.dialing.tables
import calllist.entrustors.tables
import calllist.floor.tables
import calllist.jobs.tables
import calllist.mirror.tables
import calllist.oversight.tables
import calllist.parties.tables
import calllist.people.tables
import calllist.scripts.tables  # noqa: F401
from retention.tables import Base

metadata = Base.metadata
