#!/bin/bash
# users.sh ROOT: the users, groups and rights that Kolla's images have (kolla/common/users.py), in a root file system.
set -euo pipefail
root=$1
in_root() { chroot "$root" "$@"; }

in_root groupadd -g 42400 kolla
while read -r user id; do
  in_root getent passwd "$user" >/dev/null || continue
  in_root groupmod -o -g "$id" "$user"
  in_root usermod -o -u "$id" -g "$id" -aG kolla "$user"
  for folder in "/etc/$user" "/var/lib/$user" "/var/log/$user"; do
    [[ ! -e $root$folder ]] || in_root chown -R "$user:$user" "$folder"
  done
done <<'USERS'
keystone 42425
cinder 42407
mysql 42434
rabbitmq 42439
haproxy 42454
memcache 42457
USERS
if [[ -e $root/run/mysqld || -e $root/usr/sbin/mariadbd ]]; then
  mkdir -p "$root/run/mysqld"
  in_root chown mysql:mysql /run/mysqld
fi
mkdir -p "$root/var/log/kolla" "$root/var/lib/kolla/config_files"
in_root chown :kolla /var/log/kolla
chmod 2775 "$root/var/log/kolla"
chmod 755 "$root"/usr/local/bin/*
echo '%kolla ALL=(root) NOPASSWD:SETENV: /usr/local/bin/kolla_set_configs' >"$root/etc/sudoers.d/kolla"
chmod 440 "$root/etc/sudoers.d/kolla"
