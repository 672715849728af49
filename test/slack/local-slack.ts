import { localSlackBinary } from '../../src/demo/local-slack/binary.js';
import { type LocalSlack, type LocalSlackOptions, startLocalSlack } from '../../src/demo/local-slack.js';

/** Why there is no local Slack on this machine; `undefined` where there is one. */
export const localSlackMissing = async (): Promise<string | undefined> => {
  const binary = await localSlackBinary();
  return 'leftOut' in binary ? binary.leftOut : undefined;
};

export const PEOPLE = [
  { id: 'U0ERIN', name: 'erin', realName: 'Erin' },
  { id: 'U0OLGA', name: 'olga', realName: 'Olga' },
] as const;

/** Starts the real local-slack; throws where there is none. */
export const localSlack = async (options: Partial<LocalSlackOptions> = {}): Promise<LocalSlack> => {
  const started = await startLocalSlack({ people: PEOPLE, ...options });
  if ('leftOut' in started) throw new Error(started.leftOut);
  return started;
};
