import { cloneSpec } from '../../src/engine/clone.js';
import type { Engine } from '../../src/engine/port.js';
import type { KollaScene } from '../sim/kolla.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Mulberry32: the same seed draws the same letters. */
const chance = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export type Canaries = {
  /** A word as password generators draw it; remembered. */
  word(): string;
  /** The same with the characters that text, JSON, URLs and shells treat in their own way. */
  odd(): string;
  /** One that looks like any other word: only where it stands says that it is secret. */
  plain(): string;
  readonly all: readonly string[];
};

/** `containers`: in so many they were planted. */
export type Planted = Canaries & { readonly containers: number };

export const canaries = (seed: number): Canaries => {
  const draw = chance(seed);
  const all: string[] = [];
  const keep = (text: string): string => {
    all.push(text);
    return text;
  };
  const letters = (count: number): string =>
    Array.from({ length: count }, () => ALPHABET[Math.floor(draw() * ALPHABET.length)] ?? 'x').join('');
  return {
    word: () => keep(`c4N${letters(21)}`),
    odd: () => keep(`c4N${letters(6)}"${letters(4)}+/&${letters(5)}\\${letters(4)}`),
    plain: () => keep(`quiet${letters(7).toLowerCase().replaceAll(/[0-9]/g, 'x')}`),
    all,
  };
};

/** What a secret may look like in an output: as it is, inside JSON, a URL, base64 (wherever its bytes begin). */
export const spellings = (secret: string): readonly string[] => {
  const json = JSON.stringify(secret).slice(1, -1);
  const inside = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), Buffer.from(secret)])
      .toString('base64')
      .replace(/=+$/, '')
      .slice(before === 0 ? 0 : before + 1, -2),
  );
  return [secret, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(secret), ...inside];
};

type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields =>
  value !== null && typeof value === 'object' ? (value as Fields) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/**
 * A create body with canaries in the fields that take a text of the operator's. Hostname and Domainname are names, which
 * are shown.
 */
const planted = (body: Fields, { word, odd, plain }: Canaries): Fields => {
  const host = fields(body.HostConfig);
  return {
    ...body,
    Env: [
      ...list(body.Env),
      `CINDER_DATABASE_PASSWORD=${odd()}`,
      `OS_PASSWORD=${plain()}`,
      `SETTING=${word()}`,
      `DATABASE_URL=mysql+pymysql://cinder:${plain()}@192.0.2.20:3306/cinder`,
      `TRANSPORT=rabbit://openstack:${word()}@192.0.2.21:5672,openstack:${word()}@192.0.2.22:5672//`,
      `OPTIONS={"auth":{"password":"${plain()}"}}`,
      `PROXY_AUTHORIZATION=Basic ${Buffer.from(`admin:${word()}`).toString('base64')}`,
    ],
    Cmd: [...list(body.Cmd ?? ['kolla_start']), '--db-password', odd(), `--token=${plain()}`, word()],
    Entrypoint: [...list(body.Entrypoint), 'env', `SIGNING_SECRET=${plain()}`, word()],
    User: word(),
    StopSignal: word(),
    Labels: {
      ...fields(body.Labels),
      'com.example.api-token': odd(),
      'com.example.password': plain(),
      'com.example.note': `see ${word()}`,
      // Called as fields of the engine's own are that name things.
      Name: word(),
      Image: word(),
      Created: word(),
      Id: word(),
    },
    Healthcheck: {
      ...fields(body.Healthcheck),
      Test: ['CMD-SHELL', `healthcheck_curl http://probe:${word()}@127.0.0.1/ --header X-Key:${word()}`],
    },
    WorkingDir: `/srv/${word()}`,
    Volumes: { ...fields(body.Volumes), [`/data/${word()}`]: {} },
    HostConfig: {
      ...host,
      Binds: [...list(host.Binds), `/srv/${word()}:/mnt/${word()}:ro`],
      Mounts: [
        ...list(host.Mounts),
        {
          Type: 'volume',
          Source: word(),
          Target: `/mnt/${word()}`,
          VolumeOptions: {
            DriverConfig: {
              Name: 'local',
              Options: { o: `username=cinder,password=${plain()}`, Driver: word() },
            },
          },
        },
      ],
      Devices: [{ PathOnHost: `/dev/${word()}`, PathInContainer: `/dev/${word()}`, CgroupPermissions: 'r' }],
      Dns: [word()],
      DnsOptions: [word()],
      DnsSearch: [word()],
      GroupAdd: [word()],
      LogConfig: { Type: 'splunk', Config: { 'splunk-token': odd(), tag: word(), Parent: word() } },
      ExtraHosts: [`${word()}:192.0.2.30`],
      SecurityOpt: [`label=user:${word()}`],
      Sysctls: { 'kernel.domainname': word() },
      StorageOpt: { size: word() },
      Tmpfs: { [`/run/${word()}`]: `uid=${word()}` },
      Annotations: { 'example.org/secret': odd(), Platform: word() },
      CgroupParent: `/${word()}`,
    },
  };
};

/** Every container of the scene made anew under its name, with canaries in it; answers with all canaries. */
export const plant = async (scene: KollaScene, seed: number): Promise<Planted> => {
  const drawn = canaries(seed);
  let containers = 0;
  for (const { name: host } of scene.hosts) {
    const engine = scene.cloud.operator(host);
    for (const { id } of await engine.list()) {
      await plantOne(engine, id, drawn);
      containers += 1;
    }
  }
  return { ...drawn, containers };
};

const plantOne = async (engine: Engine, id: string, drawn: Canaries): Promise<void> => {
  const old = await engine.inspect(id);
  const oldImage = old && (await engine.image(old.Image));
  if (!old || !oldImage) throw new Error('nothing to plant in');
  const { apiVersion, hostname } = await engine.info();
  const spec = cloneSpec({
    old,
    oldImage,
    newRef: old.Config.Image ?? '',
    apiVersion,
    engineHostname: hostname,
  });
  await engine.stop(id, 1);
  await engine.remove(id);
  const made = await engine.create(old.Name.slice(1), { ...spec, body: planted(spec.body, drawn) });
  await engine.setRestartPolicy(made, old.HostConfig.RestartPolicy);
  await engine.start(made);
};
