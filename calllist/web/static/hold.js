// The person in hand is shown until a certain time: before it comes the page says so, and one key
// puts it off. What was typed stays.

const WARN = 120; // seconds
const hold = document.querySelector("[data-longer]");
const soon = hold.querySelector(".soon");
const button = hold.querySelector("button");
const words = soon.textContent;
const from = (left) => performance.now() + left * 1000;
let end = from(Number(hold.dataset.left));

const tick = () => {
  const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
  const near = left <= WARN;
  hold.classList.toggle("near", near);
  soon.hidden = button.hidden = !near;
  if (near) soon.textContent = words.replace(/\d+/, String(left));
};

button.addEventListener("click", async () => {
  const token = document.querySelector("input[name=csrf]").value;
  const answer = await fetch(hold.dataset.longer, {
    method: "POST", headers: { "X-CSRF-Token": token, Accept: "application/json" }, redirect: "manual",
  }).catch(() => null); // no answer: the button is still there
  if (!answer?.ok) return;
  const { until, left } = await answer.json();
  hold.querySelector("[data-until]").textContent = until;
  end = from(left);
  tick();
});

tick();
setInterval(tick, 1000);
