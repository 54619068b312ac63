#!/usr/bin/env bash
# Sends the transaction of this folder to the FHIR interface.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
exec "${PASSERELLE:-build/passerelle}" send --to "${HTTP:-http://127.0.0.1:8080}/fhir" \
  --token-file "${TOKEN:-passerelle-data/access-token}" "$here"/*.json
