"""Sentences of `calllist health`."""

from collections.abc import Mapping

HEALTH_MESSAGES: Mapping[str, tuple[str, str]] = {
    "healthy": (
        "正常です。最後の巡回から{sweep}秒、期限を過ぎて未破棄のもの{due}秒。",
        "Healthy. Last sweep {sweep} s ago; oldest overdue {due} s.",
    ),
    "unhealthy_database": ("データベースに接続できません({said})。", "No database ({said})."),
    "unhealthy_keeper": ("金庫に接続できません({said})。", "No keeper ({said})."),
    "unhealthy_overdue": (
        "期限を{due}秒過ぎたリストの鍵が破棄されていません。",
        "A list has been overdue for destruction for {due} s.",
    ),
    "unhealthy_keys_remain": (
        "終了したリストの鍵が金庫に残り、データベースの記録と食い違っています。画面のお知らせを確認してください。",
        "The keeper has keys of ended lists; the database says otherwise. See the notices.",
    ),
    "unhealthy_uncertified": (
        "鍵を破棄したリストの消去証明書が発行されていません。画面のお知らせを確認してください。",
        "Lists were destroyed and have no certificate yet. See the notices on screen.",
    ),
    "unhealthy_worker_silent": (
        "巡回が行われていません(最後から{sweep}秒)。worker と beat を確認してください。",
        "Nobody sweeps (last {sweep} s ago). Look after worker and beat.",
    ),
    "unhealthy_mail_failing": (
        "お知らせのメールが届いていません。宛先と理由は、管理者と個人情報保護管理者の画面にあります。",
        "Notices do not go out by mail. To whom and why: see the manager's or auditor's screen.",
    ),
    "unhealthy_clocks_disagree": (
        "時計が合っていません(データベース {database}秒、金庫 {keeper}秒、金庫の急変 {doubted})。",
        "Clocks disagree (database {database} s, keeper {keeper} s, keeper's jumped: {doubted}).",
    ),
}
