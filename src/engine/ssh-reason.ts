type Rule = readonly [pattern: RegExp, sentence: (found: RegExpExecArray) => string];

const COMPARE =
  'compare it on the host’s own console (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then put it into known_hosts or ssh.host_keys';

/** What OpenSSH 9.2 writes (sshconnect.c, sshconnect2.c, sshkey.c, clientloop.c, channels.c), the telling ones first. */
const RULES: readonly Rule[] = [
  [
    /host key for (\S+) has changed and you have requested strict checking/i,
    ([, who]) =>
      `the host key of ${who} is not the known one: somebody may be in between, or the host was installed anew; ${COMPARE}`,
  ],
  [
    /REVOKED HOST KEY DETECTED/,
    () => 'the host key is marked as revoked in known_hosts; the host needs a new one',
  ],
  [
    /No (\S+) host key is known for (\S+) and you have requested strict checking/i,
    ([, kind, who]) =>
      `the ${kind} host key of ${who} is not known, and an unknown key is never accepted; ${COMPARE}`,
  ],
  [/Host key verification failed/, () => `the host key could not be verified; ${COMPARE}`],
  [
    /Too many authentication failures/,
    () => 'the host gave up after too many keys were offered; name the right one with ssh.key',
  ],
  [
    /Load key "([^"]*)": bad permissions/,
    ([, file]) => `ssh refuses the key file ${file} because others may read it; chmod 600 ${file}`,
  ],
  [
    /(?:no such identity: |Load key ")([^":]*)"?: (.*)/i,
    ([, file, why]) => `the key file ${file} cannot be used (${why?.trim()}); give ssh.key a readable key`,
  ],
  [
    /(?<!\S)(\S{1,300}): (Permission denied \([^)]{0,300}\))/,
    ([, who, why]) =>
      `${who} turned down every key that was offered (${why}); put the bot’s public key into that user’s authorized_keys, or correct ssh.key or ssh.agent`,
  ],
  [
    /open failed: (.*)\s+stdio forwarding failed/,
    ([, why]) =>
      `a jump host could or would not connect onwards (${why?.trim()}); look at its way to the next host, and at AllowTcpForwarding there`,
  ],
  [/Timeout, server (\S+) not responding/, ([, who]) => `${who} gave no sign of life any more`],
  [/ssh: not found/, () => 'there is no ssh on the bot’s machine; install the package openssh-client'],
];

/** Said after the cause, and telling nothing. */
const ECHO = /^(kex_exchange_identification: )?Connection (closed|reset) by|^banner exchange: /;

/** One sentence without a full stop: what ended an ssh, and the way out where there is one; from what it wrote. */
export const reasonOf = (stderr: string): string => {
  for (const [pattern, sentence] of RULES) {
    const found = pattern.exec(stderr);
    if (found) return sentence(found);
  }
  const lines = stderr.split(/\r?\n/).filter((line) => line.trim() !== '');
  const last = lines.filter((line) => !ECHO.test(line)).at(-1) ?? lines.at(-1);
  return last?.trim().replace(/\.$/, '') ?? 'ssh ended without a word';
};
