"""What is said when a result's time, note or hand-over slip is refused: Japanese, English."""

REMARKS: dict[str, tuple[str, str]] = {
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
