"""What can go wrong around jobs and lists. What one may not see, one does not learn of."""

from calllist.errors import CalllistError


class JobUnknown(CalllistError):
    """No such job, or none that this person may know of."""

    code = "unknown_job"


class SegmentUnknown(CalllistError):
    """No such group of people on this list, or no such turn."""

    code = "unknown_segment"


class TemplateUnknown(CalllistError):
    """No saved mapping of columns that this person may know of."""

    code = "unknown_template"


class ListUnknown(CalllistError):
    """No such list, or none that this person may know of."""

    code = "unknown_call_list"


class JobOver(CalllistError):
    """The job is closed: no list, no assignment, no call any more."""

    code = "job_over"


class WrapUpRefused(CalllistError):
    """Wrap-up may take from 10 to 900 seconds, or what it needs."""

    code = "wrap_up_refused"


class JobPaused(CalllistError):
    """A manager has paused the job: nobody is called until it goes on."""

    code = "job_paused"


class ContractSuperseded(CalllistError):
    """The entrustor has signed a later version: new lists need a new job under it."""

    code = "contract_superseded"


class JobCodeTaken(CalllistError):
    """Another job has this code."""

    code = "job_code_taken"


class JobCodeMalformed(CalllistError):
    """A job's code is 2 to 32 letters, digits and hyphens: never a speaking title."""

    code = "job_code_malformed"


class ListNotReady(CalllistError):
    """The list is still being received, or was refused."""

    code = "list_not_ready"


class KeysMissing(CalllistError):
    """The keeper does not know the keys of a list of this job: its disk was lost. The platform
    has to notice first, or the same people would be called again."""

    code = "keys_missing"


class ListDeadline(CalllistError):
    """The list's last day is past, or later than the contract's."""

    code = "list_deadline"


class PartyNotApproved(CalllistError):
    """The entrustor has not approved this party under the contract: nothing of it opens."""

    code = "party_not_approved"


class NotAnOperator(CalllistError):
    """Only living operators can be assigned."""

    code = "not_an_operator"
