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

// crypto/records/sealing.py, `file_salt`.
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
