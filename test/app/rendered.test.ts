import { describe, expect, test } from 'vitest';
import { renderWith } from '../../src/app/rendered.js';

const REQUEST = { release: '2025.2', service: 'cinder', hosts: ['ctl1'], folder: '/nowhere/{host}' };

const rendering = (script: string, timeout = 1_000) =>
  renderWith({ command: ['sh', '-c', script], timeout }, { tail: (text) => text, keep: async () => null });

test('a command that fails has its whole output kept, and only the words of its last failure shown', async () => {
  const kept: string[] = [];
  const keep = async (name: string, text: string) => {
    kept.push(text);
    return `logs/${name}.log`;
  };
  const script = `echo 'fatal: [a]: first'; echo 'fatal: [b]: FAILED! => {"x": "q1w2e3r4t5"}'; echo q1w2e3r4t5; exit 2`;
  const settings = { command: ['sh', '-c', script], timeout: 20_000 };
  expect(await renderWith(settings, { tail: (text) => text, keep })(REQUEST)).toBe(
    'sh ended with exit code 2 (fatal: [b]: FAILED!); its output is kept in logs/render-2025.2.log in the state folder',
  );
  expect(kept).toEqual(['fatal: [a]: first\nfatal: [b]: FAILED! => {"x": "q1w2e3r4t5"}\nq1w2e3r4t5\n']);
});

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
