// Prints how many packages a production install has, from the lock file. Plain JavaScript on Node alone.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Names that hold types and no code that runs. */
const TYPES = /^(?:@types\/|undici-types$|@slack\/types$)/;

/** Production packages of a lock file, by their place in node_modules; what is left out (tools/absent) is a link. */
export const productionPackages = (lock) => {
  const installed = Object.entries(lock.packages).filter(
    ([path, entry]) => path.startsWith('node_modules/') && !entry.link && !entry.dev && !entry.devOptional,
  );
  const names = installed.map(([path, { version }]) => ({
    name: path.split('node_modules/').at(-1),
    version,
  }));
  return {
    code: names.filter(({ name }) => !TYPES.test(name)),
    types: names.filter(({ name }) => TYPES.test(name)),
  };
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { code, types } = productionPackages(
    JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')),
  );
  console.log(`${code.length} production packages with code, and ${types.length} with types only`);
}
