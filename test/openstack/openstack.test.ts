import { afterAll, beforeAll, expect, test } from 'vitest';
import { load } from '../../bench/machine.js';
import { describeUnless } from '../setup/left-out.js';
import { botWords } from './bot.js';
import { ask, issueToken } from './cloud/identity.js';
import { createVolume, deleteVolume, statusOf } from './cloud/volumes.js';
import { RATES } from './load/said.js';
import { configsOf, kept, others, revisionOf, type Seen, serving } from './look.js';
import { whatIsThere } from './needs.js';
import { ADDRESS, HOSTS, PASSWORD, PORTS, type Release, tagOf } from './places.js';
import { lastWords, type Play, startPlay } from './play.js';
import { tableOf, writeReport } from './report.js';

const engine = await whatIsThere();
const MINUTE = 60_000;
const say = (line: string): void => console.log(line);

const CONTAINERS: Readonly<Record<string, readonly string[]>> = {
  keystone: ['ctl1 keystone', 'ctl2 keystone'],
  cinder: ['ctl1 cinder_api', 'ctl1 cinder_scheduler', 'ctl1 cinder_volume', 'ctl2 cinder_api'],
};
const all = (service: string, release: Release): string[] =>
  (CONTAINERS[service] ?? []).map((one) => `${one} ${tagOf(release)} unless-stopped`);

describeUnless('missing' in engine ? engine.missing : undefined, 'a real OpenStack on two hosts', () => {
  if ('missing' in engine) return;
  let play: Play;
  const before = load();
  const revisions = new Map<string, string>();

  beforeAll(async () => {
    play = await startPlay(engine, say);
  }, 20 * MINUTE);
  afterAll(async () => {
    if (!play) return;
    say(tableOf(play.phases).join('\n'));
    say(play.phases.flatMap(({ failures }) => failures).join('\n'));
    await play.stop();
  }, 3 * MINUTE);

  /** One turn of one service: the load saw nothing of it, and no other container was touched. */
  const unseen = async (service: string, turn: () => Promise<void>): Promise<readonly Seen[]> => {
    const before = await play.containers();
    await turn().catch(async (error: unknown) => {
      say(await lastWords(play.slack));
      throw error;
    });
    const after = await play.containers();
    const last = play.phases.at(-1);
    expect(last?.failures).toEqual([]);
    for (const { kind, requests } of last?.rows ?? [])
      expect(requests).toBeGreaterThan((RATES[kind] * (last?.seconds ?? 0)) / 2);
    expect(others(after, service)).toEqual(others(before, service));
    return after;
  };

  const expectConfig = async (service: string, release: Release): Promise<void> => {
    const { installed, rendered } = await configsOf(service, release);
    expect(installed).toEqual(rendered);
  };

  /** What was there before is there, on each host by itself; and new things can be made. */
  const expectAllWell = async (): Promise<void> => {
    const { id, project } = play.token;
    for (const host of HOSTS) {
      const { api } = ADDRESS[host];
      const answer = await fetch(`http://${api}:${PORTS.keystone}/v3/auth/tokens`, {
        headers: { 'x-auth-token': id, 'x-subject-token': id },
      });
      expect([host, answer.status]).toEqual([host, 200]);
      const list = await ask('GET', `http://${api}:${PORTS.cinder}/v3/${project}/volumes`, { token: id });
      expect(await list.text()).toContain(play.volume);
    }
    expect(await statusOf(play.token, play.volume)).toBe('available');
    const fresh = await issueToken();
    const made = await createVolume(fresh, 'from after');
    await deleteVolume(fresh, made.id);
  };

  const upgraded = async (service: string): Promise<void> => {
    const [first] = play.cloud.hosts;
    const before = await revisionOf(first, service);
    const after = await unseen(service, () => play.upgrade(service));
    expect(serving(after, service)).toEqual(all(service, '2025.1'));
    expect(kept(after, service)).toHaveLength(CONTAINERS[service]?.length ?? 0);
    await expectConfig(service, '2025.1');
    if (!revisions.has(service)) expect(await revisionOf(first, service)).not.toBe(before);
    revisions.set(service, await revisionOf(first, service));
  };

  const rolledBack = async (service: string): Promise<void> => {
    const before = await play.containers();
    const after = await unseen(service, () => play.rollBack(service));
    expect(serving(after, service)).toEqual(all(service, 'zed'));
    expect(after.filter(({ running }) => running).map(({ id }) => id)).toEqual(
      expect.arrayContaining(kept(before, service).map(({ id }) => id)),
    );
    await expectConfig(service, 'zed');
    expect(await revisionOf(play.cloud.hosts[0], service)).toBe(revisions.get(service));
  };

  const finalized = async (service: string): Promise<void> => {
    const after = await unseen(service, () => play.finalize(service));
    expect(serving(after, service)).toEqual(all(service, '2025.1'));
    expect(kept(after, service)).toEqual([]);
  };

  const turn = (title: string, work: () => Promise<void>): void => {
    test(title, { timeout: 17 * MINUTE }, work);
  };

  turn('keystone is upgraded by the bot, its schema with it, and no request fails', () =>
    upgraded('keystone'),
  );
  turn('cinder is upgraded by the bot, its schema with it, and no request fails', () => upgraded('cinder'));
  turn('a token and a volume from before are valid on both hosts, and new ones can be made', expectAllWell);
  turn('cinder is rolled back by one click, on the new schema, and no request fails', () =>
    rolledBack('cinder'),
  );
  turn('keystone is rolled back by one click, and no request fails', () => rolledBack('keystone'));
  turn('a token and a volume from before are still valid in the old release', expectAllWell);
  turn('keystone is upgraded again', () => upgraded('keystone'));
  turn('cinder is upgraded again', () => upgraded('cinder'));
  turn('keystone is finalized, and no request fails', () => finalized('keystone'));
  turn('cinder is finalized, restarts and all, and no request fails', () => finalized('cinder'));
  turn('a token and a volume from before are still valid in the new release', expectAllWell);
  turn('neither the journal nor the log holds a password', async () => {
    const words = await botWords();
    expect(words).toContain('cinder-manage db sync');
    expect(words.includes(PASSWORD)).toBe(false);
  });
  turn('the whole of it is written down', async () => {
    expect(play.phases.flatMap(({ failures }) => failures)).toEqual([]);
    await writeReport(play, before);
  });
});
