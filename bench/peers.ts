import { type Section, table } from './report.js';

/** Published elsewhere and measured on ANOTHER machine; here for orientation, never to be compared to the millisecond. */
export const peersSection = (): Section => ({
  title: 'Other tools, measured elsewhere',
  lines: [
    'Published elsewhere, tool versions of August 2026, **on another machine** (2 shared cores, Docker Engine 20.10.24, an HTTP service',
    'with a HEALTHCHECK each 500 ms, 200 requests a second). The same line on a busier machine was 1.3–2 times slower: the',
    'figures say who is near the floor of *their* table, and are not comparable with those above to the millisecond.',
    '',
    'Gap of one host-network API container, in ms: median [min..max].',
    '',
    ...table(
      ['way', 'start-up 0 ms', 'start-up 1,000 ms', 'keeps the old one', 'health gate'],
      [
        ['raw API, pre-created: stop, start (floor)', '353 [236..454]', '1280 [1220..1374]', '–', '–'],
        ['raw API: stop, rename, create, start', '267 [191..383]', '1367 [1273..1598]', '–', '–'],
        ['`docker stop && rm && run`', '270 [232..607]', '1373 [1281..1720]', 'no', 'no'],
        ['Drydock 1.7-rc2', '232 [194..294]', '1260 [1223..1305]', 'until its gate passes', 'yes'],
        ['What’s Up Docker 8.3.1', '481 [212..673]', '1333 [1240..1859]', 'no', 'no'],
        ['kolla_container by ansible', '494 [470..695]', '1376 [1263..3175]', 'no', 'no'],
        ['Watchtower 1.5.3', '1178 [1142..1241]', '2183 [2122..2197]', 'no', 'no'],
        ['Swarm, host network, stop-first', '–', '3371 [1581..3732]', 'task history', 'running = healthy'],
      ],
    ),
    'A bad update:',
    '',
    ...table(
      ['tool', 'new image never healthy', 'new image cannot start'],
      [
        ['What’s Up Docker', 'answers OK, stays down', 'the stale entrypoint hides it'],
        ['Watchtower', '“success” in 2.2 s, stays down', 'old one removed, new one only created: down'],
        ['Drydock', 'old one back after 12.8 s (waits for Docker’s verdict)', 'back after 0.5 s'],
        ['Swarm, host network, rollback on failure', 'back after 30 s', '–'],
        ['docker-rollout', 'exit 1 after 20 s, old one never stopped', '–'],
      ],
    ),
  ],
});
