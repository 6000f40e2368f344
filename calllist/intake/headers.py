"""What headers are called: the synonyms by which a column is recognised.

All in the form that `plain` gives: NFKC, lower case, no spaces, no brackets or marks. The
order within a kind is a rank: of several columns with different names the first wins.
A FAX, postal, institution or account number is never a phone: only what stands here is.
"""

import re
import unicodedata

from crypto.fields import FieldKind

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
