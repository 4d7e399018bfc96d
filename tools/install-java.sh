#!/bin/sh
# Puts Java on this machine: the tests of batches on a cluster start a small Spark.
#
# Debian's own package, without a desktop. A second run does nothing.
set -eu

if command -v java >/dev/null 2>&1; then
    exit 0
fi

refuse() {
    echo "install-java: $1" >&2
    exit 1
}

packages="openjdk-17-jre-headless"

command -v apt-get >/dev/null 2>&1 ||
    refuse "no apt-get here. Install Java 17 your system's way."

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
$as_root apt-get update || echo "install-java: apt-get update failed, trying with the lists at hand" >&2
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$packages" ||
    refuse "apt-get could not install $packages; the tests of Spark will be skipped, and fail under CI=true"
