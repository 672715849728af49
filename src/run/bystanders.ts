import { SERVICES } from '../catalogue/index.js';
import type { Config } from '../config.js';
import { type ContainerInspect, nameOf } from '../engine/inspect.js';
import type { Engine } from '../engine/port.js';
import { messageOf } from '../errors.js';
import { apiUrl, inspectAll, looksLikeKolla } from '../plan/observe.js';
import { statusOf } from '../probes/http.js';
import { isLeftover } from '../steps/names.js';
import type { Bystander, BystanderReport } from './event.js';
import { ACTIVE } from './phase.js';
import type { Run, State } from './run.js';

const TIMEOUT_MS = 3_000;
const API = 'api:';

type Watch = { readonly config: Config; readonly engineOf: (host: string) => Engine; readonly run: Run };

/**
 * Whether a container is a service of this installation: it bears the host's prefix, and somebody keeps it running (an
 * engine's restart policy, or Kolla's unit). What a person starts by hand may come and go.
 */
const isService = (container: ContainerInspect, prefix: string): boolean => {
  const { AutoRemove, RestartPolicy } = container.HostConfig;
  const kept = !['', 'no'].includes(RestartPolicy.Name) || looksLikeKolla(container);
  return (
    nameOf(container).startsWith(prefix) && kept && AutoRemove !== true && !isLeftover(nameOf(container))
  );
};

/** Containers of the run itself: the service's, the new and the kept ones, the one-off ones. */
const isOurs = (run: Run, host: string, container: ContainerInspect): boolean => {
  const name = nameOf(container);
  const ids = run.plan.steps.flatMap((step, index) =>
    step.kind === 'swap' && step.old.host === host
      ? [step.old.id, run.steps[index]?.standInId, run.steps[index]?.createdId]
      : [],
  );
  return ids.includes(container.Id) || name.endsWith(`_${run.id}`);
};

const wellOf = (container: ContainerInspect): boolean =>
  container.State.Running && container.State.Health?.Status !== 'unhealthy';

const containersOn = async (host: string, watch: Watch): Promise<Bystander[]> => {
  const prefix = watch.config.hosts.find((one) => one.name === host)?.container_prefix ?? '';
  const all = await inspectAll(watch.engineOf(host));
  return all
    .filter((container) => isService(container, prefix) && !isOurs(watch.run, host, container))
    .map((container) => ({
      host,
      name: nameOf(container),
      id: container.Id,
      startedAt: container.State.StartedAt,
      well: wellOf(container),
    }));
};

/** APIs of the other services in the catalogue that this program can reach. */
const apisOn = async (hostName: string, { config, run }: Watch): Promise<Bystander[]> => {
  const host = config.hosts.find((one) => one.name === hostName);
  if (!host) return [];
  const asked = SERVICES.filter((service) => service.name !== run.plan.service).map(async (service) => {
    const url = apiUrl(service, host);
    if (url === null) return [];
    const well = await statusOf(url, TIMEOUT_MS).then(
      (status) => service.api.expect.includes(status),
      () => false,
    );
    return [{ host: hostName, name: `${API}${service.name}`, id: '', startedAt: '', well }];
  });
  return (await Promise.all(asked)).flat();
};

export type Look = {
  readonly seen: readonly Bystander[];
  /** Hosts that did not answer, each with a sentence: nothing of them is in `seen`. */
  readonly silent: readonly { readonly host: string; readonly why: string }[];
};

/** Everything that the run must leave alone, as it is now. */
export const lookAround = async (watch: Watch): Promise<Look> => {
  const looks = await Promise.all(
    watch.config.hosts.map(async ({ name: host }) => {
      try {
        return { seen: (await Promise.all([containersOn(host, watch), apisOn(host, watch)])).flat() };
      } catch (error) {
        return { silent: { host, why: messageOf(error) } };
      }
    }),
  );
  return {
    seen: looks.flatMap(({ seen }) => seen ?? []),
    silent: looks.flatMap(({ silent }) => silent ?? []),
  };
};

const keyOf = ({ host, name }: Bystander): string => `${host}/${name}`;

/** Whether another run did something to its service since ours began; then its containers are not ours to judge. */
const workedSince = (other: Run, since: string): boolean =>
  ACTIVE.includes(other.phase) ||
  [...other.steps, ...other.finalize].some((step) => (step.endedAt ?? step.startedAt ?? '') >= since);

/** The picture from before the run, without what other runs of this bot change meanwhile. */
export const baselineOf = (run: Run, state: State): readonly Bystander[] => {
  const since = run.startedAt ?? run.requestedAt;
  const busy = Object.values(state.runs).filter((other) => other.id !== run.id && workedSince(other, since));
  const names = new Set(
    busy.flatMap((other) =>
      other.plan.steps.flatMap((step) =>
        step.kind === 'swap'
          ? [`${step.old.host}/${step.old.name}`, `${step.old.host}/${API}${other.plan.service}`]
          : [],
      ),
    ),
  );
  return (run.baseline ?? []).filter((one) => !names.has(keyOf(one)));
};

/** What was well in the baseline and is not any more; a container that is gone has failed. */
export const failedSince = (baseline: readonly Bystander[], { seen: now }: Look): readonly Bystander[] => {
  const seen = new Map(now.map((one) => [keyOf(one), one]));
  return baseline.filter((before) => before.well && seen.get(keyOf(before))?.well !== true);
};

/** The failures that the baseline did not have, in words; of a host that is silent, only that it is. */
export const newFailures = (baseline: readonly Bystander[], look: Look): readonly string[] => {
  const failed = failedSince(baseline, look);
  const silent = look.silent.filter(({ host }) => failed.some((one) => one.host === host));
  return [
    ...silent.map(({ host, why }) => `${host} as a whole (${why})`),
    ...failed
      .filter(({ host }) => !silent.some((one) => one.host === host))
      .map(({ host, name }) =>
        name.startsWith(API) ? `the API of ${name.slice(API.length)} on ${host}` : `${name} on ${host}`,
      ),
  ];
};

/** What the end of a run says of everybody else: no other container's id or start time may have changed. */
export const reportOf = (before: readonly Bystander[], look: Look): BystanderReport => {
  const seen = new Map(look.seen.map((one) => [keyOf(one), one]));
  const baseline = before.filter(({ host }) => !look.silent.some((one) => one.host === host));
  const containers = baseline.filter(({ name }) => !name.startsWith(API));
  const changed = containers.filter((was) => {
    const after = seen.get(keyOf(was));
    return after === undefined || after.id !== was.id || after.startedAt !== was.startedAt;
  });
  const apis = baseline.filter(({ name }) => name.startsWith(API));
  return {
    watched: containers.length,
    changed: changed.map(({ host, name }) => `${name} on ${host}`),
    failed: newFailures(before, look),
    apis: apis.map((was) => ({
      service: was.name.slice(API.length),
      host: was.host,
      before: was.well,
      after: seen.get(keyOf(was))?.well ?? false,
    })),
  };
};
