import type { RestartStep } from '../plan/plan.js';
import { containerOf } from './container.js';
import { StepFailed } from './context.js';
import { drainServers, readyServers } from './drain.js';
import { requireHealthy } from './health.js';
import type { StepKind } from './kind.js';
import { requireAskedReady } from './ready.js';
import { withSampling } from './sampling.js';
import { drainedFirst } from './words.js';

export const restart: StepKind<RestartStep> = {
  say: ({ name, host, owner, drain }) =>
    `Restart ${name} on ${host}${owner?.kind === 'unit' ? ` through ${owner.unit}` : ''} so that it drops the old release's RPC version pin, and judge its health.${drainedFirst(drain)}`,
  perform: async (step, context) => {
    const { host, name, index, graceSeconds, probeUrl, expect, owner } = step;
    const id = context.memory('steps', index).createdId;
    if (!id) throw new StepFailed(`The journal does not name the new container of ${name} on ${host}.`);
    const container = containerOf(context, { host, id, label: name, name, owner });
    await container.present();
    await drainServers(step, context);
    // Stopped and started again even where a crash came in between: a second restart does no harm.
    await withSampling(step, context, context.part, async () => {
      await container.stop(graceSeconds);
      await container.start();
      await requireHealthy(context, { host, id, name, probeUrl, expect });
      const swapped = context.plan.steps[index];
      if (swapped?.kind === 'swap')
        await requireAskedReady(
          { host, id, name, entry: swapped.old.entry, probeUrl, drained: step.drain !== undefined },
          context,
        );
    });
    await readyServers(step, context);
  },
};
