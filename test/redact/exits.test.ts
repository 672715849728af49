import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Every file that can let a text out of the process, and why no secret of a container leaves there. Whoever adds one says
 * here what keeps it safe; test/redact/canaries.test.ts looks at what comes out.
 */
const EXITS: Readonly<Record<string, string>> = {
  'src/app/doctor/target-config.ts': 'reads folders only',
  'src/app/kept-logs.ts': 'one-off logs below the state folder: redacted here, mode 0600',
  'src/app/rendered.ts': 'starts target_config.command: it gets names and a folder, and none of our secrets',
  'src/cli/client.ts': 'the typed words, to the bot over its socket (mode 0600 in a folder of 0700)',
  'src/cli/control.ts': 'answers over that socket: spoken()',
  'src/cli/main.ts': 'terminal: what runSession says, and last words by spoken()',
  'src/config.ts': 'reads the settings only',
  'src/engine/connection.ts': 'the container engine: it holds the secrets already',
  'src/engine/credentials.ts': 'the server’s name, to Docker’s credential program',
  'src/engine/hosts.ts': 'reads PEM files only',
  'src/engine/ssh-engine.ts': 'a ping of the engine',
  'src/engine/ssh-link.ts': 'settings for ssh, mode 0600 in a folder of its own, gone with the connection',
  'src/engine/ssh-process.ts': 'starts ssh with an environment of a few names',
  'src/env.ts': 'reads token files only',
  'src/kolla/folder.ts': 'reads rendered configuration only, and it is learned',
  'src/log.ts': 'the log: each line redacted here',
  'src/main.ts': 'last words: spoken()',
  'src/openstack/clouds-yaml.ts': 'reads clouds.yaml only, and its secrets are learned',
  'src/openstack/http.ts': 'Keystone and the services: their own credentials and tokens',
  'src/probes/http.ts': 'a GET without anything of ours',
  'src/probes/port.ts': 'a connection without a byte',
  'src/probes/reach.ts': 'no connection: lists of addresses',
  'src/slack/answer.ts': 'answers in Slack: redacted() here',
  'src/slack/clients.ts': 'makes the clients for the others',
  'src/slack/delivery.ts': 'messages of runs: what keeper.ts has redacted',
  'src/slack/directory.ts': 'questions about people, by id',
  'src/slack/http-receiver.ts': 'acknowledgements without a text',
  'src/slack/place.ts': 'questions about channels, by id',
  'src/slack/socket-receiver.ts': 'acknowledgements without a text',
  'src/slack/standing.ts': 'questions about the bot itself',
  'src/slack/start.ts': 'wires the others',
  'src/store/disk.ts': 'journal and snapshot: events redacted by entry.ts',
  'src/store/lock-socket.ts': 'a socket nobody is answered at',
  'src/store/lock.ts': 'a process id',
};

/** What can write: to a file, a socket, a child, the terminal. Types alone cannot. */
const WRITES =
  /^import (?!type )[^;]*from '(?:node:fs|node:fs\/promises|node:net|node:https?|node:child_process|undici|pino|dockerode|@slack\/web-api|@slack\/bolt|@slack\/socket-mode)'|process\.std(?:out|err)|\bconsole\.|(?<![.\w])fetch\(/m;

const files = ['src', 'commands'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => name.endsWith('.ts') && !/node_modules|^src\/(?:sim|demo)\//.test(name)),
);

test('every way out of the process is known, with what keeps secrets from leaving by it', () => {
  const found = files.filter((file) => WRITES.test(readFileSync(join(ROOT, file), 'utf8')));
  expect(found.length).toBeGreaterThan(25);
  expect(new Set(found)).toEqual(new Set(Object.keys(EXITS)));
});

test('what is written for people goes through the redactor where it is written', () => {
  for (const file of [
    'src/main.ts',
    'src/cli/main.ts',
    'src/cli/control.ts',
    'src/app/kept-logs.ts',
    'src/slack/answer.ts',
  ])
    expect([file, /\bredact\w*\b/.test(readFileSync(join(ROOT, file), 'utf8'))]).toEqual([file, true]);
});
