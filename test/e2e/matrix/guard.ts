import { messageOf } from '../../../src/errors.js';
import type { Exchange, Handler } from '../wire.js';
import { intents, isChange } from './intents.js';
import type { Stand } from './stand.js';
import { containersOf, volumesOf } from './verdict.js';

/** What a test does to a request instead of passing it; `undefined`: it passes. Requests are counted from 1. */
export type Choose = (asked: { readonly number: number; readonly exchange: Exchange }) => Handler | undefined;

export type Guard = {
  /** From now on counts anew and asks `choose` about each request. */
  watch(choose?: Choose): void;
  /** First lines since `watch`. */
  asked(): readonly string[];
  /** What must never be on the wire and was, since the last look. */
  problems(): readonly string[];
};

const startOf = (line: string): string | undefined => /^POST \/containers\/([^/]+)\/start\b/.exec(line)?.[1];

const removedBy = (line: string): string | undefined => /^DELETE \/containers\/([^/?]+)/.exec(line)?.[1];

/** A removed container leaves its volumes, so one that only it had would lie about for ever. */
const orphansOf = async ({ real, before }: Stand, line: string): Promise<readonly string[]> => {
  const id = removedBy(line);
  const going = id === undefined ? undefined : await real.engine.inspect(id);
  const kept = volumesOf(before);
  return going ? volumesOf(going).filter((name) => !kept.includes(name)) : [];
};

/** A start while another version runs would be two writers. */
const rivalOf = async (stand: Stand, line: string): Promise<string | undefined> => {
  const id = startOf(line);
  if (id === undefined) return undefined;
  const own = (await containersOf(stand)).filter(({ Name }) => Name.startsWith(`/${stand.service}`));
  const rival = own.find((one) => one.Id !== id && one.State.Running);
  return rival && own.some((one) => one.Id === id) ? `${line}: ${rival.Name} runs` : undefined;
};

/** A container whose create was cut may lack a network, and must not run so. */
const cutOff = async ({ real, before }: Stand, line: string): Promise<readonly string[]> => {
  const id = startOf(line);
  const starting = id === undefined ? undefined : await real.engine.inspect(id);
  const networks = starting?.NetworkSettings.Networks ?? {};
  return Object.keys(starting ? (before.NetworkSettings.Networks ?? {}) : {})
    .filter((network) => !(network in networks))
    .map((network) => `${line}: without the network ${network}`);
};

/** Stands at a stand's wire: each request is counted, and each change must be accounted for by the journal before it. */
export const guardOf = (stand: Stand): Guard => {
  const journal = intents(stand.state);
  let choose: Choose | undefined;
  let asked: string[] = [];
  let problems: string[] = [];

  const check = async (line: string): Promise<void> => {
    try {
      const missing = journal.missingFor(line);
      const rival = await rivalOf(stand, line);
      const orphans = (await orphansOf(stand, line)).map(
        (name) => `${line}: leaves the volume ${name} behind`,
      );
      const lonely = await cutOff(stand, line);
      problems.push(...[missing, rival, ...orphans, ...lonely].filter((one) => one !== undefined));
      if (/^DELETE .*[?&]v=(1|true)/.test(line)) problems.push(`${line}: removes volumes`);
    } catch (error) {
      problems.push(`${line}: could not be judged: ${messageOf(error)}`);
    }
  };

  stand.wire.handle(async (exchange: Exchange) => {
    asked.push(exchange.line);
    const treat = choose?.({ number: asked.length, exchange });
    if (isChange(exchange.line)) await check(exchange.line);
    await (treat ? treat(exchange) : exchange.pass());
  });
  return {
    watch: (next) => {
      asked = [];
      choose = next;
    },
    asked: () => asked,
    problems: () => {
      const found = problems;
      problems = [];
      return found;
    },
  };
};
