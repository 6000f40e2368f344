// The board, as the server says it anew. A part in which somebody is at work is left alone.

const board = document.querySelector("[data-stream]");
const busy = () => board.contains(document.activeElement) || board.querySelector("details[open]");

let source = null;
const watch = () => {
  source = new EventSource(board.dataset.stream);
  source.addEventListener("message", (event) => {
    if (busy()) return;
    const fresh = new DOMParser().parseFromString(event.data, "text/html");
    board.replaceChildren(...[...fresh.body.childNodes].map((node) => document.importNode(node, true)));
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) location.reload(); // signed out: the page says so
  });
};

// A board that nobody looks at asks for nothing.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) source.close();
  else watch();
});
watch();
