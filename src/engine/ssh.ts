import { messageOf } from '../errors.js';
import type { HostConfig } from '../host-config.js';
import { sshEngineOf, sshPlaceOfHost, USUAL_SOCKET } from '../ssh-place.js';
import type { ForwardedAddress } from './connection.js';
import { EngineError } from './port.js';
import { meetEngine, type RemoteSocket } from './ssh-engine.js';
import { type KeptLink, keptLink } from './ssh-kept.js';
import { inLanes } from './ssh-lanes.js';
import { type Link, openLink } from './ssh-link.js';
import type { HostShell } from './units.js';

/** One host's SSH connection, shared by its engine and by the commands on the host. */
export type SshHost = {
  /** Of the engine; for a host whose engine is `ssh://`. */
  readonly address: ForwardedAddress;
  readonly shell: HostShell;
  /** Ends the connection, and what is under way over it. */
  close(): Promise<void>;
};

export type SshOptions = {
  /** Until an attempt to connect is given up, all jump hosts together; milliseconds. */
  readonly openMs?: number;
  /** Seconds of silence until the host is asked for a sign of life; three unanswered ones end the connection. */
  readonly aliveSeconds?: number;
  /** Until the engine behind the forwarded socket must have answered a ping; milliseconds. */
  readonly pingMs?: number;
  readonly now?: () => number;
};

const DEFAULTS = { openMs: 25_000, aliveSeconds: 5, pingMs: 10_000, now: (): number => performance.now() };

const endOf = async (link: Link): Promise<string | undefined> => {
  const last = await link.lastWordsSoon();
  return last === undefined ? undefined : `the SSH connection ended: ${last}`;
};

/** An engine is met once over each connection, so that a socket that is not there is told from a call that was cut. */
const engineOver = (kept: KeptLink, socket: RemoteSocket): ForwardedAddress => {
  let met: { readonly link: Link; readonly meeting: Promise<void> } | undefined;
  const doubt = (one: typeof met) => {
    kept.doubt();
    if (met === one) met = undefined;
  };
  return {
    reach: async () => {
      const link = await kept.get();
      if (met?.link !== link) met = { link, meeting: meetEngine(link, socket) };
      const mine = met;
      try {
        await mine.meeting;
      } catch (error) {
        doubt(mine);
        throw error;
      }
      const failed = () => {
        doubt(mine);
        return endOf(link);
      };
      return { socketPath: link.socketPath, failed };
    },
  };
};

/** sshd takes 10 sessions over one connection (MaxSessions); two are left for asking whether it still holds. */
const MOST_COMMANDS = 8;

const shellOver = (kept: KeptLink, host: string): HostShell => {
  const inLane = inLanes(MOST_COMMANDS);
  const runNow: HostShell['run'] = async (command, timeoutMs) => {
    const call = `run ${command.join(' ')}`;
    const link = await kept.get().catch((error: unknown) => {
      throw new EngineError(host, call, messageOf(error), false);
    });
    const end = await link.run(command, timeoutMs);
    if (end.kind === 'ran') return { exitCode: end.exitCode, output: end.output };
    kept.doubt();
    throw new EngineError(host, call, (await endOf(link)) ?? end.why, end.kind === 'lost');
  };
  return { host, run: (command, timeoutMs) => inLane(() => runNow(command, timeoutMs)) };
};

/**
 * Opens nothing yet. `host` has an address for SSH (`sshPlaceOfHost`). Only ssh itself decides that a connection is
 * dead: ending one because a single call was slow would cut the other calls over it.
 */
export const sshHost = (host: HostConfig, options: SshOptions = {}): SshHost => {
  const { openMs, aliveSeconds, pingMs, now } = { ...DEFAULTS, ...options };
  const place = sshPlaceOfHost(host);
  if (!place) throw new Error(`the host ${host.name} has no SSH address`);
  const socket = sshEngineOf(host.engine)?.socket;
  const kept = keptLink(
    () => openLink({ name: host.name, place, ssh: host.ssh, socket, aliveSeconds }, openMs),
    now,
  );
  return {
    address: engineOver(kept, {
      path: socket ?? USUAL_SOCKET,
      user: place.user ?? 'the user',
      ms: pingMs,
    }),
    shell: shellOver(kept, host.name),
    close: kept.close,
  };
};
