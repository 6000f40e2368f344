"""Sentences of `calllist seal`."""

from collections.abc import Mapping

SEAL_MESSAGES: Mapping[str, tuple[str, str]] = {
    "sealed_file": (
        (
            "暗号化しました: {file}\n"
            "  業務 {job}(契約 {contract}、委託元 {entrustor})だけが開けます。"
            "宛先 {recipient}({issued} 発行)\n"
            "  宛先は次の鍵の署名で確かめました: {fingerprint} 契約時の書面と見比べてください。\n"
            "  このファイルを受託者に渡してください。元のファイルは渡さないでください。"
        ),
        (
            "Encrypted: {file}\n"
            "  Only job {job} (contract {contract}, entrustor {entrustor}) opens it. "
            "Recipient {recipient}, stated {issued}\n"
            "  The recipient was checked by the signature of: {fingerprint} "
            "Compare it with the one in your contract.\n"
            "  Hand this file over, and not the original."
        ),
    ),
    "recipient_not_genuine": (
        "{file} は、登録した鍵で署名された宛先証明ではありません。何も暗号化していません。",
        "{file} is not a recipient statement signed by the pinned key. Nothing was encrypted.",
    ),
    "recipient_of_another_job": (
        "{file} は別の業務({job})の宛先証明です。何も暗号化していません。",
        "{file} is the statement of another job ({job}). Nothing was encrypted.",
    ),
    "recipient_from_the_future": (
        (
            "注意: 宛先証明の発行日時({issued})が、この機器の時計より先です。署名は正しいので"
            "暗号化しますが、どちらかの時計がずれています(デモの時計は進めてあります)。"
        ),
        (
            "Note: the statement was issued ahead of this machine's clock ({issued}). Its "
            "signature is genuine, so the file is encrypted, but one of the clocks is off "
            "(the demonstration's is set ahead)."
        ),
    ),
    "sealed_already": (
        "{file} はすでに暗号化されています。元のファイルを指定してください。",
        "{file} is encrypted already. Name the original file.",
    ),
}
