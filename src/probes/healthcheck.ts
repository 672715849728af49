import type { ContainerInspect } from '../engine/inspect.js';
import { messageOf } from '../errors.js';
import type { Probe } from './probe.js';

const NANOSECONDS_PER_MS = 1_000_000;
/** Docker's own default, where a healthcheck names no timeout. */
const DEFAULT_TIMEOUT_MS = 30_000;

/** The command of a container's HEALTHCHECK as `exec` takes it; `undefined` where there is none or it is disabled. */
export const healthCommand = (
  container: ContainerInspect,
): { command: readonly string[]; timeoutMs: number } | undefined => {
  const check = container.Config.Healthcheck;
  const [form, ...rest] = check?.Test ?? [];
  const timeoutMs = check?.Timeout ? check.Timeout / NANOSECONDS_PER_MS : DEFAULT_TIMEOUT_MS;
  if (form === 'CMD' && rest.length > 0) return { command: rest, timeoutMs };
  const shell = container.Config.Shell?.length ? container.Config.Shell : ['/bin/sh', '-c'];
  if (form === 'CMD-SHELL' && rest.length > 0) return { command: [...shell, ...rest], timeoutMs };
  return undefined;
};

/** The container's own HEALTHCHECK, run now: Kolla's runs every 30 s only. */
export const healthcheck: Probe = async ({ engine, id, container }) => {
  if (!container?.State.Running) return { verdict: 'waiting', why: 'not running' };
  const check = healthCommand(container);
  if (!check) return { verdict: 'unknown', why: 'the container has no HEALTHCHECK' };
  try {
    const { exitCode } = await engine.exec(id, check.command, check.timeoutMs);
    return exitCode === 0
      ? { verdict: 'well', why: 'its command exits 0' }
      : { verdict: 'waiting', why: `its command exits ${exitCode}` };
  } catch (error) {
    return { verdict: 'waiting', why: messageOf(error) };
  }
};
