import type { ExecResult } from '../../src/engine/port.js';
import { simCloud } from '../../src/sim/cloud.js';
import { simImage } from '../../src/sim/image.js';
import { addNetwork } from '../../src/sim/world.js';
import { engineContract, type Subject } from '../engine/contract.js';

/** `say <code> <line>…` prints and ends; everything else runs until it is stopped. */
const said = ([word, code, ...lines]: readonly string[]): ExecResult | undefined =>
  word === 'say' ? { exitCode: Number(code), output: lines.map((line) => `${line}\n`).join('') } : undefined;

const talker = simImage('talker', {
  config: {
    Cmd: ['idle'],
    Env: ['PATH=/bin', 'LANG=C'],
    Labels: { of: 'image' },
    Healthcheck: { Test: ['CMD', 'true'], Interval: 600e9, Retries: 4 },
  },
  behaviour: {
    oneOff: ({ command }) => {
      const result = said(command);
      return result && { exitCode: result.exitCode, log: result.output };
    },
    exec: (command) => {
      const [word, ms] = command;
      return word === 'last' ? { exitCode: 0, output: '', tookMs: Number(ms) } : said(command);
    },
  },
});

const makeSubject = (): Promise<Subject> => {
  const cloud = simCloud({ hosts: [{ name: 'simulated' }] });
  const host = cloud.host('simulated');
  host.images.add('contract/talker:1', talker, false);
  let folders = 0;
  addNetwork(host, 'contract-a', '10.90.1');
  addNetwork(host, 'contract-b', '10.90.2');
  return Promise.resolve({
    engine: cloud.engine('simulated'),
    prefix: 'contract',
    image: 'contract/talker:1',
    idle: ['idle'],
    say: (lines, exitCode) => ['say', String(exitCode), ...lines],
    last: (ms) => ['last', String(ms)],
    networks: ['contract-a', 'contract-b'],
    address: '10.90.1.44',
    unknownRef: 'registry.test:5000/nobody/knows:this',
    folder: () => {
      folders += 1;
      return `/srv/contract-${folders}`;
    },
    volumes: () => Promise.resolve([...host.volumes.keys()]),
    made: () => undefined,
    clean: () => {
      host.containers.clear();
      host.volumes.clear();
      host.files.clear();
      return Promise.resolve();
    },
    close: () => cloud.close(),
  });
};

engineContract('the simulated engine', makeSubject);
