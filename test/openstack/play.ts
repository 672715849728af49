import { sceneOf } from '../../src/demo/auto/scene.js';
import type { LocalEngine } from '../../src/demo/cloud/local-engine.js';
import type { LocalSlack } from '../../src/demo/local-slack.js';
import { ANN, BEN, DEMO_PEOPLE } from '../../src/demo/people.js';
import { localSlack } from '../slack/local-slack.js';
import { startBot, stopBot } from './bot.js';
import { issueToken, LOGIN, type Token } from './cloud/identity.js';
import { type OpenStack, removeOpenStack, startOpenStack } from './cloud/openstack.js';
import { createVolume } from './cloud/volumes.js';
import { startLoad } from './load/load.js';
import type { Row } from './load/said.js';
import { containersOf, type Seen } from './look.js';
import { doorsOf, PREFIX } from './places.js';

/** Two pulls, a migration and up to four swaps on a busy machine; a plan asks both hosts and the registry. */
const PATIENCE = { runMs: 900_000, answerMs: 90_000 };
const WHY = 'Debian packages no release between these two, and the databases are dumped';

/** The load goes on while the test looks at what was done. */
export const QUIET = 'nothing is done';

/** What the load was answered while something was done, and why requests failed. */
export type Phase = {
  readonly name: string;
  readonly seconds: number;
  readonly rows: readonly Row[];
  readonly failures: readonly string[];
};

export type Play = {
  readonly cloud: OpenStack;
  readonly slack: LocalSlack;
  /** From before the first upgrade. */
  readonly token: Token;
  readonly volume: string;
  /** All that was done so far, in order. */
  readonly phases: readonly Phase[];
  containers(): Promise<readonly Seen[]>;
  /** Ann asks and Ben approves; ends when the new release serves. */
  upgrade(service: string): Promise<void>;
  /** Ben clicks; ends when the old release serves and Ann has released the hold. */
  rollBack(service: string): Promise<void>;
  /** Ben clicks; ends when the old containers are gone. */
  finalize(service: string): Promise<void>;
  stop(): Promise<void>;
};

const startWork = async (cloud: OpenStack, slack: LocalSlack): Promise<Play> => {
  const token = await issueToken();
  const { id: volume } = await createVolume(token, 'from before');
  const aim = { keystone: doorsOf('keystone'), cinder: doorsOf('cinder'), login: LOGIN };
  const load = startLoad({ ...aim, project: token.project, token: token.id, volume });
  const containers = () => containersOf(cloud.hosts);
  const scene = sceneOf({
    slack,
    cloud: { prefix: PREFIX, apiUrl: () => '', containers: async () => [] },
    patience: PATIENCE,
  });
  const phases: Phase[] = [];
  let ended = performance.now();
  const roots = new Map<string, string>();
  const rootOf = (service: string): string => {
    const root = roots.get(service);
    if (root === undefined) throw new Error(`${service} has no run`);
    return root;
  };
  const during = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const began = performance.now();
    const before = await load.take();
    phases.push({ name: QUIET, seconds: (began - ended) / 1_000, ...before });
    try {
      await work();
    } finally {
      ended = performance.now();
      phases.push({ name, seconds: (ended - began) / 1_000, ...(await load.take()) });
    }
  };
  return {
    cloud,
    slack,
    token,
    volume,
    phases,
    containers,
    upgrade: (service) =>
      during(`${service}: upgrade`, async () => {
        const root = await scene.request(ANN, `upgrade ${service} to 2025.1 override "${WHY}"`);
        roots.set(service, root);
        await scene.click(BEN, root, 'Approve');
        await scene.says(root, 'can be rolled back until Finalize');
      }),
    rollBack: (service) =>
      during(`${service}: roll back`, async () => {
        await scene.click(BEN, rootOf(service), 'Roll back');
        await scene.says(rootOf(service), ': rolled back');
        await scene.types(ANN, `unhold ${service}`);
        await scene.heard('no longer on hold');
      }),
    finalize: (service) =>
      during(`${service}: finalize`, async () => {
        await scene.click(BEN, rootOf(service), 'Finalize');
        await scene.says(rootOf(service), ': finalized');
      }),
    stop: () => load.stop(),
  };
};

/** What was said last, for whoever has to find out why a step failed. */
export const lastWords = async (slack: LocalSlack): Promise<string> =>
  (await slack.messages())
    .slice(-8)
    .map((one) => JSON.stringify(one).slice(0, 1_500))
    .join('\n');

/** Brings everything up: the cloud, the workspace, the bot and the load; takes it down again when that fails. */
export const startPlay = async (engine: LocalEngine, say: (line: string) => void): Promise<Play> => {
  const undo: (() => Promise<void>)[] = [() => removeOpenStack(engine)];
  const undoAll = async (): Promise<void> => {
    for (const one of undo.reverse()) await one();
  };
  try {
    const cloud = await startOpenStack(engine, say);
    const slack = await localSlack({ people: DEMO_PEOPLE });
    undo.push(() => slack.stop());
    await startBot(cloud, slack);
    undo.push(stopBot);
    const play = await startWork(cloud, slack);
    undo.push(play.stop);
    return { ...play, stop: undoAll };
  } catch (error) {
    await undoAll();
    throw error;
  }
};
