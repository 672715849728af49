import { EngineError } from '../engine/port.js';
import { messageOf } from '../errors.js';
import { type BalancerSeen, readAnswers } from './answers.js';
import { lookScript, type Order, orderScript, runAt, type Socket } from './socket.js';

/** The level of the socket and every server. Throws `EngineError` when HAProxy does not answer. */
export const readBalancer = async (socket: Socket): Promise<BalancerSeen> => {
  const output = await runAt(socket, lookScript(socket.path));
  try {
    return readAnswers(output);
  } catch (error) {
    throw new EngineError(socket.engine.host, `exec ${socket.container}`, messageOf(error), true);
  }
};

/**
 * `set server … state`. HAProxy's refusals come as text with exit code 0 ("Permission denied", "No such server."), and
 * what it obeys it answers with nothing (tried on 2.6). Throws `EngineError`; a refusal is never of unknown outcome.
 */
export const orderServer = async (
  socket: Socket,
  { name, order }: { name: string; order: Order },
): Promise<void> => {
  const [backend = '', server = ''] = name.split('/');
  const answer = (await runAt(socket, orderScript(socket.path, { backend, server, order }))).trim();
  if (answer !== '')
    throw new EngineError(socket.engine.host, `set server ${name} state ${order}`, answer, false, 403);
};

/** What a person types on the host to do the same. */
export const commandFor = (
  { container, socket }: { container: string; socket: string },
  { name, order }: { name: string; order: Order },
): string =>
  `docker exec ${container} sh -c "echo 'set server ${name} state ${order}' | socat stdio unix-connect:${socket}"`;
