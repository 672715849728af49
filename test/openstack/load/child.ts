// The load's own process: asks at fixed rates through every door of the load balancers, whatever the bot is doing.
import { Agent, request } from 'node:http';
import { type Aim, KINDS, type Kind, RATES, type Said, type Sample, type Told } from './said.js';

const TIMEOUT_MS = 30_000;
/** Every other request opens its own connection; the rest share kept ones, closed before HAProxy would (10 s). */
const kept = new Agent({ keepAlive: true, timeout: 5_000 });

let samples: Sample[] = [];
let asked = 0;
let newest = '';

type Answer = { readonly status: number; readonly subject: string | undefined; readonly text: string };
type Request = {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
};

const send = ({ method, url, headers, body }: Request, agent: Agent | false): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const call = request(url, { method, headers, agent, timeout: TIMEOUT_MS }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('error', reject);
      answer.on('end', () => {
        const subject = answer.headers['x-subject-token'];
        resolve({
          status: answer.statusCode ?? 0,
          subject: typeof subject === 'string' ? subject : undefined,
          text,
        });
      });
    });
    call.on('timeout', () => call.destroy(new Error(`no answer within ${TIMEOUT_MS / 1_000} s`)));
    call.on('error', reject);
    call.end(body);
  });

const judged = (good: boolean, { status, text }: Answer): string | undefined =>
  good ? undefined : `${status} ${text.slice(0, 120)}`;

/** Each asks once and says what was wrong with the answer. */
const ACTS: Readonly<
  Record<Kind, (aim: Aim, turn: number, agent: Agent | false) => Promise<string | undefined>>
> = {
  'issue a token': async ({ keystone, login }, turn, agent) => {
    const answer = await send(
      {
        method: 'POST',
        url: `${keystone[turn % keystone.length]}/v3/auth/tokens`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(login),
      },
      agent,
    );
    if (answer.subject) newest = answer.subject;
    return judged(answer.status === 201 && answer.subject !== undefined, answer);
  },
  'validate a token': async ({ keystone, token, project }, turn, agent) => {
    const subject = turn % 3 === 0 ? token : newest || token;
    const answer = await send(
      {
        method: 'GET',
        url: `${keystone[turn % keystone.length]}/v3/auth/tokens`,
        headers: { 'x-auth-token': token, 'x-subject-token': subject },
      },
      agent,
    );
    return judged(answer.status === 200 && answer.text.includes(project), answer);
  },
  'list volumes': async ({ cinder, project, token, volume }, turn, agent) => {
    const answer = await send(
      {
        method: 'GET',
        url: `${cinder[turn % cinder.length]}/v3/${project}/volumes`,
        headers: { 'x-auth-token': turn % 3 === 0 ? token : newest || token },
      },
      agent,
    );
    return judged(answer.status === 200 && answer.text.includes(volume), answer);
  },
};

const once = async (kind: Kind, aim: Aim): Promise<void> => {
  asked += 1;
  const agent = Math.floor(asked / 12) % 2 === 0 ? kept : false;
  const began = Date.now();
  let failure: string | undefined;
  try {
    failure = await ACTS[kind](aim, asked, agent);
  } catch (error) {
    failure = error instanceof Error ? error.message || error.name : String(error);
  }
  const at = Date.now();
  samples.push({ at, kind, ms: at - began, ...(failure === undefined ? {} : { failure }) });
};

const begin = (aim: Aim): void => {
  for (const kind of KINDS) setInterval(() => void once(kind, aim), 1_000 / RATES[kind]);
};

process.on('message', (told: Told) => {
  if (told.kind === 'begin') return begin(told.aim);
  const said: Said = { kind: 'samples', samples };
  samples = [];
  process.send?.(said);
});
// Ctrl-C in a terminal reaches every process of it; the parent decides when this one ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));
