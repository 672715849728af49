import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { COMMANDS } from '../../commands/index.js';
import { buildApp } from '../../src/build-app.js';
import { runAlone } from '../../src/cli/alone.js';
import { askBot, connect } from '../../src/cli/client.js';
import { redactor } from '../../src/redact.js';
import { type KollaScene, kollaCloud } from '../sim/kolla.js';

let folder = '';
const log = pino({ level: 'silent' });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stackswap-alone-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** One command line of Ann's on the real App and the journal on disk, as when no bot runs. */
const type = async (
  scene: KollaScene,
  words: readonly string[],
  onSay: (text: string) => void = () => undefined,
) => {
  const { config } = scene;
  const app = await buildApp({
    config,
    log,
    redactor: redactor(),
    stateFolder: join(folder, 'state'),
    engines: scene.engines(),
  });
  const printed: string[] = [];
  const say = (text: string): void => {
    printed.push(text);
    onSay(text);
  };
  const request = { words, login: 'ann' };
  const exit = await runAlone({
    app,
    commands: COMMANDS,
    folder: join(folder, 'state'),
    redact: (text) => text,
    log,
    request,
    say,
    onInterrupt: () => undefined,
  });
  return { exit, text: printed.join('\n') };
};

const approveAs = async (login: string, run: string): Promise<void> => {
  const socket = await connect(join(folder, 'state'));
  if (socket) await askBot(socket, { words: ['approve', run], login }, () => undefined);
};

test('without Slack and without a bot: asked for, approved by another, upgraded, and rolled back', async () => {
  const scene = await kollaCloud({ services: ['cinder'] });
  const [, next] = scene.releases;
  const approvals: Promise<void>[] = [];
  const upgrade = await type(scene, ['upgrade', 'cinder', 'to', next?.id ?? ''], (text) => {
    const [, run] = /Waiting for approvals.* stackswap approve (\S+)\./.exec(text) ?? [];
    if (run !== undefined) approvals.push(approveAs('bob', run));
  });
  await Promise.all(approvals);
  expect(upgrade.text).toContain('Bob approved.');
  expect([upgrade.exit, upgrade.text]).toEqual([
    0,
    expect.stringContaining('The old containers are kept, stopped.'),
  ]);

  const status = await type(scene, ['status', 'cinder']);
  expect(status.text).toContain('upgraded, can be rolled back until Finalize');

  const back = await type(scene, ['rollback', 'cinder']);
  expect([back.exit, back.text]).toEqual([0, expect.stringContaining('asked for by Ann')]);
  expect(back.text).toContain('Downtime was not measured: the host has no api_address in the settings');
});

test('with broken glass nobody is waited for, and the answer says who and why', async () => {
  const scene = await kollaCloud({ services: ['cinder'] });
  const upgrade = await type(scene, [
    'upgrade',
    'cinder',
    'to',
    scene.releases[1]?.id ?? '',
    '--break-glass',
    'API is down since two',
  ]);
  expect([upgrade.exit, upgrade.text]).toEqual([
    0,
    expect.stringContaining('The journal holds who and why: Ann, “API is down since two”.'),
  ]);
});
