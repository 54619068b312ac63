# Sourced by run.sh and test.sh: installs what is missing, fetches the pinned FHIR packages, builds. Each step does
# nothing when there is nothing to do.

say() { printf '\n== %s\n' "$*"; }

wanted_packages() {
  grep -hv '^#' "$@" | while read -r package; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" = installed ] || echo "$package"
  done
  command -v node > /dev/null && command -v npm > /dev/null || printf 'nodejs\nnpm\n'
}

install_packages() {
  local missing
  missing=$(wanted_packages "$@")
  [ -n "$missing" ] || return 0
  say "installing" $missing
  local root=""
  [ "$(id -u)" = 0 ] || root=sudo
  $root apt-get update -q
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $root apt-get install -y -q --no-install-recommends $missing
}

build() {  # build FOLDER [CMAKE OPTIONS...]
  local folder=$1
  shift
  say "building in $folder"
  cmake -S . -B "$folder" -G Ninja "$@" > "$folder.configure.log" 2>&1 || { cat "$folder.configure.log"; return 1; }
  cmake --build "$folder"
}
