"""What to do about a file that is refused, by its code: one sentence each, in Japanese."""

from calllist.web.i18n import N_

REMEDY = {  # what to do about a file that is refused
    "empty_file": N_("ファイルの中身を確かめてください。"),
    "unknown_encoding": N_("表計算ソフトで「CSV UTF-8」として保存し直してください。"),
    "jis_encoding": N_("表計算ソフトで「CSV UTF-8」として保存し直してください。"),
    "garbled_text": N_(
        "文字化けしたまま保存されています。元のファイルから、文字コードを正しく指定して作り直してください。"
    ),
    "binary_file": N_("CSVかExcelブック（.xlsx）で保存し直してください。"),
    "workbook_file": N_("CSVかExcelブック（.xlsx）で保存し直してください。"),
    "document_file": N_("CSVかExcelブック（.xlsx）で保存し直してください。"),
    "same_file": N_(
        "取り込むつもりのファイルか確かめてください。同じ方々にもう一度かける場合だけ、取込画面で"
        "「もう一度取り込む」に印を付けて送ります。"
    ),
    "markup_file": N_("Excelで開き、「Excelブック（.xlsx）」として保存し直してください。"),
    "container_file": N_("元のソフトで開き、CSVかExcelブック（.xlsx）で保存し直してください。"),
    "no_such_encoding": N_("文字コードの欄を「自動で判別」に戻してください。"),
    "old_workbook": N_("Excelで開き、「Excelブック（.xlsx）」として保存し直してください。"),
    "encrypted_workbook": N_("Excelでパスワードを外して保存し直してください。"),
    "macro_workbook": N_("マクロなしの「Excelブック（.xlsx）」として保存し直してください。"),
    "linked_workbook": N_(
        "ほかのファイルを参照しています。Excelの「データ」→「リンクの編集」でリンクを解除して保存し直すか、"
        "「CSV UTF-8」として保存してください。"
    ),
    "workbook_too_large": N_(
        "使わないシートや書式を除いて保存し直すか、「CSV UTF-8」として保存してください。"
    ),
    "workbook_broken": N_(
        "Excelで開いて「Excelブック（.xlsx）」として保存し直すか、"
        "「CSV UTF-8」として保存してください。"
    ),
    "several_sheets": N_("「シート」の欄に、取り込むシートの名前か番号を入れてください。"),
    "no_such_sheet": N_("「シート」の欄の名前か番号を確かめてください。"),
    "no_phone_column": N_(
        "「列を確かめる」で電話番号の列を選んでください。電話番号の列がないファイルは取り込めません。"
    ),
    "no_header_row": N_(
        "「列を確かめる」で列を選ぶか、見出しの行の番号を指定してください。"
        "見出しがなければ 0 です。"
    ),
    "two_columns_for": N_("「列を確かめる」で、使う列を1つだけ選んでください。"),
    "no_such_column": N_("列の名前か番号を確かめてください。"),
    "not_permitted": N_("この列を除くか、契約の条件の変更を委託元に依頼してください。"),
    "too_many_segments": N_(
        "区分の列の値は50種までです。値をまとめるか、区分として残さない契約にしてください。"
    ),
    "segment_value": N_(
        "区分の列に、番号・日付など1人を指す値があります。"
        "年代や地区のような区分だけにしてください。"
    ),
    "unclosed_quote": N_('この行から始まる引用符（"）を閉じるか、取り除いてください。'),
    "line_too_long": N_("この行の区切りや引用符を確かめてください。"),
    "too_many_columns": N_("使わない列を除いて保存し直してください。"),
    "too_many_rows": N_("ファイルを分けて取り込んでください。"),
    "unknown_area_code": N_("市外局番は 03、0422 のように 0 から入れてください。"),
    "disconnected": N_("もう一度取り込んでください。"),
    "interrupted": N_("もう一度取り込んでください。"),
    "too_many_uploads": N_("ほかの取込が終わってから、もう一度お試しください。"),
}


def remedy(code: str) -> str:
    """What to do about a refused file, in Japanese; empty if there is nothing to say."""
    return REMEDY.get(code, "")
