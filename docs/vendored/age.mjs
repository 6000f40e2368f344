// What `calllist/web/static/age.js` is built of: encrypting to X25519 recipients, and nothing else.
export { Encrypter } from "age-encryption";
