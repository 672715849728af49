import type { Section } from './report.js';
import { HEALTH } from './swap/stage.js';

export const howToRead = (): Section => ({
  title: 'How to read this',
  lines: [
    '- `npm run bench` measures the project’s own code: the App with its journal on disk, upgrades asked for by one person and',
    '  approved by another, on this machine’s container engine. It makes its images from this machine’s Node and removes',
    '  everything that it made.',
    '- A gap is seen by a process of its own that asks every 10 ms on a fresh connection; it is the longest time between two good',
    '  answers. A program’s own start-up is in it: 0 ms means that it listens as soon as Node runs in the container.',
    '- The floor is the least that any tool can reach: both containers exist, and the bare API stops one and starts the other.',
    '  It is measured in turns with the App, so compare a row with its floor and not with a row of another machine.',
    '- Every cell is median [min..max]; the first round of each series warms up and is left out. The load is printed with the',
    '  machine: with more waiting processes than cores, all figures grow.',
    '- The last columns of parts 1 and 3 count the runs that kept our targets: a gap of at most the start-up and 300 ms, and the old',
    '  one answering at most 500 ms after the decision to go back.',
    `- Health settings of the runs: a round each ${HEALTH.interval}, one good round is enough, deadline ${HEALTH.deadline}. They do not change the gap of`,
    '  a good upgrade, since the new container serves while it is judged; the deadline is the whole story of one that is never',
    '  healthy.',
  ],
});
