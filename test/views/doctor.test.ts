import { describe, expect, test } from 'vitest';
import { type Check, know, mend, well } from '../../src/app/doctor/check.js';
import type { DoctorReport } from '../../src/app/doctor/doctor.js';
import { renderMessage } from '../../src/render/message.js';
import { renderText } from '../../src/render/text.js';
import { doctorView } from '../../src/views/doctor.js';
import { plain } from '../../src/views/words.js';

const fine = well('disk', '61 GiB are free.');
const slow = know('reach', {
  what: 'The engine took 900 ms to answer.',
  why: 'Gaps grow.',
  wayOut: 'Look at the load.',
});
const full = mend('disk', { what: '1 GiB is free.', why: 'A pull needs 3.', wayOut: 'Free some space.' });

const reportOf = (
  hosts: Readonly<Record<string, readonly Check[]>>,
  cloud: readonly Check[] = [],
): DoctorReport => ({
  hosts: Object.entries(hosts).map(([host, checks]) => ({ host, tookMs: 1_240, checks })),
  cloud,
});

const lines = (report: DoctorReport): readonly string[] =>
  doctorView(report).blocks.flatMap((block) =>
    block.kind === 'list' ? block.lines.map(plain) : block.kind === 'line' ? [`# ${plain(block.line)}`] : [],
  );

describe('doctor', () => {
  test('says what, why and what to do, what is to be mended first, and ends with a verdict for each host', () => {
    expect(lines(reportOf({ ctl1: [fine], ctl2: [slow, full] }))).toEqual([
      '# 1 of 2 hosts are ready.',
      '# To mend',
      'ctl2: 1 GiB is free. A pull needs 3. Do: Free some space.',
      '# To know',
      'ctl2: The engine took 900 ms to answer. Gaps grow. Do: Look at the load.',
      '# Verdict',
      'ctl1: ready',
      'ctl2: 1 thing to mend, 1 to know',
    ]);
  });

  test('of one host tells what is well, too', () => {
    expect(lines(reportOf({ ctl1: [fine, slow] }))).toEqual([
      '# ctl1: ready, 1 to know.',
      '# To know',
      'ctl1: The engine took 900 ms to answer. Gaps grow. Do: Look at the load.',
      '# Well',
      '61 GiB are free.',
      '# Verdict',
      'ctl1: ready, 1 to know',
    ]);
  });

  test('tells what belongs to no host apart, and counts it', () => {
    const said = lines(reportOf({ ctl1: [fine], ctl2: [fine] }, [full]));
    expect(said[0]).toBe('# 2 of 2 hosts are ready; 1 thing to mend that is no host’s.');
    expect(said).toContain('The cloud: 1 GiB is free. A pull needs 3. Do: Free some space.');
    expect(said.at(-1)).toBe('The cloud: 1 thing to mend');
  });

  test('ends the command line with 1 only where something is to be mended', () => {
    expect(doctorView(reportOf({ ctl1: [fine, slow] })).exit).toBeUndefined();
    expect(doctorView(reportOf({ ctl1: [full] })).exit).toBe(1);
    expect(doctorView(reportOf({ ctl1: [fine] }, [full])).exit).toBe(1);
  });
});

describe('doctor on 300 hosts', () => {
  const many = (): DoctorReport => {
    const hosts = Array.from({ length: 300 }, (_, index) => `cmp${index + 1}`);
    return reportOf(
      Object.fromEntries(
        hosts.map((host, index) => [host, index === 8 ? [full] : index < 20 ? [fine] : [fine, slow]]),
      ),
    );
  };

  test('says what many share once, and has a line for those without findings', () => {
    expect(lines(many())).toEqual([
      '# 299 of 300 hosts are ready.',
      '# To mend',
      'cmp9: 1 GiB is free. A pull needs 3. Do: Free some space.',
      '# To know',
      'cmp21, cmp22, cmp23, cmp24, cmp25, cmp26 and 274 more: The engine took 900 ms to answer. Gaps grow. Do: Look at the load.',
      '# Verdict',
      'cmp1, cmp2, cmp3, cmp4, cmp5, cmp6 and 13 more: ready',
      'cmp21, cmp22, cmp23, cmp24, cmp25, cmp26 and 274 more: each ready, 1 to know',
      'cmp9: 1 thing to mend',
    ]);
  });

  test('fits one screen and one message, and no host to be mended is lost in the verdicts where all are', () => {
    expect(renderText(doctorView(many())).split('\n').length).toBeLessThan(25);
    const dead = reportOf(Object.fromEntries(many().hosts.map(({ host }) => [host, [full]])));
    const text = JSON.stringify(renderMessage(doctorView(dead), 'rich'));
    expect(text).toContain('cmp300');
  });
});
