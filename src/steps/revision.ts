import { messageOf } from '../errors.js';
import type { MigrateStep } from '../plan/plan.js';
import { look } from './act.js';
import type { StepContext } from './context.js';

const TIMEOUT_MS = 60_000;

/** An alembic revision (`9c74c1c6971f`, `2024_1_contract01`) or a migration number, alone on its line. */
const REVISION = /^(\d{1,6}|(?=[a-z_]*\d)[0-9a-z_]{4,64})(?: \(head\))?$/i;

/**
 * The revision in a tool's output; `null` where no line is one. An exit code of 0 proves nothing: keystone-manage of
 * Zed ends with a traceback and 0.
 */
export const revisionIn = (output: string): string | null => {
  const found = output.split('\n').flatMap((line) => REVISION.exec(line.trim())?.[1] ?? []);
  return found.at(-1) ?? null;
};

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
    const revision = exitCode === 0 ? revisionIn(output) : null;
    // A tool that fails may print anything; what is a secret is no revision, and is not journaled.
    return revision === null || context.tail(revision) === revision ? revision : null;
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
