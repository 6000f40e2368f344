// A security key: the browser asks it what the page carries, the form brings its answer back.
// Nothing is fetched and nothing is kept here.

const form = document.querySelector("form[data-options]");
const button = form.querySelector("[data-ask]");
const status = form.querySelector("[data-status]");

const bytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
};

const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const decoded = (options) => {
  const keys = (list) => list?.map((key) => ({ ...key, id: bytes(key.id) }));
  const asked = { ...options, challenge: bytes(options.challenge) };
  if (options.user) asked.user = { ...options.user, id: bytes(options.user.id) };
  if (options.allowCredentials) asked.allowCredentials = keys(options.allowCredentials);
  return asked;
};

// As PublicKeyCredential.toJSON() writes it (WebAuthn Level 3), for browsers without it, too.
const encoded = (credential) => {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  const id = text(credential.rawId);
  return JSON.stringify({ id, rawId: id, type: credential.type, response });
};

const say = (word, bad) => {
  status.textContent = form.dataset[word];
  status.classList.toggle("bad", bad);
  status.hidden = false;
};

const trouble = { InvalidStateError: "known", NotAllowedError: "cancelled", SecurityError: "address" };

const ask = async () => {
  const publicKey = decoded(JSON.parse(form.dataset.options));
  button.disabled = true;
  say("waiting", false);
  try {
    const credential = await (form.dataset.ceremony === "create"
      ? navigator.credentials.create({ publicKey })
      : navigator.credentials.get({ publicKey }));
    form.elements.credential.value = encoded(credential);
    form.submit();
  } catch (error) {
    say(trouble[error.name] ?? "cancelled", true);
    button.disabled = false;
  }
};

if (!window.PublicKeyCredential || !window.isSecureContext) {
  say("unsupported", true);
} else if (button) {
  button.disabled = false;
  button.addEventListener("click", ask);
  button.focus();
}
