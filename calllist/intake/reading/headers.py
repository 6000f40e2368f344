"""What headers are called: the synonyms by which a column is recognised.

All in the form that `plain` gives: NFKC, lower case, no spaces, no brackets or marks. The
order within a kind is a rank: of several columns with different names the first wins.
Sources: 自治体標準オープンデータセット, residents', tax and health-check systems, mail-order and
sales exports, English. A FAX, postal, institution or account number is never a phone: only
what stands here is, or what `content` is sure of.

The words in `_FURTHER` mean nothing to us; they are only known not to be a person. Of a
header cell that is neither, no text is ever kept: it could be somebody's name.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence

from crypto.records.fields import FieldKind
from crypto.standards.canonical import injective

SHOWN_CHARACTERS = 40  # of a header, in the receipt
READ_CHARACTERS = 200  # of a header cell: what is longer is no header we know
LOOSE = 1000  # added to the rank of a word that was found inside brackets and marks

_MARKS = re.compile(r"[\s#*※・_.:,、/()\[\]{}【】「」『』<>〈〉\-ー‐●○◎■□★☆]+")
_BRACKETS = re.compile(r"[(\[【〔<〈「『].*?[)\]】〕>〉」』]")
_TAGS = re.compile(r"^(?:\(?[0-9]{1,3}[).:、])|必須|任意|半角|全角|ハイフンなし|ハイフンあり")


def plain(header: str) -> str:
    """A header as it is compared; never used for a cell."""
    folded = unicodedata.normalize("NFKC", header[:READ_CHARACTERS]).casefold()
    return _MARKS.sub("", folded)


def header_key(entrustor: str, row: Sequence[str]) -> str:
    """By what the same header row of an entrustor's next file is known again (decision I51)."""
    words = [plain(cell) for cell in row]
    while words and not words[-1]:
        words.pop()
    return hashlib.sha256(injective("calllist/header/1", entrustor, *words)).hexdigest()


_NAMES = {
    FieldKind.PHONE: """
        電話番号 電話 お電話番号 お電話 tel 電話番号1 電話1 tel1 tel番号 telno 電話no phone
        phonenumber phone1 phoneno telephone telephonenumber 代表電話番号 電話番号代表 代表電話
        携帯電話番号 携帯番号 携帯電話 携帯 電話番号携帯 携帯tel 自宅電話番号 自宅電話 電話番号自宅
        自宅tel 固定電話番号 固定電話 電話番号固定 日中連絡先電話番号 日中連絡先 昼間連絡先
        連絡先電話番号 連絡先電話 電話番号連絡先 連絡先tel 連絡先番号 対象者電話番号 本人電話番号
        顧客電話番号 お客様電話番号 会員電話番号 契約者電話番号 申込者電話番号 世帯主電話番号
        事業所電話番号 事業所電話 施設電話番号 施設電話 店舗電話番号 勤務先電話番号 勤務先電話
        mobile mobilephone mobilenumber cellphone cell cellphonenumber homephone dayphone
        contactnumber contactphone 架電先電話番号 架電先番号 架電先 発信番号 発信先 連絡先""",
    FieldKind.PHONE_ALT: """
        電話番号2 電話2 tel2 phone2 予備電話番号 その他電話番号 その他電話 別電話番号 第2連絡先
        連絡先2 連絡先電話番号2 携帯電話番号2 電話番号3 緊急連絡先電話番号""",
    FieldKind.NAME: """
        氏名 名前 お名前 御名前 ご氏名 氏名漢字 漢字氏名 対象者氏名 対象者名 対象者 本人氏名
        住民氏名 宛名氏名 顧客名 顧客氏名 お客様名 お客様氏名 会員名 会員氏名 契約者名 契約者氏名
        申込者氏名 申込者名 購入者名 購入者氏名 被保険者氏名 被保険者名 受診者氏名 受診者名
        納税者氏名 納税義務者 納税義務者氏名 納付義務者 義務者氏名 滞納者氏名 滞納者名 宛名
        世帯主氏名 世帯主名 name fullname customername 姓名
        施設名 施設名称 事業所名 事業所名称 事業所の名称 店舗名 名称 医療機関名""",
    FieldKind.NAME_KANA: """
        フリガナ ふりがな カナ 氏名カナ カナ氏名 氏名フリガナ 氏名ふりがな 氏名振仮名 カナ名
        名前カナ
        名前フリガナ カタカナ氏名 氏名カタカナ 氏名かな お名前カナ お名前フリガナ 対象者氏名カナ
        対象者名カナ 本人氏名カナ 顧客名カナ 顧客氏名カナ お客様名カナ 会員名カナ 会員氏名カナ
        契約者名カナ 契約者氏名カナ 被保険者氏名カナ 受診者氏名カナ 受診者名カナ 納税義務者カナ
        納税者氏名カナ 宛名カナ 世帯主氏名カナ 世帯主カナ 読み 読み仮名 ヨミ ヨミガナ よみがな
        名称カナ 施設名カナ 施設名フリガナ 事業所名カナ kana namekana fullnamekana furigana""",
    FieldKind.ORGANISATION: """
        団体名 会社名 法人名 企業名 御社名 貴社名 法人名称 法人の名称 組織名 勤務先 勤務先名
        地方公共団体名 company companyname organisation organization corporatename""",
    FieldKind.REFERENCE: """
        整理番号 宛名番号 宛名コード 会員番号 会員no 顧客番号 顧客コード 顧客no お客様番号
        お客様コード
        管理番号 受付番号 対象者番号 対象者id 住民コード 個人コード 受診券整理番号 受診券番号
        被保険者番号 被保険者証番号 保険証番号 資格番号 通知書番号 納税通知書番号 滞納整理番号
        納付番号 契約番号 証券番号 申込番号 注文番号 伝票番号 顧客id 会員id 事業所番号 reference
        referenceno referencenumber customerid customerno customernumber memberid memberno
        accountid id hid 識別番号""",
    FieldKind.BIRTH_DATE: """
        生年月日 誕生日 生年月日西暦 西暦生年月日 生年月日和暦 和暦生年月日 本人生年月日
        対象者生年月日 受診者生年月日 生年月日yyyymmdd birthdate dateofbirth birthday dob""",
    FieldKind.SEX: "性別 性別名 男女 男女別 sex gender",
    FieldKind.POSTAL: """
        郵便番号 〒 郵便 住所郵便番号 郵便番号7桁 自宅郵便番号 現住所郵便番号 所在地郵便番号
        事業所郵便番号 postalcode postcode zip zipcode""",
    FieldKind.ADDRESS: """
        住所 ご住所 現住所 自宅住所 住所1 住所全体 連結住所 対象者住所 本人住所 所在地
        所在地連結表記 address address1 fulladdress add1""",
    FieldKind.SUBJECT: """
        対象健診 健診種別 健診名 健診 検診名 検診種別 税目 税目名 科目 期別 商品名 商品 コース 案件
        用件 件名 サービスの種類 subject product productname""",
    FieldKind.AMOUNT: """
        金額 未納額 滞納額 納付額 請求額 未納金額 滞納金額 請求金額 納付金額 未納合計 未納合計額
        滞納合計 税額 本税額 amount""",
    FieldKind.DUE_DATE: """
        納期限 納期 期限 支払期限 納付期限 納入期限 指定期限 受診期限 有効期限 duedate""",
}

_FAMILY_AND_GIVEN = {
    FieldKind.NAME: (
        "姓 氏 姓漢字 氏漢字 漢字姓 苗字 名字 対象者姓 lastname familyname surname",
        "名 名漢字 漢字名 下の名前 対象者名 firstname givenname forename",
    ),
    FieldKind.NAME_KANA: (
        """セイ せい 姓カナ 氏カナ カナ姓 姓フリガナ 姓ふりがな 姓かな 姓ヨミ フリガナ姓 苗字カナ
        フリガナセイ lastnamekana familynamekana""",
        """メイ めい 名カナ カナ名 名フリガナ 名ふりがな 名かな 名ヨミ フリガナ名 フリガナメイ
        firstnamekana givennamekana""",
    ),
}

RANK: dict[str, tuple[FieldKind, int]] = {
    plain(name): (kind, rank)
    for kind, names in _NAMES.items()
    for rank, name in enumerate(names.split())
}
PARTS: dict[FieldKind, tuple[frozenset[str], frozenset[str]]] = {
    kind: (frozenset(map(plain, family.split())), frozenset(map(plain, given.split())))
    for kind, (family, given) in _FAMILY_AND_GIVEN.items()
}

_PLACES = "施設名 施設名称 事業所名 事業所名称 店舗名 名称 医療機関名 名称カナ 施設名カナ"
FACILITIES = frozenset(map(plain, _PLACES.split()))  # a person's 姓 and 名 come before them

_FURTHER = """
    no 番号 連番 通番 通し番号 行番号 項番 区分 種別 種類 分類 コード type code kind class
    備考 備考1 備考2 備考3 メモ 摘要 特記事項 注記 注意事項 コメント memo note notes remarks
    fax fax番号 faxno ファックス ファクス ファクシミリ 自宅fax 事業所fax 連絡先fax faxnumber
    内線 内線番号 extension ext email mail メール メールアドレス 連絡先メールアドレス e-mail
    url ホームページ サイト リンク link website 連絡先formurl sourceno
    年齢 満年齢 年度末年齢 年代 年齢区分 年齢層 年齢階級 続柄 世帯 世帯番号 世帯主 個人番号
    マイナンバー 職業 国籍 年収 病名 既往歴 既往症 市民税区分 課税区分 所得区分 金額帯 滞納区分
    英字 通称 通称名 旧姓 旧氏 ローマ字 本名 名称英字 名称通称 label owner
    本籍 住所2 住所3 住所4 方書 方書ビル名等 建物名 建物名等方書 建物 番地 丁目 町名 町字 字
    都道府県 都道府県名 市区町村 市区町村名 市町村 市町村名 区 地区 地区名 地域 地域名 校区 学区
    行政区 行政区名 自治会 町内会 所在地2 所在地3 所在地都道府県 所在地市区町村 所在地町字
    所在地番地以下 所在地全国地方公共団体コード 町字id
    add2 address2 address3 city prefecture pref state country county 国 緯度 経度 latitude
    longitude lat lng lon x y 高度の種別 高度の値 都道府県コード 市区町村コード 市町村コード
    全国地方公共団体コード 都道府県コード又は市区町村コード 都道府県コード又は市町村コード prefcode
    poiコード 外部識別子 外部識別子の値 property
    部署 部署名 部門 課 係 役職 職名 担当 担当者 担当者名 担当部署 担当課 代表者 代表者名
    代表者氏名 代表者の氏名 法人番号 法人種別 設置者 設置主体 管理者 開設者 業種 職種
    医療機関番号 保険医療機関番号 機関コード 施設コード 施設番号 店番 支店コード 銀行コード
    銀行名 支店名 口座番号 口座名義 口座種別 金融機関名 金融機関コード 支払方法 納付方法 納付書番号
    年度 課税年度 賦課年度 相当年度 月 年月 年 期 件数 数量 単価 合計 回数 残高 延滞金 督促手数料
    調定額 収入額 督促 督促状 催告 納付状況 収納状況 状態 状況 ステータス status 結果 対応
    対応状況 対応日 利用可能日時特記事項 利用可能曜日特記事項
    日付 日時 登録日 更新日 作成日 受付日 契約日 申込日 購入日 送付日 発送日 通知日
    受診日 受診状況 受診歴 予約日 予約 最終受診日 前回受診日 年間受診 会場 指定年月日
    医療機関 医療機関コード 保険者 保険者番号 記号 記号番号 枝番 資格 取得日 喪失日
    プラン 契約 契約プラン 契約状況 会員種別 会員区分 顧客区分 優先度 希望日 希望時間
    希望時間帯 連絡可能時間 連絡希望時間 架電日 架電結果 架電回数 架電状況 通話結果
    定員 開始時間 終了時間 営業時間 定休日 休業日 利用可能曜日 診療科目 診療時間 概要 料金
    フラグ 有無 対象 対象外 除外 グループ カテゴリ ジャンル date time group category
    電話有無 電話区分 電話種別 sex区分 郵便区分
"""

_PIECES: frozenset[str] = frozenset().union(*(piece for pair in PARTS.values() for piece in pair))
WORDS: frozenset[str] = frozenset({*RANK, *_PIECES, *map(plain, _FURTHER.split())})


def readings(header: str) -> Iterator[tuple[str, int]]:
    """The words a header can be looked up by, each with what it adds to a rank.

    As it stands; then without what is in brackets, numbering and remarks (【必須】, (半角)),
    unless the brackets make it somebody else's.
    """
    yield plain(header), 0
    folded = unicodedata.normalize("NFKC", header[:READ_CHARACTERS]).casefold()
    bare = plain(_TAGS.sub("", _BRACKETS.sub("", folded)))
    if bare and not NOT_THE_PERSONS.search(folded):
        yield bare, LOOSE


# A column that is about the person's other people or other matters, whatever else it says.
NOT_THE_PERSONS = re.compile(
    "fax|ファッ?クス|ファクシミリ|配偶者|家族|親族|保護者|保証人|緊急|後見|代理|相続|担当|窓口|"
    "設置者|代表者|送付先|送り先|英字|ローマ|旧|前回|変更前|メール|mail|url|コード|区分|種別|有無|"
    "可否|時間|結果|回数|フラグ|内線|口座|銀行|法人"
)


def is_known(cell: str) -> bool:
    """Whether a header cell is a word we know."""
    return plain(cell) in WORDS


def shown(cell: str) -> str:
    """What the receipt says of a header cell: a word that we know, or nothing."""
    return " ".join(cell.split())[:SHOWN_CHARACTERS] if is_known(cell) else ""
