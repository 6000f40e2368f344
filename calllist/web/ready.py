"""開始前の確認 on a job's page: what is missing, in a sentence, and where it is mended."""

from typing import Any

from calllist.oversight.readiness import Check, Point
from calllist.web.i18n import N_, translate

POINTS: dict[Point, tuple[str, str]] = {  # what is there; what to do while it is not
    Point.CONTRACT: (
        N_("契約の最新の版"),
        N_("契約の期限が過ぎたか、新しい版があります。有効な版で業務を追加してください。"),
    ),
    Point.RULE: (
        N_("本人確認の規則"),
        N_("契約の照合できる項目が足りません。委託元に契約の新しい版の署名を依頼してください。"),
    ),
    Point.KEY: (
        N_("委託元の受取り用の鍵"),
        N_("委託元の鍵にまだ何も封じていません。委託元が試験ファイルを受け取ると確かめられます。"),
    ),
    Point.HANDOVER: (
        N_("結果の受渡しの試験"),
        N_("委託元の担当者が「架電結果の受取り」で試験ファイルを開くまで、架電は始まりません。"),
    ),
    Point.LIST: (N_("架電するリスト"), N_("リストを取り込んでください。")),
    Point.FIELDS: (
        N_("リストの本人確認の列"),
        N_("本人確認に使う列が足りないリストがあります。受領書で列を確かめてください。"),
    ),
    Point.HOURS: (
        N_("期限までの架電時間"),
        N_("取扱期限までに架電できる時間帯がありません。委託元に期限の延長を依頼してください。"),
    ),
    Point.SCRIPT: (N_("場面ごとの言葉"), N_("場面ごとの言葉を確かめて、保存してください。")),
    Point.OPERATORS: (N_("オペレーターの割り当て"), N_("オペレーターを割り当ててください。")),
    Point.FACTORS: (
        N_("全員の認証の登録"),
        N_("認証をまだ登録していない人がいます。招待の確認をアカウント管理者に依頼してください。"),
    ),
    Point.APPROVED: (
        N_("事業者と拠点の承認"),
        N_(
            "承認されていない事業者か拠点の人がいます。担当から外すか、委託元に承認を依頼してください。"
        ),
    ),
}


def facts(checks: tuple[Check, ...], lang: str) -> dict[str, Any]:
    """For job_ready.html: what is missing first, with its remedy; then what is there."""
    rows = [
        {
            "name": translate(lang, POINTS[one.point][0]),
            "remedy": translate(lang, POINTS[one.point][1]),
            "place": one.place,
            "ready": one.ready,
        }
        for one in checks
    ]
    return {
        "missing": [row for row in rows if not row["ready"]],
        "there": [row for row in rows if row["ready"]],
    }
