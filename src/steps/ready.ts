import type { SwapStep } from '../plan/plan.js';
import type { ReadyReport } from '../probes/report.js';
import { look } from './act.js';
import { askRounds, notReadyWords } from './ask-rounds.js';
import { type AskRequest, Inconclusive, type StepContext, StepFailed } from './context.js';

export type AskedContainer = {
  readonly host: string;
  readonly id: string;
  readonly name: string;
  readonly entry: string;
  readonly probeUrl: string | null;
  /** Its server gets no traffic now: the front door then tells of the other hosts only. */
  readonly drained: boolean;
};

/** The API's address without the health path. */
export const apiOf = (probeUrl: string | null): string | null =>
  probeUrl === null ? null : new URL(probeUrl).origin;

/**
 * A report as it may be kept: what services say is cleaned and redacted. `what` keeps its spelling, since the answers
 * after a swap are told apart from those before it by that.
 */
export const safeReport = (report: ReadyReport, tail: (text: string) => string): ReadyReport => ({
  ...report,
  asked: report.asked.map((one) => ({ ...one, why: tail(one.why) })),
  ...(report.unasked === undefined ? {} : { unasked: tail(report.unasked) }),
});

const requestFor = async (asked: AskedContainer, context: StepContext): Promise<AskRequest> => {
  const { host, name, entry, id, probeUrl } = asked;
  const engine = context.engine(host);
  const [container, info] = await look(context, () => Promise.all([engine.inspect(id), engine.info()]));
  return {
    service: context.plan.service,
    host,
    container: name,
    entry,
    api: apiOf(probeUrl),
    since: container?.State.StartedAt ?? '',
    when: 'after',
    names: [info.hostname],
    before: context.readyBefore.find((one) => one.host === host && one.container === name),
  };
};

const verdict = (report: ReadyReport, context: StepContext): void => {
  if (report.ready) return;
  const where = `${report.container} on ${report.host}`;
  if (report.unasked !== undefined)
    throw new Inconclusive(
      `${where} is healthy, and ${context.plan.service} cannot be asked whether it is ready: ${report.unasked}.`,
    );
  throw new StepFailed(
    `${where} is healthy but not ready after ${(report.tookMs / 1000).toFixed(1)} s (${notReadyWords(report)}).`,
  );
};

/**
 * Asks the service itself, straight at the new container, until it is ready or the health deadline is over. Throws
 * `StepFailed` where it is not, and `Inconclusive` where something else keeps us from asking.
 */
export const requireAskedReady = async (asked: AskedContainer, context: StepContext): Promise<void> => {
  const { askService, part, index } = context;
  if (!askService || (asked.drained && asked.probeUrl === null)) return;
  const request = await requestFor(asked, context);
  const { health: policy, clock, checkpoint } = context;
  const report = safeReport(
    await askRounds({ ask: () => askService(request), policy, clock, checkpoint }),
    context.tail,
  );
  if (report.asked.length === 0) return;
  await context.emit({ kind: 'ready', part, index, report });
  verdict(report, context);
};

/** The same for the new container of a swap. */
export const requireReady = async (step: SwapStep, context: StepContext): Promise<void> => {
  const id = context.memory().createdId;
  if (id === undefined) throw new Error(`the new ${step.old.name} is not in the journal`);
  const { host, name, entry } = step.old;
  const drained = step.drain !== undefined;
  await requireAskedReady({ host, id, name, entry, probeUrl: step.probeUrl, drained }, context);
};
