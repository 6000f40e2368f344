"""The sentences about calls and the floor: scripts, call codes, pauses. Japanese and English."""

SAID: dict[str, tuple[str, str]] = {
    # the floor
    "job_paused": (
        "管理者がこの業務の架電を一時停止しています。再開までお待ちください。",
        "A manager has paused the calls of this job. Please wait until they go on.",
    ),
    "nothing_in_hand": (
        "この席に対応中の方はいません。対応はもう終わっています。",
        "Nobody is in hand at this seat: the call is already over.",
    ),
    # warm transfer
    "not_offered": (
        "転送の依頼は取り消されたか、時間が過ぎました。",
        "The request was withdrawn, or its time is over.",
    ),
    "not_free": (
        "この方は、いま転送を受けられません。ほかのスーパーバイザーを選んでください。",
        "This supervisor cannot take anybody over now. Please choose another one.",
    ),
    "transfer_over": (
        "転送された方は、手元を離れました。待ち行列に戻しました。",
        "Whom you had taken over has left your hand, back into the queue.",
    ),
    # somebody calls back
    "nobody_found": (
        "該当なし。この業務でいま対応する方の中にいません。",
        "Nobody: not among the people of this job who are to be spoken to now.",
    ),
    # the code of a call
    "call_code_unreadable": ("6桁の数字を入れてください。", "Please type the six digits."),
    "codes_used": (
        "誤った番号が続いたため、1時間ほど確認できません。",
        "Too many wrong codes: checking pauses for up to an hour.",
    ),
    # the script of a job: each at its field, with line and column
    "script_refused": (
        "保存していません。赤い印の欄を直してください。",
        "Not saved: see the marked fields.",
    ),
    "script_changed": (
        "ほかの人が新しい版を保存しました。その版を表示しています。",
        "Somebody else has saved a version meanwhile: this is it.",
    ),
    "script_empty": ("話すことを入力してください。", "Please say what is said here."),
    "script_long": ("{reason}文字までです。", "At most {reason} characters."),
    "script_brace": (
        "波かっこは、差し込む言葉にだけ使えます。",
        "Braces are for placeholders only.",
    ),
    "script_placeholder": (
        "この場面では使えない差し込みです。",
        "This placeholder cannot be used here.",
    ),
    "script_lacks": (
        "必ず入れる言葉がありません：{reason}",
        "What must be said is missing: {reason}",
    ),
    "script_one_sentence": (
        "一つの文だけにしてください。",
        "One sentence, and no more.",
    ),
    "script_number": (
        "番号のように見える数字は保存できません。",
        "Digits that look like a number are not saved.",
    ),
    "script_address": (
        "住所のように見える文字は保存できません。",
        "What looks like an address is not saved.",
    ),
    "script_control": ("使えない文字があります。", "A character that cannot be used."),
    "script_call_number": (
        "0から始まる10桁か11桁の番号を入れてください。",
        "A number of ten or eleven digits, beginning with 0.",
    ),
    "script_value_missing": (
        "文の中で使っているため、入力してください。",
        "A line says this: please fill it in.",
    ),
}
