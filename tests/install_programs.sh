#!/bin/sh
# Programs that some tests need and no wheel holds: a browser, a web server, a font with Chinese characters.
# Debian's own are installed where they are missing and that is allowed; else those tests are skipped, each with its reason.
export PATH="$PATH:/usr/sbin" DEBIAN_FRONTEND=noninteractive
missing=""
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
  missing="$missing chromium"
command -v nginx >/dev/null || missing="$missing nginx-light"
fc-list :lang=zh 2>/dev/null | grep -q . || [ -e /usr/share/fonts/truetype/wqy/wqy-zenhei.ttc ] ||
  missing="$missing fonts-wqy-zenhei"
[ -z "$missing" ] && exit 0

skipped() {
  echo "make test: tests that need$missing are skipped: $1" >&2
  exit 1
}

command -v apt-get >/dev/null || skipped "this system has no apt-get, install them by hand"
as_root=""
if [ "$(id -u)" != 0 ]; then
  sudo -n true 2>/dev/null || skipped "as root, run: apt-get install$missing"
  as_root="sudo -n env DEBIAN_FRONTEND=noninteractive"
fi
echo "make test: installing$missing" >&2
log=$(mktemp)
# shellcheck disable=SC2086 - lists of words
if ! { $as_root apt-get update && $as_root apt-get install --yes --no-install-recommends $missing; } >"$log" 2>&1; then
  why=$(grep -m 1 '^E:' "$log" || tail -n 1 "$log")
  rm -f "$log"
  skipped "apt-get says $why"
fi
rm -f "$log"
