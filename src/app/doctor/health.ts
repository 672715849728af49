import { type Check, type HostCheck, mend, well } from './check.js';
import { type Catalogued, catalogued } from './kolla-containers.js';

const ill = ({ name, container }: Catalogued): Check | undefined => {
  const { Status, ExitCode, Health } = container.State;
  if (Status !== 'running')
    return mend('health', {
      what: `${name} is ${Status}${Status === 'exited' ? ` with code ${ExitCode}` : ''}.`,
      why: 'A plan for its service is refused: what is broken before cannot be judged after.',
      wayOut: `\`docker logs --tail 50 ${name}\` tells why it stopped; start it through its unit, where it has one.`,
    });
  if (Health?.Status === 'unhealthy')
    return mend('health', {
      what: `${name} is unhealthy.`,
      why: 'A plan for its service is refused: what is broken before cannot be judged after.',
      wayOut: `\`docker inspect --format '{{json .State.Health}}' ${name}\` shows what its check said.`,
    });
  return undefined;
};

/** Whether the containers that could be swapped run and are well by their own check. */
export const health: HostCheck = async (seen) => {
  const all = catalogued(seen);
  const found = all.map(ill).filter((check) => check !== undefined);
  if (found.length > 0) return found;
  return [
    well(
      'health',
      all.length === 0
        ? 'No container of the catalogue is here.'
        : `${all.length} ${all.length === 1 ? 'container' : 'containers'} of the catalogue ${all.length === 1 ? 'runs' : 'run'}.`,
    ),
  ];
};
