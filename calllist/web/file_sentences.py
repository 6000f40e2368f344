"""The sentence for each code of a file that was refused, in Japanese and English."""

FILES: dict[str, tuple[str, str]] = {
    "empty_file": (
        "取り込む行がありません。ファイルが空か、見出しの行しかありません。",
        "There are no rows: the file is empty, or has a header row only.",
    ),
    "unknown_encoding": (
        "文字コードを判別できません。文字コードを指定するか、UTF-8で保存し直してください。",
        "The encoding is not recognised. Please name it, or save the file as UTF-8.",
    ),
    "no_such_encoding": (
        "指定された文字コードはありません。cp932、utf-8、euc-jp、utf-16-le、utf-16-beが使えます。",
        "No such encoding. It may be cp932, utf-8, euc-jp, utf-16-le or utf-16-be.",
    ),
    "jis_encoding": (
        "JIS(ISO-2022-JP)の文字コードには対応していません。UTF-8で保存し直してください。",
        "The encoding JIS (ISO-2022-JP) is not read. Please save the file as UTF-8.",
    ),
    "garbled_text": (
        "文字化けしたまま保存されたファイルです。化ける前の元のファイルを取り込んでください。",
        "The file was saved after its text was garbled. Please import the original file.",
    ),
    "binary_file": ("テキストファイルではありません。", "This is not a text file."),
    "workbook_file": (
        "この形式は読み込めません。XLSXまたはCSVで保存し直してください。",
        "This format is not read. Please save the table as XLSX or CSV.",
    ),
    "document_file": (
        "文書や画像のファイルです。表をXLSXまたはCSVで保存してください。",
        "This is a document or a picture. Please save the table as XLSX or CSV.",
    ),
    "markup_file": (
        (
            "HTMLかXMLのファイルです(名前が.xlsでもExcelブックではありません)。"
            "Excelで開き、XLSXまたはCSVで保存し直してください。"
        ),
        (
            "This is an HTML or XML file, whatever its name says (.xls). Open it in Excel and save "
            "it as XLSX or CSV."
        ),
    ),
    "container_file": (
        (
            "古いOffice形式(.xlsなど)の入れ物ですが、Excelの表が見つかりません。"
            "元のソフトで開き、XLSXまたはCSVで保存し直してください。"
        ),
        (
            "A container of the old Office kind (as .xls is), but there is no Excel table in it. "
            "Open it in the program it came from and save the table as XLSX or CSV."
        ),
    ),
    "old_workbook": (
        "古い形式のExcelファイル(.xls)です。XLSXまたはCSVで保存し直してください。",
        "This is an Excel file of the old kind (.xls). Please save it as XLSX or CSV.",
    ),
    "encrypted_workbook": (
        "パスワード付きのファイルです。パスワードを外して保存し直してください。",
        "The workbook has a password. Please save it without one.",
    ),
    "macro_workbook": (
        "マクロを含むファイルは取り込めません。XLSXまたはCSVで保存し直してください。",
        "A workbook with macros is not read. Please save it as XLSX or CSV.",
    ),
    "linked_workbook": (
        "他のファイルを参照するExcelファイルです。値だけにして保存し直してください。",
        "The workbook takes values from other files. Please save it with values only.",
    ),
    "workbook_too_large": (
        "Excelファイルが大きすぎます。CSVで保存し直してください。",
        "The workbook is too large. Please save it as CSV.",
    ),
    "workbook_broken": (
        "Excelファイルが壊れています。Excelで開き、保存し直してください。",
        "The workbook is broken. Please open it in Excel and save it again.",
    ),
    "several_sheets": (
        "データのあるシートが複数あります。シートの番号を指定してください。",
        "Several sheets have data. Please name one by its number.",
    ),
    "no_such_sheet": ("指定したシートがありません。", "The named sheet does not exist."),
    "no_phone_column": (
        "電話番号の列が見つかりません。見出しの名前を指定して、もう一度取り込んでください。",
        "No phone column was found. Name its header and import the file again.",
    ),
    "no_header_row": (
        "見出しの行がありません。見出しを付けるか、すべての列を番号(#1など)で指定してください。",
        "There is no header row. Add one, or name every column by its number (#1).",
    ),
    "two_columns_for": (
        "同じ意味の列が2つあります。列を指定してください。",
        "Two columns mean the same. Please name one.",
    ),
    "no_such_column": ("指定した列がありません。", "The named column does not exist."),
    "not_permitted": ("契約で認められていない列です。", "The contract excludes this column."),
    "forbidden_cards": (
        "クレジットカード番号とみられる列があるため、受け付けられません。列を削除してから取り込んでください。",
        "A column looks like payment card numbers. Remove it before importing the file.",
    ),
    "forbidden_my_numbers": (
        "個人番号（マイナンバー）とみられる列があるため、受け付けられません。列を削除してから取り込んでください。",
        "A column looks like individual numbers (My Number). Remove it before importing the file.",
    ),
    "unknown_area_code": (
        "市外局番として正しくありません。0から始まる番号で入力してください。",
        "This is no Japanese area code. It begins with 0.",
    ),
    "unknown_template": ("保存した列の対応が見つかりません。", "There is no such saved mapping."),
    "unknown_segment": ("その区分はありません。", "There is no such group."),
    "too_many_segments": ("区分の列の値が多すぎます。", "The grouping column has too many values."),
    "segment_value": (
        "区分の列に、1人を指す値があります。",
        "The grouping column holds what could be one person's.",
    ),
    "sealed_file": (
        "暗号化されたファイルです。内容は取込のときだけ開かれるため、事前の確認はできません。",
        "The file is encrypted: only its import opens it, so it cannot be looked at before.",
    ),
    "sealed_header": (
        "暗号化されたファイルが壊れているか、形式が違います。委託元に作り直しを依頼してください。",
        "The encrypted file is damaged or of another form. Ask the entrustor to make it again.",
    ),
    "sealed_elsewhere": (
        "別の業務、または消去済みの宛先に暗号化されています。新しい宛先証明で作り直してください。",
        (
            "Encrypted to another job, or to a key that was destroyed: make it again with a new "
            "recipient statement."
        ),
    ),
    "sealed_damaged": (
        "暗号化されたファイルが途中で切れているか、変えられています。何も保存していません。",
        "The encrypted file is cut off or was altered. Nothing was stored.",
    ),
    "sealed_only": (
        "この契約では、委託元が暗号化したファイルだけを受け取ります。",
        "Under this contract only files encrypted by the entrustor are received.",
    ),
    "second_header": (
        "1回の取込で別の暗号化ファイルは開けません。",
        "One import does not open another encrypted file.",
    ),
    "taken_in_before": (
        "この暗号化ファイルは、すでに取り込まれています。",
        "This very encrypted file has been imported already.",
    ),
    "same_file": (
        (
            "この業務の第{reason}号と同じファイルです。取り込むと全員が2回載るため、受け付けて"
            "いません。何も保存していません。"
        ),
        (
            "List no. {reason} of this job is this very file. Everybody would be in the job twice, "
            "so it was not taken; nothing was stored."
        ),
    ),
    "too_many_addresses": (
        "リストのない業務が多すぎるため、宛先を作れません。",
        "Too many jobs of this contract have no list yet.",
    ),
    "refusals_unreadable": (
        (
            "お断りの番号のファイルに読み取れない所があるため、リスト全体を受け取りませんでした。"
            "直してからもう一度取り込んでください。"
        ),
        (
            "The file of refusals cannot be read throughout, so nothing of the list was received. "
            "Please correct it and import both again."
        ),
    ),
    "no_reference_column": (
        "整理番号の列が見つかりません。見出しの名前か番号(#2など)を指定してください。",
        "No column of reference numbers was found. Name its header or number (#2).",
    ),
    "too_many_corrections": (
        (
            "訂正として取り込める行数（不備だった行の数）を超えています。"
            "訂正した行だけを取り込んでください。"
        ),
        (
            "More rows than were rejected cannot come as corrections. "
            "Please import the corrected rows only."
        ),
    ),
    "too_many_withdrawals": (
        "管理者が1日に外せるのはリストの半数までです。続きは委託元の担当者が行ってください。",
        "A manager takes out at most half of a list a day. The entrustor's officer may go on.",
    ),
    "too_many_references": (
        "このリストで1日に照会できる番号の数を超えました。",
        "So many references of this list were asked for today.",
    ),
    "unclosed_quote": ("引用符が閉じていません。", "A quote is not closed."),
    "line_too_long": ("行が長すぎます。", "A line is too long."),
    "too_many_columns": ("列数が上限を超えています。", "There are too many columns."),
    "too_many_rows": ("行数が上限を超えています。", "There are too many rows."),
    "too_many_uploads": (
        "同時に取り込めるファイル数に達しています。終わってからもう一度お試しください。",
        "Too many files are being imported at once. Please try again when one is done.",
    ),
    "upload_offset": (
        "続きの位置が合いません。示された位置から送り直してください。",
        "The upload goes on at another byte than this one.",
    ),
    "upload_elsewhere": (
        "この送信は、まだ処理中です。少し待ってからお試しください。",
        "This upload is still in other hands. Please ask again in a moment.",
    ),
    "upload_unknown": ("この送信は見つかりません。", "There is no such upload."),
    "too_large": (
        "内容が大きすぎて処理できません。ファイルを分けて取り込んでください。",
        "The file takes too much to be read. Please split it.",
    ),
    "reader_failed": (
        "ファイルを読み取る処理が終了しました。XLSXまたはCSVで保存し直してください。",
        "The process that read the file ended. Please save it again as XLSX or CSV.",
    ),
    "disconnected": ("送信が途中で切れました。", "The upload broke off."),
    "sender_stopped": (
        "取込の途中で、送信者のアカウントが停止されました。",
        "The account of its sender was ended while the file came in.",
    ),
    "interrupted": ("取込が中断されました。", "The import was interrupted."),
    "store_unavailable": ("保存できませんでした。", "The rows could not be stored."),
    "keeper_refused": ("金庫が受け付けませんでした。", "The keeper refused the list."),
}
