#!/bin/sh
# Verdicts on the files beside this script.
here=$(cd "$(dirname "$0")" && pwd)
exec "${PASSERELLE:-$here/../../build/passerelle}" check "$@" "$here"/*.hl7 "$here"/*.xml "$here"/*.XML "$here"/*.json "$here"/*.eml "$here"/*.zip
