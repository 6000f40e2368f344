// Upload with progress: the same rows, sent as one stream. Without script the form does it.

const form = document.querySelector("[data-upload]");

const show = (live, text, share) => {
  if (live.hidden) {
    live.hidden = false;
    live.scrollIntoView({ block: "nearest" });
  }
  live.querySelector("[data-text]").textContent = text;
  const meter = live.querySelector("progress");
  if (share === null) meter.removeAttribute("value"); else meter.value = share;
};

const refuse = (words) => {
  const box = form.querySelector("[data-problem]");
  box.querySelector("p").textContent = words;
  box.hidden = false;
  box.scrollIntoView({ block: "nearest" });
  form.querySelector(".upload-live").hidden = true;
  form.querySelector("button").disabled = false;
};

const sentence = (answer, live) => {
  const place = [[answer.line, live.dataset.line], [answer.column, live.dataset.column]]
    .filter(([value]) => value).map(([value, words]) => words.replace("#", value)).join(" ");
  const code = answer.code && `(${answer.code})`;
  const words = answer.sentence ?? answer.detail ?? live.dataset.broken;
  return [words, place, code].filter(Boolean).join(" ");
};

// While the rows are being sealed: how many so far.
const watch = async (request, live) => {
  while (request.readyState !== XMLHttpRequest.DONE) {
    await new Promise((wait) => { window.setTimeout(wait, 1000); });
    const answer = await fetch(form.dataset.upload).catch(() => null);
    const lists = answer?.ok ? await answer.json() : [];
    const receiving = lists.find((list) => list.state === "receiving");
    if (receiving?.rows_seen && request.readyState !== XMLHttpRequest.DONE) {
      show(live, `${receiving.rows_seen.toLocaleString()}${live.dataset.rows}`, null);
    }
  }
};

const send = (file, live) => {
  const query = new URLSearchParams();
  for (const name of ["phone", "name"]) {
    const value = form.elements[name].value.trim();
    if (value) query.set(name, value);
  }
  const request = new XMLHttpRequest();
  request.open("PUT", `${form.dataset.upload}?${query}`);
  request.setRequestHeader("X-CSRF-Token", form.dataset.csrf);
  request.setRequestHeader("Content-Type", "text/csv");
  request.responseType = "json";
  request.upload.onprogress = (event) => {
    const share = event.total ? (100 * event.loaded) / event.total : 0;
    show(live, `${live.dataset.sending} ${Math.floor(share)}%`, share);
  };
  request.upload.onload = () => {
    show(live, live.dataset.sealing, null);
    watch(request, live);
  };
  request.onerror = () => refuse(live.dataset.broken);
  request.onload = () => {
    const answer = request.response ?? {};
    if (request.status < 300 && answer.list) window.location.assign(`/lists/${answer.list}`);
    else refuse(sentence(answer, live));
  };
  request.send(file);
};

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const file = form.elements.file.files[0];
  if (!file) return;
  form.querySelector("[data-problem]").hidden = true;
  form.querySelector("button").disabled = true;
  const live = form.querySelector(".upload-live");
  show(live, `${live.dataset.sending} 0%`, 0);
  send(file, live);
});
