// Bringing a file: its shapes first, then the file itself, resumable, with real progress.
// Without script the same form does it, in the order of the page.

const form = document.querySelector("[data-upload]");
const HEAD = 256 * 1024; // bytes of a text file that its shapes are made of
const WORKBOOKS = /\.(xlsx|xlsm|xls)$/i;
const SEALED = "age-encryption.org/v1"; // what the entrustor has encrypted for the keeper begins so
const TRIES = 8;
const ASK_EVERY = 700; // milliseconds

const part = (name) => form.querySelector(`[data-${name}]`);
const pause = (time) => new Promise((done) => { window.setTimeout(done, time); });

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
  if (!refusals) return { type: "application/octet-stream", body: file };
  const border = `calllist-${token()}`;
  const head = (name) => `--${border}\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\n\r\n`;
  return {
    type: `multipart/form-data; boundary=${border}`,
    body: new Blob([head("refusals"), refusals, "\r\n", head("file"), file, `\r\n--${border}--\r\n`]),
  };
};

const merged = (...all) => new URLSearchParams(all.flatMap((one) => [...one]));

// -- shapes ----------------------------------------------------------------------------------

let chosen = null;
let looking = null;

const look = async () => {
  if (!chosen) return;
  if (await chosen.slice(0, SEALED.length).text() === SEALED) {
    part("shapes").textContent = ""; // nobody here can look into it
    part("go").disabled = false;
    tell(form.dataset.sealed, false);
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
  part("go").disabled = true;
  look();
};

// -- sending ---------------------------------------------------------------------------------

const tell = (words, bad = true) => {
  const box = part("refused");
  box.classList.toggle("bad", bad);
  box.querySelector("p").textContent = words;
  box.hidden = false;
  box.focus();
};

const say = (words) => { part("spoken").textContent = words; };

const token = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
};

const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3).toLocaleString()} kB`
  : `${(bytes / 1e6).toLocaleString(undefined, { maximumFractionDigits: 1 })} MB`);

const span = (seconds, words) => (seconds < 90 ? `${Math.max(1, Math.round(seconds))} ${words.wordsSeconds}`
  : `${Math.round(seconds / 60)} ${words.wordsMinutes}`);

class Sending {
  constructor(file, query) {
    const { body, type } = bodyOf(file);
    this.file = body;
    this.type = type;
    this.query = query;
    this.token = token();
    this.panel = part("sending");
    this.words = this.panel.dataset;
    this.sent = 0;
    this.rows = this.rate = 0;
    this.began = performance.now();
    this.spoken = 0;
    this.ended = false;
  }

  headers(more = {}) {
    return { "X-CSRF-Token": form.dataset.csrf, "Upload-Token": this.token, ...more };
  }

  async standing() {
    const answer = await fetch(`${form.dataset.upload}/uploads`, { headers: this.headers() }).catch(() => null);
    return answer?.ok ? answer.json() : null;
  }

  // The rows read so far: of the job's one list that was not there before.
  async rowsRead() {
    const answer = await fetch(`${form.dataset.upload}/lists`).catch(() => null);
    const lists = answer?.ok ? await answer.json() : [];
    this.before ??= new Set(lists.filter((one) => one.state !== "receiving").map((one) => one.id));
    return lists.find((one) => one.state === "receiving" && !this.before.has(one.id))?.rows_seen ?? 0;
  }

  // One request from this byte on: what it came to, or null if the line broke.
  put(offset) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      this.request = request;
      request.open("PUT", `${form.dataset.upload}/lists?${this.query}`);
      for (const [name, value] of Object.entries(this.headers({
        "Content-Type": this.type, "Upload-Offset": String(offset),
      }))) request.setRequestHeader(name, value);
      request.responseType = "json";
      request.upload.onprogress = (event) => { this.sent = offset + event.loaded; this.draw(); };
      request.upload.onload = () => { this.sent = this.file.size; this.draw(); };
      request.onerror = request.onabort = () => done(null);
      request.onload = () => done({ status: request.status, body: request.response ?? {} });
      request.send(offset ? this.file.slice(offset) : this.file);
    });
  }

  async run() {
    this.show(true);
    this.watch();
    let offset = 0;
    for (let tries = 0; tries < TRIES && !this.ended; tries += 1) {
      const answer = await this.put(offset);
      if (this.ended) return;
      if (answer && answer.body.code !== "upload_offset" && answer.body.code !== "upload_elsewhere") {
        await this.finish(answer);
        return;
      }
      this.note(this.words.wordsAgain);
      await pause(1000 * (tries + 1));
      const standing = await this.standing();
      if (standing?.state === "stored") { window.location.assign(`/lists/${standing.list}`); return; }
      if (standing?.state === "failed") { await this.finish({ status: 422, body: standing.failure ?? {} }); return; }
      offset = standing?.offset ?? 0;
    }
    if (!this.ended) this.refuse(this.words.wordsBroken);
  }

  async finish(answer) {
    this.ended = true;
    if (answer.status < 300 && answer.body.list) {
      window.location.assign(`/lists/${answer.body.list}`);
      return;
    }
    const standing = await this.standing();
    if (standing?.list && standing.state === "failed") window.location.assign(`/lists/${standing.list}`);
    else this.refuse(this.sentence(answer.body));
  }

  sentence(body) {
    const place = [[body.line, this.words.wordsLine], [body.column, this.words.wordsColumn]]
      .filter(([value]) => value).map(([value, words]) => words.replace("#", value)).join(" ");
    const code = body.code && `(${body.code})`;
    return [body.detail ?? this.words.wordsBroken, place, code].filter(Boolean).join(" ");
  }

  async watch() {
    while (!this.ended) {
      await pause(ASK_EVERY);
      const rows = this.ended ? 0 : await this.rowsRead();
      if (rows > this.rows && !this.ended) {
        const at = performance.now();
        if (this.rows) this.rate = (1000 * (rows - this.rows)) / (at - this.rowsAt);
        [this.rows, this.rowsAt] = [rows, at];
        this.draw();
      }
    }
  }

  draw() {
    const { panel, words } = this;
    const share = this.file.size ? this.sent / this.file.size : 0;
    const seconds = (performance.now() - this.began) / 1000;
    const meter = panel.querySelector("progress");
    if (share < 1) meter.value = Math.floor(1000 * share); else meter.removeAttribute("value");
    panel.querySelector("[data-sent]").textContent = `${size(this.sent)} / ${size(this.file.size)} (${Math.floor(100 * share)}%)`;
    if (this.rows) {
      panel.querySelector("[data-rows]").textContent = this.rows.toLocaleString();
      if (this.rate) panel.querySelector("[data-rate]").textContent = `${Math.round(this.rate).toLocaleString()} ${words.wordsRate}`;
    }
    const left = share > 0.01 && share < 1 ? (seconds / share) * (1 - share) : null;
    panel.querySelector("[data-left]").textContent = left === null ? "―" : words.wordsLeft.replace("#", span(left, words));
    if (share >= 1) this.note(words.wordsSealing);
    if (Math.floor(4 * share) > this.spoken) { // aloud at each quarter, not at each block
      this.spoken = Math.floor(4 * share);
      say(`${words.wordsSent} ${Math.floor(100 * share)}%`);
    }
  }

  note(words) { this.panel.querySelector("[data-said]").textContent = words; }

  show(on) {
    this.panel.hidden = !on;
    for (const name of ["choose", "send", "shapes", "side"]) part(name).inert = on;
    part("send").hidden = on;
    if (on) this.panel.scrollIntoView({ block: "center" });
  }

  async cancel() {
    this.ended = true;
    this.request?.abort();
    await fetch(`${form.dataset.upload}/uploads`, { method: "DELETE", headers: this.headers() }).catch(() => null);
    this.refuse(this.words.wordsCancelled);
  }

  refuse(words) {
    this.ended = true;
    this.show(false);
    tell(words);
  }
}

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
    sending = new Sending(chosen, merged(options(), mapped() ? byHand() : []));
    sending.run();
  });
  part("cancel").addEventListener("click", () => sending?.cancel());
}
