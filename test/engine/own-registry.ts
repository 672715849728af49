import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type OwnRegistry = {
  /** `127.0.0.1:port`, which engines take without TLS. */
  readonly address: string;
  close(): void;
};

export const registryMissing = (): string | undefined => {
  try {
    execFileSync('docker-registry', ['--version'], { stdio: 'pipe' });
    return undefined;
  } catch {
    return 'there is no docker-registry (Debian package docker-registry)';
  }
};

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

/** A registry that keeps its images below `folder`; `auth` as its configuration spells it, everybody without. */
export const serveRegistry = async (folder: string, auth?: object): Promise<OwnRegistry> => {
  const address = `127.0.0.1:${await freePort()}`;
  const config = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: address },
    ...(auth ? { auth } : {}),
  };
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  for (let left = 100; left > 0; left -= 1) {
    const answer = await fetch(`http://${address}/v2/`).catch(() => undefined);
    if (answer?.status === (auth ? 401 : 200)) return { address, close: () => child.kill() };
    await sleep(100);
  }
  child.kill();
  throw new Error('the registry did not start');
};
