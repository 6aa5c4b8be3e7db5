#!/bin/sh
# Runs uv, and brings it first where it is missing: into .uv, never into the system's Python, whose pip may be absent or
# externally managed.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}

if command -v uv >/dev/null 2>&1; then
    exec uv "$@"
fi
uv="$here/.uv/bin/uv"
if [ ! -x "$uv" ]; then
    rm -rf "$here/.uv"
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        # Debian and Ubuntu ship Python without ensurepip
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        install="apt-get install -y python$version-venv"
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
            apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive $install -qq >&2
        else
            echo "Python $version has no venv module here; run: sudo $install" >&2
            exit 1
        fi
    fi
    "$python" -m venv "$here/.uv" >&2
    "$here/.uv/bin/python" -m pip install --quiet --disable-pip-version-check uv >&2
fi
exec "$uv" "$@"
