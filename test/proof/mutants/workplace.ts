import { execFile, fork } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import type { Order, Word } from '../worker.js';
import { type Mutant, mutate } from './mutant.js';

const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const run = promisify(execFile);

/** A case takes milliseconds: one that does not end in this time never does, and is noticed by that. */
const PATIENCE_MS = 15_000;

const TESTS_MS = 300_000;

/** How a mutant was noticed: by a case that was lost, by one without an end, or by the end of the process. */
export type How = 'loss' | 'no end' | 'process';

/** What became of a mutant: what killed it, or nothing. */
export type Verdict = { readonly killedBy?: string; readonly how?: How };

const mutated = (mutant: Mutant): string => mutate(mutant, readFileSync(join(ROOT, mutant.file), 'utf8'));

const translate = async (mutant: Mutant, into: string): Promise<void> => {
  const { code } = await transform(mutated(mutant), { loader: 'ts', format: 'esm', target: 'node20' });
  writeFileSync(join(into, mutant.file.replace(/\.ts$/, '.js')), code);
};

const hunt = (program: string, strategy: string | undefined): Promise<Verdict> =>
  new Promise((resolve, reject) => {
    const worker = fork(program, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    let what: string | undefined;
    const end = (verdict: Verdict): void => {
      clearTimeout(late);
      worker.removeAllListeners();
      worker.kill('SIGKILL');
      resolve(verdict);
    };
    // Without a case that is known to have begun, silence says nothing of the mutant.
    const never = (): void =>
      what === undefined
        ? fail(new Error(`no case began within ${PATIENCE_MS / 1_000} s`))
        : end({ killedBy: `no end after ${PATIENCE_MS / 1_000} s: ${what}`, how: 'no end' });
    const fail = (error: Error): void => {
      worker.kill('SIGKILL');
      reject(error);
    };
    let late = setTimeout(never, PATIENCE_MS);
    worker.once('exit', (code) =>
      end({ killedBy: `the process ended with ${code}: ${what ?? 'at its start'}`, how: 'process' }),
    );
    worker.on('message', (word: Word) => {
      if ('said' in word || !('goesOn' in word)) {
        const loss = 'said' in word && typeof word.said === 'string' ? word.said : undefined;
        return end(loss === undefined ? {} : { killedBy: loss, how: 'loss' });
      }
      what = word.goesOn;
      clearTimeout(late);
      late = setTimeout(never, PATIENCE_MS);
    });
    worker.send({ ask: 'hunt', ...(strategy === undefined ? {} : { strategy }) } satisfies Order);
  });

/** Lets the proof's own suites look for a loss in the mutant. `compiled` is the folder of the compiled proof. */
export const bySuites = async (mutant: Mutant, compiled: string): Promise<Verdict> => {
  const folder = mkdtempSync(join(dirname(compiled), 'stackswap-mutant-'));
  try {
    cpSync(compiled, folder, { recursive: true });
    await translate(mutant, folder);
    return await hunt(join(folder, 'test', 'proof', 'worker.js'), mutant.strategy);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const NEEDED = [
  'src',
  'commands',
  'test',
  'docs',
  'tools',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'vitest.config.ts',
  'slack-manifest.yaml',
  'README.md',
];

type Report = {
  readonly numFailedTests: number;
  readonly numTotalTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly title: string }[];
  }[];
};

/** A copy of the tree, in which one mutant after the other is tested; what vitest translated for one serves the next. */
export const copyOfTree = (): { readonly folder: string; remove(): void } => {
  const folder = mkdtempSync(join(tmpdir(), 'stackswap-mutant-'));
  for (const name of NEEDED)
    cpSync(join(ROOT, name), join(folder, name), {
      recursive: true,
      filter: (path) => basename(path) !== 'node_modules',
    });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
};

/** Lets a file of tests look for it. Throws where the tests cannot be run at all: that kills nothing. */
export const byTests = async (mutant: Mutant, test: string, folder: string): Promise<Verdict> => {
  const out = join(folder, 'report.json');
  rmSync(out, { force: true });
  try {
    writeFileSync(join(folder, mutant.file), mutated(mutant));
    const words = [
      'run',
      test,
      '--bail=1',
      '--retry=0',
      '--reporter=json',
      '--experimental.fsModuleCache',
      `--experimental.fsModuleCachePath=${join(folder, 'translated')}`,
      `--outputFile=${out}`,
      ...(mutant.titled ? ['-t', mutant.titled] : []),
    ];
    const { STACKSWAP_TEST_REQUIRE: _none, CI: _ci, ...env } = process.env;
    const ended = await run(join(ROOT, 'node_modules', '.bin', 'vitest'), words, {
      cwd: folder,
      env,
      timeout: TESTS_MS,
    }).then(
      () => 'well',
      () => 'ill',
    );
    const report = JSON.parse(readFileSync(out, 'utf8')) as Report;
    const failed = report.testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === 'failed'),
    );
    if (report.numTotalTests === 0) throw new Error(`${test} runs no test on the mutant "${mutant.name}"`);
    return ended === 'ill' && failed[0] ? { killedBy: `${test}: ${failed[0].title}`, how: 'loss' } : {};
  } finally {
    cpSync(join(ROOT, mutant.file), join(folder, mutant.file));
  }
};
