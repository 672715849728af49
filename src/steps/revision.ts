import { messageOf } from '../errors.js';
import type { MigrateStep } from '../plan/plan.js';
import { look } from './act.js';
import type { StepContext } from './context.js';

const TIMEOUT_MS = 60_000;

/**
 * The schema revision as the running API container tells it, or `null` when it cannot. Asked of the old container both
 * times: its tool reads the database's own mark. `null` is treated as moved.
 */
export const readRevision = async (step: MigrateStep, context: StepContext): Promise<string | null> => {
  const engine = context.engine(step.host);
  try {
    const running = await look(context, () => engine.inspect(step.like.name));
    if (!running?.State.Running) return null;
    const { exitCode, output } = await engine.exec(running.Id, step.revision, TIMEOUT_MS);
    const lines = output.trim().split('\n');
    return exitCode === 0 ? context.tail(lines.at(-1) ?? '') || null : null;
  } catch (error) {
    await context.emit({
      kind: 'call-ended',
      part: context.part,
      index: context.index,
      op: 'exec',
      target: 'schema revision',
      ms: 0,
      error: context.tail(messageOf(error)),
    });
    return null;
  }
};
