// The page itself: what was dropped, what came of it, in both languages.
globalThis.checking = { verify, anchored, attached, keyOf, saltOf, hashed, written };

const TITLE = ["消去証明書の確認", "Check a deletion certificate"];
const OWN = {
  no_key: ["公開鍵(certificate.pub)の内容を貼り付けるか、ファイルを指定してください。証明書の中の鍵は使いません。",
    "Give the public key (certificate.pub): paste its text or choose the file. No key in the certificate is used."],
  bad_key: ["公開鍵(certificate.pub)ではありません。", "This is not a public key (certificate.pub)."],
  bad_ledger_key: ["台帳の公開鍵(ledger.pub)ではありません。", "This is not the ledger's public key (ledger.pub)."],
  needs_keys: ["リストの照合には、自分の鍵ファイルと、受領書(JSON)または結果ファイルが必要です。",
    "To compare the list, your key file and the receipt (JSON) or a results file are needed."],
  no_hash: ["この証明書には受領ファイルのハッシュ値がありません。", "This certificate states no hash of the file received."],
  paper: ["受領書または結果ファイルに、このリストの鍵がありません。", "The receipt or results file has no keys of this list."],
  other_key_file: ["鍵ファイルが違います。この委託元の鍵では開けません。", "Wrong key file: it does not open what was sealed to this entrustor."],
  not_a_key_file: ["鍵ファイル(calllist-key/1)ではありません。", "This is not a key file (calllist-key/1)."],
  damaged: ["ファイルが壊れています。", "The file is damaged."],
  genuine: ["本物の証明書です", "This certificate is genuine"],
  refused: ["この証明書は受け入れられません", "This certificate is refused"],
  this_list: ["このリストは {at} に消去されました", "This list was destroyed at {at}"],
  other_list: ["このファイルは、この証明書のリストではありません", "This file is not the list of this certificate"],
  not_compared: ["リストは照合していません", "The list was not compared"],
  anchored: ["台帳で確認しました: 行 {seq}、{month}、全 {size} 行", "In the ledger: line {seq} of {month}, {size} lines"],
  ledger_refused: ["台帳では確認できません", "Not confirmed by the ledger"],
  compare: ["鍵の指紋: {key}。契約時に受け取った紙の値と比べてください。後で差し替えられたか、失効したかは、この証明書だけでは分かりません。",
    "Fingerprint of the key: {key}. Compare it with the one on the paper of your contract. Whether it was replaced or revoked since is not in this certificate."],
  expected: ["QRコードの証明書: {id}", "The QR code stands for certificate {id}"],
  expected_how: ["その証明書のファイル(PDF または JSON)を下の 1 に指定してください。",
    "Give the file of that certificate (PDF or JSON) in field 1 below."],
  bad_address: ["このページの番地の「#」より後ろが読めません", "What follows the # in this page's address cannot be read"],
  bad_address_how: ["QRコードをもう一度読み取ってください。証明書の確認はこのままできます。",
    "Read the QR code again. Certificates can be checked all the same."],
  expected_one: ["QRコードの証明書です: {id}", "It is the certificate of the QR code: {id}"],
  other_number: ["QRコードの証明書ではありません", "It is not the certificate of the QR code"],
  other_number_how: ["QRコードは {id} を指しています。別の証明書のファイルです。",
    "The code stands for {id}; this file is another certificate."],
  other_content_how: ["番号は同じ {id} ですが、内容がQRコードの証明書と1文字以上違います。",
    "The number is the same, {id}, but at least one character differs from the QR code's certificate."],
  unread_how: ["QRコードは {id} を指しています。このファイルの内容とは合いません。",
    "The code stands for {id}; the contents of this file do not match it."],
  pdf: ["PDFに添付された正本を確認しました。PDF自体の署名は、ここでは確認していません",
    "The original attached to the PDF was checked. The PDF's own signature was not, here"],
  pdf_how: ["PDFに印刷された文面は見ていません。下に示すのは正本の内容です。PDFの署名の確認: {command}",
    "What is printed in the PDF was not looked at; below is what the original says. To check the PDF's signature: {command}"],
};
const told = (code, values = {}) => say(OWN[code] ?? WORDS.reasons[code] ?? [code, code])
  .replace(/\{(\w+)\}/g, (_, name) => values[name]);

const MANUAL = "calllist verify FILE.pdf --key certificate.pub --document-certificate document.pem";

let findings = [];
const verdict = (kind, head, text = "") => () => made("div", `verdict ${kind}`,
  made("p", "head", head()), made("p", "", text ? text() : ""));

// What a QR code said behind the "#": {id, digest}; null: nothing; false: not readable.
const expected = () => {
  if (location.hash.length < 2) return null;
  const [, id, digest] = location.hash.match(/^#([A-Za-z0-9_-]{1,80})\.([A-Za-z0-9_-]{43})$/) ?? [];
  return id ? { id, digest } : false;
};
const digestOf = (bytes) => btoa(String.fromCharCode(...sha256(bytes)))
  .replaceAll("+", "-").replaceAll("/", "_").replace("=", "");

// facts: null if the file was refused.
const asExpected = (envelope, facts) => {
  const code = expected();
  if (!code) return null;
  if (digestOf(envelope) === code.digest && (!facts || facts.certificate === code.id)) {
    return verdict("good", () => told("expected_one", code));
  }
  const why = !facts ? "unread_how" : facts.certificate === code.id ? "other_content_how" : "other_number_how";
  return verdict("bad", () => told("other_number"), () => told(why, code));
};

const several = (lines) => lines.flatMap((one, at) => (at ? [made("br", ""), one] : [one]));
const tabled = (lines) => {
  const table = made("table", "stores");
  for (const { label, cells } of lines) {
    table.append(made("tr", "", made("th", "", label), ...cells.map((one) => made("td", "", one))));
  }
  return table;
};
const listed = ({ title, source, lines }) => {
  const head = made("header", "", made("h3", "", title), made("span", "hint", source));
  if (lines.some((one) => one.cells.length)) return made("section", "", head, tabled(lines));
  if (!lines.some((one) => one.label)) {
    return made("section", "", head, made("ul", "", ...lines.map(({ value }) => made("li", "", value))));
  }
  const rows = made("dl", "facts");
  for (const { label, value } of lines) {
    rows.append(made("dt", "", label), made("dd", "", ...several(value.split("\n"))));
  }
  return made("section", "", head, rows);
};
const laidOut = ({ title, sections, statement }) => made("article", "card", made("h2", "", title),
  ...sections.map(listed), made("ul", "", ...statement.map((one) => made("li", "", one))));

const fileIn = (id) => $(id).files[0];
const keyGiven = async (area, file, name) => {
  const text = $(area).value.trim() || (fileIn(file) ? text8(await bytesOf(fileIn(file))) : "");
  return text && (keyOf(text, name) ?? false);
};
const ledgerKey = (text) => { // C2SP signed-note, written form: name+id+base64
  const [name, id, body] = text.trim().split(/\+(.*)/s).slice(0, 2)
    .flatMap((part, at) => (at ? part.split(/\+(.*)/s).slice(0, 2) : [part]));
  try {
    const raw = unbase64(body, "key"), key = raw.slice(1);
    const stated = hex(sha256(utf8(`${name}\n`), raw).slice(0, 4));
    return raw.length === 33 && raw[0] === 1 && stated === id ? key : null;
  } catch { return null; }
};

const compared = async (facts) => {
  const list = fileIn("list");
  if (!list) return verdict("quiet", () => told("not_compared"));
  const stated = facts.file_hash || facts.claims.received.file_hash;
  if (!stated) return verdict("quiet", () => told("not_compared"), () => told("no_hash"));
  if (!fileIn("secret") || !fileIn("paper")) return verdict("quiet", () => told("not_compared"), () => told("needs_keys"));
  const seeds = seedsOf(await bytesOf(fileIn("secret")));
  const salt = await saltOf(facts, seeds, await bytesOf(fileIn("paper")));
  const found = await hashed(list, salt, (part) => { $("progress").value = part; });
  return found === stated
    ? verdict("good", () => told("this_list", { at: momentIn(facts.shredded_at, lang()) }))
    : verdict("bad", () => told("other_list"));
};

const inLedger = async (facts) => {
  if (!fileIn("ledger")) return null;
  const key = ledgerKey(text8(await bytesOf(fileIn("ledger"))));
  if (!key) return verdict("bad", () => told("ledger_refused"), () => told("bad_ledger_key"));
  const head = await anchored(facts, key);
  return verdict("good", () => told("anchored", { seq: facts.shred_seq, month: head.month, size: head.size }));
};

const guarded = async (task, head) => {
  try { return await task(); } catch (error) {
    const code = error instanceof Refused ? error.code : "damaged";
    return verdict("bad", () => told(head), () => told(code));
  }
};

// The original, and whether it came in a PDF. Refused.
const envelopeIn = async (file) => {
  const given = await bytesOf(file);
  return isPdf(given) ? { envelope: await attached(given), pdf: true } : { envelope: given, pdf: false };
};

const checked = async (key) => {
  let envelope = null, pdf = false, facts = null, pages = null;
  const genuine = await guarded(async () => {
    ({ envelope, pdf } = await envelopeIn(fileIn("certificate")));
    const said = await verify(envelope, key);
    try { pages = { ja: written(said, "ja"), en: written(said, "en") }; } catch { throw new Refused("contents"); }
    facts = said;
    return verdict("good", () => told("genuine"), () => told("compare", { key: fingerprint(key) }));
  }, "refused");
  const found = [genuine, envelope && asExpected(envelope, facts)];
  if (!facts) return found;
  if (pdf) found.push(verdict("quiet", () => told("pdf"), () => told("pdf_how", { command: MANUAL })));
  found.push(await guarded(() => compared(facts), "not_compared"));
  found.push(await guarded(() => inLedger(facts), "ledger_refused"));
  return [...found, () => laidOut(pages[lang()])];
};

let latest = 0;
const run = async () => {
  const own = latest += 1; // a file that is chosen meanwhile makes this run's findings void
  $("progress").hidden = !fileIn("list");
  const key = await keyGiven("key", "keyfile", "certificate-key").catch(() => false);
  const found = key ? await checked(key) : [verdict("bad", () => told(key === false ? "bad_key" : "no_key"))];
  $("progress").hidden = true;
  if (own !== latest) return;
  findings = found;
  redraw();
  $("found").scrollIntoView();
};
const changed = () => {
  latest += 1;
  findings = [];
  redraw();
};
const redraw = () => {
  const code = expected();
  const said = code ? [told("expected", code), told("expected_how")] : [told("bad_address"), told("bad_address_how")];
  $("expected").className = code ? "verdict quiet" : "verdict bad";
  $("expected").hidden = code === null;
  $("expected").replaceChildren(made("p", "head", said[0]), made("p", "", said[1]));
  $("found").replaceChildren(...findings.filter(Boolean).map((one) => one()));
};
const ready = () => { $("go").disabled = !fileIn("certificate"); };

able("Ed25519", ["sign", "verify"]).then((fine) => { $("unable").hidden = fine; $("form").hidden = !fine; });
fields(() => { ready(); changed(); });
$("key").addEventListener("input", changed);
addEventListener("hashchange", changed);
languages(redraw);
redraw();
$("go").addEventListener("click", async () => {
  $("go").disabled = true;
  await run();
  ready();
});
