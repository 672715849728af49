import { SERVICES } from '../catalogue/index.js';
import type { Config } from '../config.js';
import { type ContainerInspect, nameOf } from '../engine/inspect.js';
import type { Engine } from '../engine/port.js';
import { apiUrl, inspectAll } from '../plan/observe.js';
import { statusOf } from '../probes/http.js';
import type { Bystander, BystanderReport } from './event.js';
import type { Run } from './run.js';

const TIMEOUT_MS = 3_000;
const API = 'api:';

type Watch = { readonly config: Config; readonly engineOf: (host: string) => Engine; readonly run: Run };

/** Containers of the run itself: the service's, the new and the kept ones, the one-off ones. */
const isOurs = (run: Run, host: string, container: ContainerInspect): boolean => {
  const name = nameOf(container);
  const ids = run.plan.steps.flatMap((step, index) =>
    step.kind === 'swap' && step.old.host === host ? [step.old.id, run.steps[index]?.createdId] : [],
  );
  return ids.includes(container.Id) || name.endsWith(`_${run.id}`);
};

const wellOf = (container: ContainerInspect): boolean =>
  container.State.Running && container.State.Health?.Status !== 'unhealthy';

const containersOn = async (host: string, watch: Watch): Promise<Bystander[]> => {
  const all = await inspectAll(watch.engineOf(host));
  return all
    .filter((container) => !isOurs(watch.run, host, container))
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

/** Everything that the run must leave alone, as it is now. Throws when a host does not answer. */
export const lookAround = async (watch: Watch): Promise<readonly Bystander[]> => {
  const hosts = watch.config.hosts.map((host) => host.name);
  const seen = await Promise.all(hosts.flatMap((host) => [containersOn(host, watch), apisOn(host, watch)]));
  return seen.flat();
};

const keyOf = ({ host, name }: Bystander): string => `${host}/${name}`;

/** Failures that the baseline did not have; a container that is gone has failed. */
export const newFailures = (baseline: readonly Bystander[], now: readonly Bystander[]): readonly string[] => {
  const seen = new Map(now.map((one) => [keyOf(one), one]));
  return baseline
    .filter((before) => before.well && seen.get(keyOf(before))?.well !== true)
    .map(({ host, name }) =>
      name.startsWith(API) ? `the API of ${name.slice(API.length)} on ${host}` : `${name} on ${host}`,
    );
};

/** What the end of a run says of everybody else: no other container's id or start time may have changed. */
export const reportOf = (baseline: readonly Bystander[], now: readonly Bystander[]): BystanderReport => {
  const seen = new Map(now.map((one) => [keyOf(one), one]));
  const containers = baseline.filter(({ name }) => !name.startsWith(API));
  const changed = containers.filter((before) => {
    const after = seen.get(keyOf(before));
    return after === undefined || after.id !== before.id || after.startedAt !== before.startedAt;
  });
  const apis = baseline.filter(({ name }) => name.startsWith(API));
  return {
    watched: containers.length,
    changed: changed.map(({ host, name }) => `${name} on ${host}`),
    failed: newFailures(baseline, now),
    apis: apis.map((before) => ({
      service: before.name.slice(API.length),
      host: before.host,
      before: before.well,
      after: seen.get(keyOf(before))?.well ?? false,
    })),
  };
};
