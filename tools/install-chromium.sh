#!/bin/sh
# Puts Debian's Chromium on this machine: the browser tests and the screenshots of the manual drive it.
#
# Debian's own build, not the one Playwright would fetch for itself: it comes from the same place
# as the rest of the machine, is patched by it, and is the only one a closed network is likely to have.
# A second run finds it and does nothing.
set -eu

if [ -x /usr/bin/chromium ]; then
    exit 0
fi

refuse() {
    echo "install-chromium: $1" >&2
    exit 1
}

command -v apt-get >/dev/null 2>&1 ||
    refuse "no apt-get here. Install Chromium your system's way so that /usr/bin/chromium runs it."

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    # -n: a build that stops to ask for a password looks like a build that hangs.
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        refuse "needs root once. Run: sudo apt-get install chromium fonts-noto-core"
    fi
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "Installing Debian's Chromium for the browser tests (once, a minute or two) ..."

# $as_root stays unquoted on purpose: it is no word or two words.
apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 "$@" </dev/null >>"$log" 2>&1
}

# An update that fails on one source may still have left a list that names Chromium, so only the install decides.
apt update || true
# fonts-noto-core has the Kazakh letters, which are otherwise drawn as empty boxes.
if ! apt install --no-install-recommends chromium fonts-noto-core; then
    tail -n 20 "$log" >&2
    refuse "apt-get could not install chromium; its last words are above."
fi
[ -x /usr/bin/chromium ] || refuse "apt-get said it installed chromium, but /usr/bin/chromium is not there."
