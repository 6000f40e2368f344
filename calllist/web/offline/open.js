// What `calllist results open` does, in a browser: nothing leaves this page.
const FORMAT = "calllist-results/1";
const FORMULA = // calllist/commands/results.py
  /^(?:[\s\x00-\x20\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]*[=+\-@＝＋－＠﹢﹣﹦﹫⁺⁻⁼₊₋₌−]|[\t\r\n])/;
const NONCE = 12, BLOCK = 64; // bytes, crypto/records/sealing.py

const unpadded = (bytes) => {
  let end = bytes.length - 1;
  while (end >= 0 && bytes[end] === 0) end -= 1;
  if (bytes.length % BLOCK || bytes[end] !== 0x80 || bytes.length - end > BLOCK) throw new Refused("damaged");
  return bytes.slice(0, end);
};

const tokyo = (text) => {
  const at = new Date(new Date(text).getTime() + 9 * 3600 * 1000);
  return `${at.toISOString().slice(0, 19).replace("T", " ")}+09:00`;
};

const openedResult = async (key, { list, attempt, sealed }) => {
  const raw = unbase64(sealed, "damaged");
  if (raw[0] !== 1) throw new Refused("damaged");
  const place = injective("calllist/result/1", list, attempt);
  const plain = await decrypted(key, raw.slice(1, 1 + NONCE), raw.slice(1 + NONCE), place);
  const said = unpacked(unpadded(plain));
  const slip = said.get("slip") ?? new Map();
  const revised = said.get("revised");
  return { list, line: said.get("line"), reference: said.get("reference"), code: said.get("code"), at: said.get("at"),
    slip: ["phone", "address", "date", "amount"].map((name) => slip.get(name) ?? ""),
    revised: revised && { first: revised.get("first"), at: revised.get("at"), reason: revised.get("reason") } };
};

// {results, damaged, final}: in the order of the file; damaged are ids of attempts, final those of
// lists that have ended and whose last results these are. Refused.
const openFile = async (bytes, seeds) => {
  let said;
  try { said = JSON.parse(text8(bytes)); } catch { throw new Refused("not_results"); }
  if (said?.format !== FORMAT || !Array.isArray(said.results) || !said.lists) throw new Refused("not_results");
  const keys = new Map(), lists = Object.entries(said.lists);
  for (const [list, { keys: sealed }] of lists) {
    try {
      const found = await listKeys(seeds, said.entrustor, list, unbase64(sealed, "damaged"));
      keys.set(list, await aes(found.result));
    } catch { /* its results are named as damaged */ }
  }
  if (lists.length && !keys.size) throw new Refused("other_key_file");
  const results = [], damaged = [];
  for (const one of said.results) {
    try { results.push(await openedResult(keys.get(one.list), one)); } catch { damaged.push(one.attempt); }
  }
  return { results, damaged, final: lists.filter(([, one]) => one.final).map(([list]) => list) };
};

// -- CSV, byte for byte as calllist/commands/results.py writes it ------------------------------

const HEADERS = { ja: ["リスト", "行番号", "整理番号", "結果コード", "結果", "日時",
    "申し送り：電話番号", "申し送り：住所", "申し送り：日付", "申し送り：金額", "訂正前の結果コード", "訂正日時", "訂正理由"],
  en: ["list", "line", "reference", "code", "result", "at", "slip_phone", "slip_address", "slip_date", "slip_amount",
    "first_code", "revised_at", "revised_because"] };

const label = (code, language) => WORDS.codes[code]?.[language === "en" ? 1 : 0] ?? String(code);
const because = (reason, language) => WORDS.revised[reason]?.[language === "en" ? 1 : 0] ?? reason;
const revision = (one, language) => (one ? [one.first, tokyo(one.at), because(one.reason, language)] : ["", "", ""]);
const cell = (value) => {
  const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

let cp932;
const cp932Table = () => {
  if (cp932) return cp932;
  cp932 = new Map(WORDS.cp932.singles);
  for (const [lead, row] of WORDS.cp932.rows) {
    [...row].forEach((one, at) => { if (one !== "\0") cp932.set(one, (lead << 8) | (at + 0x40)); });
  }
  return cp932;
};

const escaped = (one) => {
  const point = one.codePointAt(0), digits = point.toString(16);
  if (point < 0x100) return `\\x${digits.padStart(2, "0")}`;
  return point < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
};

const encodedLine = (text, encoding) => {
  if (encoding !== "cp932") return { bytes: utf8(text), maps: true };
  const table = cp932Table(), out = [];
  let maps = true;
  for (const one of text) {
    const code = table.get(one);
    if (code === undefined) { maps = false; out.push(...utf8(escaped(one))); }
    else if (code > 0xff) out.push(code >> 8, code & 0xff);
    else out.push(code);
  }
  return { bytes: Uint8Array.from(out), maps };
};

// {bytes, unmapped}: unmapped are lines of the CSV (1: the headers).
const csv = (results, language, encoding) => {
  const rows = results.map((one) => [one.list, one.line, one.reference, one.code, label(one.code, language), tokyo(one.at),
    ...one.slip, ...revision(one.revised, language)]);
  const parts = encoding === "cp932" ? [] : [Uint8Array.of(0xef, 0xbb, 0xbf)], unmapped = [];
  [HEADERS[language], ...rows].forEach((row, at) => {
    const { bytes, maps } = encodedLine(`${row.map(cell).join(",")}\r\n`, encoding);
    parts.push(bytes);
    if (!maps) unmapped.push(at + 1);
  });
  return { bytes: joined(...parts), unmapped };
};

globalThis.opening = { openFile, seedsOf, csv };

// -- the page ----------------------------------------------------------------------------------

const TITLE = ["架電結果を開く", "Open call results"];
const OWN = {
  other_key_file: ["鍵ファイルが違います。この結果は開けません。", "Wrong key file: it does not open these results."],
  not_a_key_file: ["鍵ファイル(calllist-key/1)ではありません。", "This is not a key file (calllist-key/1)."],
  not_results: ["結果ファイルではありません。", "This is not a results file."],
  damaged: ["ファイルが壊れています。", "The file is damaged."],
  failed: ["開けませんでした", "Could not be opened"],
  count: ["{n} 件の結果を開きました", "{n} results opened"],
  test: ["試験ファイルを開けました", "The test file opens"],
  test_how: ["確認コード {code} を「架電結果の受取り」の画面に入力してください。",
    "Please enter the code {code} on the page of results."],
  revised: ["うち {n} 件は、あとから結果コードが訂正されています(訂正前のコードと日時は CSV にあります)",
    "{n} of them were given another code later (the CSV has the first code, when and why)"],
  final: ["終了したリストの最後の結果を含みます: {lists}", "With the last results of lists that have ended: {lists}"],
  broken: ["{n} 件は壊れていて開けません: {ids}", "{n} are damaged and do not open: {ids}"],
  unmapped: ["CP932 にない文字を含む行(\\uXXXX で書きました): {lines}", "Lines with characters that CP932 lacks (written as \\uXXXX): {lines}"],
};
const told = (code, values = {}) => say(OWN[code]).replace(/\{(\w+)\}/g, (_, name) => values[name]);
let all = null, failure = null, unmapped = [];

// Whether what was opened is the one invented result of a hand-over test (calllist/entrustors/rehearsal.py).
const isTest = () => all?.results.length === 1 && all.results[0].list.startsWith("test_");
const counted = () => {
  const counts = new Map(), table = made("table", "");
  for (const { code } of all.results) counts.set(code, (counts.get(code) ?? 0) + 1);
  for (const [code, n] of [...counts].sort((one, other) => one[0] - other[0])) {
    table.append(made("tr", "", made("th", "", `${code} ${label(code, lang())}`), made("td", "num", String(n))));
  }
  return table;
};

const redraw = () => {
  const out = [], real = all && !isTest();
  $("save").hidden = !real;
  $("counts").replaceChildren(...(real ? [counted()] : []));
  if (failure) out.push(made("div", "verdict bad", made("p", "head", told("failed")), made("p", "", told(failure))));
  if (isTest()) {
    const how = made("p", "", told("test_how", { code: all.results[0].reference }));
    out.push(made("div", "verdict good", made("p", "head", told("test")), how));
  }
  if (real) {
    out.push(made("div", "verdict good", made("p", "head", told("count", { n: all.results.length }))));
    const revised = all.results.filter((one) => one.revised).length;
    if (revised) out.push(made("div", "verdict quiet", made("p", "", told("revised", { n: revised }))));
    if (all.final.length) out.push(made("div", "verdict quiet", made("p", "", told("final", { lists: all.final.join(", ") }))));
    if (all.damaged.length) out.push(made("div", "verdict bad", made("p", "", told("broken", { n: all.damaged.length, ids: all.damaged.join(", ") }))));
    if (unmapped.length) out.push(made("div", "verdict quiet", made("p", "", told("unmapped", { lines: unmapped.join(", ") }))));
  }
  $("found").replaceChildren(...out);
};

const ORDERS = {
  file: () => 0,
  line: (one, other) => one.list.localeCompare(other.list) || one.line - other.line,
  reference: (one, other) => (one.reference < other.reference ? -1 : Number(one.reference > other.reference)),
};

const open = async () => {
  all = failure = null; unmapped = [];
  try {
    const seeds = seedsOf(await bytesOf($("secret").files[0]));
    const found = { results: [], damaged: [], final: [] };
    for (const file of $("results").files) {
      const one = await openFile(await bytesOf(file), seeds);
      for (const part of Object.keys(found)) found[part] = found[part].concat(one[part]);
    }
    all = found;
  } catch (error) { failure = error instanceof Refused ? error.code : "damaged"; }
  redraw();
  $("found").scrollIntoView();
};

const save = () => {
  const made = csv([...all.results].sort(ORDERS[$("order").value]), lang(), $("encoding").value);
  unmapped = made.unmapped;
  const address = URL.createObjectURL(new Blob([made.bytes], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = "results.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
  redraw();
};

able("X25519", ["deriveBits"]).then((fine) => { $("unable").hidden = fine; $("form").hidden = !fine; });
fields(() => {
  all = failure = null;
  $("go").disabled = !($("results").files.length && $("secret").files.length);
  redraw();
});
languages(redraw);
$("go").addEventListener("click", open);
$("download").addEventListener("click", save);
