// Is this certificate genuine, and is this file its list? As strict as retention/verify.py.
const TYPE = "application/vnd.calllist.certificate+json";
const LIMIT = 1024 * 1024; // bytes, retention/verify.py
const SALT_BYTES = 16; // in front of every leaf, crypto/ledger/reading.py
const SLICE = 4 * 1024 * 1024; // bytes of a list that are in memory at a time

const sha256 = (...parts) => noble.sha256(joined(...parts));
const fingerprint = (key) => hex(sha256(key)).slice(0, 32).match(/.{8}/g).join("-");

const keyOf = (text, name) => {
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [, word, written] = line.trim().match(/^(\S+) +(\S+)$/) ?? [];
    if (word !== name) continue;
    try {
      const key = unbase64(written.replaceAll("-", "+").replaceAll("_", "/"), "key");
      if (key.length === 32) return key;
    } catch { /* perhaps the next line */ }
  }
  return null;
};

const signedBy = async (key, signature, message) => {
  try {
    const made = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", made, signature, message);
  } catch { return false; }
};

// Python's json.dumps(sort_keys, no spaces): ASCII only.
const spelled = (value) => {
  if (Array.isArray(value)) return `[${value.map(spelled).join(",")}]`;
  if (typeof value === "object") {
    return `{${Object.keys(value).sort().map((key) => `${spelled(key)}:${spelled(value[key])}`).join(",")}}`;
  }
  return JSON.stringify(value).replace(
    /[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
};

const hasOnly = (value, names) => value !== null && typeof value === "object" && !Array.isArray(value)
  && Object.keys(value).sort().join() === names.join() && Object.keys(value).length === names.length;

const partsOf = (bytes) => {
  if (bytes.length > LIMIT) throw new Refused("too_long");
  let text, outer;
  try { text = text8(bytes); outer = JSON.parse(text); } catch { throw new Refused("not_json"); }
  const one = Array.isArray(outer?.signatures) && outer.signatures.length === 1 && outer.signatures[0];
  const whole = hasOnly(outer, ["payload", "payloadType", "signatures"]) && hasOnly(one, ["keyid", "sig"])
    && [outer.payload, outer.payloadType, one.keyid, one.sig].every((part) => typeof part === "string");
  if (!whole) throw new Refused("not_an_envelope");
  if (spelled(outer) !== text) throw new Refused("spelling");
  return {
    type: outer.payloadType, payload: unbase64(outer.payload, "spelling"),
    keyid: one.keyid, signature: unbase64(one.sig, "spelling"),
  };
};

const TEXTS = ["certificate", "issued_at", "list", "entrustor", "contract", "key", "shredded_at",
  "root_kind", "checkpoint"];

// What a genuine certificate says. Throws Refused with a code of retention/vocabulary.py, REASONS.
const verify = async (bytes, key) => {
  const { type, payload, keyid, signature } = partsOf(bytes);
  if (type !== TYPE) throw new Refused("payload_type");
  if (keyid !== fingerprint(key)) throw new Refused("other_key");
  const pae = joined(utf8(`DSSEv1 ${utf8(type).length} ${type} ${payload.length} `), payload);
  if (!await signedBy(key, signature, pae)) throw new Refused("signature");
  let facts;
  try { facts = JSON.parse(text8(payload)); } catch { throw new Refused("contents"); }
  const readable = TEXTS.every((name) => typeof facts?.[name] === "string")
    && Array.isArray(facts.claims?.checks) && typeof facts.claims.received === "object";
  if (!readable) throw new Refused("contents");
  return facts;
};

// -- the ledger (crypto/ledger/checkpoint.py, proofs.py) ---------------------------------------

const headOf = async (note, key) => {
  const [body, ...rest] = note.split("\n\n");
  const lines = rest.join("\n\n").split("\n");
  const head = body.split("\n");
  const log = `calllist-ledger-${hex(sha256(key)).slice(0, 16)}`;
  const [origin, size, root] = head;
  const wellFormed = note.length <= 16384 && head.length === 3 && lines.pop() === "" && lines.length > 0
    && lines.length <= 32 && /^(0|[1-9][0-9]{0,17})$/.test(size)
    && origin.startsWith(`${log}/`) && /^[0-9]{4}-(0[1-9]|1[0-2])$/.test(origin.slice(log.length + 1));
  if (!wellFormed) throw new Refused("anchor");
  const id = sha256(utf8(`${origin}\n`), Uint8Array.of(1), key).slice(0, 4);
  const own = [];
  for (const line of lines) {
    const found = line.match(/^— ([\x21-\x2a\x2c-\x7e]{1,128}) ([A-Za-z0-9+/=]+)$/);
    if (!found) throw new Refused("anchor");
    const raw = unbase64(found[2], "anchor");
    if (raw.length <= 4) throw new Refused("anchor");
    if (found[1] === origin && same(raw.slice(0, 4), id)) own.push(raw.slice(4));
  }
  if (own.length !== 1 || !await signedBy(key, own[0], utf8(`${body}\n`))) throw new Refused("anchor");
  const hash = unbase64(root, "anchor");
  if (hash.length !== 32) throw new Refused("anchor");
  return { month: origin.slice(log.length + 1), size: BigInt(size), root: hash };
};

const included = (leaf, index, { size, root }, proof) => { // RFC 9162, 2.1.3.2
  if (index < 0n || index >= size) throw new Refused("anchor");
  let [place, last, node] = [index, size - 1n, leaf];
  for (const step of proof) {
    if (last === 0n) throw new Refused("anchor");
    if (place & 1n || place === last) {
      node = sha256(Uint8Array.of(1), step, node);
      while (place && !(place & 1n)) { place >>= 1n; last >>= 1n; }
    } else node = sha256(Uint8Array.of(1), node, step);
    place >>= 1n; last >>= 1n;
  }
  if (last || !same(node, root)) throw new Refused("anchor");
};

// The signed head under which the certificate's shred line was proven. Refused.
const anchored = async (facts, key) => {
  const proof = facts.inclusion;
  if (!proof) throw new Refused("not_anchored");
  const head = await headOf(facts.checkpoint, key);
  let line;
  try {
    const entry = unbase64(proof.entry, "anchor");
    const steps = proof.hashes.map((one) => unbase64(one, "anchor"));
    included(sha256(Uint8Array.of(0), entry), BigInt(proof.index), head, steps);
    line = JSON.parse(text8(entry.slice(SALT_BYTES)));
  } catch { throw new Refused("anchor"); }
  const said = line?.kind === "shred" && line.list === facts.list && line.seq === facts.shred_seq
    && line.epoch === facts.epoch_destroyed;
  if (!said) throw new Refused("anchor");
  return head;
};

// -- the list ----------------------------------------------------------------------------------

// Where a list's sealed keys stand in a receipt or in a file of results, or null.
const sealedIn = (bytes, list) => {
  try {
    const said = JSON.parse(text8(bytes));
    const sealed = said.lists?.[list]?.keys ?? (said.list === list ? said.keys : undefined);
    return typeof sealed === "string" && sealed ? unbase64(sealed, "paper") : null;
  } catch { return null; }
};

// crypto/sealing.py, `file_salt`.
const saltOf = async (facts, seeds, paper) => {
  const sealed = sealedIn(paper, facts.list);
  if (!sealed) throw new Refused("paper");
  const { trace } = await listKeys(seeds, facts.entrustor, facts.list, sealed);
  return hmac(trace, injective("calllist/file-salt/1", facts.list));
};

const hashed = async (file, salt, told) => {
  const hash = noble.sha256.create().update(salt);
  for (let at = 0; at < file.size; at += SLICE) {
    hash.update(await bytesOf(file.slice(at, at + SLICE)));
    told(Math.min(1, (at + SLICE) / file.size));
  }
  return hex(hash.digest());
};

globalThis.checking = { verify, anchored, keyOf, saltOf, hashed };

// -- the page ----------------------------------------------------------------------------------

const TITLE = ["消去証明書の確認", "Check a deletion certificate"];
const DAYS = ["日月火水木金土", ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]];
const moment = (text) => {
  const at = new Date(new Date(text).getTime() + 9 * 3600 * 1000);
  const iso = at.toISOString(), day = DAYS[lang() === "en" ? 1 : 0][at.getUTCDay()];
  return lang() === "en" ? `${day} ${iso.slice(0, 10)} ${iso.slice(11, 19)} JST (+09:00)`
    : `${at.getUTCFullYear()}年${at.getUTCMonth() + 1}月${at.getUTCDate()}日(${day}) ${iso.slice(11, 19)} (+09:00)`;
};
const word = (table, code) => say(WORDS[table][code] ?? [code, code]);
const count = (value) => Number(value).toLocaleString("en-US");

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
  compare: ["鍵の指紋: {key}。契約時に受け取った紙の値と比べてください。",
    "Fingerprint of the key: {key}. Compare it with the one on the paper of your contract."],
};
const told = (code, values = {}) => say(OWN[code] ?? WORDS.reasons[code] ?? [code, code])
  .replace(/\{(\w+)\}/g, (_, name) => values[name]);

let findings = [];
const verdict = (kind, head, text = "") => () => made("div", `verdict ${kind}`,
  made("p", "head", head()), made("p", "", text ? text() : ""));

const described = (facts) => {
  const received = facts.claims.received, rows = made("dl", "facts");
  const line = (label, value) => rows.append(made("dt", "", word("labels", label)), made("dd", "", value));
  line("certificate", facts.certificate);
  if (received.entrustor) line("entrustor", received.entrustor);
  line("list", facts.list);
  line("reference", facts.claims.reference);
  line("people", count(facts.claims.people));
  line("trigger", word("triggers", facts.claims.trigger));
  line("keys_destroyed_at", moment(facts.shredded_at));
  line("erased_at", moment(facts.claims.erased_at));
  line("erased_rows", count(facts.claims.erased_rows));
  line("verified_at", moment(facts.claims.verified_at));
  line("root_kind", word("roots", facts.root_kind));
  line("issued_at", moment(facts.issued_at));
  const stores = made("table", "", made("caption", "", word("labels", "stores")));
  for (const check of facts.claims.checks) {
    const outcome = word(check.how === "compared" ? "comparisons" : "outcomes", check.outcome);
    const how = check.outcome === "OUTSIDE" ? "" : word("methods", check.how);
    stores.append(made("tr", "", made("th", "", word("stores", check.store)),
      made("td", "", outcome), made("td", "", how)));
  }
  return made("div", "", rows, stores);
};

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
  if (!facts.claims.received.file_hash) return verdict("quiet", () => told("not_compared"), () => told("no_hash"));
  if (!fileIn("secret") || !fileIn("paper")) return verdict("quiet", () => told("not_compared"), () => told("needs_keys"));
  const seeds = seedsOf(await bytesOf(fileIn("secret")));
  const salt = await saltOf(facts, seeds, await bytesOf(fileIn("paper")));
  const found = await hashed(list, salt, (part) => { $("progress").value = part; });
  return found === facts.claims.received.file_hash
    ? verdict("good", () => told("this_list", { at: moment(facts.shredded_at) }))
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

const run = async () => {
  findings = [];
  $("progress").hidden = !fileIn("list");
  const key = await keyGiven("key", "keyfile", "certificate-key").catch(() => false);
  if (!key) findings.push(verdict("bad", () => told(key === false ? "bad_key" : "no_key")));
  else {
    let facts = null;
    const outcome = await guarded(async () => {
      facts = await verify(await bytesOf(fileIn("certificate")), key);
      return verdict("good", () => told("genuine"), () => told("compare", { key: fingerprint(key) }));
    }, "refused");
    findings.push(outcome);
    if (facts) {
      findings.push(await guarded(() => compared(facts), "not_compared"));
      findings.push(await guarded(() => inLedger(facts), "ledger_refused"));
      findings.push(() => described(facts));
    }
  }
  $("progress").hidden = true;
  redraw();
};
const redraw = () => $("found").replaceChildren(...findings.filter(Boolean).map((one) => one()));
const ready = () => { $("go").disabled = !fileIn("certificate"); };

able("Ed25519", ["sign", "verify"]).then((fine) => { $("unable").hidden = fine; $("form").hidden = !fine; });
fields(() => { ready(); findings = []; redraw(); });
$("key").addEventListener("input", () => { findings = []; redraw(); });
languages(redraw);
$("go").addEventListener("click", async () => {
  $("go").disabled = true;
  await run();
  ready();
});
