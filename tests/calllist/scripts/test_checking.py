"""What a script must say, what it may not hold, and where each fault is."""

import pytest
from msgspec.structs import replace

from calllist.entrustors.purposes import Purpose
from calllist.scripts.branches import Branch, Line, Script, fill, may
from calllist.scripts.checking import check, published
from calllist.scripts.errors import Fault, ScriptRefused
from calllist.web.script import proposed


def changed(purpose: str, field: str, text: str) -> Script:
    """The proposal of a purpose with one field changed."""
    script = replace(proposed(purpose, "ja"), message=True)
    kind, _, branch = field.partition("_")
    if branch not in set(Branch):
        return replace(script, **{field: text})
    line = replace(script.line(Branch(branch)), **{kind: text})
    return replace(script, lines={**script.lines, branch: line})


def faults(purpose: str, field: str, text: str) -> list[Fault]:
    with pytest.raises(ScriptRefused) as refused:
        check(changed(purpose, field, text), purpose)
    assert not text or text not in str(refused.value)
    return list(refused.value.faults)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("purpose", list(Purpose))
def test_what_is_proposed_may_be_saved_as_it_is(purpose: Purpose, lang: str) -> None:
    check(proposed(purpose, lang), purpose)


@pytest.mark.parametrize("missing", ["entrustor", "caller", "goods", "solicitation"])
def test_a_sales_call_says_first_who_for_whom_what_and_that_it_is_one(missing: str) -> None:
    opening = proposed(Purpose.SALES, "ja").line(Branch.OPENING).say
    [fault] = faults(Purpose.SALES, "say_opening", opening.replace(f"{{{missing}}}", "x"))
    assert fault == Fault("say_opening", "script_lacks", reason=f"{{{missing}}}")


def test_outside_sales_no_line_says_what_is_offered_and_most_name_nobody() -> None:
    for branch in Branch:
        assert not may(branch, Purpose.PAYMENT_NOTICE) & {"goods", "solicitation"}
    for branch in (Branch.VOICEMAIL, Branch.REFUSAL, Branch.CLOSING, Branch.ABOUT):
        assert "person" not in may(branch, Purpose.PAYMENT_NOTICE)


@pytest.mark.parametrize(
    ("field", "text", "code", "line", "column"),
    [
        ("say_closing", "{phone}へ", "script_placeholder", 1, 1),
        ("say_voicemail", "{entrustor}の{caller}です。\n{person}へ", "script_placeholder", 2, 1),
        ("say_closing", "では{", "script_brace", 1, 3),
        ("say_closing", "では}", "script_brace", 1, 3),
        ("say_closing", "失礼します。\n番号は03-0000-0678", "script_number", 2, 4),
        ("say_closing", "０９０ー００００ー０６７８", "script_number", 1, 1),
        ("say_closing", "〇九〇の〇〇〇〇の〇六七八です", "script_number", 1, 1),
        ("say_closing", "090 0000\n0678", "script_number", 1, 1),
        ("dont_closing", "09000000678は言わない", "script_number", 1, 1),
        ("say_closing", "架空市中央1-2-3です", "script_address", 1, 3),
        ("say_closing", "中央三丁目です", "script_address", 1, 3),
        ("say_closing", "十二番地です", "script_address", 1, 1),
        ("say_closing", "では\x07", "script_control", 1, 3),
        ("say_closing", "あ" * 401, "script_long", 1, 401),
        ("say_closing", "", "script_empty", 0, 0),
        ("say_about", "ご連絡です。大切なことです。", "script_one_sentence", 0, 0),
        ("say_about", "ご連絡です\n大切です", "script_one_sentence", 0, 0),
        ("dont_opening", "{person}", "script_placeholder", 1, 1),
        ("number_to_call", "12", "script_call_number", 0, 0),
        ("say_closing", "{number_to_call}へ", "script_value_missing", 0, 0),
    ],
)
def test_a_fault_names_its_field_line_and_column(
    field: str, text: str, code: str, line: int, column: int
) -> None:
    [fault] = faults(Purpose.HEALTH_CHECK, field, text)
    assert (fault.code, fault.line, fault.column) == (code, line, column)
    assert fault.field == ("number_to_call" if code == "script_value_missing" else field)


@pytest.mark.parametrize(
    "text",
    [
        "平日は9時から17時まで、9:00-17:00です。",
        "2026年4月1日から、令和八年度の受付です。",
        "一度だけ、二つのうち一つをお伺いします。税込1,100円です。",
        "市役所の窓口で、3番の札をお取りください。",
    ],
)
def test_ordinary_figures_are_no_numbers_and_no_addresses(text: str) -> None:
    check(changed(Purpose.HEALTH_CHECK, "say_closing", text), Purpose.HEALTH_CHECK)


def test_where_no_message_may_be_left_none_is_needed() -> None:
    script = changed(Purpose.PAYMENT_NOTICE, "say_voicemail", "")
    check(replace(script, message=False), Purpose.PAYMENT_NOTICE)
    with pytest.raises(ScriptRefused):
        check(script, Purpose.PAYMENT_NOTICE)


def test_the_entrustors_number_is_taken_as_it_is_published() -> None:
    for typed in ("０１２０－０００－６７８", "(0120)000-678", "0120000678"):
        assert published(typed) == "0120000678"
    assert published("市役所") == "市役所"


def test_only_known_placeholders_are_filled_and_nobody_is_addressed_twice() -> None:
    text = "{person}様、{person}、{unknown}、{entrustor}様"
    said = fill(text, {"person": "カクウ ハナコ様", "entrustor": "架空市"})
    assert said == "カクウ ハナコ様、カクウ ハナコ様、{unknown}、架空市様"


def test_the_digest_is_of_everything_in_it() -> None:
    script = proposed(Purpose.SALES, "ja")
    others = [
        replace(script, goods="x"),
        replace(script, message=True),
        replace(script, number_to_call="0120000678"),
        replace(script, lines={**script.lines, "about": Line("x")}),
    ]
    assert len({one.digest for one in (script, *others)}) == len(others) + 1
