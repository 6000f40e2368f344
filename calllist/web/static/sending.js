// A file on its way to the job's lists, resumable, with real progress: from the screen where files
// are brought, and from the one that encrypts them. What the panel says stands in sending.html.

const TRIES = 8;
const TWICE = "same_file"; // what is refused unless its sender says so: `intake.problems`
const ASK_EVERY = 700; // milliseconds
const LATELY = 8; // answers that speed and remaining time are made of
const READING = 0.96; // of the bar; the rest is for indexing and storing, once the last row is read
const ENDING_ROWS = 150_000; // rows indexed in a second, about

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
  // page does: show(on), tell(words, body). body: a Blob, sent on from any byte; list: the bytes of
  // it that are the list, which the platform says how many it has read of.
  constructor(place, { body, type, query, list }) {
    this.place = place;
    this.file = body;
    this.list = list ?? body.size;
    this.type = type;
    this.query = query;
    this.token = token();
    this.panel = place.panel;
    this.words = this.panel.dataset;
    this.sent = this.read = this.rows = 0;
    this.seen = []; // of the last seconds: when, rows, bytes read
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
    if (answer.body.code === TWICE) { // here somebody may say that it is meant
      this.refuse(answer.body.detail, answer.body);
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
      const standing = this.ended ? null : await this.standing();
      if (standing?.state !== "receiving" || this.ended) continue;
      if (standing.read > this.read) {
        [this.rows, this.read] = [standing.rows, Math.min(standing.read, this.list)];
        this.seen = [...this.seen, [performance.now() / 1000, this.rows, this.read]].slice(-LATELY);
        if (this.read >= this.list) this.wholeAt = performance.now() / 1000;
      }
      this.draw();
    }
  }

  // Rows and bytes a second, as of late; null while nobody can tell.
  pace() {
    const [first, last] = [this.seen[0], this.seen.at(-1)];
    if (!first || last[0] === first[0]) return null;
    const seconds = last[0] - first[0];
    return { rows: (last[1] - first[1]) / seconds, bytes: (last[2] - first[2]) / seconds };
  }

  draw() {
    const { panel, words } = this;
    const pace = this.pace();
    const after = 1 + this.rows / ENDING_ROWS; // seconds, from the last row read to the receipt
    const since = this.wholeAt ? performance.now() / 1000 - this.wholeAt : 0;
    const share = READING * (this.list ? this.read / this.list : 0) + (1 - READING) * Math.min(since / after, 0.9);
    const percent = Math.floor(100 * share);
    panel.querySelector("progress").value = Math.floor(1000 * share);
    panel.querySelector("[data-share]").textContent = `${percent}%`;
    panel.querySelector("[data-sent]").textContent = `${size(this.sent)} / ${size(this.file.size)}`;
    if (this.rows) panel.querySelector("[data-rows]").textContent = this.rows.toLocaleString();
    if (pace) panel.querySelector("[data-rate]").textContent = `${Math.round(pace.rows).toLocaleString()} ${words.wordsRate}`;
    if (pace?.bytes) {
      const left = (this.list - this.read) / pace.bytes + after - since;
      panel.querySelector("[data-left]").textContent = words.wordsLeft.replace("#", span(left, words));
    }
    if (this.wholeAt) this.note(words.wordsSealing);
    else if (this.sent >= this.file.size) this.note(words.wordsWhole);
    if (Math.floor(percent / 25) > this.spoken) { // aloud at each quarter, not at each block
      this.spoken = Math.floor(percent / 25);
      this.place.say(`${words.wordsRead} ${percent}%`);
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

  refuse(words, body) {
    this.ended = true;
    this.show(false);
    this.place.tell(words, "bad", body);
  }
}
