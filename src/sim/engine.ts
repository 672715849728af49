import type { ImageInspect } from '../engine/inspect.js';
import { type Engine, EngineError } from '../engine/port.js';
import { readFiles, writeFiles } from './archive.js';
import { frozen, inspectOf, isUp, policyOf, type SimContainer } from './container.js';
import { createContainer, nameConflict } from './create.js';
import { fullRef, type SimImage } from './image.js';
import { endProcess, launch, whyNotStartable } from './life.js';
import { healthOf, runCommand } from './process.js';
import { settle } from './unit-life.js';
import { findContainer, type SimHost, type World } from './world.js';

/** An image's own configuration never changes: made once, and shared between answers. */
const imageConfigs = new WeakMap<SimImage, ImageInspect['Config']>();

const imageConfig = (image: SimImage): ImageInspect['Config'] => {
  const known = imageConfigs.get(image) ?? (frozen(structuredClone(image.config)) as ImageInspect['Config']);
  imageConfigs.set(image, known);
  return known;
};

const imageInspect = (host: SimHost, image: SimImage): ImageInspect => ({
  Id: image.id,
  RepoTags: host.images.tagsOf(image),
  RepoDigests: host.images.digestsOf(image),
  Size: image.sizeBytes,
  Config: imageConfig(image),
});

/** The engine of one host, without faults. Its answers and refusals are those of Docker 20.10 (API 1.41). */
export const simEngine = (world: World, host: SimHost): Engine => {
  const fail = (call: string, message: string, status: number): never => {
    throw new EngineError(host.name, call, message, false, status);
  };
  const late = (call: string, message: string): never => {
    throw new EngineError(host.name, call, message, true);
  };
  /** Every call finds the host as it is now. */
  const arrive = async (call: string, ms = world.delays.call ?? 0): Promise<void> => {
    if (host.unreachable) throw new EngineError(host.name, call, 'connect ECONNREFUSED', true);
    await world.clock.sleep(ms);
    await settle(world, host);
  };
  const known = (call: string, id: string): SimContainer =>
    findContainer(host, id) ?? fail(call, `No such container: ${id}`, 404);

  const start = async (id: string): Promise<void> => {
    await arrive('start', world.delays.start);
    const container = known('start', id);
    if (isUp(container)) return;
    const why = whyNotStartable(host, container);
    if (why) {
      for (const attachment of container.attachments) delete attachment.live;
      container.error = why.message;
      container.exitCode = why.exitCode;
      fail('start', why.message, why.status);
    }
    container.stoppedByHand = false;
    container.restartCount = 0;
    container.looks = 0;
    await launch(world, host, container, world.clock.now());
  };

  const stop = async (id: string, graceSeconds: number): Promise<void> => {
    await arrive('stop');
    const container = known('stop', id);
    if (!isUp(container)) return;
    container.stoppedByHand = true;
    const needs = container.image.behaviour.stopsAfterMs ?? world.delays.stop ?? 0;
    const { startedAt } = container;
    await world.clock.sleep(Math.min(needs, graceSeconds * 1_000));
    // Of two stops that wait the first to see the end is the only one: what was started since is not theirs.
    if (isUp(container) && container.startedAt === startedAt)
      await endProcess(
        world,
        { host, container },
        { at: world.clock.now(), exitCode: needs > graceSeconds * 1_000 ? 137 : 143, byPolicy: false },
      );
  };

  const wait = async (id: string, timeoutMs: number): Promise<number> => {
    await arrive('wait');
    const container = known('wait', id);
    const deadline = world.clock.now() + timeoutMs;
    while (isUp(container)) {
      const left = deadline - world.clock.now();
      if (left <= 0) late('wait', `still running after ${timeoutMs} ms`);
      const endsIn = container.ends ? Math.max(1, container.ends.at - world.clock.now()) : 25;
      await world.clock.sleep(Math.min(left, endsIn, 25));
      await settle(world, host);
    }
    return container.exitCode;
  };

  return {
    host: host.name,
    info: async () => {
      await arrive('info');
      return {
        version: '20.10.24-simulated',
        apiVersion: '1.41',
        hostname: host.name,
        systemTime: new Date(world.clock.now()).toISOString(),
        dataRoot: '/var/lib/docker',
      };
    },
    list: async () => {
      await arrive('list');
      return [...host.containers.values()]
        .reverse()
        .map(({ id, name, image, life }) => ({ id, name, imageId: image.id, state: life }));
    },
    inspect: async (idOrName) => {
      await arrive('inspect');
      const container = findContainer(host, idOrName);
      const pid = container ? 1_000 + (container.startedAt?.tick ?? 0) : 0;
      return (
        container &&
        inspectOf(container, { networks: host.networks, health: healthOf(world, host, container), pid })
      );
    },
    image: async (ref) => {
      await arrive('image');
      const image = host.images.find(ref);
      return image && imageInspect(host, image);
    },
    hasVolume: async (name) => {
      await arrive('hasVolume');
      return host.volumes.has(name);
    },
    resolve: async (ref) => {
      await arrive('resolve');
      const image =
        world.registry.find(ref) ?? fail('resolve', `manifest for ${ref} not found: manifest unknown`, 404);
      return { digest: image.digest };
    },
    pull: async (ref, digest) => {
      await arrive('pull', world.delays.pull);
      const image =
        world.registry.find(ref, digest) ??
        fail('pull', `manifest for ${digest ?? ref} not found: manifest unknown`, 404);
      host.images.add(fullRef(ref), image, true);
      return imageInspect(host, image);
    },
    create: async (name, spec) => {
      await arrive('create');
      const made = createContainer(world, host, { name, spec });
      if ('status' in made) return fail('create', made.message, made.status);
      host.containers.set(made.id, made);
      for (const { network, endpoint } of spec.connect) {
        if (!host.networks.has(network))
          throw new EngineError(
            host.name,
            'create',
            `network ${network} not found (the container was created)`,
            true,
            404,
          );
        made.attachments.push({ network, asked: structuredClone(endpoint), later: true });
      }
      return made.id;
    },
    start,
    stop,
    rename: async (id, name) => {
      await arrive('rename');
      const container = known('rename', id);
      if (container.name === name)
        fail('rename', 'Renaming a container with the same name as its current name', 400);
      const conflict = nameConflict(host, name);
      if (conflict) fail('rename', conflict.message, conflict.status);
      container.name = name;
    },
    setRestartPolicy: async (id, policy) => {
      await arrive('setRestartPolicy');
      const container = known('setRestartPolicy', id);
      container.hostConfig.RestartPolicy = { ...policyOf(container), ...policy };
    },
    remove: async (id) => {
      await arrive('remove');
      const container = known('remove', id);
      if (isUp(container))
        fail(
          'remove',
          `You cannot remove a running container ${container.id}. Stop the container before attempting removal or force remove`,
          409,
        );
      host.containers.delete(container.id);
    },
    exec: async (id, command, timeoutMs) => {
      await arrive('exec');
      const container = known('exec', id);
      if (container.life !== 'running') fail('exec', `Container ${container.id} is not running`, 409);
      const { tookMs = 0, ...result } = runCommand(world, { host, container }, command);
      await world.clock.sleep(Math.min(tookMs, timeoutMs));
      return tookMs > timeoutMs ? late('exec', `no answer within ${timeoutMs} ms`) : result;
    },
    wait,
    readArchive: async (id, path) => {
      await arrive('readArchive');
      return readFiles(host, known('readArchive', id), path);
    },
    writeArchive: async (id, path, tar) => {
      await arrive('writeArchive');
      const refused = await writeFiles(host, known('writeArchive', id), { path, tar });
      if (refused) fail('writeArchive', refused.message, refused.status);
    },
    logs: async (id, lines) => {
      await arrive('logs');
      const { log } = known('logs', id);
      return lines <= 0 || log.length === 0 ? '' : `${log.slice(-lines).join('\n')}\n`;
    },
  };
};
