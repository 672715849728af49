import type { DemoBot } from './bot.js';
import type { Cloud } from './cloud/cloud.js';
import { DEMO_RELEASES } from './cloud/shape.js';
import type { LocalSlack } from './local-slack.js';
import { WHO_IS_WHO } from './people.js';

const { good, broken } = DEMO_RELEASES;

/** The bot's first words in the channel; a simulated cloud is named as one there, too. */
export const welcome = async (slack: LocalSlack, cloud: Cloud): Promise<void> => {
  const text = `${cloud.headline}\n${WHO_IS_WHO}. Type \`/openstack help\`, or \`/openstack upgrade cinder to ${good.release}\`.`;
  const answer = await fetch(`${slack.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${slack.botToken}` },
    body: JSON.stringify({ channel: slack.channel.id, text }),
    signal: AbortSignal.timeout(5_000),
  });
  if (!answer.ok) throw new Error(`the local Slack refused a message: ${answer.status}`);
};

export const whatToDo = ({
  slack,
  cloud,
  bot,
}: {
  slack: LocalSlack;
  cloud: Cloud;
  bot: DemoBot;
}): string[] => [
  '',
  `Open ${slack.url} and act as one of four people (choose at the top right):`,
  `  ${WHO_IS_WHO}.`,
  '',
  'As Ann, type in the channel:',
  '  /openstack status',
  `  /openstack upgrade cinder to ${good.release}`,
  'Open the thread of the message that appears. Ann’s own Approve is refused; as Ben it counts.',
  'Then click Roll back: the old version answers again. Or Finalize, to keep the new one.',
  `  /openstack upgrade keystone to ${broken.release}`,
  `needs two people besides Ann, and ${broken.release} never becomes healthy: it rolls itself back.`,
  '',
  'Watch beside it:',
  ...(cloud.kind === 'docker' ? [`  docker ps -a --filter name=${cloud.prefix}`] : []),
  ...['keystone', 'cinder'].map((service) => `  curl -s ${cloud.apiUrl(service)}/`),
  `  tail -f ${bot.files.log}`,
  'The second door, for the day Slack is down:',
  `  STACKSWAP_CONFIG=${bot.files.config} STACKSWAP_STATE=${bot.files.state} npx tsx src/cli/main.ts status`,
  '',
  'Ctrl-C ends it and removes what it made.',
];
