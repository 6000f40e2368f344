"""The sentence for each code of signing in and of accounts, in Japanese and English."""

DOORS: dict[str, tuple[str, str]] = {
    "not_signed_in": ("サインインしてください。", "Please sign in."),
    "sign_in_refused": (
        "ログイン名またはパスワードが違います。",
        "The login or the password is not right.",
    ),
    "throttled": (
        "続けて間違えたため、しばらくサインインできません。",
        "Too many wrong attempts. Please wait before signing in again.",
    ),
    "wrong_code": (
        "認証コードが違うか、使用済みです。次のコードを入力してください。",
        "The code is wrong or was used before. Please enter the next one.",
    ),
    "wrong_key": (
        "セキュリティキーを確認できません。登録したキーで、もう一度お試しください。",
        "The security key could not be verified. Please try again with the registered key.",
    ),
    "command_code_unknown": (
        "コードが違うか、使用済みか、期限(5分)が過ぎています。画面で新しいコードを表示してください。",
        "The code is wrong, used, or over (5 minutes). Please show a new one in the browser.",
    ),
    "key_not_bound": (
        "ほかの端末に複製されるパスキーは登録できません。USBなどの物理的なキーをお使いください。",
        "A passkey that is copied to other devices cannot be registered. Use a physical key.",
    ),
    "challenge_over": (
        "時間切れか、別の画面でやり直されています。もう一度お試しください。",
        "It took too long, or was begun again in another window. Please try again.",
    ),
    "keys_not_offered": (
        "この環境ではセキュリティキーを使えません。ほかの方法を選んでください。",
        "Security keys are not available here. Please choose another way.",
    ),
    "factor_taken": (
        "このキーまたはトークンは、ほかの方のものです。",
        "This key or token is another person's.",
    ),
    "credential_unreadable": (
        "セキュリティキーの応答がありません。もう一度お試しください。",
        "There is no answer from the security key. Please try again.",
    ),
    "token_missing": (
        "お渡ししたトークンの登録がまだ済んでいません。管理者にお問い合わせください。",
        "No token has been registered for you yet. Please ask your administrator.",
    ),
    "locked": (
        "続けて認証に失敗したため、しばらく受け付けません。",
        "Too many wrong attempts. Please wait before trying again.",
    ),
    "not_enrolled": ("二要素認証が未登録です。", "No second factor is registered yet."),
    "already_enrolled": (
        "二要素認証は登録済みです。",
        "The second factor is already registered.",
    ),
    "unknown_person": (
        "従事者名簿に署名付きの登録がありません。管理者にお問い合わせください。",
        "No signed roster entry names this person. Please ask your administrator.",
    ),
    "roster_over": ("最終就業日を過ぎています。", "The last working day has passed."),
    "unknown_grant": (
        "勤務の認証が無効です。もう一度サインインしてください。",
        "The shift's grant is no longer valid. Please sign in again.",
    ),
    "grant_over": (
        "勤務時間の認証が終了しました。もう一度サインインしてください。",
        "The shift is over. Please sign in again.",
    ),
    "grant_not_lent": (
        "このコマンドでは取下げはできません。取下げを認めたコードで、サインインし直してください。",
        "This command line may not take people out. Sign in again with a code that allows it.",
    ),
    "role_refused": ("この役割では行えません。", "Your role may not do that."),
    "role_cannot_open": ("この役割では表示しません。", "Your role sees no record."),
    "not_from_here": (
        "この画面以外からの操作は受け付けません。画面を開き直してください。",
        "The request did not come from this screen. Please reload it.",
    ),
    "invitation_unknown": (
        "招待リンクが無効か、期限切れか、使用済みです。",
        "The invitation is not valid, expired, or used.",
    ),
    "password_too_weak": (
        "パスワードは12文字以上で、ログイン名を含まず、同じ文字の繰り返しを避けてください。",
        "A password needs 12 characters or more, without the login and without mere repetition.",
    ),
    "login_taken": ("このログイン名は使われています。", "This login is taken."),
    "login_malformed": (
        "ログイン名は半角英数字と . _ - @ の2～64文字です。",
        "A login is 2 to 64 letters, digits, dots, hyphens, underscores or @.",
    ),
    "role_incomplete": (
        "この役割に必要な所属が指定されていません。",
        "This role needs a party, a site or an entrustor.",
    ),
    "person_unknown": ("アカウントが見つかりません。", "There is no such account."),
}
