import { messageOf } from '../errors.js';
import { playDemo } from './auto/play.js';
import { type DemoBot, startBot } from './bot.js';
import type { Cloud } from './cloud/cloud.js';
import { startDockerCloud } from './cloud/docker.js';
import { type LocalEngine, localEngine, type NoEngine } from './cloud/local-engine.js';
import { removeLeftovers } from './cloud/removal.js';
import { startSimulatedCloud } from './cloud/simulated.js';
import { type Ending, ending, Interrupted } from './ending.js';
import { freePort, isFree } from './free-port.js';
import { type LocalSlack, startLocalSlack } from './local-slack.js';
import { DEMO_PEOPLE } from './people.js';
import { welcome, whatToDo } from './words.js';

const USUAL_PORT = 3080;

const say = (line: string): void => console.log(line);

/** DEMO_PORT must be free when it is set; else the usual one, or any. */
const choosePort = async (): Promise<number> => {
  const wanted = process.env.DEMO_PORT;
  if (wanted === undefined || wanted === '') return (await isFree(USUAL_PORT)) ? USUAL_PORT : freePort();
  const port = Number(wanted);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`DEMO_PORT is "${wanted}"; it must be a port, 1 to 65535.`);
  if (!(await isFree(port)))
    throw new Error(`Port ${port} (DEMO_PORT) is taken. Choose another one, or leave DEMO_PORT out.`);
  return port;
};

const startCloud = (engine: LocalEngine | NoEngine): Promise<Cloud> =>
  'missing' in engine
    ? startSimulatedCloud(engine.missing)
    : startDockerCloud({ engine, keepAtEnd: process.env.DEMO_KEEP === '1', say });

type Demo = { readonly cloud: Cloud; readonly slack: LocalSlack; readonly bot: DemoBot };

/** Starts the parts one after the other; what stands is undone by `end`, in the opposite order. */
const raise = async (end: Ending): Promise<Demo> => {
  const engine = await localEngine();
  if ('missing' in engine) say(`SIMULATED containers, nothing real is run: ${engine.missing}`);
  else say('Stackswap’s demo, on this machine’s container engine.');
  const slack = await startLocalSlack({ people: DEMO_PEOPLE, port: await choosePort(), say });
  if ('leftOut' in slack) throw new Error(slack.leftOut);
  end.add('the local Slack', slack.stop);
  if (slack.warning) say(`Warning: ${slack.warning}`);
  end.goOn();
  const cloud = await startCloud(engine);
  end.add('the cloud', cloud.close);
  end.goOn();
  const bot = await startBot(cloud, slack);
  end.add('the bot', bot.stop);
  end.goOn();
  return { cloud, slack, bot };
};

const run = async (end: Ending, auto: boolean): Promise<void> => {
  const demo = await raise(end);
  await welcome(demo.slack, demo.cloud);
  if (auto) {
    await Promise.race([playDemo(demo, say), end.told]);
    end.goOn();
    return;
  }
  for (const line of whatToDo(demo)) say(line);
  await end.told;
};

const clean = async (): Promise<number> => {
  const engine = await localEngine();
  if ('missing' in engine) {
    say(engine.missing);
    return 1;
  }
  const removed = await removeLeftovers(engine.docker, { kept: true });
  say(removed.length === 0 ? 'There is nothing to remove.' : `Removed the demos ${removed.join(', ')}.`);
  return 0;
};

/** Exit code: 0 when it went as it should, 1 when not, 130 when --auto was interrupted. */
const demo = async (auto: boolean): Promise<number> => {
  const end = ending(say);
  let code = 0;
  try {
    await run(end, auto);
  } catch (error) {
    code = error instanceof Interrupted ? 130 : 1;
    if (code === 1) say(`\ndemo failed: ${messageOf(error)}`);
  }
  const failures = await end.closeAll();
  for (const failure of failures) say(`not cleaned up: ${failure}`);
  if (auto && code === 0 && failures.length === 0) say('demo passed');
  return failures.length > 0 ? 1 : code;
};

const words = process.argv.slice(2);
const unknown = words.filter((word) => !['--auto', '--clean'].includes(word));
if (unknown.length > 0) {
  say(`The demo knows --auto and --clean, not ${unknown.join(' ')}.`);
  process.exit(2);
}
process.exit(await (words.includes('--clean') ? clean() : demo(words.includes('--auto'))));
