import { describe, expect, test } from 'vitest';
import { renderWith } from '../../src/app/rendered.js';

const REQUEST = { release: '2025.2', service: 'cinder', hosts: ['ctl1'], folder: '/nowhere/{host}' };

const rendering = (script: string, timeout = 1_000) =>
  renderWith({ command: ['sh', '-c', script], timeout }, (text) => text);

describe('a command that left a process with its output behind', () => {
  // setsid: out of the command's process group, as a daemon is.
  test('is over when it has ended itself', async () => {
    const render = rendering('setsid sleep 30 & exit 0', 20_000);
    const began = performance.now();
    expect(await render(REQUEST)).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  test('is over in time where it does not end', async () => {
    const began = performance.now();
    expect(await rendering('setsid sleep 30 & sleep 30')(REQUEST)).toMatch(
      /^sh was ended after 1 s \(target_config.timeout\)/,
    );
    expect(performance.now() - began).toBeLessThan(15_000);
  });
});
