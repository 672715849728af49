import {
  type ContainerInspect,
  containerInspect,
  type ImageInspect,
  imageInspect,
} from '../../src/engine/inspect.js';

type Fields = Record<string, unknown>;

export const OLD_ID = '1'.repeat(64);

/** An image with the given defaults. */
export const anImage = (config: Fields = {}): ImageInspect =>
  imageInspect.parse({ Id: 'sha256:1', RepoTags: [], Config: config });

export type Parts = {
  readonly id?: string;
  readonly name?: string;
  readonly config?: Fields;
  readonly hostConfig?: Fields;
  readonly mounts?: readonly Fields[];
  readonly networks?: Fields;
  readonly state?: Fields;
};

/** A container as Docker 20.10 reports it, with what a test needs to differ. */
export const aContainer = (parts: Parts = {}): ContainerInspect =>
  containerInspect.parse({
    Id: parts.id ?? OLD_ID,
    Name: `/${parts.name ?? 'cinder_api'}`,
    Image: 'sha256:1',
    Created: '2026-01-01T00:00:00Z',
    RestartCount: 0,
    Path: 'run',
    Args: [],
    State: {
      Status: 'running',
      Running: true,
      ExitCode: 0,
      StartedAt: '2026-01-01T00:00:01Z',
      ...parts.state,
    },
    Config: {
      Hostname: (parts.id ?? OLD_ID).slice(0, 12),
      Image: 'r/cinder-api:1',
      Tty: false,
      ...parts.config,
    },
    HostConfig: {
      Binds: null,
      NetworkMode: 'default',
      RestartPolicy: { Name: 'always', MaximumRetryCount: 0 },
      ...parts.hostConfig,
    },
    Mounts: parts.mounts ?? [],
    NetworkSettings: {
      Networks: parts.networks ?? {
        bridge: {
          IPAMConfig: null,
          Aliases: null,
          NetworkID: 'b1',
          IPAddress: '172.17.0.2',
          MacAddress: '02:42:ac:11:00:02',
        },
      },
    },
  });
