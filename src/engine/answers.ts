import { z } from 'zod';
import { offered } from './api-version.js';
import type { EngineInfo } from './port.js';

/* The engine's answers other than inspect: only what is read. An answer of another shape is a failed call. */

const id = z.string().regex(/^[0-9a-f]{64}$/);

const part = z
  .looseObject({
    Name: z.string(),
    Version: z.string(),
    Details: z.record(z.string(), z.unknown()).nullish(),
  })
  .transform(({ Name, Version, Details }) => ({
    name: Name,
    version: Version,
    build: String(Details?.GitCommit ?? ''),
  }));

export const version = offered.extend({
  Version: z.string(),
  Components: z.array(part).nullish(),
});
export const info = z.looseObject({
  Name: z.string(),
  SystemTime: z.string().nullish(),
  DockerRootDir: z.string().nullish(),
  Plugins: z.looseObject({ Authorization: z.array(z.string()).nullish() }).nullish(),
});

export const engineInfo = (
  about: z.infer<typeof version>,
  machine: z.infer<typeof info>,
  apiVersion: string,
): EngineInfo => ({
  version: about.Version,
  apiVersion,
  newestApiVersion: about.ApiVersion,
  hostname: machine.Name,
  parts: about.Components ?? [],
  authorizationPlugins: machine.Plugins?.Authorization ?? [],
  ...(machine.SystemTime ? { systemTime: machine.SystemTime } : {}),
  ...(machine.DockerRootDir ? { dataRoot: machine.DockerRootDir } : {}),
});

/** A container linked to others has further names with a second slash. */
const listed = z
  .looseObject({ Id: id, Names: z.array(z.string()).nullish(), ImageID: z.string(), State: z.string() })
  .transform((container) => ({
    id: container.Id,
    name:
      (container.Names ?? []).map((name) => name.replace(/^\//, '')).find((name) => !name.includes('/')) ??
      '',
    imageId: container.ImageID,
    state: container.State,
  }));

export const containers = z.array(listed);
export const volume = z.looseObject({ Name: z.string() });

export const created = z.looseObject({ Id: id });
export const distribution = z.looseObject({
  Descriptor: z.looseObject({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }),
});
export const waited = z.looseObject({
  StatusCode: z.number().int(),
  Error: z.looseObject({ Message: z.string() }).nullish(),
});
export const execCreated = z.looseObject({ Id: z.string().min(1) });
export const execState = z.looseObject({ Running: z.boolean(), ExitCode: z.number().int().nullish() });

/** One line of a pull's progress. Failures arrive here, inside an answer with status 200. */
export const pullLine = z.looseObject({
  error: z.string().optional(),
  errorDetail: z.looseObject({ message: z.string().optional() }).optional(),
});
