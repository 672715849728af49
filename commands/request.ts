import { z } from 'zod';
import type { UpgradeRequest } from '../src/app.js';

const REASON = 'a reason of at least 5 letters, in quotes';

/** What `plan` and `upgrade` understand alike; the words of a reason are shown to those who approve. */
export const requestArgs = z
  .strictObject({
    service: z.string(),
    to: z.string().optional(),
    override: z.string().trim().min(5, REASON).optional(),
    backup: z.string().trim().min(5, 'what was backed up and where it lies, in quotes').optional(),
  })
  .transform(
    ({ service, to, override, backup }): UpgradeRequest => ({
      service: service.toLowerCase(),
      ...(to === undefined ? {} : { to }),
      overrides: {
        ...(override === undefined ? {} : { jump: override }),
        ...(backup === undefined ? {} : { backup }),
      },
    }),
  );

export const requestWords = {
  usage: '<service> [to <release|tag>] [override "reason"] [backup "what and where"]',
  positionals: ['service'],
  options: ['to', 'override', 'backup'],
} as const;
