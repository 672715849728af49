import { z } from 'zod';

/* The engine's answers other than inspect: only what is read. An answer of another shape is a failed call. */

const id = z.string().regex(/^[0-9a-f]{64}$/);

export const version = z.looseObject({ Version: z.string(), ApiVersion: z.string().regex(/^\d+\.\d+$/) });
export const info = z.looseObject({ Name: z.string() });

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
