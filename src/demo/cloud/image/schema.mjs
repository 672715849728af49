// The demo's database: one JSON file per project in a volume, moved by migrations as alembic moves a schema.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RELEASES, readJson } from './settings.mjs';

const FOLDER = '/var/lib/demo-database';

/** The last schema revision of each release. */
const HEADS = {
  keystone: { 2025.1: '29e87d24a316', 2025.2: '47147121f1b5', 2026.1: 'e8725d6fa226' },
  glance: { 2025.1: '2024_1_contract01', 2025.2: '2025_2_contract01', 2026.1: '2026_1_contract01' },
  placement: { 2025.1: 'a082b8bb98d0', 2025.2: 'b5c396305c25', 2026.1: 'd0e1f5a7c2b4' },
  cinder: { 2025.1: '9c74c1c6971f', 2025.2: 'afdd2b8e4f1a', 2026.1: 'c7e1a90d52b3' },
};

/** Projects whose sync is one-shot: as soon as it ran, an older release cannot work with the schema. */
const ONE_SHOT = ['glance', 'placement'];

const fileOf = (project) => join(FOLDER, `${project}.json`);
const age = (release) => RELEASES.indexOf(release);

export class MigrationError extends Error {}

/** { release, revision, floor, pending }: `floor` is the oldest release that can work with it, `pending` says that
 *  online data migrations are to be run. */
export const readSchema = (project) => readJson(fileOf(project));

const write = (project, schema) => {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${fileOf(project)}.new`, JSON.stringify(schema));
  renameSync(`${fileOf(project)}.new`, fileOf(project));
};

/** Moves the schema to this release's head; returns the revisions it went through, oldest first. */
export const sync = (project, release) => {
  const before = readSchema(project);
  const revision = HEADS[project][release];
  if (!before) {
    write(project, { release, revision, floor: release, pending: false });
    return ['', revision];
  }
  if (age(before.release) > age(release))
    throw new MigrationError(`Can't locate revision identified by '${before.revision}'`);
  if (before.release === release) return [revision];
  if (before.pending)
    throw new MigrationError(
      `The online data migrations of ${before.release} are not complete; run online_data_migrations first.`,
    );
  const floor = ONE_SHOT.includes(project) ? release : before.floor;
  write(project, { release, revision, floor, pending: true });
  return RELEASES.slice(age(before.release), age(release) + 1).map((name) => HEADS[project][name]);
};

/** Online data migrations, or keystone's contract: what they leave no older release understands. */
export const complete = (project, release) => {
  const before = readSchema(project);
  if (!before || before.release !== release)
    throw new MigrationError(
      `the schema is at ${before?.release ?? 'nothing'}, not at ${release}; sync first`,
    );
  write(project, { ...before, floor: release, pending: false });
};

/** Why this release cannot work with the schema as it is; undefined where it can. */
export const misfit = (project, release) => {
  const schema = readSchema(project);
  if (!schema) return `there is no schema of ${project}`;
  if (age(schema.release) < age(release)) return `the schema is still at ${schema.release}`;
  if (age(schema.floor) > age(release)) return `the schema needs ${schema.floor} or newer`;
  return undefined;
};
