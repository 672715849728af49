import type { RestartPolicy } from '../engine/port.js';
import type { SwapStep } from '../plan/plan.js';
import { SEEN } from '../steps/config-keeper.js';
import { configName, keptName } from '../steps/names.js';

const policyWord = ({ Name, MaximumRetryCount }: RestartPolicy): string =>
  Name === 'on-failure' && MaximumRetryCount > 0 ? `${Name}:${MaximumRetryCount}` : Name || 'no';

const short = (id: string): string => id.slice(0, 12);

/** A unit starts again what is stopped behind its back, so its own stop follows at once; it also stops by name. */
const stopping = ({ owner, graceSeconds }: SwapStep, newId: string | undefined): readonly string[] => {
  const stop = newId ? `docker stop -t ${graceSeconds} ${short(newId)}` : undefined;
  if (!owner) return stop ? [stop] : [];
  return [`${stop ? `${stop}; ` : ''}systemctl stop ${owner.unit}`];
};

const starting = ({ owner, old }: SwapStep): readonly string[] =>
  owner
    ? [`systemctl reset-failed ${owner.unit}; systemctl start ${owner.unit}`]
    : [`docker start ${old.name}`];

/** What a person types on the host where going back stopped; exact, with ids. */
export const commandsFor = (step: SwapStep, run: string, newId: string | undefined): readonly string[] => {
  const { old } = step;
  return [
    ...stopping(step, newId),
    ...(newId ? [`docker rename ${short(newId)} ${old.name}__failed`] : []),
    ...(step.config
      ? [`docker cp -a ${configName(run, old.name)}:${SEEN.kept}/. ${step.config.folder}/`]
      : []),
    `docker rename ${short(old.id)} ${old.name}    # may be ${keptName(run, old.name)} now`,
    ...starting(step),
    `docker update --restart=${policyWord(old.restartPolicy)} ${old.name}`,
  ];
};
