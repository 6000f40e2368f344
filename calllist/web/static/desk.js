// The desk's keyboard and the reveal's countdown. Nothing is stored; what is fetched is one yes.

const typing = (element) => element instanceof HTMLInputElement && !["radio", "submit"].includes(element.type)
  || element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement
  || element.matches?.("[data-closed]"); // where answers were typed: out of habit they still are

// The physical key, so that a Japanese input method does not swallow the number keys.
const keyOf = (event) => {
  const match = /^(?:Digit|Numpad|Key)(\w)$/.exec(event.code);
  return match ? match[1].toLowerCase() : event.key;
};

const choose = (key) => {
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return false;
  if (target.type === "radio") {
    target.checked = true;
    target.focus({ preventScroll: true });
    target.dispatchEvent(new Event("change", { bubbles: true }));
    const when = document.querySelector("#when");
    if (target.hasAttribute("data-when") && when) when.focus();
  } else {
    target.click();
    if (target.tagName === "SUMMARY") target.parentElement.querySelector("select, input[type=text], button")?.focus();
  }
  return true;
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.key === "Escape" && typing(event.target)) {
    event.target.blur();
    return;
  }
  if (typing(event.target)) return;
  if (event.code === "Slash" || event.key === "/") {
    const field = document.querySelector("[data-focus='/']");
    if (field) { event.preventDefault(); field.focus(); }
    return;
  }
  if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)
      && !(event.target instanceof HTMLAnchorElement)) {
    const send = document.querySelector(".results .main") ?? document.querySelector(".rest .main");
    if (send) { event.preventDefault(); send.click(); }
    return;
  }
  if (choose(keyOf(event))) event.preventDefault();
});

// A call has one result: a second click on the way is not sent again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest("main")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});

// The entrustor may take a person out in mid-call, a supervisor may take over: then the page goes,
// with what it shows. A supervisor who does not take over takes nothing away: what was typed stays.
const person = document.querySelector("[data-still]");
if (person) {
  const ask = async () => {
    const asked = document.querySelector("[data-kept]");
    try {
      const still = person.dataset.still + (asked ? "?asked=1" : "");
      const answer = await fetch(still, { cache: "no-store", redirect: "manual" });
      if (answer.status === 409 && asked) {
        asked.textContent = asked.dataset.kept;
        delete asked.dataset.kept;
        const again = document.querySelector("[data-unasked]");
        again.hidden = false;
        again.dataset.key = again.dataset.unasked;
      } else if (answer.status !== 204) return location.replace(person.dataset.away);
    } catch {
      // no answer is no word: the next round asks again
    }
    wait();
  };
  let waiting = 0;
  const wait = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, Number(person.dataset.every) * 1000);
  };
  wait();
  document.addEventListener("stepped", wait);
}

const count = () => document.querySelectorAll("[data-seconds]").forEach((place) => {
  const end = performance.now() + Number(place.dataset.seconds) * 1000;
  const words = place.textContent;
  window.history.replaceState(null, "", place.dataset.back); // reloading masks, it does not ask again
  const tick = () => {
    if (!place.isConnected) return;
    const left = Math.ceil((end - performance.now()) / 1000);
    if (left <= 0) {
      document.querySelectorAll("[data-revealed]").forEach((shown) => shown.remove());
      const over = new CustomEvent("over", { detail: place.dataset.back, cancelable: true });
      if (document.dispatchEvent(over)) window.location.replace(place.dataset.back);
      return;
    }
    place.textContent = words.replace(/\d+/, String(left));
    window.setTimeout(tick, 250);
  };
  tick();
});
count();
document.addEventListener("stepped", count);

// How long wrap-up should still take. Nothing is taken away at its end.
for (const place of document.querySelectorAll("[data-wrap]")) {
  const end = performance.now() + Number(place.dataset.wrap) * 1000;
  const words = place.textContent;
  const tick = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    place.textContent = left > 0 ? words.replace(/\d+/, String(left)) : place.dataset.over;
    place.classList.toggle("late", left <= 0);
    if (left > 0) window.setTimeout(tick, 250);
  };
  tick();
}

// A page brought back from the browser's memory shows nobody.
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
