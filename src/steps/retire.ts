import { nameOf } from '../engine/inspect.js';
import type { RetireStep } from '../plan/plan.js';
import { containerOf } from './container.js';
import { StepFailed } from './context.js';
import { forgetConfig } from './host-config.js';
import type { StepKind } from './kind.js';
import { keptName } from './names.js';

export const retire: StepKind<RetireStep> = {
  say: ({ name, host }) => `Remove the kept old container of ${name} on ${host}; its volumes stay.`,
  perform: async ({ host, name, index }, context) => {
    const step = context.plan.steps[index];
    if (step?.kind !== 'swap') throw new StepFailed(`Step ${index + 1} of the plan swapped nothing.`);
    const kept = containerOf(context, { host, id: step.old.id, label: keptName(context.run, name) });
    const seen = await kept.inspect();
    if (!seen) return forgetConfig(step, context, index);
    if (seen.State.Running || nameOf(seen) !== keptName(context.run, name))
      throw new StepFailed(
        `The old container of ${name} on ${host} is not the stopped ${keptName(context.run, name)} any more: somebody uses it. It was not removed.`,
      );
    await kept.remove();
    await forgetConfig(step, context, index);
  },
};
