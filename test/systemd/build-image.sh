#!/bin/bash
# build-image.sh REF: a Debian bookworm with systemd as process 1 and sshd, imported as the image REF; a few seconds of
# nothing where REF is there already. Needs root, mmdebstrap, the docker command and a Debian mirror: the one of this
# machine's own apt sources, or STACKSWAP_TEST_MIRROR.
set -euo pipefail
ref=$1
! docker image inspect "$ref" >/dev/null 2>&1 || exit 0

mirror_of_this_machine() {
  apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 'Component: main' |
    awk '$2 !~ /-/ { print $1; exit }'
}
mirror=${STACKSWAP_TEST_MIRROR:-$(mirror_of_this_machine)}
[ -n "$mirror" ] || { echo 'no Debian mirror in the sources of apt: set STACKSWAP_TEST_MIRROR' >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Kolla's units say /usr/bin/docker and its hosts have the engine at /run/docker.sock. /run is a tmpfs here, so that the
# socket of this machine is bound elsewhere and linked at boot.
cat >"$work/into-root.sh" <<'INTO'
set -eu
root=$1
printf 'L /run/docker.sock - - - - /host/docker.sock\n' >"$root/etc/tmpfiles.d/docker.conf"
install -d "$root/etc/ssh/sshd_config.d" "$root/host"
printf 'PermitRootLogin prohibit-password\nMaxSessions 100\nMaxStartups 100:30:200\nUseDNS no\n' >"$root/etc/ssh/sshd_config.d/test.conf"
install -d -m 700 "$root/root/.ssh"
rm -f "$root"/etc/ssh/ssh_host_*
install -d "$root/etc/systemd/system/ssh.service.d"
printf '[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\n' >"$root/etc/systemd/system/ssh.service.d/keys.conf"
: >"$root/etc/machine-id"
# Nothing here is a login of a person, and these only cost time at boot.
for unit in getty.target console-getty.service systemd-logind.service apt-daily.timer apt-daily-upgrade.timer \
  dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
# As kolla-ansible has it; it is what the units are part of.
printf '[Unit]\nDescription=Kolla containers\n' >"$root/etc/systemd/system/kolla.target"
INTO

mmdebstrap --mode=root --variant=minbase --format=tar \
  --include=systemd,systemd-sysv,dbus,openssh-server \
  --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Retries "3"' \
  --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook="sh $work/into-root.sh \"\$1\"" \
  bookworm "$work/root.tar" "deb $mirror bookworm main" >"$work/log" 2>&1 || { tail -30 "$work/log" >&2; exit 1; }
docker import -c 'CMD ["/lib/systemd/systemd"]' -c 'LABEL stackswap.test=systemd-host' "$work/root.tar" "$ref" >/dev/null
