import type Docker from 'dockerode';
import type { Identity } from '../../src/demo/cloud/identity.js';
import { type Build, refOf } from './images.js';

export type Wanted = {
  readonly identity: Identity;
  readonly name: string;
  readonly build: Build;
  readonly port: number;
  /** Milliseconds from the start of the program until it listens. */
  readonly startMs: number;
};

/** A host-network API with a HEALTHCHECK, as Kolla's are; its interval is the demo's and not Kolla's 30 s. */
export const createApi = (docker: Docker, wanted: Wanted): Promise<Docker.Container> =>
  docker.createContainer({
    name: `${wanted.identity.prefix}${wanted.name}`,
    Image: refOf(wanted.identity, wanted.build),
    Env: [`BENCH_PORT=${wanted.port}`, `BENCH_START_MS=${wanted.startMs}`],
    Healthcheck: {
      Test: ['CMD', 'healthcheck_curl', `http://127.0.0.1:${wanted.port}/`],
      Interval: 5e9,
      Timeout: 30e9,
      Retries: 3,
    },
    HostConfig: { NetworkMode: 'host', RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 } },
  });
