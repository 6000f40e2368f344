"""What codes are called on the screens: one table per kind of code, in Japanese.

English stands in locale/en.po like every other sentence. A code without a word is shown as
it is: better than an error in the middle of a call.
"""

from calllist.web.i18n import N_

FIELD = {
    "phone": N_("電話番号"),
    "phone_alt": N_("別の電話番号"),
    "name": N_("氏名"),
    "name_kana": N_("フリガナ"),
    "organisation": N_("団体名"),
    "reference": N_("整理番号"),
    "birth_date": N_("生年月日"),
    "sex": N_("性別"),
    "postal": N_("郵便番号"),
    "address": N_("住所"),
    "subject": N_("ご用件"),
    "amount": N_("金額"),
    "due_date": N_("期限"),
    "sensitive": N_("要配慮事項"),
}

SLIP = {
    "phone": N_("新しい電話番号"),
    "address": N_("新しい住所"),
    "date": N_("日付"),
    "amount": N_("金額（円）"),
}

SLIP_FAULT = {
    "phone": N_("市外局番から入力してください。"),
    "address": N_("4字以上で入力してください。"),
    "date": N_("1年前から3年先までの日付です。"),
    "amount": N_("円の金額を数字で入力してください。"),
}

NOTE_FAULT = {
    "number": N_("番号になる数字"),
    "address": N_("住所"),
    "mail": N_("メールアドレス"),
    "long": N_("100字を超える部分"),
}

HOW_TO_TYPE = {  # what to type when the callee says it
    "birth_date": N_("例：S45.3.21、1970/3/21"),
    "reference": N_("例：番号の全桁"),
    "address": N_("例：市区町村と番地"),
    "postal": N_("例：ハイフンなし7桁"),
    "name": N_("例：姓と名（漢字）"),
    "name_kana": N_("例：姓と名（カナ）"),
    "phone": N_("例：ハイフンなし"),
}

DECISION = {  # what a signed file has decided
    "waits": N_(
        "署名を受け付けました。もう一方の承認者の署名を待っています。まだ効力はありません。"
    ),
    "contract": N_("契約の条件を登録しました。"),
    "roster": N_("従事者を登録しました。"),
    "recipient": N_("受取り用の鍵を変更しました。今後受領するリストから使われます。"),
    "budget": N_("人数の上限を引き上げました。"),
    "party": N_("事業者の承認を変更しました。"),
    "hold": N_("消去の保留を変更しました。"),
    "extension": N_("リストの期限を延長しました。"),
    "shred": N_("鍵の消去を許可しました。"),
    "canaries": N_("カナリア（おとり）番号を登録しました。"),
    "reissue": N_("消去証明書の差替を受け付けました。"),
    "certificate_revocation": N_("消去証明書を失効させました。"),
}

KIND = {  # of a signed file
    "contract": N_("契約の条件"),
    "roster": N_("従事者名簿"),
    "recipient": N_("受取り用の鍵"),
    "budget": N_("人数の上限の引上げ"),
    "party": N_("事業者の承認"),
    "hold": N_("消去の保留・解除"),
    "extension": N_("期限の延長"),
    "shred": N_("鍵の消去の許可"),
    "canaries": N_("カナリア（おとり）番号"),
    "reissue": N_("消去証明書の差替"),
    "certificate_revocation": N_("消去証明書の失効"),
}

CERTIFICATE = {  # what a certificate is worth today
    "in_force": N_("有効"),
    "replaced": N_("差替済"),
    "revoked": N_("失効"),
    "unknown": N_("確認できません"),
}

RESULT = {
    "10": N_("本人対応・完了"),
    "11": N_("約束"),
    "12": N_("再架電希望"),
    "13": N_("資料送付"),
    "14": N_("済み"),
    "15": N_("内容相談（SV）"),
    "20": N_("家族・第三者応答"),
    "21": N_("家族・時間の申出"),
    "22": N_("本人確認できず"),
    "23": N_("本人・通話できず"),
    "30": N_("不在（応答なし）"),
    "31": N_("留守番電話"),
    "32": N_("話中"),
    "33": N_("圏外・電源オフ"),
    "40": N_("現在使われていない"),
    "41": N_("番号違い"),
    "42": N_("FAX・機械音"),
    "43": N_("掛け間違い（当方）"),
    "50": N_("拒否（今後不要）"),
    "51": N_("着信拒否"),
    "60": N_("転居・死亡等の申出"),
    "70": N_("架電上限到達"),
    "80": N_("対象外（取下げ）"),
    "81": N_("対象外（転居・死亡等）"),
    "90": N_("システム中断"),
}

RESULT_OF_PURPOSE = {
    "health_check 11": N_("受診の約束"),
    "health_check 14": N_("受診済み"),
    "payment_notice 11": N_("納付の約束"),
    "payment_notice 14": N_("納付済み"),
}

LIST_STATE = {
    "receiving": N_("受信中"),
    "open": N_("架電中"),
    "settled": N_("架電中・締切り済み"),
    "failed": N_("取込エラー"),
    "lost": N_("鍵の喪失・再取込待ち"),
    "over": N_("終了"),
}

SEAT_STATE = {
    "calling": N_("対応中"),
    "waiting": N_("待機"),
    "wrap_up": N_("後処理"),
    "paused": N_("離席・休止"),
    "stuck": N_("滞留"),
}
BUDGET = {  # how many people one person may see
    "people_per_hour": N_("1時間"),
    "people_per_day": N_("1日"),
    "people_per_30_days": N_("30日"),
    "people_per_entrustor_day": N_("1委託元・1日"),
    "people_per_job": N_("1業務"),
    "people_per_list": N_("1リスト"),
}
PAUSE = {  # why nobody calls from a seat
    "wrap_up": N_("後処理"),
    "break": N_("休憩"),
    "meal": N_("食事"),
    "training": N_("研修"),
    "meeting": N_("会議"),
    "away": N_("離席"),
}

JOB_STATE = {"open": N_("進行中"), "closed": N_("終了")}

HOLDING_STATE = {
    "OPEN": N_("保管中"),
    "FROZEN": N_("凍結済み"),
    "SHREDDED": N_("鍵を破棄済み"),
    "ERASED": N_("行を消去済み"),
    "VERIFIED": N_("確認済み"),
    "CERTIFIED": N_("証明書発行済み"),
    "LOST": N_("鍵の喪失・開けません"),
    "LOST_ERASED": N_("鍵の喪失・行を消去済み"),
}

TRIGGER = {
    "completed": N_("業務完了"),
    "manager": N_("管理者による終了"),
    "deadline": N_("期限到来"),
    "entrustor": N_("委託元の指示"),
    "restored": N_("消去済み（データベースの復元後）"),
    "canary": N_("カナリア（おとり）番号への接触"),
}

ROOT = {
    "file": N_("ファイル（ソフトウェア）"),
    "software-token": N_("トークン（ソフトウェア）"),
}

ROLE = {
    "manager": N_("管理者"),
    "supervisor": N_("スーパーバイザー"),
    "operator": N_("オペレーター"),
    "entrustor": N_("委託元担当者"),
    "auditor": N_("監査人"),
    "administrator": N_("アカウント管理者"),
}

PURPOSE = {
    "health_check": N_("健診受診勧奨"),
    "payment_notice": N_("納付案内"),
    "sales": N_("商品のご案内"),
    "inbound": N_("受電対応"),
    "survey": N_("調査"),
}

FINDING = {
    "no_phone": N_("電話番号が空欄です"),
    "no_phone_placeholder": N_("電話番号の欄に番号がありません（「なし」など）"),
    "no_area_code": N_("市外局番がありません"),
    "invalid_number": N_("電話番号として正しくありません"),
    "invalid_dummy": N_("ダミーの番号です（すべて0など）"),
    "damaged_number": N_("番号の桁が失われています（表計算ソフトの指数表示など）"),
    "not_callable": N_("架電できない種類の番号です（110・119など）"),
    "foreign_number": N_("海外の番号です"),
    "ragged_row": N_("列の数が見出しと合いません"),
    "cell_too_long": N_("セルが長すぎます"),
    "damaged_text": N_("文字が壊れています"),
    "formula_error": N_("数式のエラーです"),
    "not_to_be_called": N_("お断りの番号の一覧にあるため、かけません"),
    "duplicate": N_("前の行と重複しています"),
    "repeats_earlier": N_("訂正前のリストの行と重複しています"),
    "zero_restored": N_("先頭の0を補いました"),
    "toll_free": N_("フリーダイヤルの番号です"),
    "shared_cost": N_("ナビダイヤルの番号です"),
    "area_code_added": N_("市外局番を補いました"),
    "several_numbers": N_("番号が2つ以上あります（最初の番号に架電します）"),
    "text_ignored": N_("番号のほかの文字や内線番号は使いません"),
    "alternate_unreadable": N_("2つめの番号を読み取れませんでした"),
    "honorific_stripped": N_("敬称を除きました"),
    "kana_doubtful": N_("フリガナに漢字や数字があります"),
    "impossible_date": N_("ありえない生年月日です"),
    "future_date": N_("生年月日が未来の日付です"),
    "partial_date": N_("月や日が不明の生年月日です（本人確認に使えません）"),
    "unreadable_date": N_("日付を読み取れません（本人確認に使えません）"),
    "postal_zero_restored": N_("郵便番号の先頭の0を補いました"),
    "postal_unreadable": N_("郵便番号を読み取れません"),
    "reference_damaged": N_("整理番号の桁が失われています（表計算ソフトの指数表示など）"),
}


SHAPE = {  # classes of characters
    "kanji": N_("漢字"),
    "hiragana": N_("ひらがな"),
    "katakana": N_("カタカナ"),
    "half_kana": N_("半角カナ"),
    "latin": N_("英字"),
    "wide_latin": N_("全角英字"),
    "digits": N_("数字"),
    "wide_digits": N_("全角数字"),
    "space": N_("空白"),
    "dash": N_("ハイフン"),
    "mark": N_("記号"),
    "gaiji": N_("外字"),
    "other": N_("ほかの文字"),
    "mixed": N_("文字いろいろ"),
}

PARSED = {  # what a cell reads as
    "fixed": N_("固定"),
    "mobile": N_("携帯"),
    "voip": N_("IP電話"),
    "personal": N_("個人番号サービス"),
    "toll_free": N_("フリーダイヤル"),
    "shared_cost": N_("ナビダイヤル"),
    "ok": N_("正しい形"),
    "other_form": N_("形が違う"),
    "gregorian": N_("西暦"),
    "era": N_("和暦"),
    "katakana": N_("カタカナ"),
    "half_kana": N_("半角カナ"),
    "hiragana": N_("ひらがな"),
    "mixed": N_("文字がまじる"),
}

HOW = {  # why a column is taken for what it is
    "synonym": N_("見出しから"),
    "content": N_("内容から"),
    "hand": N_("手で指定"),
    "template": N_("保存した対応"),
}

DELIMITER = {
    ",": N_("カンマ"),
    "\t": N_("タブ"),
    ";": N_("セミコロン"),
    "|": N_("縦棒"),
    "xlsx": N_("Excelブック"),
}

ENCODING = {
    "cp932": "CP932 (Shift_JIS)",
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 (BOM)",
    "utf-16-le": "UTF-16LE",
    "utf-16-be": "UTF-16BE",
    "euc-jp": "EUC-JP",
    "ascii": "ASCII",
    "xlsx": "XLSX",
}


def encoding(name: str) -> str:
    """An encoding as people write it."""
    return ENCODING.get(name.lower(), name.upper())


def of(table: str, code: object) -> str:
    """The Japanese word for a code of `table`; the code itself if there is none."""
    key = str(code)
    words: dict[str, str] = globals()[table.upper()]
    return words.get(key, key)


def result(code: int, purpose: str) -> str:
    """The Japanese word for a result code under a purpose."""
    return RESULT_OF_PURPOSE.get(f"{purpose} {code}") or of("result", code)


def has(table: str, code: object) -> bool:
    """Whether the code has a word of its own."""
    return str(code) in globals()[table.upper()]


def read_as(code: str) -> str:
    """The Japanese word for what cells of a column read as."""
    return of("parsed", code) if has("parsed", code) else of("finding", code)
