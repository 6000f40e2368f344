// Steps of a call beside its result: an identity check, a number shown, the call's code, whom to
// transfer to. Each answers with the person's page, of which only the part that data-step names, or
// all that stands beside the results, is put in place here: what was typed for the result stays.
// Nothing is stored; without this the forms and links lead to the same pages.

const desk = document.querySelector(".desk");
const BEFORE_THE_CALL = [".inbound-now", "[data-idle]"]; // a screen never locks itself during a call
let taking = 0; // a later step overtakes an earlier one's answer

const beside = (page) => {
  const choice = page.querySelector("[data-beside]");
  if (!choice) return false;
  desk.querySelectorAll(".stack > .notice, .stack > [data-beside]").forEach((before) => before.remove());
  document.querySelector(".inbound-now")?.removeAttribute("open");
  desk.querySelector(".stack").prepend(document.importNode(choice, true));
  desk.querySelector("[data-beside] .main, [data-beside] a, [data-beside] .button")?.focus();
  return true;
};

const put = (page, part) =>
  document.querySelector(part).replaceWith(document.importNode(page.querySelector(part), true));
// Where the call stands and what is said of it: when that changes, all is put in place.
const told = (page) => [...page.querySelectorAll("[aria-current=step], .stack > .notice, .stack > [data-beside]")]
  .map((one) => one.textContent).join();

const sameCall = (page, part) => {
  const fresh = page.querySelector(".desk");
  if (fresh?.dataset.away !== desk.dataset.away) return false;
  put(page, part && told(page) === told(document) ? part : ".stack");
  put(page, ".stages");
  put(page, "form[action='/language']"); // which leads back to this answer
  for (const before of BEFORE_THE_CALL) if (!page.querySelector(before)) document.querySelector(before)?.remove();
  desk.dataset.every = fresh.dataset.every;
  document.dispatchEvent(new Event("stepped"));
  return true;
};

// Where the call has ended meanwhile, its page says so. Whether this page stays.
const step = async (address, part, sent) => {
  const mine = ++taking;
  const answer = await fetch(address, { cache: "no-store", headers: { Accept: "text/html" }, ...sent });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== taking) return true;
  if (sameCall(page, part)) {
    if (answer.redirected) history.replaceState(null, "", answer.url); // as without this: codes, no values
    return true;
  }
  if (beside(page)) return true;
  location.replace(answer.redirected ? answer.url : desk.dataset.away);
  return false;
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-step]")) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const again = () => delete form.dataset.sent;
  step(form.action, form.dataset.step, { method: "POST", body }).then((stays) => stays && again(), again);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-step]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  step(link.href, link.dataset.step).catch(() => location.assign(link.href));
});

// What was shown for some seconds is masked again.
document.addEventListener("over", (event) => {
  event.preventDefault();
  step(event.detail, ".person").catch(() => location.replace(event.detail));
});
