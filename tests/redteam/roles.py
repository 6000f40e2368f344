"""Who the insiders are, what each holds, and how many people each may get at most."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.redteam import backup, dba, developer, issuer, manager, operator, root
from tests.redteam.raid import Raid
from tests.redteam.scene import BUDGET


@dataclass(frozen=True)
class Role:
    """One insider."""

    name: str
    ja: str
    en: str
    holds_ja: str
    holds_en: str
    rob: Callable[[Raid], Awaitable[None]]
    most: int = 0  # distinct people whom the budgets of live shifts let this role see


ROLES = {
    role.name: role
    for role in (
        Role(
            "operator", "オペレーター", "operator",
            "自分のアカウントと勤務、ブラウザー", "own account and shift, a browser",
            operator.rob, BUDGET,
        ),
        Role(
            "manager", "管理者", "manager",
            "管理者のアカウント、取込・割当・件数の画面",
            "a manager's account: uploads, assignments, counts",
            manager.rob,
        ),
        Role(
            "issuer", "アカウント管理者", "account administrator",
            "アカウントの発行・招待・停止の権限", "power to create, invite and stop any account",
            issuer.rob,
        ),
        Role(
            "dba", "データベース管理者", "database administrator",
            "PostgreSQLの全権限（読み書き）", "all of PostgreSQL, to read and to write",
            dba.rob,
        ),
        Role(
            "root", "Web・ワーカーのroot（勤務時間中）", "root on web and worker hosts",
            "全ソケット・全資格情報・通過する勤務の鍵2名分",
            "every socket, every credential, two shifts passing by",
            root.rob, 2 * BUDGET,
        ),
        Role(
            "backup", "バックアップ担当", "handler of backups",
            "PostgreSQLのデータとログ、金庫の台帳と署名鍵",
            "PostgreSQL's data and log, the keeper's journal and signing keys",
            backup.rob,
        ),
        Role(
            "developer", "開発者", "developer",
            "ソースコードと設定、手元の環境", "source, configuration, an environment of one's own",
            developer.rob,
        ),
    )
}  # fmt: skip
