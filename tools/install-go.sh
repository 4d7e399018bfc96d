#!/bin/sh
# Puts Go and its checksum-database packages on this machine: the tests build a verifier of our
# log from them that shares no line of code with us.
#
# Debian's own packages, so nothing is fetched from a module proxy. A second run does nothing.
set -eu

if command -v go >/dev/null 2>&1 && [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog ]; then
    exit 0
fi

refuse() {
    echo "install-go: $1" >&2
    exit 1
}

packages="golang-go golang-golang-x-mod-dev"

command -v apt-get >/dev/null 2>&1 ||
    refuse "no apt-get here. Install Go and golang.org/x/mod under /usr/share/gocode your system's way."

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    # -n: a build that stops to ask for a password looks like a build that hangs.
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        refuse "needs root once. Run: sudo apt-get install $packages"
    fi
fi

# An update that fails (a closed network, one dead mirror) need not stop the install: the lists at hand may do.
$as_root apt-get update || echo "install-go: apt-get update failed, trying with the lists at hand" >&2
# shellcheck disable=SC2086 # Two words are meant: one for each package.
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages ||
    refuse "apt-get could not install $packages; the tests of the Go verifier will be skipped, and fail under CI=true"
