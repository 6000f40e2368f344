// Stands where age-encryption has passphrases (scrypt), hardware tags (P-256) and post-quantum
// recipients: the keeper's recipients are X25519, so none of it is ever reached. Reaching it throws.
export const scrypt = undefined;
export const p256 = undefined;
export const MLKEM768P256 = undefined;
export const MLKEM768X25519 = undefined;
