// Bringing a file: its shapes first, then the file itself, resumable, with real progress.
// Without script the same form does it, in the order of the page.

import { Sending, token } from "./sending.js";

const form = document.querySelector("[data-upload]");
const HEAD = 256 * 1024; // bytes of a text file that its shapes are made of
const WORKBOOKS = /\.(xlsx|xlsm|xls)$/i;
const SEALED = "age-encryption.org/v1"; // what the entrustor has encrypted for the keeper begins so

const part = (name) => form.querySelector(`[data-${name}]`);

// -- the order of the page: without script the file has to come last in the form -------------

const arrange = () => {
  part("main").prepend(part("choose"));
  form.append(part("side"));
  for (const one of form.querySelectorAll("[data-with-script]")) one.hidden = false;
  for (const one of form.querySelectorAll("[data-no-script]")) one.remove();
  form.elements.file.required = false;
  part("go").disabled = true;
};

// -- what the form says ----------------------------------------------------------------------

const options = () => {
  const query = new URLSearchParams();
  for (const name of ["area_code", "encoding", "header_line", "sheet"]) {
    const value = form.elements[name].value.trim();
    if (value) query.set(name, value);
  }
  if (form.elements.corrects) query.set("corrects", form.elements.corrects.value);
  return query;
};

const mapped = () => form.querySelector("[data-mapped]")?.value === "1";

const columns = () => {
  const query = new URLSearchParams({ mapped: "1" });
  for (const one of form.querySelectorAll("[data-column]")) if (one.value) query.set(one.name, one.value);
  return query;
};

// The same as the API takes it: kind to "#3" or "#2+#3"; "-" where no column has it.
const byHand = () => {
  const query = new URLSearchParams();
  const kinds = new Map();
  for (const one of form.querySelectorAll("[data-column]")) {
    for (const option of one.options) {
      const kind = option.value.split(":")[0];
      if (kind && !kinds.has(kind)) kinds.set(kind, []);
    }
    if (one.value) kinds.get(one.value.split(":")[0]).push([one.value, `#${one.name.slice(1)}`]);
  }
  for (const [kind, places] of kinds) {
    query.set(kind, places.sort().map(([, place]) => place).join("+") || "-");
  }
  const line = part("shapes-done").dataset.headerLine;
  if (!form.elements.header_line.value.trim()) query.set("header_line", line);
  return query;
};

// With a list of refusals: a form of two files, made of the files' own bytes, so that it can be
// sent on from any byte like a single one.
const bodyOf = (file) => {
  const refusals = form.elements.refusals.files[0];
  if (!refusals) return { type: "application/octet-stream", body: file, list: file.size };
  const border = `calllist-${token()}`;
  const head = (name) => `--${border}\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\n\r\n`;
  return {
    type: `multipart/form-data; boundary=${border}`,
    list: file.size,
    body: new Blob([head("refusals"), refusals, "\r\n", head("file"), file, `\r\n--${border}--\r\n`]),
  };
};

const merged = (...all) => new URLSearchParams(all.flatMap((one) => [...one]));

// -- shapes ----------------------------------------------------------------------------------

let chosen = null;
let looking = null;

const look = async (again = true) => {
  if (!chosen) return;
  if (await chosen.slice(0, SEALED.length).text() === SEALED) {
    part("shapes").textContent = ""; // nobody here can look into it
    part("go").disabled = false;
    tell(form.dataset.sealed, "");
    return;
  }
  looking?.abort();
  looking = new AbortController();
  const shapes = part("shapes");
  const workbook = WORKBOOKS.test(chosen.name);
  const whole = workbook || chosen.size <= HEAD;
  const query = merged(options(), mapped() ? columns() : [], [["whole", whole ? "1" : "0"]]);
  if (mapped() && !query.has("header_line")) {
    const line = part("shapes-done")?.dataset.headerLine;
    if (line) query.set("header_line", line);
  }
  shapes.setAttribute("aria-busy", "true");
  say(form.dataset.looking);
  try {
    const answer = await fetch(`${form.dataset.look}?${query}`, {
      method: "POST",
      body: workbook ? chosen : chosen.slice(0, HEAD),
      headers: { "X-CSRF-Token": form.dataset.csrf, "Content-Type": "application/octet-stream" },
      signal: looking.signal,
    });
    const changed = mapped();
    const piece = new DOMParser().parseFromString(await answer.text(), "text/html");
    // The one before, given up here, came to the server after this one and took its place.
    if (again && piece.querySelector('[data-failure="disconnected"]')) return await look(false);
    if (piece.querySelector("main, .door")) throw new Error("no piece of a page"); // signed out, or trouble
    shapes.replaceChildren(...document.importNode(piece.body, true).childNodes);
    const field = form.querySelector("[data-mapped]");
    if (field && changed) field.value = "1";
    part("go").disabled = !form.querySelector("[data-shapes-done]:not([data-trouble])");
    say(form.dataset.looked);
  } catch (error) {
    if (error.name === "AbortError") return;
    tell(form.dataset.broken);
  }
  shapes.setAttribute("aria-busy", "false");
};

const choose = (file) => {
  chosen = file ?? null;
  const field = form.querySelector("[data-mapped]");
  if (field) field.value = "";
  part("refused").hidden = true;
  part("twice").hidden = !form.dataset.meant; // what was said of another file
  part("twice-said").textContent = "";
  form.elements.again.checked = false;
  part("go").disabled = true;
  look();
};

// -- sending ---------------------------------------------------------------------------------

const tell = (words, kind = "bad", body = null) => {
  if (body?.code === "same_file") { // here its sender may say that it is meant
    part("twice-said").textContent = words;
    part("twice").hidden = false;
    part("twice").focus();
    return;
  }
  const box = part("refused");
  box.classList.toggle("bad", kind === "bad");
  box.querySelector("p").textContent = words;
  box.hidden = false;
  box.focus();
};

const say = (words) => { part("spoken").textContent = words; };

const place = () => ({
  panel: part("sending"),
  upload: form.dataset.upload,
  csrf: form.dataset.csrf,
  say,
  tell,
  show(on) {
    for (const name of ["choose", "send", "shapes", "side"]) part(name).inert = on;
    part("send").hidden = on;
  },
});

// -- hands -----------------------------------------------------------------------------------

const drops = () => {
  const zone = part("drop");
  const over = (on) => (event) => {
    event.preventDefault();
    zone.classList.toggle("over", on);
  };
  zone.addEventListener("dragenter", over(true));
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer.files.length !== 1) return;
    form.elements.file.files = event.dataTransfer.files;
    choose(event.dataTransfer.files[0]);
  });
  for (const name of ["dragover", "drop"]) { // beside the mark: the browser must not open the file
    window.addEventListener(name, (event) => event.preventDefault());
  }
};

if (form) {
  let sending = null;
  arrange();
  drops();
  form.elements.file.addEventListener("change", () => choose(form.elements.file.files[0]));
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-column]")) {
      form.querySelector("[data-mapped]").value = "1";
      look();
    } else if (event.target.matches("[data-again]")) look();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!chosen || !form.reportValidity()) return;
    part("refused").hidden = true;
    const again = form.elements.again.checked ? [["again", "true"]] : [];
    sending = new Sending(place(), { ...bodyOf(chosen), query: merged(options(), mapped() ? byHand() : [], again) });
    sending.run();
  });
  part("cancel").addEventListener("click", () => sending?.cancel());
}
