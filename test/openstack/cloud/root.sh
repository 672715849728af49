#!/bin/bash
# root.sh SUITE FOLDER PACKAGE…: one root file system from Debian packages as an image layer: FOLDER/layer.tar.gz, with
# the digests of the tar (diff_id) and of the compressed one (digest). Mirrors are those of this machine's apt sources.
set -euo pipefail
suite=$1 folder=$2; shift 2
packages=$(IFS=,; echo "$*")
CLOUD=$(cd "$(dirname "$0")" && pwd)
export CLOUD

mirror_of() { # main|security
  apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 'Component: main' |
    awk -v want="$1" '{kind = $2 ~ /-security$/ ? "security" : $2 ~ /-/ ? "other" : "main"} kind==want {print $1; exit}'
}
mirror=$(mirror_of main) security=$(mirror_of security)
[[ -n $mirror ]] || { echo "apt's sources name no Debian mirror" >&2; exit 1; }
sources=("deb $mirror $suite main" "deb $mirror $suite-updates main")
[[ -z $security ]] || sources+=("deb $security $suite-security main")

mkdir -p "$folder"
work=$(mktemp -d "$folder/work.XXXXXX")
trap 'umount "$work" 2>/dev/null || true; rmdir "$work" 2>/dev/null || true' EXIT
# In memory where this is allowed: dpkg writes some 25,000 small files.
mount -t tmpfs -o size=4g tmpfs "$work" 2>/dev/null || true

exclude=()
for path in '/usr/share/doc/*' '/usr/share/man/*' '/usr/share/locale/*' '/usr/share/info/*' '/usr/share/fonts/*' \
  '/usr/share/ieee-data/*' '/usr/share/python-babel-localedata/locale-data/*' '/usr/lib/udev/hwdb.d/*' \
  '/usr/lib/python3/dist-packages/*/tests/*' '/usr/lib/python3/dist-packages/botocore/data/*' \
  '/usr/lib/python3/dist-packages/googleapiclient/discovery_cache/documents/*' '/usr/bin/py3compile' '/usr/bin/py3clean'; do
  exclude+=(--dpkgopt="path-exclude=$path")
done
# Cinder's driver without a disk lies among its tests; babel reads two of its locales at import.
for path in '/usr/lib/python3/dist-packages/cinder/tests/*' '/usr/share/python-babel-localedata/locale-data/en*' \
  '/usr/share/python-babel-localedata/locale-data/root*'; do
  exclude+=(--dpkgopt="path-include=$path")
done

# py3compile does nothing while packages are configured: one parallel compileall replaces some 250 runs of it.
# policy-rc.d: no daemon starts while packages are configured.
TMPDIR=$work DEBIAN_FRONTEND=noninteractive mmdebstrap --mode=root --variant=apt --format=tar --components=main \
  --include="$packages" --quiet \
  --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Retries "3"' \
  --dpkgopt='force-unsafe-io' "${exclude[@]}" \
  --setup-hook='mkdir -p "$1/usr/sbin" "$1/usr/bin"' \
  --essential-hook='printf "#!/bin/sh\nexit 101\n" > "$1/usr/sbin/policy-rc.d"
    printf "#!/bin/sh\nexit 0\n" | tee "$1/usr/bin/py3compile" > "$1/usr/bin/py3clean"
    chmod 755 "$1/usr/sbin/policy-rc.d" "$1/usr/bin/py3compile" "$1/usr/bin/py3clean"' \
  --customize-hook='chroot "$1" python3 -m compileall -q -j 2 -x "/tests/" /usr/lib/python3/dist-packages || true' \
  --customize-hook='cp "$CLOUD"/../image/* "$1/usr/local/bin/"; "$CLOUD/users.sh" "$1"' \
  --customize-hook='rm -rf "$1"/var/log/*.log "$1"/var/log/apt "$1"/var/cache/debconf/*-old "$1"/var/lib/mysql/*' \
  "$suite" - "${sources[@]}" 2>"$folder/mmdebstrap.log" |
  tee >(sha256sum | cut -c1-64 >"$folder/diff_id") | gzip -1 |
  tee >(sha256sum | cut -c1-64 >"$folder/digest") >"$folder/layer.tar.gz" ||
  { tail -30 "$folder/mmdebstrap.log" >&2; exit 1; }
# The digests are written by processes of their own, which end right after the pipe does.
until [[ -s $folder/diff_id && -s $folder/digest ]]; do sleep 0.1; done
