// What `calllist/web/offline/noble.js` is built of: what browsers lack or cannot do piece by piece.
export { sha256 } from "@noble/hashes/sha2.js";
export { sha3_256 } from "@noble/hashes/sha3.js";
export { hmac } from "@noble/hashes/hmac.js";
export { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
