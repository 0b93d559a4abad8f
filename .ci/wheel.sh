#!/usr/bin/env bash
# The wheel as a user installs it: in two environments of its own, away from the checkout, without an extra and with
# [rapid]. What an environment that holds everything hides (a missing dependency, a file left out of the wheel) shows here.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

say() { printf 'wheel: %s\n' "$*"; }
fail() { say "$*"; exit 1; }

.venv/bin/python -m build --wheel --outdir "$folder/dist" . > "$folder/build.log" 2>&1 || { cat "$folder/build.log"; exit 1; }
wheel=$(echo "$folder"/dist/*.whl)

# run EXIT-STATUS COMMAND...: the output is in $folder/out; a traceback is never right.
run() {
  local wanted=$1 status=0
  shift
  (cd "$folder" && env -u PYTHONPATH "$@" < /dev/null > out 2>&1) || status=$?
  ! grep -q '^Traceback' "$folder/out" || { cat "$folder/out"; fail "traceback of $*"; }
  [ "$status" = "$wanted" ] || { cat "$folder/out"; fail "exit status $status and not $wanted of $*"; }
}

for extra in "" "[rapid]"; do
  environment="$folder/venv$extra"
  "${PYTHON:-python3.11}" -m venv "$environment"
  "$environment/bin/pip" install --quiet "$wheel$extra"
  program="$environment/bin/hunyuanocr"
  say "installed ${extra:-without an extra}"
  run 0 "$program" --version
  run 0 "$program" --help
  if [ ! -f "$folder/page.png" ]; then
    (cd "$folder" && "$environment/bin/python" -c "
from PIL import Image, ImageDraw, ImageFont
page = Image.new('RGB', (900, 300), 'white')
ImageDraw.Draw(page).text((60, 100), 'Invoice INV-2041', 'black', ImageFont.load_default(64))
page.save('page.png')
page.rotate(90, expand=True).save('turned.png')")
  fi
  if [ -z "$extra" ]; then
    run 1 "$program" doctor
    run 2 "$program" read page.png
    grep -q 'langchain-hunyuanocr\[rapid\]' "$folder/out" || { cat "$folder/out"; fail "read names no remedy"; }
  else
    run 0 "$program" doctor
    for page in page.png turned.png; do
      run 0 "$program" read "$page"
      grep -q 'INV-2041' "$folder/out" || { cat "$folder/out"; fail "$page was read wrongly"; }
    done
    ! "$environment/bin/pip" list 2> /dev/null | grep -E '^opencv-(contrib-)?python ' || fail "an OpenCV that needs a screen"
  fi
done
say "starts and reads in both environments"
