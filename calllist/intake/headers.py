"""What headers are called: the synonyms by which a column is recognised.

All in the form that `plain` gives: NFKC, lower case, no spaces, no brackets or marks. The
order within a kind is a rank: of several columns with different names the first wins.
A FAX, postal, institution or account number is never a phone: only what stands here is.

The words in `_FURTHER` mean nothing to us; they are only known not to be a person. Of a
header cell that is neither, no text is ever kept: it could be somebody's name.
"""

import re
import unicodedata

from crypto.fields import FieldKind

SHOWN_CHARACTERS = 40  # of a header, in the receipt

_MARKS = re.compile(r"[\s#*※・_.:,、/()\[\]{}【】「」『』<>〈〉\-ー‐]+")


def plain(header: str) -> str:
    """A header as it is compared; never used for a cell."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", header).casefold())


_NAMES = {
    FieldKind.PHONE: """
        電話番号 電話 お電話番号 tel 電話番号1 電話1 tel1 tel番号 telno phone phonenumber
        phone1 telephone telephonenumber 代表電話番号 電話番号代表 代表電話 携帯電話番号
        携帯番号 携帯電話 携帯 自宅電話番号 自宅電話 電話番号自宅 自宅tel 固定電話番号
        固定電話 連絡先電話番号 連絡先電話 連絡先tel 連絡先番号 事業所電話番号 事業所電話
        施設電話番号 勤務先電話番号 mobile mobilephone cellphone 架電先番号 架電先 発信番号
        連絡先""",
    FieldKind.PHONE_ALT: """
        電話番号2 電話2 tel2 phone2 予備電話番号 その他電話番号 緊急連絡先電話番号""",
    FieldKind.NAME: """
        氏名 名前 お名前 御名前 ご氏名 氏名漢字 漢字氏名 対象者氏名 対象者名 対象者 顧客名
        顧客氏名 お客様名 会員名 会員氏名 契約者名 契約者氏名 被保険者氏名 被保険者名
        納税者氏名 納税義務者 義務者氏名 宛名 世帯主氏名 name fullname customername 姓名
        施設名 施設名称 事業所名 事業所名称 事業所の名称 店舗名 名称 医療機関名""",
    FieldKind.NAME_KANA: """
        フリガナ ふりがな カナ 氏名カナ カナ氏名 氏名フリガナ 氏名ふりがな カナ名 名前カナ
        名前フリガナ カタカナ氏名 氏名かな お名前カナ 対象者氏名カナ 顧客名カナ 会員名カナ
        契約者名カナ 読み 読み仮名 ヨミ ヨミガナ 名称カナ 施設名カナ 施設名フリガナ
        事業所名カナ kana namekana furigana""",
    FieldKind.ORGANISATION: """
        団体名 会社名 法人名 企業名 法人名称 法人の名称 組織名 勤務先 勤務先名
        地方公共団体名 company companyname organisation organization""",
    FieldKind.REFERENCE: """
        整理番号 宛名番号 会員番号 顧客番号 お客様番号 管理番号 受付番号 対象者番号
        被保険者番号 通知書番号 契約番号 顧客id 会員id 事業所番号 reference referencenumber
        referenceno customerid memberid id hid 識別番号""",
    FieldKind.BIRTH_DATE: """
        生年月日 誕生日 生年月日西暦 生年月日和暦 birthdate dateofbirth birthday dob""",
    FieldKind.SEX: "性別 sex gender",
    FieldKind.POSTAL: "郵便番号 〒 郵便 postalcode postcode zip zipcode",
    FieldKind.ADDRESS: """
        住所 ご住所 現住所 自宅住所 住所1 所在地 所在地連結表記 address address1 add1""",
    FieldKind.SUBJECT: """
        対象健診 健診種別 健診名 健診 検診名 税目 期別 商品名 商品 コース 案件 用件 件名
        サービスの種類 subject product""",
    FieldKind.AMOUNT: """
        金額 未納額 滞納額 納付額 請求額 未納金額 滞納金額 税額 amount""",
    FieldKind.DUE_DATE: "納期限 納期 期限 支払期限 納付期限 指定期限 duedate",
}

RANK: dict[str, tuple[FieldKind, int]] = {
    plain(name): (kind, rank)
    for kind, names in _NAMES.items()
    for rank, name in enumerate(names.split())
}

_FURTHER = """
    no 番号 連番 通番 通し番号 行番号 項番 区分 種別 種類 分類 コード type code kind class
    備考 備考1 備考2 備考3 メモ 摘要 特記事項 注記 注意事項 コメント memo note notes remarks
    fax fax番号 faxno ファックス ファクス 自宅fax 事業所fax 内線 内線番号 email mail メール
    メールアドレス e-mail url ホームページ サイト リンク link website
    年齢 満年齢 続柄 世帯 世帯番号 世帯主 個人番号 職業 国籍 年収 病名 既往歴 既往症
    姓 名 氏 セイ メイ 姓カナ 名カナ 英字 通称 旧姓 ローマ字 label owner firstname lastname
    本籍 住所2 住所3 住所4 方書 建物名 建物 番地 丁目 町名 町字 字 都道府県 都道府県名
    市区町村 市区町村名 市町村 市町村名 区 地区 地域 校区 学区 行政区 自治会 町内会
    add2 address2 address3 city prefecture state country 国 緯度 経度 latitude longitude
    lat lng lon x y 都道府県コード 市区町村コード 市町村コード 全国地方公共団体コード
    都道府県コード又は市区町村コード 都道府県コード又は市町村コード
    部署 部署名 部門 課 係 役職 職名 担当 担当者 担当者名 担当部署 担当課 代表者 代表者名
    代表者氏名 代表者の氏名 法人番号 法人種別 設置者 設置主体 管理者 開設者 業種 職種
    銀行名 支店名 口座番号 口座名義 口座種別 金融機関名 支払方法 納付方法 納付書番号
    年度 課税年度 賦課年度 月 年月 年 期 件数 数量 単価 合計 回数 残高 延滞金 督促
    督促状 催告 納付状況 収納状況 状態 状況 ステータス status 結果 対応 対応状況 対応日
    日付 日時 登録日 更新日 作成日 受付日 契約日 申込日 購入日 送付日 発送日 通知日
    受診日 受診状況 受診歴 受診券番号 予約日 予約 最終受診日 前回受診日 年間受診 会場
    医療機関 医療機関コード 保険者 保険者番号 記号 記号番号 枝番 資格 取得日 喪失日
    プラン 契約 契約プラン 契約状況 会員種別 会員区分 顧客区分 優先度 希望日 希望時間
    希望時間帯 連絡可能時間 連絡希望時間 架電日 架電結果 架電回数 架電状況 通話結果
    定員 開始時間 終了時間 営業時間 定休日 休業日 利用可能曜日 診療科目 診療時間 概要
    フラグ 有無 対象 対象外 除外 グループ カテゴリ ジャンル date time group category
"""

WORDS: frozenset[str] = frozenset({*RANK, *map(plain, _FURTHER.split())})


def shown(cell: str) -> str:
    """What the receipt says of a header cell: a word that we know, or nothing."""
    return " ".join(cell.split())[:SHOWN_CHARACTERS] if plain(cell) in WORDS else ""
