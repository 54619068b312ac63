#!/usr/bin/env bash
# Builds every fuzz target and runs each on its seeds for an equal share of SECONDS (default 60). A finding is left in
# build-fuzz/findings and fails the run.
#   tests/fuzz/run.sh [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
targets=$(ls tests/fuzz/*_fuzz.cpp 2> /dev/null | xargs -rn1 basename -s .cpp)
[ -n "$targets" ] || { echo "no fuzz targets"; exit 0; }
cmake -S . -B build-fuzz -G Ninja -DPASSERELLE_FUZZ=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19 > build-fuzz.configure.log
cmake --build build-fuzz -- $targets
share=$((seconds / $(echo "$targets" | wc -w)))
mkdir -p build-fuzz/findings
for target in $targets; do
  mkdir -p "build-fuzz/corpus/$target"
  printf '%s for %s s: ' "$target" "$share"
  if "build-fuzz/$target" -max_total_time="$share" -timeout=5 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="build-fuzz/findings/$target-" "build-fuzz/corpus/$target" "tests/fuzz/seeds/${target%_fuzz}" \
    > "build-fuzz/$target.log" 2>&1; then
    sed -n 's/^stat::number_of_executed_units: *//p' "build-fuzz/$target.log" | sed 's/$/ runs, nothing found/'
  else
    tail -n 40 "build-fuzz/$target.log"
    exit 1
  fi
done
