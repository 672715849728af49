import type { HostConfig } from '../../config.js';
import { within } from '../../engine/deadline.js';
import { type Engine, EngineError, type EngineInfo } from '../../engine/port.js';
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
  if (/could not resolve|ENOTFOUND|EAI_AGAIN/i.test(why))
    return 'This machine does not know that name: correct the address in the hosts file, or the name service here.';
  if (/ENOENT/.test(why))
    return 'There is no socket at that path: is the engine running there, and is the path in the hosts file right?';
  if (/EACCES|permission denied/i.test(why))
    return host.engine.startsWith('ssh://')
      ? 'That account may not: give it a key the host accepts, and membership of the group that owns the engine’s socket.'
      : 'This account may not open the socket: it has to be in the group that owns it.';
  if (/certificate|self.signed|TLS|SSL/i.test(why))
    return 'Check ca, cert and key of the host: the certificate has to name the host as the hosts file does, and to be in date.';
  if (/connection refused/i.test(why))
    return 'The machine answers and no sshd listens there: start it (`systemctl status ssh`), or mend address and port in the hosts file.';
  if (/ECONNREFUSED/.test(why))
    return 'The machine answers and nothing listens there: start the engine (`systemctl status docker`), or mend the address.';
  return 'Is the host up, and its engine (`systemctl status docker`)? Can this machine reach it, or is a firewall between? Otherwise take the host out of the hosts file.';
};

const wordsOf = (error: unknown): string => {
  const words = messageOf(error).replace(/ \(not tried again for \d+ s\)$/, '');
  return error instanceof EngineError ? words.replace(`${error.host}: ${error.call}: `, '') : words;
};

/** Where SSH itself failed, its reason (`ssh-reason.ts`, `ssh-engine.ts`) carries the way out behind a semicolon. */
const ownWayOut = ({ engine }: HostConfig, error: unknown, words: string): [string, string] | undefined => {
  const unsent = error instanceof EngineError && !error.unknown && error.status === undefined;
  const at = words.lastIndexOf('; ');
  if (!engine.startsWith('ssh://') || !unsent || at < 0) return undefined;
  const wayOut = words.slice(at + 2);
  return [words.slice(0, at), `${wayOut.charAt(0).toUpperCase()}${wayOut.slice(1)}.`];
};

const silent = (host: HostConfig, error: unknown): Check => {
  const words = wordsOf(error);
  const [why, wayOut] = ownWayOut(host, error, words) ?? [words, wayOutOf(host, words)];
  return mend('reach', {
    what: `The engine does not answer (${wayTo(host)}): ${why}.`,
    why: 'Nothing can be planned for services that may run here; no other check of the engine was made.',
    wayOut,
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
