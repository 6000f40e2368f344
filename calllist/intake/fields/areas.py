"""Area codes (市外局番) and the prefectures they lie in.

Source: 総務省「市外局番の一覧」 (public data licence 1.0), reduced to facts: which code is used
in which prefecture. An area may cross a border: 0280 is Ibaraki, Saitama and Tochigi.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from calllist.intake.fields import postal_codes

_CODES = {
    "北海道": """
        011 0123 0124 0125 0126 01267 0133 0134 0135 0136 0137 01372 01374 01377 0138 0139 01392
        01397 01398 0142 0143 0144 0145 01456 01457 0146 01466 015 0152 0153 0154 01547 0155
        01558 0156 01564 0157 0158 01586 01587 0162 0163 01632 01634 01635 0164 01648 0165 01654
        01655 01656 01658 0166 0167""",
    "青森県": "017 0172 0173 0174 0175 0176 0178 0179",
    "岩手県": "019 0191 0192 0193 0194 0195 0197 0198",
    "宮城県": "022 0220 0223 0224 0225 0226 0228 0229",
    "秋田県": "018 0182 0183 0184 0185 0186 0187",
    "山形県": "023 0233 0234 0235 0237 0238",
    "福島県": "024 0240 0241 0242 0243 0244 0246 0247 0248",
    "茨城県": "0280 029 0291 0293 0294 0295 0296 0297 0299 0479",
    "栃木県": "028 0280 0282 0283 0284 0285 0287 0288 0289 0296",
    "群馬県": "027 0270 0274 0276 0277 0278 0279 0284",
    "埼玉県": "0274 0276 0280 04 042 048 0480 049 0493 0494 0495",
    "千葉県": "04 043 0436 0438 0439 047 0470 0475 0476 0478 0479",
    "東京都": "03 042 0422 0428 044 04992 04994 04996 04998",
    "神奈川県": "042 044 045 046 0460 0463 0465 0466 0467",
    "新潟県": "025 0250 0254 0255 0256 0257 0258 0259",
    "富山県": "076 0763 0765 0766",
    "石川県": "076 0761 0767 0768",
    "福井県": "0770 0776 0778 0779",
    "山梨県": "0428 055 0551 0553 0554 0555 0556",
    "長野県": "026 0260 0261 0263 0264 0265 0266 0267 0268 0269 0573",
    "岐阜県": "0572 0573 0574 0575 0576 05769 0577 0578 058 0581 0584 0585 0586",
    "静岡県": "0460 0465 053 0537 0538 0539 054 0544 0545 0547 0548 055 0550 0557 0558",
    "愛知県": "052 0531 0532 0533 0536 0561 0562 0563 0564 0565 0566 0567 0568 0569 0586 0587",
    "三重県": "0567 059 0594 0595 0596 0597 05979 0598 0599 0735",
    "滋賀県": "0740 0748 0749 077",
    "京都府": "0743 075 077 0771 0772 0773 0774",
    "大阪府": "06 072 0721 0725 0743 075",
    "兵庫県": "06 072 078 079 0790 0791 0794 0795 0796 0797 0798 0799",
    "奈良県": "0742 0743 0744 0745 0746 07468 0747",
    "和歌山県": "073 0735 0736 0737 0738 0739",
    "鳥取県": "0857 0858 0859",
    "島根県": "08512 08514 0852 0853 0854 0855 0856",
    "岡山県": "086 0863 0865 0866 0867 0868 0869",
    "広島県": "082 0823 0824 0826 0827 0829 084 0845 0846 0847 08477 0848",
    "山口県": "0820 0827 083 0833 0834 0835 0836 0837 0838 08387 08388 08396",
    "徳島県": "088 0883 0884 0885",
    "香川県": "087 0875 0877 0879 0896",
    "愛媛県": "089 0892 0893 0894 0895 0896 0897 0898",
    "高知県": "088 0880 0887 0889",
    "福岡県": "092 093 0930 0940 0942 0943 0944 0946 0947 0948 0949 09496 0979",
    "佐賀県": "0942 0952 0954 0955",
    "長崎県": "0920 095 0950 0955 0956 0957 0959",
    "熊本県": "0944 096 0964 0965 0966 0967 0968 0969",
    "大分県": "097 0972 0973 0974 0977 0978 0979",
    "宮崎県": "0982 0983 0984 0985 0986 0987",
    "鹿児島県": "0986 099 09912 09913 0993 0994 0995 0996 09969 0997",
    "沖縄県": "098 0980 09802",
}  # fmt: skip

PREFECTURES: tuple[str, ...] = tuple(_CODES)  # in the order of JIS X 0401: 北海道 is 1

_Found = frozenset[int]


def _by_code() -> dict[str, _Found]:
    found: dict[str, set[int]] = {}
    for number, codes in enumerate(_CODES.values(), start=1):
        for code in codes.split():
            found.setdefault(code, set()).add(number)
    return {code: frozenset(numbers) for code, numbers in found.items()}


AREA_CODES: Mapping[str, _Found] = _by_code()

_NAMED = re.compile("|".join(PREFECTURES))
_POSTAL = re.compile(r"[〒\s]*([0-9]{3})[-\s]?([0-9]{4})(?![0-9])")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ーｰ", "-"))


def known(code: str) -> bool:
    """Whether this is a Japanese area code, with its leading zero and nothing else."""
    return code in AREA_CODES


def own_prefectures(cells: Iterable[str]) -> _Found:
    """The prefectures (1 to 47) that a row's own cells name, by a postal code or in words.

    Empty if no cell says: then the list's area code has to.
    """
    found: set[int] = set()
    for cell in cells:
        text = unicodedata.normalize("NFKC", cell).translate(_DASHES).strip()
        if named := _NAMED.search(text):
            found.add(PREFECTURES.index(named[0]) + 1)
        elif code := _POSTAL.match(text):
            found |= postal_codes.prefectures(code[1] + code[2])
    return frozenset(found)


def is_postal_code_here(digits: str, area_code: str, beside: Iterable[str]) -> bool:
    """Whether seven digits are a postal code where the row's person lives.

    That is the row's own prefecture; if it names none, or one where the area code is not
    used, also those of the area code.
    """
    homes, area = own_prefectures(beside), AREA_CODES[area_code]
    if not homes & area:
        homes |= area
    return bool(postal_codes.prefectures(digits) & homes)
