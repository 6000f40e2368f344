// Whom a file is encrypted to: the keeper's signed statement (DSSE 1.0.2), read as strictly as
// crypto/certificates/recipients.py reads it, and checked with the key that somebody pinned.

const TYPE = "application/vnd.calllist.upload-recipient+json";
const FORMAT = "calllist-upload-recipient/1";
const RECIPIENT = /^age1[02-9ac-hj-np-z]{58}$/; // X25519, age.md
const ENVELOPE_BYTES = 64 * 1024;
const KEY_BYTES = 32; // Ed25519, RFC 8032, 5.1.5

export class NotGenuine extends Error {}
export class CannotCheck extends Error {} // this browser has no Ed25519

// The bytes of base64 in its one spelling.
const decoded = (text) => {
  let plain;
  try { plain = atob(text); } catch { throw new NotGenuine(); }
  if (btoa(plain) !== text) throw new NotGenuine();
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
};

const parsed = (bytes) => {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return [text, JSON.parse(text)];
  } catch { throw new NotGenuine(); }
};

// Strings only, under these names, in this order, and nothing else: then it has one spelling.
const exactly = (value, names) => Object.fromEntries(names.map((name) => {
  if (typeof value?.[name] !== "string") throw new NotGenuine();
  return [name, value[name]];
}));

// crypto/signed/statements.py, `fingerprint`: how people name a key.
export const fingerprint = async (key) => {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", key));
  const digits = [...digest.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.match(/.{8}/g).join("-");
};

// The key in the text of a `certificate.pub`, or null.
export const pinned = (text) => {
  for (const line of text.split(/\r?\n/)) {
    const [name, written = "", ...more] = line.trim().split(/ +/);
    if (name !== "certificate-key" || more.length) continue;
    const standard = written.replaceAll("-", "+").replaceAll("_", "/");
    try {
      const key = decoded(standard);
      if (key.length === KEY_BYTES) return key;
    } catch { /* not such a key: perhaps the next line is */ }
  }
  return null;
};

// What a statement says, unchecked. Throws NotGenuine if it is none, or of another job. When it was
// issued is shown and not judged: this clock may be set to anything (the demonstration's is).
export const read = (bytes, job) => {
  if (bytes.length > ENVELOPE_BYTES) throw new NotGenuine();
  const [text, said] = parsed(bytes);
  const [one, ...more] = Array.isArray(said?.signatures) ? said.signatures : [];
  const envelope = {
    ...exactly(said, ["payload", "payloadType"]),
    signatures: [exactly(one, ["keyid", "sig"])],
  };
  if (more.length || JSON.stringify(envelope) !== text || envelope.payloadType !== TYPE) throw new NotGenuine();
  const payload = decoded(envelope.payload);
  const [inner, body] = parsed(payload);
  const told = exactly(body, ["contract", "entrustor", "format", "issued", "job", "recipient"]);
  const issued = Date.parse(told.issued);
  const sound = JSON.stringify(told) === inner && told.format === FORMAT && RECIPIENT.test(told.recipient);
  if (!sound || told.job !== job || Number.isNaN(issued)) throw new NotGenuine();
  return { ...told, issued: new Date(issued), payload, signature: envelope.signatures[0] };
};

// That this key signed it. Throws NotGenuine, CannotCheck.
export const check = async (said, key) => {
  if (said.signature.keyid !== await fingerprint(key)) throw new NotGenuine();
  const signature = decoded(said.signature.sig);
  const signed = new Blob([`DSSEv1 ${TYPE.length} ${TYPE} ${said.payload.length} `, said.payload]);
  let verifier;
  try {
    verifier = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    throw error.name === "NotSupportedError" ? new CannotCheck() : new NotGenuine();
  }
  const bytes = await signed.arrayBuffer();
  if (!await crypto.subtle.verify({ name: "Ed25519" }, verifier, signature, bytes)) throw new NotGenuine();
};
