import { z } from 'zod';
import { atLeast } from './networks.js';
import { EngineError } from './port.js';

/**
 * Versions of the Engine API that this program speaks. The oldest is that of Podman 3 and Docker 19.03; the newest that
 * of Docker 28.5. From 1.52 on (Docker 29) a container's answer no longer tells the MAC address that was asked for
 * from one that was drawn, so no later one is spoken.
 */
export const SPOKEN = { oldest: '1.40', newest: '1.51' } as const;

/** What an engine says of itself to whoever names no version; Podman and old engines leave the minimum out. */
export const offered = z.looseObject({
  ApiVersion: z.string().regex(/^\d+\.\d+$/),
  MinAPIVersion: z.string().nullish(),
});
export type Offered = z.infer<typeof offered>;

const least = (a: string, b: string): string => (atLeast(a, b) ? b : a);

const range = (from: string | null | undefined, to: string): string =>
  from ? `${from} to ${to}` : `up to ${to}`;

/**
 * The newest version that both speak. Throws `EngineError` with status 400, which is the engine's own answer to a
 * version that it does not speak, where there is none: nobody tries that again.
 */
export const agreed = (host: string, call: string, { ApiVersion, MinAPIVersion }: Offered): string => {
  const common = least(ApiVersion, SPOKEN.newest);
  const tooNew = MinAPIVersion && !atLeast(common, MinAPIVersion);
  if (atLeast(common, SPOKEN.oldest) && !tooNew) return common;
  const wayOut = tooNew
    ? `Set "min-api-version": "${SPOKEN.newest}" in its daemon.json if it still can, or use a newer Stackswap`
    : 'Upgrade it to Docker 20.10 or newer';
  throw new EngineError(
    host,
    call,
    `the engine speaks API ${range(MinAPIVersion, ApiVersion)} and Stackswap ${range(SPOKEN.oldest, SPOKEN.newest)}, so nothing was asked of it. ${wayOut}.`,
    false,
    400,
  );
};

/** The engine's answer when it no longer speaks the version that was agreed, as after an upgrade of it. */
export const isVersionRefused = (error: unknown): boolean =>
  error instanceof EngineError &&
  error.status === 400 &&
  /client version \S+ is too (old|new)/i.test(error.message);
