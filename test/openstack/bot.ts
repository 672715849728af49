import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { LocalSlack } from '../../src/demo/local-slack.js';
import { peopleSettings } from '../../src/demo/people.js';
import { logOf, startDaemon, stopDaemon } from './cloud/daemon.js';
import type { OpenStack } from './cloud/openstack.js';
import { ADDRESS, PASSWORD, PORTS, PREFIX, RUN, SSH_PORT, tagOf, VIP } from './places.js';

const FILES = {
  config: join(RUN, 'stackswap.yaml'),
  clouds: join(RUN, 'clouds.yaml'),
  state: join(RUN, 'state'),
};

const hostsOf = ({ hosts, ssh }: OpenStack): object[] =>
  hosts.map(({ name, socket }) => ({
    name,
    engine: `ssh://root@${ADDRESS[name].api}:${SSH_PORT}${socket}`,
    ssh: { key: ssh.key, known_hosts: ssh.knownHosts },
    api_address: ADDRESS[name].api,
    container_prefix: PREFIX,
    supervisor: 'none',
  }));

/** As an operator would write it; only the first look at health is earlier than by default. */
const settingsOf = (cloud: OpenStack, channel: string): object => ({
  channel,
  blocks: 'plain',
  hosts: hostsOf(cloud),
  releases: { '2025.1': { tag: tagOf('2025.1') } },
  target_config: { folder: join(RUN, 'rendered', '{release}', '{host}') },
  clouds_yaml: { file: FILES.clouds, cloud: 'kolla-admin' },
  front_door: {
    keystone: `http://${VIP}:${PORTS.keystone}/healthcheck`,
    cinder: `http://${VIP}:${PORTS.cinder}/healthcheck`,
  },
  health: { interval: '1s', successes: 3, minimum: '3s', deadline: '5m' },
  people: peopleSettings('nobody-at-this-machine'),
});

const CLOUDS = {
  clouds: {
    'kolla-admin': {
      auth: {
        auth_url: `http://${VIP}:${PORTS.keystone}/v3`,
        username: 'admin',
        password: PASSWORD,
        project_name: 'admin',
        user_domain_name: 'Default',
        project_domain_name: 'Default',
      },
      region_name: 'RegionOne',
      interface: 'internal',
    },
  },
};

/** The bot as `npm start` runs it, in a process of its own. */
export const startBot = async (cloud: OpenStack, slack: LocalSlack): Promise<void> => {
  await mkdir(FILES.state, { recursive: true, mode: 0o700 });
  await writeFile(FILES.config, stringify(settingsOf(cloud, slack.channel.id)));
  await writeFile(FILES.clouds, stringify(CLOUDS), { mode: 0o600 });
  await startDaemon({
    name: 'bot',
    command: process.execPath,
    words: ['--import', 'tsx', 'src/main.ts'],
    env: {
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_API_URL: slack.apiUrl,
      STACKSWAP_CONFIG: FILES.config,
      STACKSWAP_STATE: FILES.state,
      STACKSWAP_LOG_LEVEL: 'debug',
    },
    ready: async () => (await readFile(logOf('bot'), 'utf8')).includes('connected to Slack'),
  });
};

export const stopBot = (): Promise<void> => stopDaemon('bot');

/** All that the bot has written: its journal and its log. */
export const botWords = async (): Promise<string> => {
  const journal = await readFile(join(FILES.state, 'journal-000001.jsonl'), 'utf8');
  return `${journal}\n${await readFile(logOf('bot'), 'utf8')}`;
};
