import { expect, test } from 'vitest';
import { COMMANDS } from '../../commands/index.js';
import { runSession } from '../../src/cli/session.js';
import { memoryJournal } from '../../src/store/memory.js';
import { sceneOf } from '../app/doctor-scene.js';
import { bornOver } from '../run/scene.js';
import type { KollaScene } from '../sim/kolla.js';

const type = async (scene: KollaScene, words: readonly string[]) => {
  const { app } = await bornOver(scene, memoryJournal());
  const printed: string[] = [];
  const exit = await runSession({
    app,
    commands: COMMANDS,
    request: { words, login: 'cem' },
    say: (text) => printed.push(text),
    redact: (text) => text,
    left: new AbortController().signal,
    alone: true,
  });
  await app.close();
  return { exit, text: printed.join('\n') };
};

test('ends with 0 while nothing has to be mended, whatever there is to know', async () => {
  const scene = await sceneOf({ services: ['placement'] });
  const { exit, text } = await type(scene, ['doctor']);
  expect([exit, text.split('\n')[0]]).toEqual([0, expect.stringMatching(/^node1: ready, \d to know\.$/)]);
});

test('ends with 1 where something has to be mended, and says how', async () => {
  const scene = await sceneOf({ services: ['placement'] });
  scene.cloud.host('node1').diskFreeBytes = 1024 ** 3;
  const { exit, text } = await type(scene, ['doctor', 'node1']);
  expect(exit).toBe(1);
  expect(text.replace(/\s+/g, ' ')).toContain('Do: Free some space (docker system df shows what takes it)');
});

test('of a host that is not there names those that are', async () => {
  const { exit, text } = await type(await sceneOf({ services: ['placement'] }), ['doctor', 'nod1']);
  expect([exit, text]).toEqual([1, 'error: There is no host "nod1" in the hosts file.\nKnown: node1.']);
});
