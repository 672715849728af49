import type { Random } from '../../src/sim/random.js';

type Json = unknown;
type Node = Record<string, Json> | Json[];

const deep = (levels: number): Json => {
  let inner: Json = 'x';
  for (let level = 0; level < levels; level += 1) inner = level % 2 === 0 ? [inner] : { inner };
  return inner;
};

/** What nobody expects where it stands. */
const odd = (random: Random): Json =>
  random.pick<() => Json>([
    () => null,
    () => true,
    () => 0,
    () => -1,
    () => Number.MAX_SAFE_INTEGER,
    () => 1e308,
    () => '',
    () => [],
    () => ({}),
    () => [[], {}, null],
    () => 'x'.repeat(random.pick([256, 5_000, 40_000])),
    () => 'U'.repeat(300),
    () => '\u0000\u202E\ud800',
    () => '<!channel>',
    () => 'T0OTHER',
    () => 'U0NOBODY',
    () => 'approve; rollback',
    () => 'constructor',
    () => '__proto__',
    () => JSON.parse('{"__proto__":{"roles":["approver"],"id":"T0TEST"}}'),
    () => JSON.parse('{"constructor":{"prototype":{"team":"T0TEST"}}}'),
    () => ({ toString: 'no function', valueOf: null, length: -1 }),
    () => ({ id: { id: { id: 'T0TEST' } } }),
    () => deep(random.pick([10, 200, 2_000])),
  ])();

const nodesOf = (value: Json, found: Node[] = []): Node[] => {
  if (typeof value !== 'object' || value === null) return found;
  found.push(value as Node);
  for (const inner of Object.values(value)) nodesOf(inner, found);
  return found;
};

const put = (node: Node, key: string, value: Json): void => {
  Object.defineProperty(node, key, { value, enumerable: true, configurable: true, writable: true });
};

/** A copy in which one to four things are other than they should be. */
export const mutated = <T extends Record<string, Json>>(random: Random, payload: T): T => {
  const copy = structuredClone(payload);
  for (let times = random.between(1, 4); times > 0; times -= 1) {
    const node = random.pick(nodesOf(copy));
    const keys = Object.keys(node);
    const key = keys.length === 0 ? 'x' : random.pick(keys);
    const how = random.weighted({ replace: 6, drop: 3, wrap: 1, add: 1, swap: 1 });
    if (how === 'replace') put(node, key, odd(random));
    else if (how === 'drop') Reflect.deleteProperty(node, key);
    else if (how === 'wrap') put(node, key, [Reflect.get(node, key)]);
    else if (how === 'add')
      put(node, random.pick(['__proto__', 'bot_id', 'view', 'authorizations', 'event']), odd(random));
    else put(node, key, Reflect.get(node, random.pick(keys.length === 0 ? ['x'] : keys)));
  }
  return copy;
};

/** Bytes that are no longer what they were: cut, doubled, or with a wrong character. */
export const garbled = (random: Random, body: string): string => {
  const at = random.int(Math.max(1, body.length));
  return random.pick([
    () => body.slice(0, at),
    () => `${body}&${body}`,
    () => `${body.slice(0, at)}${String.fromCharCode(random.int(256))}${body.slice(at + 1)}`,
    () => body.replaceAll('%22', '%27'),
    () =>
      random.pick([
        'payload=null',
        'payload=%5B%5D',
        'payload=1',
        'payload=%22x%22',
        'null',
        '[]',
        '{}',
        '{"type":null}',
        '',
        '%',
        'payload=%7B%7D',
      ]),
  ])();
};
