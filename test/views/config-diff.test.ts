import { describe, expect, test } from 'vitest';
import type { ConfigDiff } from '../../src/plan/plan.js';
import { renderMessage } from '../../src/render/message.js';
import { configBlocks, configLines } from '../../src/views/config-diff.js';
import { dryRunView, planView } from '../../src/views/plan.js';
import { plain } from '../../src/views/words.js';
import { runAt, samplePlan } from '../builders.js';

const diff = (
  host: string,
  lines: readonly string[] = ['- [DEFAULT] workers = 2', '+ [DEFAULT] workers = 5'],
): ConfigDiff => ({
  host,
  container: 'cinder_api',
  files: [
    { path: 'cinder.conf', change: 'changed', lines },
    { path: 'uwsgi.ini', change: 'added', lines: ['+ [uwsgi] processes = 5'] },
    { path: 'policy.yaml', change: 'stays, used', lines: [] },
    { path: 'cinder-wsgi.conf', change: 'stays, unused', lines: [] },
  ],
});

const shown = (...diffs: ConfigDiff[]) =>
  configBlocks(samplePlan({ configDiffs: diffs })).flatMap((block) =>
    block.kind === 'output' ? [block.text] : block.kind === 'line' ? [plain(block.line)] : [],
  );

describe('the configuration in a plan', () => {
  test('is summed up per container, hosts with the same change together', () => {
    const plan = samplePlan({ configDiffs: [diff('control1'), diff('control2')] });
    expect(configLines(plan).map(plain)).toEqual([
      'Installed at each container’s swap, while it is stopped; going back puts the present files back.',
      'cinder_api on control1 and control2: cinder.conf changes (2 lines); uwsgi.ini is new; policy.yaml stays, and is used by the new release; cinder-wsgi.conf stays, unused',
    ]);
  });

  test('counts the lines that are left out, too', () => {
    const plan = samplePlan({ configDiffs: [diff('control1', ['+ a = 1', '… 158 more lines'])] });
    expect(configLines(plan).map(plain)[1]).toContain('cinder.conf changes (159 lines)');
  });

  test('is shown line by line, each change once however many hosts have it', () => {
    expect(shown(diff('control1'), diff('control2', ['+ [DEFAULT] my_ip = 192.0.2.2']))).toEqual([
      'What changes in the configuration, secrets left out:',
      'cinder_api: cinder.conf on control1',
      '- [DEFAULT] workers = 2\n+ [DEFAULT] workers = 5',
      'cinder_api: uwsgi.ini on control1 and control2',
      '+ [uwsgi] processes = 5',
      'cinder_api: cinder.conf on control2',
      '+ [DEFAULT] my_ip = 192.0.2.2',
    ]);
  });

  test('is not there where nothing is exchanged', () => {
    expect([configLines(samplePlan()), configBlocks(samplePlan())]).toEqual([[], []]);
  });

  test('stands behind what people decide by, so that Slack’s limits cut it first', () => {
    const long = Array.from(
      { length: 200 },
      (_, n) => `+ [DEFAULT] option_number_${n} = ${'value '.repeat(12)}`,
    );
    const plan = samplePlan({ configDiffs: [diff('control1', long)] });
    const text = JSON.stringify(renderMessage(planView(runAt('proposed', { plan })), 'rich').blocks);
    expect(text).toContain('Approval');
    expect(text).toContain('option_number_0 ');
    expect(text).toMatch(/more parts? of this message/);
    expect(dryRunView(plan).blocks.at(-1)?.kind).toBe('output');
  });
});
