import { z } from 'zod';
import { envSchema } from '../config.js';
import { Refusal } from '../errors.js';

const { STACKSWAP_CONFIG, STACKSWAP_STATE, STACKSWAP_LOG_LEVEL } = envSchema.shape;

/** The command line needs no word of Slack. */
export const cliEnvSchema = z.object({ STACKSWAP_CONFIG, STACKSWAP_STATE, STACKSWAP_LOG_LEVEL });

export type CliEnv = z.infer<typeof cliEnvSchema>;

/** Throws `bad-config` with every setting that is missing, by name. */
export const parseCliEnv = (env: Record<string, string | undefined>): CliEnv => {
  const set = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = cliEnvSchema.safeParse(set);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .map(
      ({ path: [name = ''], message }) => `${String(name)} ${String(name) in set ? message : 'is not set'}`,
    )
    .join('; ');
  throw new Refusal(
    'bad-config',
    `Environment: ${problems}.`,
    'Set them, or run this in the folder of the bot’s .env file.',
  );
};
