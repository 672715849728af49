import type { ContainerInspect } from '../../engine/inspect.js';
import { nameOf } from '../../engine/inspect.js';
import { OVER } from '../../run/phase.js';
import { type Run, runIn } from '../../run/run.js';
import { isLeftover, runOfLeftover } from '../../steps/names.js';
import { type Check, type HostCheck, know, mend, names, verb, well } from './check.js';

/** A run that is not over still needs what it made: to go on, or to go back. */
const inUse = (run: Run | undefined): boolean => run !== undefined && !OVER.includes(run.phase);

const stray = (container: ContainerInspect, run: Run | undefined): Check => {
  const name = nameOf(container);
  const of = run
    ? `of run ${run.id}, which is over (${run.phase})`
    : 'of a run that this journal does not know';
  if (container.State.Running)
    return mend('leftovers', {
      what: `${name}, ${of}, is running.`,
      why: 'Two containers of one service write to the same database and queue.',
      wayOut: 'Find out which one should serve (status shows the other), and stop the wrong one.',
    });
  return know('leftovers', {
    what: `${name}, ${of}, is still there, stopped.`,
    why: 'It keeps its image on the disk, and plans warn of it.',
    wayOut: `When nobody needs it for going back: \`docker rm ${name}\``,
  });
};

const KEPT = 'kept for a run that is not over';

/** Another installation's containers, with another prefix, are looked after by another journal. */
export const leftovers: HostCheck = async ({ host, containers, workshop }) => {
  const { runs } = workshop.journal.state();
  const left = containers.filter(
    (container) => isLeftover(nameOf(container)) && nameOf(container).startsWith(host.container_prefix),
  );
  const kept = left.filter((container) => inUse(runIn({ runs }, runOfLeftover(nameOf(container)))));
  const strays = left.filter((container) => !kept.includes(container));
  const found = strays.map((container) =>
    stray(container, runIn({ runs }, runOfLeftover(nameOf(container)))),
  );
  if (found.length > 0) return found;
  return [
    kept.length > 0
      ? well('leftovers', `${names(kept.map(nameOf))} ${verb(kept, 'is', 'are')} ${KEPT}.`)
      : well('leftovers', 'No container of an earlier run is left.'),
  ];
};
