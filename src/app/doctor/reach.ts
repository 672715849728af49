import type { HostConfig } from '../../config.js';
import { within } from '../../engine/deadline.js';
import type { Engine, EngineInfo } from '../../engine/port.js';
import { messageOf } from '../../errors.js';
import type { Clock } from '../../probes/clock.js';
import { type Check, know, mend, well } from './check.js';

/** Beyond this each of the four calls inside a swap's gap is felt: stop, two renames, start. */
const SLOW_MS = 500;

type Reached = {
  readonly info: EngineInfo;
  readonly asked: { readonly at: number; readonly answeredAt: number };
};

/** How the engine is reached, in the words of the hosts file. */
const wayTo = ({ engine }: HostConfig): string => engine.replace(/^([a-z]+):\/\//, '$1 ');

const wayOutOf = (host: HostConfig, why: string): string => {
  if (/host key|known_hosts/i.test(why))
    return 'Never take over a key that you have not compared: so would somebody in between look. Then ask again.';
  if (/ENOENT/.test(why))
    return 'There is no socket at that path: is the engine running there, and is the path in the hosts file right?';
  if (/EACCES|permission denied/i.test(why))
    return host.engine.startsWith('ssh://')
      ? 'That account may not: give it a key the host accepts, and membership of the group that owns the engine’s socket.'
      : 'This account may not open the socket: it has to be in the group that owns it.';
  if (/certificate|self.signed|TLS|SSL/i.test(why))
    return 'Check ca, cert and key of the host: the certificate has to name the host as the hosts file does, and to be in date.';
  if (/ECONNREFUSED/.test(why))
    return 'The machine answers and nothing listens there: start the engine (`systemctl status docker`), or mend the address.';
  return 'Is the host up, and its engine (`systemctl status docker`)? Can this machine reach it, or is a firewall between? Otherwise take the host out of the hosts file.';
};

const silent = (host: HostConfig, error: unknown): Check => {
  const why = messageOf(error).replace(`${host.name}: `, '');
  return mend('reach', {
    what: `The engine does not answer (${wayTo(host)}): ${why}.`,
    why: 'Nothing can be planned for services that may run here; no other check of the engine was made.',
    wayOut: wayOutOf(host, why),
  });
};

/** Asks the engine who it is; `limitMs` is for the whole answer, whatever the engine's own deadlines are. */
export const reach = async (
  host: HostConfig,
  engine: () => Engine,
  { clock, limitMs }: { clock: Clock; limitMs: number },
): Promise<{ readonly check: Check; readonly reached?: Reached }> => {
  const at = clock.now();
  try {
    const info = await within(limitMs, engine().info());
    const answeredAt = clock.now();
    const took = Math.round(answeredAt - at);
    const reached = { info, asked: { at, answeredAt } };
    if (took <= SLOW_MS)
      return { reached, check: well('reach', `The engine answers in ${took} ms (${wayTo(host)}).`) };
    return {
      reached,
      check: know('reach', {
        what: `The engine took ${took} ms to answer.`,
        why: 'A swap’s gap holds four calls: each is that much longer.',
        wayOut: 'Look at the load of the host and at the way to it.',
      }),
    };
  } catch (error) {
    return { check: silent(host, error) };
  }
};
