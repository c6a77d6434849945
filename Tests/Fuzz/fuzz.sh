#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tries every reader with libFuzzer and writes what came of it. Called by `make fuzz`.
# usage: fuzz.sh PROGRAM REPORT SECONDS SEED READER…
set -euo pipefail
program=$1 report=$2 seconds=$3 seed=$4
shift 4
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$root/.build/fuzz
found=0

# Inputs to begin with that are in the repository for other reasons.
others() {
  case $1 in
    experiment) ls "$root"/Experiments/*/experiment.json ;;
    picture) ls "$root"/Tests/Golden/pictures/*.{png,jpg} ;;
    weights) ls "$root"/Tests/Golden/keras/*.{h5,keras} ;;
    record) ls "$root"/Results/quickstart/experiments/*.json ;;
  esac
}

# HDF5 itself may crash, or not come back, on a file that is made to mislead it: counted apart.
is_in_hdf5() { sed -n '/ERROR: /,/SUMMARY: /p' "$1" | grep -q libhdf5; }

rows=()
for reader in "$@"; do
  corpus=$work/corpus/$reader findings=$work/findings/$reader log=$work/$reader.log
  mkdir -p "$corpus" "$findings"
  begin=$work/begin/$reader
  rm -rf "$begin"; mkdir -p "$begin"
  for file in $(others "$reader") "$root"/Tests/Fuzz/corpus/"$reader"/*; do
    if [ -f "$file" ]; then cp "$file" "$begin/"; fi
  done
  executions=0 inside=0 crashes=0 left=$seconds round=0
  while [ "$left" -gt 0 ]; do
    started=$(date +%s)
    status=0
    # Swift would show registers instead of leaving the crash to libFuzzer.
    SWIFT_BACKTRACE=enable=no CONTINUUM_READER=$reader nice -n 10 "$program" "$corpus" "$begin" \
      -artifact_prefix="$findings/" -seed=$((seed + round)) -max_total_time="$left" -timeout=20 \
      -rss_limit_mb=4096 -malloc_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
      > "$log" 2>&1 || status=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1)
    # One that crashed tells no sum: its last line of progress does.
    runs=${runs:-$(grep -oE '^#[0-9]+' "$log" | tail -1 | tr -d '#')}
    executions=$((executions + ${runs:-0}))
    [ "$status" -eq 0 ] && break
    if is_in_hdf5 "$log"; then
      inside=$((inside + 1))
    else
      crashes=$((crashes + 1))
      cp "$log" "$findings/round-$round.log"
    fi
    round=$((round + 1))
    left=$((left - $(date +%s) + started - 1))
    [ $((crashes + inside)) -lt 20 ] || break
  done
  covered=$(grep -oE 'cov: [0-9]+' "$log" | tail -1 | cut -d' ' -f2)
  rows+=("| $reader | $executions | $seconds | $seed | ${covered:-–} | $crashes | $inside |")
  echo "${rows[-1]}"
  found=$((found + crashes))
done

{
  echo "# Fuzzing"
  echo
  echo "\`make fuzz FUZZ_SECONDS=$seconds FUZZ_SEED=$seed\`, $(git -C "$root" rev-parse --short=12 HEAD)," \
    "$(nproc) processors. Every reader of files by itself, with libFuzzer: executions, the places in" \
    "our code that they reached, inputs that ended the reader (findings), and those that ended it" \
    "inside libhdf5 (Tests/Fuzz/README.md says what that means)."
  echo
  echo "| reader | executions | seconds | seed | edges | findings | inside HDF5 |"
  echo "|---|---:|---:|---:|---:|---:|---:|"
  printf '%s\n' "${rows[@]}"
} > "$report"
exit $((found > 0))
