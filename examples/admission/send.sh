#!/usr/bin/env bash
# Sends the messages of this folder, in order, over MLLP.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
exec "${PASSERELLE:-build/passerelle}" send --to "${MLLP:-mllp://127.0.0.1:2575}" "$here"/*.hl7
