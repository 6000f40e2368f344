// An invitation link carries its code behind "#": it never reaches a server log.

const code = window.location.hash.slice(1);
const field = document.querySelector("#invitation");
if (code && field) {
  field.value = code;
  window.history.replaceState(null, "", window.location.pathname);
  document.querySelector("#password")?.focus();
}
