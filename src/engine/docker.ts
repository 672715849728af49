import type Dockerode from 'dockerode';
import type { z } from 'zod';
import { containers, created, distribution, engineInfo, info, version, volume } from './answers.js';
import { archives } from './archive.js';
import { type Calls, callsTo } from './calls.js';
import type { Address } from './connection.js';
import { credentialsFor, type RegistryAuth } from './credentials.js';
import { DEADLINES, type Deadlines } from './deadline.js';
import { execIn } from './exec.js';
import { containerInspect, imageInspect } from './inspect.js';
import { collectOutput } from './output.js';
import { type ContainerSpec, type Engine, EngineError } from './port.js';
import { pullImage } from './pull.js';
import { waitForEnd } from './wait.js';

export type DockerOptions = {
  /** Name of the host, as in the hosts file; it stands in every error. */
  readonly host: string;
  readonly address: Address;
  /** Only what differs from `DEADLINES`; milliseconds. */
  readonly deadlines?: Partial<Deadlines>;
  /** Where Docker's config file and the credential helpers are looked for. */
  readonly env?: NodeJS.ProcessEnv;
  /** Told of the registry's password or token before it is used, so that nothing prints it. */
  readonly learn?: (secrets: readonly string[]) => void;
};

/** `undefined` for 404; every other failure goes on. */
const absent = async <T>(answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return undefined;
    throw error;
  }
};

/** Already so: the engine answers 304 to the start of a running container and to the stop of a stopped one. */
const unlessSo = async (change: Promise<unknown>): Promise<void> => {
  try {
    await change;
  } catch (error) {
    if (!(error instanceof EngineError && error.status === 304)) throw error;
  }
};

const looks = (calls: Calls, { look }: Deadlines) => {
  const read = <T>(call: string, answer: z.ZodType<T>, send: (docker: Dockerode) => Promise<unknown>) =>
    calls.ask({ call, ms: look, answer, send });
  return {
    info: async () => {
      const [about, machine] = await Promise.all([
        read('version', version, (docker) => docker.version()),
        read('info', info, (docker) => docker.info()),
      ]);
      return engineInfo(about, machine, calls.agree('version', about));
    },
    list: () => read('list containers', containers, (docker) => docker.listContainers({ all: true })),
    inspect: (idOrName: string) =>
      absent(
        read(`inspect ${idOrName}`, containerInspect, (docker) => docker.getContainer(idOrName).inspect()),
      ),
    image: (ref: string) =>
      absent(read(`inspect image ${ref}`, imageInspect, (docker) => docker.getImage(ref).inspect())),
    hasVolume: async (name: string) =>
      (await absent(read(`inspect volume ${name}`, volume, (docker) => docker.getVolume(name).inspect()))) !==
      undefined,
  };
};

/** The body travels apart from the query: docker-modem would else repeat it, secrets and all, in the address. */
const createContainer = (calls: Calls, ms: number, name: string, spec: ContainerSpec) =>
  calls.ask({
    call: `create ${name}`,
    ms,
    answer: created,
    send: async (docker) => {
      const apart = { name, _query: { name }, _body: spec.body };
      const container = await docker.createContainer(apart);
      return { Id: container.id };
    },
  });

const connectTo = async (
  calls: Calls,
  host: string,
  join: { id: string; network: string; endpoint: object; ms: number },
) => {
  const call = `connect to network ${join.network}`;
  try {
    await calls.ask({
      call,
      ms: join.ms,
      send: (docker) =>
        docker.getNetwork(join.network).connect({ Container: join.id, EndpointConfig: join.endpoint }),
    });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    // Even a clear refusal leaves the created container behind, so the outcome of the whole create is not "nothing".
    throw new EngineError(host, call, `${error.message} (the container was created)`, true, error.status);
  }
};

const changes = (calls: Calls, host: string, deadlines: Deadlines) => {
  const tell = (call: string, ms: number, send: (docker: Dockerode) => Promise<unknown>) =>
    calls.ask({ call, ms, send });
  return {
    create: async (name: string, spec: ContainerSpec, mayGoOn: () => void = () => undefined) => {
      const { Id } = await createContainer(calls, deadlines.create, name, spec);
      for (const { network, endpoint } of spec.connect) {
        mayGoOn();
        await connectTo(calls, host, { id: Id, network, endpoint, ms: deadlines.change });
      }
      return Id;
    },
    start: (id: string) =>
      unlessSo(tell('start', deadlines.start, (docker) => docker.getContainer(id).start())),
    stop: (id: string, graceSeconds: number) =>
      unlessSo(
        tell('stop', graceSeconds * 1_000 + deadlines.stop, (docker) =>
          docker.getContainer(id).stop({ t: graceSeconds }),
        ),
      ),
    rename: async (id: string, name: string) => {
      await tell(`rename to ${name}`, deadlines.change, (docker) => docker.getContainer(id).rename({ name }));
    },
    setRestartPolicy: async (id: string, policy: { Name: string; MaximumRetryCount: number }) => {
      await tell('set restart policy', deadlines.change, (docker) =>
        docker.getContainer(id).update({ RestartPolicy: { ...policy } }),
      );
    },
    remove: async (id: string) => {
      await tell('remove', deadlines.create, (docker) =>
        docker.getContainer(id).remove({ v: false, force: false }),
      );
    },
  };
};

/** dockerode turns a log that happens to be JSON into an object, so the stream is asked for as it is. */
const rawLogs = (docker: Dockerode, id: string, lines: number): Promise<unknown> =>
  new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: `/containers/${id}/logs?`,
        method: 'GET',
        isStream: true,
        statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
        options: { stdout: true, stderr: true, tail: lines },
      },
      (error: unknown, stream: unknown) => (error ? reject(error) : resolve(stream)),
    );
  });

/** A Docker Engine, or another that speaks its API, behind the port. */
export const dockerEngine = (options: DockerOptions): Engine => {
  const { host } = options;
  const deadlines = { ...DEADLINES, ...options.deadlines };
  const calls = callsTo({ host, address: options.address, versionMs: deadlines.look });
  const look = looks(calls, deadlines);
  const authFor = async (call: string, ref: string): Promise<RegistryAuth | undefined> => {
    try {
      const auth = await credentialsFor(ref, options.env);
      options.learn?.([auth?.password, auth?.identitytoken].filter((secret) => secret !== undefined));
      return auth;
    } catch (error) {
      throw new EngineError(host, call, error instanceof Error ? error.message : 'no credentials', false);
    }
  };
  return {
    host,
    ...look,
    ...changes(calls, host, deadlines),
    ...archives(calls, host, deadlines.create),
    resolve: async (ref) => {
      const authconfig = await authFor(`ask the registry for ${ref}`, ref);
      const answer = await calls.ask({
        call: `ask the registry for ${ref}`,
        ms: deadlines.registry,
        answer: distribution,
        send: (docker) => docker.getImage(ref).distribution(authconfig ? { authconfig } : {}),
      });
      return { digest: answer.Descriptor.digest };
    },
    pull: async (ref, digest) => {
      const auth = await authFor(`pull ${ref}`, ref);
      return pullImage(calls, { host, ref, digest, auth, deadlines }, look.image);
    },
    exec: (id, command, timeoutMs) => execIn(calls, { host, id, command, timeoutMs, deadlines }),
    wait: (id, timeoutMs) => waitForEnd(calls, { host, id, ms: timeoutMs, stretch: deadlines.wait }),
    logs: async (id, lines) => {
      const container = await look.inspect(id);
      if (!container) throw new EngineError(host, 'logs', `no such container: ${id}`, false, 404);
      const output = collectOutput(container.Config.Tty === true);
      await calls.listen({
        call: 'logs',
        ms: deadlines.look,
        send: (docker) => rawLogs(docker, id, lines),
        onChunk: output.push,
      });
      return output.text();
    },
  };
};
