import { z } from 'zod';

/*
 * The parts of an inspect answer that this program reads. `looseObject` keeps every other field, because a clone and
 * the written comparison (docs/comparison.md) look at all of them.
 * Field names and meanings: Docker Engine API, ContainerInspect and ImageInspect.
 */

const health = z.looseObject({ Status: z.string() });

const state = z.looseObject({
  Status: z.string(),
  Running: z.boolean(),
  ExitCode: z.number(),
  StartedAt: z.string(),
  OOMKilled: z.boolean().optional(),
  /** Why the engine could not start it the last time; empty where it could. */
  Error: z.string().optional(),
  Health: health.nullish(),
});

export const healthcheck = z.looseObject({
  Test: z.array(z.string()).nullish(),
  /** Nanoseconds, as all of the engine's durations here; 0 inherits the image's. */
  Interval: z.number().nullish(),
  Timeout: z.number().nullish(),
  StartPeriod: z.number().nullish(),
  Retries: z.number().nullish(),
});

/** `Config` of a container and of an image have the same shape. */
const config = z.looseObject({
  Hostname: z.string().nullish(),
  User: z.string().nullish(),
  Env: z.array(z.string()).nullish(),
  Cmd: z.array(z.string()).nullish(),
  Entrypoint: z.array(z.string()).nullish(),
  Image: z.string().nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  Volumes: z.record(z.string(), z.unknown()).nullish(),
  ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
  WorkingDir: z.string().nullish(),
  Shell: z.array(z.string()).nullish(),
  StopSignal: z.string().nullish(),
  StopTimeout: z.number().nullish(),
  MacAddress: z.string().nullish(),
  Healthcheck: healthcheck.nullish(),
});

/** Names a manifest or an index of manifests; engines with API 1.48 or newer and images in containerd tell it. */
const descriptor = z.looseObject({ digest: z.string() }).nullish();

const mount = z.looseObject({
  Type: z.string(),
  Name: z.string().optional(),
  Source: z.string().optional(),
  Destination: z.string(),
  RW: z.boolean(),
});

const endpoint = z.looseObject({
  IPAMConfig: z.record(z.string(), z.unknown()).nullish(),
  Links: z.array(z.string()).nullish(),
  Aliases: z.array(z.string()).nullish(),
  DriverOpts: z.record(z.string(), z.string()).nullish(),
  MacAddress: z.string().nullish(),
  IPAddress: z.string().nullish(),
});

const hostConfig = z.looseObject({
  Binds: z.array(z.string()).nullish(),
  Mounts: z
    .array(z.looseObject({ Type: z.string(), Source: z.string().optional(), Target: z.string() }))
    .nullish(),
  NetworkMode: z.string(),
  PidMode: z.string().nullish(),
  IpcMode: z.string().nullish(),
  UTSMode: z.string().nullish(),
  VolumesFrom: z.array(z.string()).nullish(),
  Links: z.array(z.string()).nullish(),
  AutoRemove: z.boolean().nullish(),
  Privileged: z.boolean().nullish(),
  RestartPolicy: z.looseObject({ Name: z.string(), MaximumRetryCount: z.number() }),
});

export const containerInspect = z.looseObject({
  Id: z.string().regex(/^[0-9a-f]{64}$/),
  Name: z.string(),
  Image: z.string(),
  ImageManifestDescriptor: descriptor,
  RestartCount: z.number(),
  State: state,
  Config: config,
  HostConfig: hostConfig,
  Mounts: z.array(mount).nullish(),
  NetworkSettings: z.looseObject({ Networks: z.record(z.string(), endpoint).nullish() }),
});

export const imageInspect = z.looseObject({
  Id: z.string().min(1),
  RepoTags: z.array(z.string()).nullish(),
  RepoDigests: z.array(z.string()).nullish(),
  Descriptor: descriptor,
  Config: config.nullish(),
});

export type ContainerInspect = z.infer<typeof containerInspect>;
export type ImageInspect = z.infer<typeof imageInspect>;
export type ContainerConfig = z.infer<typeof config>;

/** A container's name as people write it; the engine puts a slash in front. */
export const nameOf = (container: { Name: string }): string => container.Name.replace(/^\//, '');
