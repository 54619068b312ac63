#!/usr/bin/env bash
# Installs what is missing, builds, starts the gateway, sends the examples through it and stays up.
#   ./run.sh [--no-start] [--data FOLDER]
set -euo pipefail
cd "$(dirname "$0")"
. .ci/prepare.sh

start=yes
data=passerelle-data
while [ $# -gt 0 ]; do
  case "$1" in
    --no-start) start=no ;;
    --data) data=$2; shift ;;
    --help) sed -n '2,3s/^# //p' "$0"; exit 0 ;;
    *) echo "run.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift
done

install_packages .ci/packages.txt
profiles/packages/fetch.sh
build build -DBUILD_TESTING=OFF
[ "$start" = yes ] || exit 0

listening() { (exec 3<> /dev/tcp/127.0.0.1/8080) 2> /dev/null; }

say "starting the gateway"
if listening; then
  echo "run.sh: something listens on 127.0.0.1:8080 already; is a gateway up?" >&2
  exit 1
fi
settings=$(mktemp)
trap 'rm -f "$settings"' EXIT
printf 'data = "%s"\n' "$data" > "$settings"
build/passerelle serve --config "$settings" &
gateway=$!
trap 'kill "$gateway" 2> /dev/null; wait "$gateway"; rm -f "$settings"' EXIT
trap 'exit 0' INT TERM
until listening; do
  kill -0 "$gateway" 2> /dev/null || { wait "$gateway"; exit 1; }
  sleep 0.1
done

token="$data/access-token"
for example in examples/*/send.sh; do
  say "$(dirname "$example"): $(sed -n '1s/^# //p' "$(dirname "$example")/README.md")"
  PASSERELLE=build/passerelle TOKEN="$token" bash "$example" || true
done

say "the gateway stays up; Ctrl-C ends it"
cat <<EOF
  console       http://127.0.0.1:8080/
  messages      curl -H "Authorization: Bearer \$(cat $token)" http://127.0.0.1:8080/messages
  the record    curl -H "Authorization: Bearer \$(cat $token)" http://127.0.0.1:8080/fhir/Patient
  MLLP          127.0.0.1:2575
EOF
wait "$gateway"
