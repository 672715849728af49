import { createHmac } from 'node:crypto';
import { COMMANDS } from '../../commands/index.js';
import { parseEnv } from '../../src/config.js';
import { freePort } from '../../src/demo/free-port.js';
import type { SlackFetch } from '../../src/slack/clients.js';
import { openDirectory } from '../../src/slack/open-directory.js';
import { startSlack } from '../../src/slack/start.js';
import { memoryJournal } from '../../src/store/memory.js';
import { strictSlack } from '../doubles/strict-slack.js';
import { bornOver, cinderCloud, withoutPorts } from '../run/scene.js';
import { keptLog, soon } from '../slack/fake-app.js';

const SECRET = 'signing-secret';
const CHANNEL = 'C0OPS';

const answer = (body: unknown): Response =>
  new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });

/** A bot as it is started, but for its cloud: Slack's signed requests come in over HTTP, its Web API is a double. */
export const botOverHttp = async (settings: Record<string, unknown> = {}) => {
  const port = await freePort();
  const slack = strictSlack({ channel: CHANNEL });
  const users = new Map<string, Record<string, unknown>>();
  const groups = new Map<string, readonly string[]>();
  let channel: Record<string, unknown> = {};
  const fetch: SlackFetch = async (url, init) => {
    const method = String(url).split('/').pop() ?? '';
    const args = new URLSearchParams(String(init?.body ?? ''));
    const id = args.get('user') ?? args.get('usergroup') ?? '';
    if (method === 'users.info')
      return answer({ ok: true, user: { id, team_id: 'T0TEST', ...users.get(id) } });
    if (method === 'usergroups.users.list') return answer({ ok: true, users: groups.get(id) ?? [] });
    if (method === 'conversations.info')
      return answer({ ok: true, channel: { id: CHANNEL, name: 'ops', is_member: true, ...channel } });
    return slack.fetch(url, init);
  };
  const config: Record<string, unknown> = { channel: CHANNEL, ...settings };
  const scene = withoutPorts(await cinderCloud({ config }));
  const { log, lines } = keptLog();
  const env = parseEnv({
    SLACK_BOT_TOKEN: 'xoxb-test',
    SLACK_SIGNING_SECRET: SECRET,
    SLACK_MODE: 'http',
    SLACK_HTTP_PORT: String(port),
    SLACK_API_URL: 'http://slack.test/api/',
    STACKSWAP_CONFIG: 'unused',
    STACKSWAP_STATE: 'unused',
  });
  const redact = (text: string) => text;
  const directory = openDirectory({ env, config: scene.config, log, redact, fetch });
  const journal = memoryJournal();
  const { app } = await bornOver(scene, journal, { directory });
  const started = await startSlack({
    app,
    commands: COMMANDS,
    env,
    config: scene.config,
    log,
    redact,
    fetch,
    directory,
    pace: { updateMs: 1, retryMs: 1, retryMostMs: 5 },
  });
  await started.connected;

  const send = async (fields: Record<string, string>, signed = true): Promise<number> => {
    const body = new URLSearchParams(fields).toString();
    const time = Math.floor(Date.now() / 1_000);
    const signature = createHmac('sha256', SECRET).update(`v0:${time}:${body}`).digest('hex');
    const { status } = await globalThis.fetch(`http://127.0.0.1:${port}/slack/events`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(signed
          ? { 'x-slack-request-timestamp': String(time), 'x-slack-signature': `v0=${signature}` }
          : {}),
      },
      body,
    });
    return status;
  };
  let triggers = 0;
  const command = (user: string, text: string, change: Record<string, string> = {}) => {
    triggers += 1;
    return {
      command: '/openstack',
      team_id: 'T0TEST',
      user_id: user,
      user_name: user.toLowerCase(),
      channel_id: CHANNEL,
      trigger_id: `trigger-${triggers}`,
      response_url: 'http://slack.test/response/1',
      text,
      ...change,
    };
  };
  /** Types a command and waits for its answer: what only that person reads. */
  const type = async (user: string, text: string, change: Record<string, string> = {}): Promise<string> => {
    const before = slack.responses.length;
    await send(command(user, text, change));
    await soon(() => {
      if (slack.responses.length === before) throw new Error(`no answer to "${text}"`);
    });
    return JSON.stringify(slack.responses.at(-1));
  };
  return {
    app,
    journal,
    directory,
    lines,
    send,
    command,
    type,
    /** What people were answered so far. */
    answers: () => slack.responses.map((one) => JSON.stringify(one)),
    user: (id: string, change: Record<string, unknown>) => void users.set(id, change),
    group: (id: string, ...members: readonly string[]) => void groups.set(id, members),
    channelBecomes: (change: Record<string, unknown>) => {
      channel = change;
    },
    stop: async () => {
      await started.stop();
      await app.close();
    },
  };
};

export type BotOverHttp = Awaited<ReturnType<typeof botOverHttp>>;
