import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../commands/index.js';
import type { App } from '../../src/app.js';
import { buildApp } from '../../src/build-app.js';
import { runSession } from '../../src/cli/session.js';
import { errorText, spoken } from '../../src/cli/spoken.js';
import { type Engine, EngineError } from '../../src/engine/port.js';
import { messageOf } from '../../src/errors.js';
import { createLog } from '../../src/log.js';
import { type Redactor, redactor } from '../../src/redact.js';
import { renderMessage } from '../../src/render/message.js';
import { redacted } from '../../src/render/redacted.js';
import { announcer } from '../../src/slack/announce.js';
import { dispatcher } from '../../src/slack/dispatch.js';
import { drawingChoice } from '../../src/slack/drawing.js';
import { readSlash } from '../../src/slack/inbound.js';
import { RESERVE_FILE } from '../../src/store/reserve.js';
import { directClient } from '../doubles/direct-client.js';
import { ANN, BOB, cinderCloud, PATIENCE, withoutPorts } from '../run/scene.js';
import type { KollaScene } from '../sim/kolla.js';
import { type Canaries, plant, spellings } from './plant.js';

/** Six containers of cinder on two hosts that are exchanged, and two of placement beside them, in each cloud. */
const CLOUDS = 34;

const SECURITY = new URL('../../docs/security.md', import.meta.url);

/** Every event is synced to the disk; in memory that costs nothing, and what is written is the same. */
const PLACE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Everything that a program prints when it fails: its environment, its command, its configuration. */
const babble = (drawn: Canaries, from: number): string => {
  const secrets = drawn.all
    .slice(from % drawn.all.length)
    .concat(drawn.all)
    .slice(0, 12);
  return secrets
    .flatMap((secret, at) => {
      const json = JSON.stringify({ at, value: secret });
      return [
        `ERROR cannot go on with ${secret}`,
        `  ${json}`,
        `  GET /?key=${encodeURIComponent(secret)}`,
        `  ${Buffer.from(`${'x'.repeat(at % 3)}${secret}`).toString('base64')}`,
        JSON.stringify({ nested: json }),
      ];
    })
    .join('\n');
};

/** The engines of a scene when everything in them talks too much. */
const talkative = (scene: KollaScene, drawn: Canaries): Map<string, Engine> => {
  let said = 0;
  const next = (): string => {
    said += 5;
    return babble(drawn, said);
  };
  const fails = new Set<string>();
  const failOnce = (host: string, what: string): void => {
    if (fails.has(what)) return;
    fails.add(what);
    throw new EngineError(host, what, `OCI runtime failed: ${next()}`, true, 500);
  };
  const over = ([name, engine]: [string, Engine]): [string, Engine] => [
    name,
    {
      ...engine,
      logs: async () => next(),
      exec: async (id, command, timeoutMs) => {
        const result = await engine.exec(id, command, timeoutMs);
        return { ...result, output: `${next()}\n${result.output}` };
      },
      create: async (wanted, spec) => {
        failOnce(name, `create ${wanted}`);
        return engine.create(wanted, spec);
      },
      rename: async (id, wanted) => {
        failOnce(name, `rename to ${wanted}`);
        return engine.rename(id, wanted);
      },
      setRestartPolicy: async (id, policy) => {
        failOnce(name, `update ${id} ${policy.Name}`);
        return engine.setRestartPolicy(id, policy);
      },
    },
  ];
  return new Map([...scene.engines()].map(over));
};

type Said = { readonly where: string; readonly text: string };

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** All that the state folder holds but the specs, which are kept whole on purpose, and the reserve. */
const stateOf = (folder: string): Said[] =>
  filesBelow(folder)
    .filter((file) => !file.includes('/blobs/') && basename(file) !== RESERVE_FILE)
    .map((file) => ({ where: file.slice(folder.length), text: readFileSync(file, 'utf8') }));

const bot = async (scene: KollaScene, drawn: Canaries) => {
  const folder = mkdtempSync(join(PLACE, 'stackswap-canaries-'));
  folders.push(folder);
  const said: Said[] = [];
  const secrets: Redactor = redactor();
  const log = createLog({
    level: 'trace',
    redact: secrets,
    destination: { write: (text) => void said.push({ where: 'log', text }) },
  });
  const app = await buildApp({
    config: scene.config,
    log,
    redactor: secrets,
    stateFolder: folder,
    engines: talkative(scene, drawn),
    units: scene.units(),
    clock: scene.cloud.clock,
    patience: PATIENCE,
  });
  await app.recover();
  let posts = 0;
  const client = directClient(async (url, options) => {
    const form = new URLSearchParams(String(options?.body));
    said.push({ where: `Slack ${String(url)}`, text: [...form.values()].join('\n') });
    posts += 1;
    const answer = { ok: true, channel: scene.config.channel, ts: `17.${posts}`, messages: [] };
    return new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } });
  });
  const messages = announcer({
    app,
    client,
    log,
    redact: secrets.redact,
    drawing: drawingChoice('rich'),
    pace: { updateMs: 1 },
  });
  return { app, log, secrets, said, folder, messages };
};

type Bot = Awaited<ReturnType<typeof bot>>;

/** One command through both doors; a command that throws shows the bug's answers. */
const ask = async ({ app, log, secrets, said }: Bot, words: string): Promise<void> => {
  const dispatch = dispatcher({
    app,
    commands: COMMANDS,
    requirePlace: async () => undefined,
    runOfThread: () => undefined,
    log,
  });
  const inbound = readSlash({
    team_id: 'T0HOME',
    user_id: 'U0ANN',
    channel_id: 'C0OPS',
    command: '/openstack',
    text: words,
    trigger_id: words,
  });
  const { reply } = await dispatch(inbound);
  for (const drawing of ['rich', 'plain'] as const) {
    const message = renderMessage(redacted(reply, secrets.redact), drawing);
    said.push({ where: `answer to ${words}`, text: JSON.stringify(message) });
  }
  await runSession({
    app,
    commands: COMMANDS,
    request: { words: words.split(' '), login: 'ann' },
    say: (text) => void said.push({ where: `command line ${words}`, text }),
    redact: secrets.redact,
    left: new AbortController().signal,
    alone: false,
  });
};

const LOOKS = [
  'plan cinder to 2025.2',
  'plan placement to 2025.2',
  'status',
  'status cinder',
  'doctor',
  'history',
];

/** Asked, approved, run to its end, and gone back or finalized. */
const wholeRun = async (app: App, end: 'rollback' | 'finalize'): Promise<string> => {
  const { id } = await app.upgrade(ANN, { service: 'cinder', to: '2025.2', overrides: {} });
  await app.approve(BOB, id);
  const run = await app.settled(id);
  if (run.phase !== 'upgraded') return run.phase;
  await (end === 'rollback' ? app.rollback(ANN, id) : app.finalize(BOB, id));
  return (await app.settled(id)).phase;
};

const hits = (said: readonly Said[], drawn: Canaries): string[] =>
  drawn.all.flatMap((secret) =>
    spellings(secret).flatMap((spelling) =>
      said
        .filter(({ text }) => text.includes(spelling))
        .map(
          ({ where, text }) =>
            `${secret} at ${where}: ${text.slice(Math.max(0, text.indexOf(spelling) - 80), text.indexOf(spelling) + 60)}`,
        ),
    ),
  );

const play = async (seed: number) => {
  const broken = seed % 3 === 1;
  const scene = withoutPorts(
    await cinderCloud({
      hosts: 2,
      releases: [{ id: '2025.1' }, { id: '2025.2', ...(broken ? { behaviour: { healthy: 'never' } } : {}) }],
    } as Parameters<typeof cinderCloud>[0]),
  );
  const drawn = await plant(scene, seed);
  const living = await bot(scene, drawn);
  const { app, said, secrets } = living;
  for (const words of LOOKS) await ask(living, words);
  const phase = await wholeRun(app, seed % 3 === 0 ? 'rollback' : 'finalize');
  for (const words of ['status cinder', 'history', 'upgrade cinder to 2025.2', 'rollback cinder', 'doctor'])
    await ask(living, words);
  // A bug, a refusal and the last words of a process that dies, with a container's secrets in their message.
  const error = new Error(babble(drawn, seed));
  living.log.error(
    { err: error, config: { password: drawn.all[0], nested: [messageOf(error)] } },
    messageOf(error),
  );
  said.push({ where: 'last words', text: spoken(errorText(error), secrets.redact) });
  await living.messages.stop();
  const blind = hits(said, drawn);
  await app.close();
  const kept = stateOf(living.folder);
  return { phase, found: [...blind, ...hits(kept, drawn)], drawn, said, kept };
};

describe('a secret in any field of a container', () => {
  const phases: string[] = [];
  let containers = 0;
  let secrets = 0;

  test.each(Array.from({ length: CLOUDS }, (_, seed) => seed))(
    'is in no message, log, journal or answer of a whole run (%i)',
    async (seed) => {
      const { phase, found, drawn, said, kept } = await play(seed);
      expect(found).toEqual([]);
      phases.push(phase);
      containers += drawn.containers;
      secrets += drawn.all.length;
      // The outputs were really there, and were masked.
      for (const door of ['log', 'Slack', 'answer to plan', 'command line status', 'last words'])
        expect(said.filter(({ where }) => where.startsWith(door)).length, door).toBeGreaterThan(0);
      expect(kept.some(({ where }) => where.includes('journal-'))).toBe(true);
      expect(said.filter(({ text }) => text.includes('[redacted]')).length).toBeGreaterThan(2);
    },
    20_000,
  );

  test('was looked for in more than 200 containers, through runs that ended well, badly and backwards', () => {
    console.info(`${secrets} canaries in ${containers} containers, through ${phases.length} whole runs`);
    expect(containers).toBeGreaterThanOrEqual(200);
    expect(readFileSync(SECURITY, 'utf8')).toContain(`(${containers} containers)`);
    expect(secrets).toBeGreaterThan(containers * 20);
    expect(new Set(phases)).toEqual(new Set(['rolled-back', 'finalized']));
  });
});
