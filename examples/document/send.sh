#!/usr/bin/env bash
# Sends the document of this folder over HTTP.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
exec "${PASSERELLE:-build/passerelle}" send --to "${HTTP:-http://127.0.0.1:8080}/inbox" \
  --token-file "${TOKEN:-passerelle-data/access-token}" "$here"/*.xml
