import { z } from 'zod';
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
