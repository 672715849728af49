import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from '../cloud/cloud.js';
import { releaseOf } from '../cloud/cloud.js';
import { DEMO_RELEASES } from '../cloud/shape.js';
import { textOf } from '../local-slack/workspace.js';
import type { LocalSlack } from '../local-slack.js';
import { ANN, BEN, CLEO, DAN } from '../people.js';
import { type Scene, sceneOf } from './scene.js';

type Stage = { readonly slack: LocalSlack; readonly cloud: Cloud };
type Step = <T>(what: string, act: () => Promise<T>) => Promise<T>;
type Part = {
  readonly stage: Stage;
  readonly scene: Scene;
  readonly step: Step;
  readonly say: (line: string) => void;
};

const { running, good, broken } = DEMO_RELEASES;
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** Milliseconds until the API says that release; throws after a minute. */
const untilItAnswers = async (cloud: Cloud, service: string, release: string): Promise<number> => {
  const begin = performance.now();
  while ((await releaseOf(cloud, service)) !== release) {
    if (performance.now() - begin > 60_000)
      throw new Error(`the API of ${service} does not answer ${release}`);
    await sleep(20);
  }
  return performance.now() - begin;
};

/** Asked for by Ann, approved by Ben, upgraded: with the four eyes on the way where `strictly`. */
const upgradeCinder = async ({ stage, scene, step }: Part, strictly: boolean): Promise<string> => {
  const before = await stage.cloud.containers();
  const root = await step(`Ann asks for cinder ${good.release}`, () =>
    scene.request(ANN, `upgrade cinder to ${good.release}`),
  );
  if (strictly) {
    await step('Ann’s own approval is refused', async () => {
      await scene.click(ANN, root, 'Approve');
      await scene.whispered(ANN, 'cannot approve it');
    });
    await step('Dan, who may only look, is refused', async () => {
      await scene.click(DAN, root, 'Approve');
      await scene.whispered(DAN, 'needs approver');
    });
  }
  await step('Ben approves; the plan is carried out', async () => {
    await scene.click(BEN, root, 'Approve');
    await scene.says(root, 'can be rolled back until Finalize');
  });
  await step(`cinder answers ${good.release}; no other container moved`, async () => {
    await scene.answers('cinder', good.release);
    await scene.onlyMoved('cinder', before);
  });
  return root;
};

const goBack = async ({ stage, scene, step, say }: Part, root: string): Promise<void> => {
  const before = await stage.cloud.containers();
  const gap = await step(`one click by Ben, and cinder answers ${running.release} again`, async () => {
    const clicked = performance.now();
    await scene.click(BEN, root, 'Roll back');
    await untilItAnswers(stage.cloud, 'cinder', running.release);
    return performance.now() - clicked;
  });
  say(`          from the click to the old API’s answer: ${seconds(gap)}`);
  await step('the old version is healthy and the service on hold', () => scene.says(root, ': rolled back'));
  await scene.onlyMoved('cinder', before);
  await step('Ann releases the hold', async () => {
    await scene.types(ANN, 'unhold cinder');
    await scene.heard('no longer on hold');
  });
};

const finalize = async ({ stage, scene, step }: Part, root: string): Promise<void> => {
  await step('Ben finalizes: last migrations, the old containers are removed', async () => {
    await scene.click(BEN, root, 'Finalize');
    await scene.says(root, ': finalized');
  });
  const cinder = (await stage.cloud.containers()).filter(({ name }) =>
    name.startsWith(`${stage.cloud.prefix}cinder`),
  );
  if (cinder.length !== 3)
    throw new Error(`after Finalize there are ${cinder.map(({ name }) => name).join(', ')}`);
};

const breakKeystone = async ({ stage, scene, step }: Part): Promise<void> => {
  const before = await stage.cloud.containers();
  const root = await step(`Ann asks for keystone ${broken.release}, which is broken`, () =>
    scene.request(ANN, `upgrade keystone to ${broken.release}`),
  );
  await step('Ben approves, and one is not enough for keystone', async () => {
    await scene.click(BEN, root, 'Approve');
    await scene.says(root, '1 of 2');
  });
  await step('Cleo approves; it never becomes healthy and rolls itself back', async () => {
    await scene.click(CLEO, root, 'Approve');
    await scene.says(root, ': rolled back');
  });
  await step(`keystone answers ${running.release}; no other container moved`, async () => {
    await scene.answers('keystone', running.release);
    await scene.onlyMoved('keystone', before);
  });
  await step('keystone is on hold: another upgrade is refused', async () => {
    await scene.types(ANN, `upgrade keystone to ${good.release}`);
    await scene.whispered(ANN, 'on hold');
  });
};

const nobodyReadTheSecret = async ({ stage }: Part): Promise<void> => {
  const told = (await stage.slack.messages()).filter((one) => textOf(one).includes(stage.cloud.secret));
  if (told.length > 0) throw new Error(`the database password is in ${told.length} messages`);
};

/** What was said last, for whoever has to find out why a step failed. */
const lastWords = async (slack: LocalSlack): Promise<string[]> =>
  (await slack.messages())
    .slice(-6)
    .map(
      (one) =>
        `${one.subtype === 'ephemeral' ? `to ${one.ephemeral_to} alone: ` : ''}${textOf(one).replaceAll('\n', ' | ').slice(0, 400)}`,
    );

/** Plays the demo without a person, over Slack alone; throws at the first thing that is not as it should be. */
export const playDemo = async (stage: Stage, say: (line: string) => void): Promise<void> => {
  const begin = performance.now();
  const step: Step = async (what, act) => {
    const from = performance.now();
    try {
      const result = await act();
      say(`${seconds(performance.now() - from).padStart(8)}  ${what}`);
      return result;
    } catch (error) {
      say(`  failed  ${what}`);
      for (const line of await lastWords(stage.slack)) say(`          ${line}`);
      throw error;
    }
  };
  const part: Part = { stage, scene: sceneOf(stage), step, say };
  await goBack(part, await upgradeCinder(part, true));
  await finalize(part, await upgradeCinder(part, false));
  await breakKeystone(part);
  await step('the database password is in no message', () => nobodyReadTheSecret(part));
  say(`${seconds(performance.now() - begin).padStart(8)}  in all`);
};
