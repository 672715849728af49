import type { HttpAnswer, Process } from './image.js';
import type { KollaContainer } from './kolla-shape.js';

const json = (body: unknown): HttpAnswer => ({ status: 200, body: JSON.stringify(body) });

const UNAVAILABLE: HttpAnswer = {
  status: 503,
  body: '{"message":"The server is currently unavailable. Please try again at a later time."}',
};

/** As cinder writes it: no zone. A process that the scenario calls silent stays at its first heartbeat. */
const heartbeatOf = (process: Process, binary: string): string =>
  process.database.get(`silent ${binary}`) ?? new Date().toISOString().replace('Z', '');

const row = (process: Process, binary: string, host: string) => ({
  binary,
  host,
  zone: 'nova',
  status: 'enabled',
  state: 'up',
  updated_at: heartbeatOf(process, binary),
});

/** Cheap reads of each API, in the shape of the real ones; who asks is not looked at. */
const readsOf = (process: Process): Readonly<Record<string, readonly [RegExp, () => unknown][]>> => ({
  glance: [[/^\/v2\/images/, () => ({ images: [] })]],
  placement: [[/^\/resource_providers/, () => ({ resource_providers: [] })]],
  cinder: [
    [/^\/v3\/[^/]+\/volumes/, () => ({ volumes: [] })],
    [/^\/v3\/[^/]+\/scheduler-stats/, () => ({ pools: [{ name: `${process.host}@lvm#lvm` }] })],
    [
      /^\/v3\/[^/]+\/os-services/,
      () => ({
        services: [
          row(process, 'cinder-scheduler', process.host),
          row(process, 'cinder-volume', `${process.host}@lvm`),
        ],
      }),
    ],
  ],
});

/**
 * What the API of a Kolla container answers. One that `lies` is well by its health path, and no request of a client
 * works, as with a wrong keystone password in its configuration.
 */
export const apiAnswer =
  (entry: KollaContainer, lies: boolean) =>
  (path: string, process: Process, well: boolean): HttpAnswer | undefined => {
    if (path === '/healthcheck') return { status: well ? 200 : 503, body: well ? 'OK' : 'not ready' };
    if (path === '/')
      return {
        status: well ? 200 : 503,
        body: JSON.stringify({ version: process.labels.kolla_version ?? 'unknown' }),
      };
    if (lies || !well) return UNAVAILABLE;
    const read = readsOf(process)[entry.service]?.find(([pattern]) => pattern.test(path));
    return read && json(read[1]());
  };
