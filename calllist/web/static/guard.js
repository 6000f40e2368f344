// What the screen of one person does for itself: it stands in one tab, and says how often it was
// copied from. Nothing is stored; other tabs hear one word, the server a count.

const person = document.querySelector("[data-still]");

// The newest tab keeps the person; the one before shows nobody.
const tabs = new BroadcastChannel("desk");
tabs.addEventListener("message", () => location.replace(person.dataset.elsewhere));
tabs.postMessage("here");

document.addEventListener("copy", () => {
  const token = document.querySelector("input[name=csrf]").value;
  fetch(person.dataset.copied, { method: "POST", headers: { "X-CSRF-Token": token }, keepalive: true });
});
