// Nobody at the screen: after a while without a key or the pointer, in whichever tab, the screen is
// locked. The page of a call has no such form. Nothing is stored; the tabs hear one word.

const form = document.querySelector("[data-idle]");
if (form) {
  const most = Number(form.dataset.idle) * 1000;
  const tabs = new BroadcastChannel("idle");
  let last = Date.now();
  const here = () => {
    if (Date.now() - last > 1000) tabs.postMessage("here");
    last = Date.now();
  };
  for (const kind of ["keydown", "pointerdown", "pointermove", "wheel"]) {
    document.addEventListener(kind, here, { capture: true, passive: true });
  }
  tabs.addEventListener("message", () => { last = Date.now(); });
  const watch = setInterval(() => {
    if (!form.isConnected) return clearInterval(watch); // a call has begun on this page
    if (Date.now() - last < most) return;
    clearInterval(watch);  // asked again, it would overtake its own answer
    form.requestSubmit();
  }, 1000);
}
