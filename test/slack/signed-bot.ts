import { createHmac } from 'node:crypto';
import { Pool } from 'undici';
import { COMMANDS } from '../../commands/index.js';
import { parseEnv } from '../../src/config.js';
import { freePort } from '../../src/demo/free-port.js';
import type { Journal } from '../../src/run/journal.js';
import { DEALT_WITH } from '../../src/slack/reception.js';
import { startSlack } from '../../src/slack/start.js';
import { memoryJournal } from '../../src/store/memory.js';
import { strictSlack } from '../doubles/strict-slack.js';
import { bornOver, cinderCloud, withoutPorts } from '../run/scene.js';
import type { KollaScene } from '../sim/kolla.js';
import { keptLog } from './fake-app.js';

const SECRET = 'signs-everything';
export const CHANNEL = 'C0OPS';
export const TEAM = 'T0TEST';
export const APP = 'A0OURS';

export type Signing = {
  readonly secret?: string;
  readonly time?: number;
  readonly headers?: Record<string, string>;
};

export const signed = (body: string, { secret = SECRET, time = Date.now() / 1_000 }: Signing = {}) => ({
  'content-type': body.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded',
  'x-slack-request-timestamp': String(Math.floor(time)),
  'x-slack-signature': `v0=${createHmac('sha256', secret)
    .update(`v0:${Math.floor(time)}:${body}`)
    .digest('hex')}`,
});

export type Signed = { readonly body: string; readonly headers: Readonly<Record<string, string>> };

type Wish = { readonly scene?: KollaScene; readonly journal?: Journal };

type Settings = Parameters<typeof cinderCloud>[0] & { readonly people?: readonly object[] };

export const cloudFor = async ({ people, ...options }: Settings = {}): Promise<KollaScene> =>
  withoutPorts(
    await cinderCloud({
      ...options,
      config: {
        ...options.config,
        ...(people ? { people } : {}),
        ...({ workspace: { app: APP } } as object),
      },
    }),
  );

/** A bot as it is started: signed requests over HTTP, the real app over a simulated cloud, a Slack double behind. */
export const signedBot = async ({ scene: given, journal = memoryJournal() }: Wish = {}) => {
  const scene = given ?? (await cloudFor());
  const slack = strictSlack();
  const { log, lines } = keptLog();
  const port = await freePort();
  const env = parseEnv({
    SLACK_BOT_TOKEN: 'xoxb-test',
    SLACK_SIGNING_SECRET: SECRET,
    SLACK_MODE: 'http',
    SLACK_HTTP_PORT: String(port),
    SLACK_API_URL: 'http://slack.test/api/',
    STACKSWAP_CONFIG: 'unused',
    STACKSWAP_STATE: 'unused',
  });
  const { app } = await bornOver(scene, journal);
  const started = await startSlack({
    app,
    commands: COMMANDS,
    env,
    config: scene.config,
    log,
    redact: (text) => text,
    fetch: slack.fetch,
    pace: { updateMs: 20, retryMs: 10, retryMostMs: 40 },
  });
  await started.connected;
  await started.standing;
  const pools: Pool[] = [];
  /** Connections of their own, so that what one sender sends does not queue up behind another one. */
  const sender = (connections: number) => {
    const pool = new Pool(`http://127.0.0.1:${port}`, { connections });
    pools.push(pool);
    return async ({ body, headers }: Signed): Promise<number> => {
      const answer = await pool.request({ path: '/slack/events', method: 'POST', headers, body });
      await answer.body.dump();
      return answer.statusCode;
    };
  };
  const post = sender(64);
  /** What was done, in the journal and to the cloud; where messages stand is no deed. */
  const deeds = async (): Promise<readonly string[]> => {
    const runs = Object.keys(journal.state().runs);
    const events = await Promise.all(runs.map((id) => journal.eventsOf(id)));
    return [
      ...events.flat().flatMap(({ event }) => (event.kind === 'posted' ? [] : [event.kind])),
      ...Object.keys(journal.state().holds).map((service) => `hold ${service}`),
      ...scene.cloud.calls.map((call) => `call ${JSON.stringify(call)}`),
    ];
  };
  return {
    app,
    journal,
    scene,
    slack,
    log: lines,
    port,
    post,
    sender,
    say: (body: string) => post({ body, headers: signed(body) }),
    deeds,
    /** Requests of which nothing more is to come: answered, refused, limited, or dropped as repetitions. */
    served: (): number => lines.filter(({ msg }) => msg === DEALT_WITH).length,
    stop: async () => {
      await Promise.all(pools.map((pool) => pool.close()));
      await started.stop();
      await app.close();
    },
  };
};

export type SignedBot = Awaited<ReturnType<typeof signedBot>>;

let serial = 0;
const next = (): string => {
  serial += 1;
  return `${serial}`;
};

export const slashOf = (user: string, text: string): Record<string, unknown> => ({
  team_id: TEAM,
  api_app_id: APP,
  user_id: user,
  user_name: user.toLowerCase(),
  channel_id: CHANNEL,
  command: '/openstack',
  text,
  trigger_id: `${next()}.1`,
  response_url: 'http://slack.test/response/1',
});

/** A click as Slack sends it; another one each time, unless its time is given. */
export const clickOf = (
  user: string,
  verb: string,
  value: unknown,
  time = next(),
): Record<string, unknown> => ({
  type: 'block_actions',
  team: { id: TEAM, domain: 'ops' },
  api_app_id: APP,
  user: { id: user, team_id: TEAM, username: user.toLowerCase() },
  channel: { id: CHANNEL, name: 'ops' },
  container: { type: 'message', message_ts: `17000000.${time}`, channel_id: CHANNEL },
  trigger_id: `t.${time}`,
  actions: [{ type: 'button', action_id: `stackswap:${verb}`, block_id: 'b', value, action_ts: time }],
});

export const mentionOf = (user: string, text: string): Record<string, unknown> => ({
  type: 'event_callback',
  team_id: TEAM,
  api_app_id: APP,
  event_id: `Ev${next()}`,
  event: {
    type: 'app_mention',
    user,
    text: `<@U0BOT> ${text}`,
    ts: `1700000100.${next()}`,
    channel: CHANNEL,
    event_ts: '1700000100.000100',
  },
});

const plainly = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

/** As Slack puts it on the wire: commands as a form, clicks as JSON in a form, events as JSON. */
export const wired = (payload: Record<string, unknown>): string => {
  if (payload.command !== undefined)
    return new URLSearchParams(
      Object.entries(payload).map(([key, value]): [string, string] => [key, plainly(value)]),
    ).toString();
  return payload.type === 'event_callback'
    ? JSON.stringify(payload)
    : new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
};
