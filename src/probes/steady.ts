import type { Probe } from './probe.js';

/** Runs, and is still the process that was started: a restart inside the window is a failure, not a flap. */
export const steady: Probe = async ({ container, startedAt, restartCount }) => {
  if (!container) return { verdict: 'ill', why: 'the container is gone' };
  const { State, RestartCount } = container;
  if (!State.Running)
    return {
      verdict: 'ill',
      why: `exited with code ${State.ExitCode}${State.OOMKilled ? ', out of memory' : ''}`,
    };
  if (State.StartedAt !== startedAt || RestartCount !== restartCount)
    return { verdict: 'ill', why: 'it was restarted while we watched' };
  return { verdict: 'well', why: 'running, not restarted' };
};
