// Encrypting a file to one job in the browser (age format), then keeping it or handing it over.
// The file is read, encrypted and laid down piece by piece; no byte of it leaves the machine in clear.

import { Encrypter } from "./age.js";
import { CannotCheck, check, fingerprint, pinned, read } from "./recipient.js";
import { Sending, size } from "./sending.js";

const page = document.querySelector("[data-seal]");
const SEALED = "age-encryption.org/v1"; // what is encrypted already begins so
const PIECE_BYTES = 8 * 1024 * 1024; // ciphertext held in the script's own memory before the browser has it

const part = (name) => page.querySelector(`[data-${name}]`);
const words = page.dataset;
const turn = () => new Promise((done) => { window.setTimeout(done); });

const tell = (text, kind = "bad") => {
  const box = part("refused");
  box.className = `notice ${kind}`;
  box.querySelector("p").textContent = text;
  box.hidden = !text;
  if (text && kind === "bad") box.focus();
};

// -- whom it is encrypted to -----------------------------------------------------------------

let said = null; // the statement
let checked = false; // with a pinned key
let weighed = 0; // how often: a check that ends late judges nothing any more

const judge = (kind, text) => {
  const box = part("verdict");
  box.className = `notice ${kind}`;
  box.querySelector("p").textContent = text;
};

const ready = () => {
  part("unchecked").hidden = checked || !said;
  const file = part("file").files[0];
  part("go").disabled = !(said && file && (checked || part("anyway").checked));
};

const verified = (statement, key) => check(statement, key).then(
  () => "checked",
  (error) => (error instanceof CannotCheck ? "cannotCheck" : "notGenuine"),
);

const weigh = async () => {
  const text = part("pin").value;
  const key = text.trim() ? pinned(text) : null;
  weighed += 1;
  const mine = weighed;
  checked = false;
  part("anyway").checked = false;
  ready();
  const name = key ? await fingerprint(key) : "―";
  const verdict = said && key ? await verified(said, key) : null;
  if (mine !== weighed) return;
  part("key").textContent = name;
  if (!said) judge("bad", words.noStatement);
  else if (!text.trim()) judge("warn", words.notChecked);
  else if (!key) judge("bad", words.noKey);
  else {
    checked = verdict === "checked";
    if (verdict === "notGenuine") said = null; // signed by somebody else: nothing is encrypted to it
    judge({ checked: "good", cannotCheck: "warn" }[verdict] ?? "bad", words[verdict]);
  }
  ready();
};

let stated = null; // the statement's bytes, as they came

const take = async (bytes) => {
  stated = bytes;
  try { said = read(bytes, words.job); } catch { said = null; }
  part("recipient").textContent = said?.recipient ?? "―";
  part("contract").textContent = said?.contract ?? "―";
  part("issued").textContent = said ? moment(said.issued) : "―";
  await weigh();
};

const moment = (time) => time.toLocaleString(document.documentElement.lang, {
  timeZone: "Asia/Tokyo", dateStyle: "medium", timeStyle: "short",
});

const again = () => (stated ? take(stated) : weigh());

const fetched = async () => {
  const answer = await fetch(words.recipient).catch(() => null);
  if (answer?.ok && !answer.redirected) await take(new Uint8Array(await answer.arrayBuffer()));
  else await weigh();
};

// -- encrypting ------------------------------------------------------------------------------

let sealed = null;

// The file as an age file. `moved` is told how many bytes of ciphertext are there.
const encrypted = async (file, recipient, moved) => {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const stream = await encrypter.encrypt(file.stream());
  const whole = stream.size(file.size);
  const reader = stream.getReader();
  const pieces = [];
  let held = [];
  let bytes = 0;
  let total = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (value) {
      held.push(value);
      bytes += value.length;
      total += value.length;
    }
    if (done || bytes >= PIECE_BYTES) {
      pieces.push(new Blob(held)); // the browser's, who may lay it on a disk: it is ciphertext
      held = [];
      bytes = 0;
      moved(total, whole);
      await turn();
    }
    if (done) break;
  }
  if (total !== whole) throw new Error("the file changed meanwhile");
  return new Blob(pieces, { type: "application/octet-stream" });
};

const still = (on) => { for (const name of ["whom", "choose"]) part(name).inert = on; };

const seal = async () => {
  const file = part("file").files[0];
  const { recipient } = said;
  const sure = checked;
  tell("");
  if (await file.slice(0, SEALED.length).text() === SEALED) { tell(words.already); return; }
  forget();
  still(true);
  const meter = part("meter");
  meter.hidden = false;
  try {
    sealed = await encrypted(file, recipient, (done, whole) => { meter.value = Math.floor((1000 * done) / whole); });
  } catch {
    tell(words.unreadable);
    return;
  } finally {
    meter.hidden = true;
    still(false);
  }
  const save = part("save");
  save.href = URL.createObjectURL(sealed);
  save.download = `${file.name}.age`;
  part("size").textContent = size(sealed.size);
  part("done-unchecked").hidden = sure;
  part("done").hidden = false;
  part("done").focus();
};

const forget = () => {
  if (part("save").href) URL.revokeObjectURL(part("save").href);
  sealed = null;
  part("done").hidden = true;
  if (part("twice")) { part("twice").hidden = true; part("meant").checked = false; }
};

// -- handing over ----------------------------------------------------------------------------

let sending = null;

// What the platform says of the file. The same one once more is taken in if somebody means it.
const told = (text, kind, body) => {
  const twice = body?.code === "same_file";
  if (!twice) { tell(text, kind); return; }
  part("twice-said").textContent = text;
  part("twice").hidden = false;
  part("twice").focus();
};

const send = () => {
  tell("");
  const place = {
    panel: part("sending"),
    upload: words.upload,
    csrf: words.csrf,
    say: (text) => { part("spoken").textContent = text; },
    tell: told,
    show: (on) => { for (const name of ["whom", "choose", "done"]) part(name).inert = on; },
  };
  const query = new URLSearchParams(part("meant").checked ? [["again", "true"]] : []);
  sending = new Sending(place, { body: sealed, type: "application/octet-stream", query });
  sending.run();
};

if (page) {
  page.hidden = false;
  document.querySelector("[data-no-script]").remove();
  part("file").addEventListener("change", () => { forget(); tell(""); ready(); });
  part("anyway").addEventListener("change", ready);
  part("pin").addEventListener("input", again);
  part("pin-file").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (file && file.size <= 4096) { part("pin").value = await file.text(); await again(); }
    else if (file) judge("bad", words.noKey);
  });
  part("statement-file").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (file) await take(new Uint8Array(await file.slice(0, 65537).arrayBuffer()));
  });
  part("go").addEventListener("click", seal);
  part("send")?.addEventListener("click", send);
  part("cancel")?.addEventListener("click", () => sending?.cancel());
  fetched();
}
