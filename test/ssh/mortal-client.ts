import { parseConfig } from '../../src/config.js';
import { reachHost } from '../../src/engine/hosts.js';

/** Connects, begins a stop and a command that do not end, says so, and waits to be killed. */
const live = async (): Promise<void> => {
  const hosts = [JSON.parse(process.argv[2] ?? '')];
  const [host] = parseConfig(JSON.stringify({ channel: 'C1', hosts }), 'the test').hosts;
  if (!host) throw new Error('no host was given');
  const { engine, shell } = reachHost(host);
  await engine.list();
  const endless = [engine.stop('c', 600), shell?.run(['sleep', '600'], 600_000)];
  console.log('both are under way');
  await Promise.all(endless);
};

await live();
