import { execFile } from 'node:child_process';

const TAIL = 2_000;

/** Runs a program to its end and gives what it printed; throws with its last lines when it fails. */
export const program = (
  command: string,
  words: readonly string[],
  options: { readonly timeoutMs?: number } = {},
): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = execFile(
      command,
      words,
      { maxBuffer: 16 * 2 ** 20, timeout: options.timeoutMs ?? 0 },
      (error, stdout, stderr) =>
        error
          ? reject(
              new Error(
                `${command} ${words.slice(0, 3).join(' ')}: ${(stderr || error.message).slice(-TAIL)}`,
              ),
            )
          : resolve(stdout),
    );
    child.stdin?.end();
  });
