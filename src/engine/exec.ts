import { setTimeout as sleep } from 'node:timers/promises';
import { execCreated, execState } from './answers.js';
import type { Calls } from './calls.js';
import type { Deadlines } from './deadline.js';
import { collectOutput } from './output.js';
import { EngineError, type ExecResult } from './port.js';

export type Exec = {
  readonly host: string;
  readonly id: string;
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly deadlines: Deadlines;
};

/** The engine may close the output a moment before it writes down the exit code. */
const EXIT_CODE_TRIES = 20;
const EXIT_CODE_PAUSE_MS = 100;

const exitCodeOf = async (calls: Calls, exec: Exec, execId: string): Promise<number> => {
  for (let left = EXIT_CODE_TRIES; left > 0; left -= 1) {
    const state = await calls.ask({
      call: 'inspect exec',
      ms: exec.deadlines.look,
      answer: execState,
      send: (docker) => docker.getExec(execId).inspect(),
    });
    if (!state.Running && typeof state.ExitCode === 'number') return state.ExitCode;
    await sleep(EXIT_CODE_PAUSE_MS);
  }
  throw new EngineError(
    exec.host,
    'exec',
    'the output ended and the command still runs: the connection was cut',
    true,
  );
};

/** Runs a command without a terminal and keeps the end of its output (stdout and stderr, 64 KiB). */
export const execIn = async (calls: Calls, exec: Exec): Promise<ExecResult> => {
  const { Id } = await calls.ask({
    call: 'exec',
    ms: exec.deadlines.look,
    answer: execCreated,
    send: async (docker) => {
      const options = { Cmd: [...exec.command], AttachStdout: true, AttachStderr: true, Tty: false };
      return { Id: (await docker.getContainer(exec.id).exec(options)).id };
    },
  });
  const output = collectOutput(false);
  await calls.listen({
    call: 'exec',
    ms: exec.timeoutMs,
    send: (docker) => docker.getExec(Id).start({ Detach: false, Tty: false }),
    onChunk: output.push,
  });
  return { exitCode: await exitCodeOf(calls, exec, Id), output: output.text() };
};
