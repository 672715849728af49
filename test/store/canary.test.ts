import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { redactor } from '../../src/redact.js';
import { BOB, bornOver, cinderCloud, upgradeTo, withoutPorts } from '../run/scene.js';
import { openIn, temporaryFolder } from './folder.js';

const CANARIES = ['c4n4ry-of-a-password', 'plain words of a canary', 'canaryWithoutAnyShape'];

const filesBelow = (folder: string): { readonly path: string; readonly folder: boolean }[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [{ path, folder: true }, ...filesBelow(path)] : [{ path, folder: false }];
  });

test('no environment value of a container is in the state folder after an upgrade, a roll back and a finalize, and only the bot may read it', async () => {
  const env = [`DB_PASSWORD=${CANARIES[0]}`, `GREETING=${CANARIES[1]}`, `SOME_NAME=${CANARIES[2]}`];
  const scene = withoutPorts(await cinderCloud({ services: ['cinder'], env }));
  const folder = temporaryFolder();
  const secrets = redactor();
  const store = await openIn(folder, { redact: secrets, reserveBytes: 4_096, fileLimit: 100_000 });
  const { app } = await bornOver(scene, store, { stateFolder: folder, redactor: secrets });
  const { id } = await upgradeTo(app, '2025.2');
  await app.rollback(BOB, id);
  expect((await app.settled(id)).phase).toBe('rolled-back');
  await app.unhold(BOB, 'cinder');
  const again = await upgradeTo(app, '2025.2');
  await app.finalize(BOB, again.id);
  expect((await app.settled(again.id)).phase).toBe('finalized');
  await app.close();

  const seen = filesBelow(folder);
  expect(seen.length).toBeGreaterThan(3);
  const [first] = await scene.cloud.operator('node1').list();
  const inspected = first && (await scene.cloud.operator('node1').inspect(first.id));
  expect(inspected?.Config.Env?.join()).toContain(CANARIES[0]);
  const found = seen
    .filter((one) => !one.folder && !one.path.includes('blobs'))
    .flatMap(({ path }) =>
      CANARIES.filter((canary) => readFileSync(path).includes(canary)).map(
        (canary) => `${canary} in ${path}`,
      ),
    );
  expect(found).toEqual([]);
  const open = seen.filter((one) => (statSync(one.path).mode & 0o777) !== (one.folder ? 0o700 : 0o600));
  expect(open).toEqual([]);
});
