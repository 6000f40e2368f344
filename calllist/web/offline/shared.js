// What both pages need: strict decoding, and opening what was sealed to the entrustor.
const utf8 = (text) => new TextEncoder().encode(text);
const text8 = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const joined = (...parts) => {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { out.set(part, at); at += part.length; }
  return out;
};

const same = (one, two) => one.length === two.length && one.every((byte, at) => byte === two[at]);

class Refused extends Error {
  constructor(code) { super(code); this.code = code; }
}

// The bytes of base64 in its one spelling, or Refused(code).
const unbase64 = (text, code) => {
  let plain;
  try { plain = atob(text); } catch { throw new Refused(code); }
  if (btoa(plain) !== text) throw new Refused(code);
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
};

// crypto/standards/canonical.py, `injective`: type, length and bytes of each part.
const injective = (...parts) => joined(...parts.map((part) => {
  const body = typeof part === "string" ? utf8(part) : part;
  const head = new Uint8Array(5);
  head[0] = (typeof part === "string" ? "s" : "b").charCodeAt(0);
  new DataView(head.buffer).setUint32(1, body.length);
  return joined(head, body);
}));

// -- HPKE (RFC 9180, 5.1, base mode) with MLKEM768-X25519 (crypto/records/sealing.py) -----------------

const SUITE = "MLKEM768_X25519/HKDF_SHA256/AES_256_GCM";
const SUITE_ID = joined(utf8("HPKE"), Uint8Array.of(0x64, 0x7a, 0, 1, 0, 2));
const KEM_LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);
const SEED = 64, POINT = 32, MLKEM_CIPHERTEXT = 1088; // bytes: FIPS 203, table 3; RFC 7748, 5
const PKCS8_X25519 = Uint8Array.of(0x30, 46, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 34, 4, 32);

const hmac = (key, data) => noble.hmac(noble.sha256, key, data);
const labelled = (label, data) => joined(utf8("HPKE-v1"), SUITE_ID, utf8(label), data);
const extract = (salt, label, data) => hmac(salt, labelled(label, data));
const expand = (secret, label, info, length) => // below 32 bytes: one block of RFC 5869, 2.3
  hmac(secret, joined(Uint8Array.of(0, length), labelled(label, info), Uint8Array.of(1))).slice(0, length);

const decapsulated = async (seeds, sealed) => {
  const postQuantum = noble.ml_kem768.keygen(seeds.slice(0, SEED));
  const fromLattice = noble.ml_kem768.decapsulate(sealed.slice(0, MLKEM_CIPHERTEXT), postQuantum.secretKey);
  const theirs = sealed.slice(MLKEM_CIPHERTEXT, MLKEM_CIPHERTEXT + POINT);
  const subtle = crypto.subtle;
  const secret = await subtle.importKey(
    "pkcs8", joined(PKCS8_X25519, seeds.slice(SEED)), "X25519", true, ["deriveBits"]);
  const peer = await subtle.importKey("raw", theirs, "X25519", false, []);
  const fromCurve = new Uint8Array(await subtle.deriveBits({ name: "X25519", public: peer }, secret, 256));
  const { x } = await subtle.exportKey("jwk", secret);
  const own = Uint8Array.from(
    atob(x.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  return noble.sha3_256(joined(fromLattice, fromCurve, theirs, own, KEM_LABEL));
};

const decrypted = async (key, nonce, body, place) => {
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: place };
  return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, body));
};

const aes = (key) => crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);

// What was sealed to the holder of `seeds` (96 bytes) under `info`. Refused("other_key_file").
const opened = async (seeds, info, sealed) => {
  try {
    const secret = await decapsulated(seeds, sealed);
    const nothing = new Uint8Array();
    const context = joined(
      Uint8Array.of(0), extract(nothing, "psk_id_hash", nothing), extract(nothing, "info_hash", info));
    const root = extract(secret, "secret", nothing);
    const key = await aes(expand(root, "key", context, 32));
    const nonce = expand(root, "base_nonce", context, 12);
    return await decrypted(key, nonce, sealed.slice(MLKEM_CIPHERTEXT + POINT), nothing);
  } catch { throw new Refused("other_key_file"); }
};

// -- MessagePack, as far as our own values reach: maps, strings, bytes, integers ---------------

const unpacked = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const take = (length) => {
    if (at + length > bytes.length) throw new Refused("damaged");
    at += length;
    return bytes.slice(at - length, at);
  };
  const number = (size) => {
    at += size;
    if (at > bytes.length) throw new Refused("damaged");
    if (size === 8) return Number(view.getBigUint64(at - 8));
    return size === 1 ? view.getUint8(at - 1) : size === 2 ? view.getUint16(at - 2) : view.getUint32(at - 4);
  };
  const map = (length) => {
    const found = new Map();
    for (let one = 0; one < length; one += 1) found.set(value(), value());
    return found;
  };
  const value = () => {
    const kind = number(1);
    if (kind < 0x80) return kind;
    if (kind < 0x90) return map(kind & 15);
    if (kind >= 0xa0 && kind < 0xc0) return text8(take(kind & 31));
    if (kind >= 0xc4 && kind <= 0xc6) return take(number(1 << (kind - 0xc4)));
    if (kind >= 0xcc && kind <= 0xcf) return number(1 << (kind - 0xcc));
    if (kind >= 0xd9 && kind <= 0xdb) return text8(take(number(1 << (kind - 0xd9))));
    throw new Refused("damaged");
  };
  const whole = value();
  if (at !== bytes.length) throw new Refused("damaged");
  return whole;
};

// {result, trace}: a list's two keys. Refused.
const listKeys = async (seeds, entrustor, list, sealed) => {
  const info = injective("calllist/list-keys/1", SUITE, entrustor, list);
  const found = unpacked(await opened(seeds, info, sealed));
  return { result: found.get("result_key"), trace: found.get("trace_key") };
};

// The 96 bytes of a key file (crypto/signed/keyfile.py). Refused("not_a_key_file").
const seedsOf = (bytes) => {
  let said;
  try { said = JSON.parse(text8(bytes)); } catch { throw new Refused("not_a_key_file"); }
  if (said?.format !== "calllist-key/1" || typeof said.recipient !== "string") {
    throw new Refused("not_a_key_file");
  }
  const standard = said.recipient.replaceAll("-", "+").replaceAll("_", "/");
  const seeds = unbase64(standard, "not_a_key_file");
  if (seeds.length !== SEED + POINT) throw new Refused("not_a_key_file");
  return seeds;
};

// -- the page ----------------------------------------------------------------------------------

const $ = (id) => document.getElementById(id);
const lang = () => document.documentElement.lang;
const say = (pair) => (lang() === "en" ? pair[1] : pair[0]);
const made = (tag, name, ...inside) => {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...inside);
  return element;
};
const bytesOf = async (file) => new Uint8Array(await file.arrayBuffer());

const able = async (algorithm, uses) => {
  try { return Boolean(await crypto.subtle.generateKey(algorithm, false, uses)); } catch { return false; }
};

// Fields into which one drops files; `changed` is called whenever one of them changes.
const fields = (changed) => {
  for (const box of document.querySelectorAll(".drop")) {
    const input = box.querySelector("input[type=file]");
    const named = () => {
      box.querySelector(".name").textContent = [...input.files].map((file) => file.name).join(", ");
      box.classList.toggle("filled", input.files.length > 0);
      changed();
    };
    input.addEventListener("change", named);
    box.addEventListener("dragover", (event) => { event.preventDefault(); box.classList.add("over"); });
    box.addEventListener("dragleave", () => box.classList.remove("over"));
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      box.classList.remove("over");
      if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; named(); }
    });
  }
  for (const kind of ["dragover", "drop"]) { // a file beside the fields must not replace the page
    document.addEventListener(kind, (event) => event.preventDefault());
  }
};

const languages = (redraw) => {
  for (const button of document.querySelectorAll("[data-to]")) {
    button.addEventListener("click", () => {
      document.documentElement.lang = button.dataset.to;
      document.title = say(TITLE);
      for (const option of document.querySelectorAll("option[data-en]")) {
        option.textContent = option.dataset[lang()]; // it has no room for elements in two languages
      }
      redraw();
    });
  }
};
