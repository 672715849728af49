import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const childPath = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Runs a file of this folder in a process of its own, whose memory is nobody else's, and gives what it sent. */
export const inChild = <T>(name: string, words: readonly string[]): Promise<T> =>
  new Promise((resolve, reject) => {
    const child = fork(childPath(name), words);
    let said: { value: T } | undefined;
    child.on('message', (value) => {
      said = { value: value as T };
    });
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      said ? resolve(said.value) : reject(new Error(`${name} ended with ${code ?? signal} and said nothing`)),
    );
  });

/** Sends the one answer of a child and lets it end. */
export const answerParent = (value: unknown): void => {
  process.send?.(value, undefined, undefined, () => process.exit(0));
};
