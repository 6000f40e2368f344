#!/bin/sh
# Builds calllist/web/static/age.js anew, from the package registry by the lock's hashes, and says
# its SHA-256. The same bytes come out each time; tests/calllist/web/test_vendored.py holds them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$here/../../calllist/web/static/age.js}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/package.json "$here"/package-lock.json "$here"/*.mjs "$work"
cd "$work"
npm ci --silent --ignore-scripts --no-audit --no-fund
left=./left_out.mjs
node_modules/@esbuild/*/bin/esbuild age.mjs --bundle --format=esm --target=es2022 \
  --legal-comments=none --log-level=warning --outfile=built.js \
  --alias:@noble/hashes/scrypt.js=$left --alias:@noble/curves/nist.js=$left \
  --alias:@noble/post-quantum/hybrid.js=$left
{
  echo "/* age-encryption 0.3.1 (github.com/FiloSottile/typage), built by docs/vendored/build.sh. Not ours:"
  echo "do not edit. It encrypts to X25519 recipients; passphrases, P-256 and post-quantum are left out."
  for one in age-encryption @noble/ciphers @noble/curves @noble/hashes @scure/base; do
    printf '\n== %s %s\n' "$one" "$(node -p "require('./node_modules/$one/package.json').version")"
    cat "node_modules/$one/LICENSE"
    echo
  done
  echo "*/"
  cat built.js
} > "$target"
sha256sum "$target"
