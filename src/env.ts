import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, Refusal } from './errors.js';
import { Secret } from './secret.js';

const secret = z
  .string()
  .min(1)
  .transform((value) => new Secret(value));

/** Without this zod leaves a refinement out as soon as any other field is wrong, and problems come in two rounds. */
const ALSO = { when: () => true };

/** Settings from the environment (`.env`): secrets and addresses. `.env.example` is tested against this. */
export const envSchema = z
  .object({
    SLACK_BOT_TOKEN: secret.describe('bot token, xoxb-…'),
    SLACK_APP_TOKEN: secret.optional().describe('app-level token, xapp-…, for Socket Mode'),
    SLACK_SIGNING_SECRET: secret.optional().describe('signing secret, for SLACK_MODE=http'),
    SLACK_BOT_TOKEN_FILE: z.string().optional().describe('file with the bot token instead'),
    SLACK_APP_TOKEN_FILE: z.string().optional().describe('file with the app-level token instead'),
    SLACK_SIGNING_SECRET_FILE: z.string().optional().describe('file with the signing secret instead'),
    SLACK_API_URL: z.url().default('https://slack.com/api/').describe('Slack’s Web API'),
    SLACK_MODE: z.enum(['socket', 'http']).default('socket').describe('how Slack reaches the bot'),
    SLACK_HTTP_HOST: z.string().default('127.0.0.1').describe('address for SLACK_MODE=http'),
    SLACK_HTTP_PORT: z.coerce
      .number()
      .int()
      .min(1)
      .max(65535)
      .default(3000)
      .describe('port for SLACK_MODE=http'),
    STACKSWAP_CONFIG: z
      .string()
      .min(1)
      .describe('path of the YAML file: hosts, releases, policy, people, channel'),
    STACKSWAP_STATE: z.string().min(1).describe('folder of the journal, mode 0700'),
    STACKSWAP_LOG_LEVEL: z
      .enum(['trace', 'debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('pino level'),
  })
  .superRefine((env, context) => {
    if (env.SLACK_MODE === 'socket' && !env.SLACK_APP_TOKEN)
      context.addIssue({
        code: 'custom',
        path: ['SLACK_APP_TOKEN'],
        message: 'is needed for SLACK_MODE=socket',
      });
    if (env.SLACK_MODE === 'http' && !env.SLACK_SIGNING_SECRET)
      context.addIssue({
        code: 'custom',
        path: ['SLACK_SIGNING_SECRET'],
        message: 'is needed for SLACK_MODE=http',
      });
  }, ALSO);

export type Env = z.infer<typeof envSchema>;

type Settings = Readonly<Record<string, string | undefined>>;

const TOKENS = ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'SLACK_SIGNING_SECRET'] as const;

const readToken = (name: string, file: string): string => {
  const refuse = (why: string, wayOut: string): never => {
    throw new Refusal('bad-config', `${name}_FILE names ${file}, ${why}.`, wayOut);
  };
  try {
    if ((statSync(file).mode & 0o007) === 0) return readFileSync(file, 'utf8').trim();
  } catch (error) {
    return refuse(
      `which cannot be read (${messageOf(error)})`,
      'Correct the path, or the rights of the file.',
    );
  }
  return refuse('which everybody on this machine may read or change', `chmod 400 ${file}`);
};

/** Tokens that lie in files (systemd's LoadCredential=, or mode 0400) instead of the environment, which others can see. */
export const withTokenFiles = (settings: Settings): Settings => {
  const read = TOKENS.flatMap((name) => {
    const file = settings[`${name}_FILE`];
    return file === undefined || settings[name] !== undefined ? [] : [[name, readToken(name, file)] as const];
  });
  return { ...settings, ...Object.fromEntries(read) };
};

/** What this process starts inherits its environment: it starts without the tokens. */
export const forgetTokens = (env: Record<string, string | undefined> = process.env): void => {
  for (const name of TOKENS) delete env[name];
};
