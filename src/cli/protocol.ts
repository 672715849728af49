import { join } from 'node:path';
import { z } from 'zod';

/** One line of JSON from the command line to the bot, the only one of its connection. */
export const requestSchema = z.object({
  words: z.array(z.string().max(1_000)).max(100),
  login: z.string().min(1).max(100),
});

/** Lines of JSON back: texts as they come, then the exit code. */
export const answerSchema = z.union([z.object({ text: z.string() }), z.object({ exit: z.number().int() })]);

export type Answer = z.infer<typeof answerSchema>;

/** In a folder of its own with mode 0700, because a socket's own mode is not looked at on every system. */
export const socketPath = (stateFolder: string): string => join(stateFolder, 'control', 'stackswap.sock');

/** A path longer than this does not fit into a unix socket's address (sun_path, 108 bytes on Linux, 104 elsewhere). */
export const LONGEST_PATH = 103;
