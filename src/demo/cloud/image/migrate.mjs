// kolla_extend_start: the presence of a variable decides, an empty value is enough; each of these ends the container.
import { setTimeout as sleep } from 'node:timers/promises';
import { complete, MigrationError, sync } from './schema.mjs';
import { RELEASE } from './settings.mjs';

const has = (name) => process.env[name] !== undefined;

/** oslo.db's debug line shows the connection with its password; the bot must not show it on. */
const connectLine = (project) => {
  const password = process.env[`${project.toUpperCase()}_DATABASE_PASSWORD`] ?? '';
  return `DEBUG oslo_db.sqlalchemy.engines [-] connecting to mysql+pymysql://${project}:${password}@127.0.0.1:3306/${project}`;
};

const runSync = async (project) => {
  const revisions = sync(project, RELEASE);
  console.log('INFO  [alembic.runtime.migration] Context impl MySQLImpl.');
  console.log('INFO  [alembic.runtime.migration] Will assume non-transactional DDL.');
  for (const [index, to] of revisions.slice(1).entries()) {
    await sleep(400);
    console.log(
      `INFO  [alembic.runtime.migration] Running upgrade ${revisions[index]} -> ${to}, schema of ${RELEASE}`,
    );
  }
};

const runCompletion = async (project, what) => {
  await sleep(400);
  complete(project, RELEASE);
  console.log(what);
};

const ONLINE =
  '+------------------------+--------------+-----------+\n| Migration              | Total Needed | Completed |\n+------------------------+--------------+-----------+\n| remove_old_rows        |      0       |     0     |\n+------------------------+--------------+-----------+';

const actions = (project) => [
  { name: 'KOLLA_BOOTSTRAP', act: () => runSync(project) },
  { name: 'KOLLA_UPGRADE', act: () => runSync(project) },
  { name: 'KOLLA_OSM', act: () => runCompletion(project, ONLINE) },
  { name: 'KOLLA_FINISH_UPGRADE', act: () => runCompletion(project, `Contract of ${project} complete.`) },
];

export const migrate = async (project) => {
  const asked = actions(project).filter(({ name }) => has(name));
  if (asked.length === 0) return;
  console.log(connectLine(project));
  try {
    for (const { act } of asked) await act();
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    console.error(`ERROR [alembic.util.messaging] ${error.message}`);
    process.exit(1);
  }
  process.exit(0);
};
