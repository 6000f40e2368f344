// A file on its way to the job's lists, resumable, with real progress: from the screen where files
// are brought, and from the one that encrypts them. What the panel says stands in sending.html.

const TRIES = 8;
const ASK_EVERY = 700; // milliseconds

const pause = (time) => new Promise((done) => { window.setTimeout(done, time); });

export const token = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
};

export const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3).toLocaleString()} kB`
  : `${(bytes / 1e6).toLocaleString(undefined, { maximumFractionDigits: 1 })} MB`);

const span = (seconds, words) => (seconds < 90 ? `${Math.max(1, Math.round(seconds))} ${words.wordsSeconds}`
  : `${Math.round(seconds / 60)} ${words.wordsMinutes}`);

export class Sending {
  // place: the panel (sending.html), the job's address in the API, the form token, and what the
  // page does: show(on), tell(words), say(words). body: a Blob, sent on from any byte.
  constructor(place, { body, type, query }) {
    this.place = place;
    this.file = body;
    this.type = type;
    this.query = query;
    this.token = token();
    this.panel = place.panel;
    this.words = this.panel.dataset;
    this.sent = 0;
    this.rows = this.rate = 0;
    this.began = performance.now();
    this.spoken = 0;
    this.ended = false;
  }

  headers(more = {}) {
    return { "X-CSRF-Token": this.place.csrf, "Upload-Token": this.token, ...more };
  }

  async standing() {
    const answer = await fetch(`${this.place.upload}/uploads`, { headers: this.headers() }).catch(() => null);
    return answer?.ok ? answer.json() : null;
  }

  // The rows read so far: of the job's one list that was not there before.
  async rowsRead() {
    const answer = await fetch(`${this.place.upload}/lists`).catch(() => null);
    const lists = answer?.ok ? await answer.json() : [];
    this.before ??= new Set(lists.filter((one) => one.state !== "receiving").map((one) => one.id));
    return lists.find((one) => one.state === "receiving" && !this.before.has(one.id))?.rows_seen ?? 0;
  }

  // One request from this byte on: what it came to, or null if the line broke.
  put(offset) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      this.request = request;
      request.open("PUT", `${this.place.upload}/lists?${this.query}`);
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
      this.place.say(`${words.wordsSent} ${Math.floor(100 * share)}%`);
    }
  }

  note(words) { this.panel.querySelector("[data-said]").textContent = words; }

  show(on) {
    this.panel.hidden = !on;
    this.place.show(on);
    if (on) this.panel.scrollIntoView({ block: "center" });
  }

  async cancel() {
    this.ended = true;
    this.request?.abort();
    await fetch(`${this.place.upload}/uploads`, { method: "DELETE", headers: this.headers() }).catch(() => null);
    this.refuse(this.words.wordsCancelled);
  }

  refuse(words) {
    this.ended = true;
    this.show(false);
    this.place.tell(words);
  }
}
