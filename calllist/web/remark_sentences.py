"""What is said when a result, its time, note or hand-over slip is refused: Japanese, English."""

REMARKS: dict[str, tuple[str, str]] = {
    "result_given": (
        "この架電の結果は登録済みです。次の方へお進みください。",
        "This call has its result. Please go on to the next person.",
    ),
    "result_final": (
        "この架電の結果は確定しています。訂正が必要なときは、管理者に申し出てください。",
        "The result of this call is final. Please tell your manager if it has to be corrected.",
    ),
    "unknown_result": (
        "この架電は見つかりません。",
        "There is no such call.",
    ),
    "unknown_attempt": (
        "この架電は見つかりません。",
        "There is no such call.",
    ),
    "result_handed_over": (
        "委託元が受領した結果です。訂正が必要なときは、委託元に連絡してください。",
        "The entrustor has received this result. Please tell the entrustor if it is wrong.",
    ),
    "result_changed": (
        "この結果は、画面を開いたあとに変わりました。確認して、もう一度選んでください。",
        "This result has changed since the page was opened. Please look again, then choose.",
    ),
    "still_changeable": (
        "登録から1分間はオペレーターが訂正できます。1分たってからお試しください。",
        "For a minute the operator may change it. Please try again after that.",
    ),
    "not_overseen": (
        "ご自身の拠点・事業者の架電だけを訂正できます。",
        "You may only correct calls of your own site or company.",
    ),
    "same_result": (
        "同じ結果コードです。訂正していません。",
        "It has this code already: nothing was changed.",
    ),
    "not_revisable": (
        (
            "拒否と転居・死亡等の申出は、委託元だけが取り消せます。"
            "転居・死亡等の申出と上限到達は、あとから付けられません。"
        ),
        (
            "Only the entrustor takes back a refusal, or that somebody has moved or died. The "
            "latter, and that attempts are used up, cannot be given later."
        ),
    ),
    "call_back_missing": (
        "再架電の日時を入力してください。",
        "Please enter the time to call back.",
    ),
    "call_back_refused": (
        "再架電の日時が過去か、架電可能時間外か、期限後です。",
        "The call-back time is past, outside calling hours or after the deadline.",
    ),
    "note_blocked": (
        "メモに書けない内容があり、登録していません。",
        "The note says what it must not: nothing was recorded.",
    ),
    "note_needless": (
        "この結果で完了するため、メモは残せません。消すか、別の結果を選んでください。",
        "This result is final: no note is kept. Remove it, or choose another result.",
    ),
    "note_not_permitted": (
        "この契約ではメモを残せません。",
        "The contract does not let notes be kept.",
    ),
    "slip_unreadable": (
        "申し送り票に読み取れない項目があり、登録していません。",
        "Part of the slip cannot be read: nothing was recorded.",
    ),
    "slip_not_read_back": (
        "申し送り票を復唱してから登録してください。",
        "Please read the slip back before it is recorded.",
    ),
    "slip_not_permitted": (
        "この契約では、この項目を申し送れません。",
        "The contract does not let this be handed over.",
    ),
}
