#!/bin/sh
# Builds calllist/web/offline/noble.js anew, from the package registry by the lock's hashes, and says
# its SHA-256. The same bytes come out each time; tests/offline_pages holds them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$here/../../calllist/web/offline/noble.js}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/package.json "$here"/package-lock.json "$here"/*.mjs "$work"
cd "$work"
npm ci --silent --ignore-scripts --no-audit --no-fund
node_modules/@esbuild/*/bin/esbuild noble.mjs --bundle --format=iife --global-name=noble \
  --target=es2022 --legal-comments=none --log-level=warning --outfile=built.js
{
  echo "/* Built by docs/vendored/build_noble.sh. Not ours: do not edit."
  for one in @noble/hashes @noble/post-quantum; do
    printf '\n== %s %s\n' "$one" "$(node -p "require('./node_modules/$one/package.json').version")"
    cat "node_modules/$one/LICENSE"
    echo
  done
  echo "*/"
  cat built.js
} > "$target"
sha256sum "$target"
