#!/bin/sh
# Puts Pango on this machine: WeasyPrint sets the text of reports as PDF with it.
#
# A second run finds it and does nothing.
set -eu

if ldconfig -p 2>/dev/null | grep -q libpangoft2-1.0; then
    exit 0
fi

refuse() {
    echo "install-pango: $1" >&2
    exit 1
}

command -v apt-get >/dev/null 2>&1 || refuse "no apt-get here. Install Pango your system's way."

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    # -n: a build that stops to ask for a password looks like a build that hangs.
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        refuse "needs root once. Run: sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 fonts-noto-core"
    fi
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "Installing Debian's Pango for reports as PDF (once) ..."

# $as_root stays unquoted on purpose: it is no word or two words.
apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 "$@" </dev/null >>"$log" 2>&1
}

apt update || true
if ! apt install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 fonts-noto-core; then
    tail -n 20 "$log" >&2
    refuse "apt-get could not install Pango; its last words are above."
fi
