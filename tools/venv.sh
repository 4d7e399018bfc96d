#!/bin/sh
# Makes .venv from the lock: `tools/venv.sh run` for what Keruen needs, `tools/venv.sh dev` for tests as well.
# `tools/venv.sh peers` makes .venv-peers with matchers that are not ours, to measure beside: Keruen is not in it.
#
# pip is called only when the lock, the interpreter or the place of this folder has changed, so that a second
# run is instant and needs no network. Keruen itself is not built: a .pth file points at src/, which needs no
# build tool and leaves nothing to go stale.
set -eu
cd "$(dirname "$0")/.."
root=$(pwd)

say() { printf '%s\n' "$*" >&2; }
refuse() {
    say "$@"
    exit 1
}

venv=.venv
case "${1:-run}" in
run) locks="requirements.txt" ;;
dev) locks="requirements-dev.txt requirements.txt" ;;
peers) locks="requirements-peers.txt" venv=.venv-peers ;;
*) refuse "usage: tools/venv.sh [run|dev|peers]" ;;
esac

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

python=""
for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 && new_enough "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    found=$(python3 --version 2>/dev/null || echo "no python3")
    refuse "Keruen needs Python 3.11 or later; found: $found." \
        "Install a later one and, if it is not first on the PATH, run: make PYTHON=/path/to/python3.11 ..."
fi
"$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
    refuse "$("$python" --version) here cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"

# What the environment was made from. Where one of these changed, it is not the one we want.
wanted=$("$python" - "$root" $locks <<'PY'
import hashlib, pathlib, sys
digest = hashlib.sha256(f"{sys.version} {sys.base_prefix} {sys.argv[1]}".encode())
for lock in sys.argv[2:]:
    digest.update(pathlib.Path(lock).read_bytes())
print(digest.hexdigest())
PY
)
stamp="$venv/.made-from-${1:-run}"
if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ]; then
    exit 0
fi

say "Installing packages into $venv (once; under a minute on a usual line) ..."
# Without the stamp a run that is cut short is done again from here.
rm -f "$stamp"
"$python" -m venv "$venv" || refuse "could not make $venv; if one from another Python is in the way, run: make clean"
# The lock names every package, so nothing is to be resolved; and what is never imported need not be compiled.
# Both together halve the time. -qq: errors only. What pip would say of its own version, or of its cache's owner, helps
# nobody here.
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input --no-deps --no-compile \
    --require-hashes -r "${locks%% *}" ||
    refuse "pip could not install ${locks%% *}; its words are above. Is there a network, and is this platform a usual one?"

if [ "$venv" != .venv ]; then
    printf '%s\n' "$wanted" >"$stamp"
    exit 0
fi

site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n' "$root/src" >"$site/keruen.pth"
# sh finds the interpreter beside this very file, so the path may be long or have spaces, as a #! line may not.
cat >.venv/bin/keruen <<'SCRIPT'
#!/bin/sh
'''exec' "$(dirname -- "$0")/python" "$0" "$@"
' '''
import sys

from keruen.faces.cli import main

sys.argv[0] = "keruen"
sys.exit(main())
SCRIPT
chmod 755 .venv/bin/keruen
printf '%s\n' "$wanted" >"$stamp"
