#!/usr/bin/env bash
# Fetches the pinned FHIR packages into .packages and checks them against packages.lock. Does nothing when all are there.
set -euo pipefail
cd "$(dirname "$0")/../.."
mkdir -p .packages
while read -r digest package; do
  case "$digest" in ''|'#'*) continue ;; esac
  file=".packages/${package/@/-}.tgz"
  if [ ! -s "$file" ] || ! echo "$digest  $file" | sha256sum --check --status; then
    echo "fetching $package"
    (cd .packages && npm pack "$package" --silent > /dev/null)
    echo "$digest  $file" | sha256sum --check --quiet || { echo "$package is not what packages.lock says" >&2; exit 1; }
  fi
done < profiles/packages/packages.lock
