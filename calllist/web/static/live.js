// Figures that move: what is marked data-live is fetched again every data-live seconds.
// Counts only; a part in which somebody is at work is left alone.

const parts = () => [...document.querySelectorAll("[data-live]")];
const busy = (part) => part.contains(document.activeElement) || part.querySelector("details[open]");

async function again() {
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { cache: "no-store", redirect: "manual" });
      if (answer.type === "opaqueredirect") return location.reload();
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of parts()) {
          const next = fresh.getElementById(part.id);
          if (next && !busy(part)) part.replaceWith(document.importNode(next, true));
        }
      }
    } catch {
      // the next round asks again
    }
  }
  wait();
}

function wait() {
  const seconds = Math.min(...parts().map((part) => Number(part.dataset.live)).filter(Boolean));
  if (Number.isFinite(seconds)) setTimeout(again, seconds * 1000);
}

wait();
