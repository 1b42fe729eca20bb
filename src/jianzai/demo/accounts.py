"""The demo's accounts of staff, their one password, and where they work."""

from __future__ import annotations

from dataclasses import dataclass

from jianzai.operations.mark import DEMO_MARK

PASSWORD = "xiangjiang-beiqu"  # noqa: S105 - public: the demo prints it, and production refuses its accounts
CITY, FURONG, YUELU = "430100000000", "430102000000", "430104000000"


@dataclass(frozen=True, slots=True)
class Account:
    """A sign-in of the demo; ``role`` is one of registry.Staff.Role."""

    work: str
    name: str
    role: str
    area: str
    employer: str = ""

    @property
    def username(self) -> str:
        """With the mark that production refuses."""
        return f"{DEMO_MARK.lower()}-{self.work}"

    @property
    def role_sentence(self) -> str:
        """The code of what the account may do."""
        return f"demo.role_{self.role}"


EMPLOYER = "湘江纺织厂"
CLERK = Account("clerk", "谭晓敏", "clerk", FURONG)
SUPERVISOR = Account("supervisor", "周岚", "supervisor", CITY)
CLERK_ELSEWHERE = Account("clerk-yuelu", "罗建军", "clerk", YUELU)
ACCOUNTS = (
    CLERK,
    CLERK_ELSEWHERE,
    SUPERVISOR,
    Account("second", "彭海涛", "supervisor", CITY),
    Account("auditor", "文静", "auditor", CITY),
    Account("administrator", "龙卫东", "administrator", CITY),
    Account("employer", "曹丽", "employer", CITY, EMPLOYER),
    Account("employer-second", "邹志刚", "employer", CITY, EMPLOYER),
)
