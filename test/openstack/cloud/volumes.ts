import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { PORTS, VIP } from '../places.js';
import { ask, type Token } from './identity.js';

const KNOWN_WITHIN_MS = 150_000;
const base = ({ project }: Token): string => `http://${VIP}:${PORTS.cinder}/v3/${project}`;
const one = z.object({
  volume: z.object({ id: z.string(), name: z.string().nullish(), status: z.string().optional() }),
});

export const statusOf = async (token: Token, id: string): Promise<string> => {
  const answer = await ask('GET', `${base(token)}/volumes/${id}`, { token: token.id });
  return one.parse(await answer.json()).volume.status ?? 'without a status';
};

const settled = async (token: Token, id: string): Promise<string> => {
  const end = Date.now() + 40_000;
  for (;;) {
    const status = await statusOf(token, id);
    if (status === 'available' || status === 'error' || Date.now() > end) return status;
    await sleep(300);
  }
};

/**
 * Makes a volume, which goes through api, scheduler, RabbitMQ and cinder-volume. A scheduler that missed the backend's
 * report learns of it at the next one (every 60 s, the first after up to 60 s more); until then a volume ends in `error`.
 */
export const createVolume = async (token: Token, name: string): Promise<{ id: string; tries: number }> => {
  const end = Date.now() + KNOWN_WITHIN_MS;
  for (let tries = 1; ; tries += 1) {
    const answer = await ask('POST', `${base(token)}/volumes`, {
      token: token.id,
      body: { volume: { size: 1, name } },
    });
    const { id } = one.parse(await answer.json()).volume;
    const status = await settled(token, id);
    if (status === 'available') return { id, tries };
    await deleteVolume(token, id);
    if (Date.now() > end) throw new Error(`each new volume is ${status}, ${tries} times`);
    await sleep(5_000);
  }
};

export const deleteVolume = async (token: Token, id: string): Promise<void> => {
  await ask('DELETE', `${base(token)}/volumes/${id}`, { token: token.id });
};
