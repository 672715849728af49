#!/bin/bash
# unpack.sh SUITE FOLDER: the Docker Engine of another Debian release (its docker.io and containerd), unpacked into
# FOLDER/bin; nothing is installed, and nothing is done where FOLDER is there already. Its runc wants a newer C library
# than this machine may have, so the one that is installed here goes on doing that work. Needs apt-get, dpkg-deb and a
# Debian mirror: the one of this machine's own apt sources, or STACKSWAP_TEST_MIRROR.
set -euo pipefail
suite=$1 folder=$2
[ ! -d "$folder" ] || exit 0

mirror_of_this_machine() {
  apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 'Component: main' |
    awk '$2 !~ /-/ { print $1; exit }'
}
mirror=${STACKSWAP_TEST_MIRROR:-$(mirror_of_this_machine)}
[ -n "$mirror" ] || { echo 'no Debian mirror in the sources of apt: set STACKSWAP_TEST_MIRROR' >&2; exit 1; }

mkdir -p "$(dirname "$folder")"
work=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/root" "$work/result/bin"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/sources.list"
apt() {
  apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/lists" \
    -o Dir::State::status=/dev/null -o Dir::Cache="$work/cache" -o Acquire::Languages=none -o Acquire::Retries=3 \
    -o APT::Sandbox::User=root "$@"
}
{
  apt update
  (cd "$work/debs" && apt download docker.io containerd)
} >"$work/log" 2>&1 || { tail -30 "$work/log" >&2; exit 1; }
for package in "$work"/debs/*.deb; do dpkg-deb -x "$package" "$work/root"; done
for program in dockerd docker-proxy containerd containerd-shim-runc-v2; do
  cp "$(find "$work"/root/usr/*bin -name "$program" -type f | head -1)" "$work/result/bin/"
done
# Another process may have been faster.
mv -T "$work/result" "$folder" 2>/dev/null || [ -d "$folder/bin" ]
