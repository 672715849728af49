import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { freePort } from './free-port.js';
import { localSlackBinary } from './local-slack/binary.js';
import { openWorkspace, type Workspace } from './local-slack/workspace.js';

const LOOPBACK = fileURLToPath(new URL('./local-slack/loopback.js', import.meta.url));
const START_TIMEOUT_MS = 20_000;

export type DemoPerson = { readonly id: string; readonly name: string; readonly realName: string };

export type LocalSlackOptions = {
  readonly people: readonly DemoPerson[];
  readonly channel?: { readonly id: string; readonly name: string };
  /** Port of the web page and the API; a free one unless told. */
  readonly port?: number;
  /** `events`: signed HTTP to `requestUrl` instead of Socket Mode. */
  readonly requestUrl?: string;
  /** Whether the bot is a member of the channel (it is, unless told). */
  readonly botInChannel?: boolean;
  readonly say?: (line: string) => void;
};

export type LocalSlack = Workspace & {
  /** The web page. */
  readonly url: string;
  /** SLACK_API_URL for the bot. */
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly botUserId: string;
  readonly channel: { readonly id: string; readonly name: string };
  /** Set where others than this machine can reach it, too. */
  readonly warning?: string;
  stop(): Promise<void>;
};

const BOT = {
  botUserId: 'U0BOT',
  botToken: 'xoxb-local-slack',
  appToken: 'xapp-local-slack',
  signingSecret: 'local-slack-signs',
};
const CHANNEL = { id: 'C0OPENSTACK', name: 'openstack' };

const configOf = ({
  people,
  channel = CHANNEL,
  requestUrl,
  botInChannel = true,
}: LocalSlackOptions): string =>
  stringify({
    workspace: { name: 'Stackswap demo', domain: 'stackswap-demo', teamId: 'T0DEMO' },
    app: {
      appId: 'A0STACKSWAP',
      botName: 'stackswap',
      ...BOT,
      mode: requestUrl ? 'events' : 'socket',
      ...(requestUrl ? { requestUrl } : {}),
    },
    users: people.map(({ id, name, realName }) => ({ id, name, real_name: realName, tz: 'UTC' })),
    channels: [
      { ...channel, members: [...people.map(({ id }) => id), ...(botInChannel ? [BOT.botUserId] : [])] },
    ],
  });

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/_control/state`, { signal: AbortSignal.timeout(1_000) }).then(
    (answer) => answer.ok,
    () => false,
  );

/** Resolves when the page answers; throws with what the process printed when it ended instead. */
const waitUntilItAnswers = async (child: ChildProcess, url: string, printed: () => string): Promise<void> => {
  const end = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(url))) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`local-slack ended at its start: ${printed()}`);
    if (Date.now() > end)
      throw new Error(
        `local-slack did not answer at ${url} within ${START_TIMEOUT_MS / 1_000} s: ${printed()}`,
      );
    await sleep(50);
  }
};

/** An address of this machine, other than loopback, at which the port is open. */
const openElsewhere = async (port: number): Promise<string | undefined> => {
  const addresses = Object.values(networkInterfaces()).flatMap(
    (list) => list?.filter((one) => !one.internal && one.family === 'IPv4') ?? [],
  );
  for (const { address } of addresses) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: address, port, timeout: 500 });
      const end = (result: boolean) => {
        socket.destroy();
        resolve(result);
      };
      socket
        .on('connect', () => end(true))
        .on('error', () => end(false))
        .on('timeout', () => end(false));
    });
    if (open) return address;
  }
  return undefined;
};

const stopProcess = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await Promise.race([
    ended,
    sleep(3_000)
      .then(() => child.kill('SIGKILL'))
      .then(() => ended),
  ]);
};

/**
 * A Slack of our own on loopback, with a web page, one channel and a bot. `leftOut` tells why there can be none on
 * this machine. It ends with this process, however that ends.
 */
export const startLocalSlack = async (
  options: LocalSlackOptions,
): Promise<LocalSlack | { readonly leftOut: string }> => {
  const binary = await localSlackBinary(options.say);
  if ('leftOut' in binary) return binary;
  const folder = await mkdtemp(join(tmpdir(), 'stackswap-local-slack-'));
  await mkdir(join(folder, 'files'));
  await writeFile(join(folder, 'workspace.yaml'), configOf(options));
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const args = [
    '--config',
    join(folder, 'workspace.yaml'),
    '--port',
    String(port),
    '--base-host',
    '127.0.0.1',
    '--files-dir',
    join(folder, 'files'),
  ];
  const child = spawn(binary.path, args, {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      TMPDIR: folder,
      LOCAL_SLACK_FOLDER: folder,
      BUN_OPTIONS: `--preload ${LOOPBACK}`,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A Ctrl-C in the terminal is for the demo, which then stops it in its own time.
    detached: true,
  });
  let printed = '';
  const keep = (chunk: Buffer) => {
    printed = `${printed}${chunk.toString()}`.slice(-2_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', (error) => keep(Buffer.from(error.message)));
  const stop = async () => {
    await stopProcess(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitUntilItAnswers(child, url, () => printed);
    const elsewhere = await openElsewhere(port);
    const channel = options.channel ?? CHANNEL;
    return {
      ...openWorkspace({ url, channel: channel.id, botUserId: BOT.botUserId }),
      ...BOT,
      url,
      apiUrl: `${url}/api/`,
      channel,
      ...(elsewhere
        ? {
            warning: `local-slack listens on all interfaces (as ${elsewhere}:${port}, too) and knows no passwords.`,
          }
        : {}),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
