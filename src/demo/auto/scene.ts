import type { Cloud, SeenContainer } from '../cloud/cloud.js';
import { releaseOf } from '../cloud/cloud.js';
import { buttonsOf, type Message, textOf } from '../local-slack/workspace.js';
import type { LocalSlack } from '../local-slack.js';

/** How long a run may take to come to its end, and the bot to answer; a real cloud needs more than the demo's. */
export type Patience = { readonly runMs: number; readonly answerMs: number };
const PATIENCE: Patience = { runMs: 120_000, answerMs: 10_000 };

/** What the play does and sees: people in Slack, and the cloud beside it. */
export type Scene = {
  /** Asks for an upgrade; answers with the timestamp of the run's root message. */
  request(user: string, words: string): Promise<string>;
  /** Clicks a button of a message in the run's thread, or of the root itself. */
  click(user: string, root: string, label: string): Promise<void>;
  /** Waits for a root message that says this, and answers with its text. */
  says(root: string, words: string): Promise<string>;
  /** Types a command. */
  types(user: string, words: string): Promise<void>;
  /** Waits for a message that only this person sees, newer than what was last typed or clicked. */
  whispered(user: string, words: string): Promise<string>;
  /** Waits for a message that everybody sees, newer than what was last typed or clicked. */
  heard(words: string): Promise<string>;
  /** Throws unless the API says that it is this release. */
  answers(service: string, release: string): Promise<void>;
  /** Throws unless every container but those of one service is the one it was. */
  onlyMoved(service: string, before: readonly SeenContainer[]): Promise<void>;
};

const ENDED_ELSE = /failed before anything|stuck while|a person must decide|void: the plan/;

const isRoot = (one: Message): boolean => one.thread_ts === undefined && one.subtype !== 'ephemeral';

/** A name is a service's when it is the service's own or begins with it; kept and one-off containers do, too. */
const belongsTo = (name: string, { service, prefix }: { service: string; prefix: string }): boolean =>
  name.startsWith(`${prefix}${service}`) || name.includes(`bootstrap_${service}`);

type Stage = {
  readonly slack: LocalSlack;
  readonly cloud: Pick<Cloud, 'apiUrl' | 'containers' | 'prefix'>;
  readonly patience?: Patience;
};

export const sceneOf = ({ slack, cloud, patience = PATIENCE }: Stage): Scene => {
  let before = new Set<string>();
  const remember = async (): Promise<void> => {
    before = new Set((await slack.messages()).map(({ ts }) => ts));
  };
  const types = async (user: string, words: string): Promise<void> => {
    await remember();
    await slack.command(user, words);
  };

  const inThread = (root: string) => (one: Message) => one.ts === root || one.thread_ts === root;

  const request = async (user: string, words: string): Promise<string> => {
    await types(user, words);
    const service = words.split(' ')[1] ?? '';
    const root = await slack.until(
      `a message about ${words}`,
      (all) =>
        all.find(
          (one) =>
            isRoot(one) &&
            !before.has(one.ts) &&
            textOf(one).includes(service) &&
            textOf(one).includes('waiting for approval'),
        ),
      patience.answerMs,
    );
    return root.ts;
  };

  const click = async (user: string, root: string, label: string): Promise<void> => {
    const on = await slack.until(
      `a button ${label}`,
      (all) =>
        all.find(
          (one) =>
            inThread(root)(one) &&
            one.subtype !== 'ephemeral' &&
            buttonsOf(one).some((button) => button.label === label),
        ),
      patience.answerMs,
    );
    await remember();
    await slack.click(user, on, label);
  };

  const says = (root: string, words: string): Promise<string> =>
    slack.until(
      `the run to be "${words}"`,
      (all) => {
        const text = all.filter((one) => one.ts === root).map(textOf)[0] ?? '';
        if (text.includes(words)) return text;
        if (ENDED_ELSE.test(text))
          throw new Error(`the run should be "${words}", but its message says: ${text}`);
        return undefined;
      },
      patience.runMs,
    );

  const whispered = async (user: string, words: string): Promise<string> =>
    slack.until(
      `"${words}", said to one person alone`,
      (all) =>
        all
          .filter((one) => one.subtype === 'ephemeral' && one.ephemeral_to === user && !before.has(one.ts))
          .map(textOf)
          .find((text) => text.includes(words)),
      patience.answerMs,
    );

  const heard = (words: string): Promise<string> =>
    slack.until(
      `"${words}", said to all`,
      (all) =>
        all
          .filter((one) => one.subtype !== 'ephemeral' && !before.has(one.ts))
          .map(textOf)
          .find((text) => text.includes(words)),
      patience.answerMs,
    );

  const answers = async (service: string, release: string): Promise<void> => {
    const answered = await releaseOf(cloud, service);
    if (answered !== release)
      throw new Error(`the API of ${service} answers ${answered ?? 'nothing'}, not ${release}`);
  };

  const onlyMoved = async (service: string, before: readonly SeenContainer[]): Promise<void> => {
    const others = (list: readonly SeenContainer[]) =>
      list
        .filter(({ name }) => !belongsTo(name, { service, prefix: cloud.prefix }))
        .map(({ name, id, startedAt }) => `${name} ${id} ${startedAt}`);
    const [was, is] = [others(before), others(await cloud.containers())];
    const moved = [...was.filter((one) => !is.includes(one)), ...is.filter((one) => !was.includes(one))];
    if (moved.length > 0) throw new Error(`containers that are not of ${service} moved: ${moved.join(', ')}`);
  };

  return { request, types, click, says, whispered, heard, answers, onlyMoved };
};
