// keystone-manage, glance-manage, placement-manage, cinder-manage: only the word that prints the schema revision.
import { basename } from 'node:path';
import { readSchema } from './schema.mjs';
import { projectOf } from './settings.mjs';

const project = projectOf(basename(process.argv[1] ?? ''));
const words = process.argv.slice(2).join(' ');

if (words !== 'db version' && words !== 'db_version') {
  console.error(
    `${project}-manage of the demo knows only "db version" (keystone: "db_version"), not "${words}"`,
  );
  process.exit(2);
}
const schema = readSchema(project);
if (!schema) {
  console.error('no schema');
  process.exit(1);
}
console.log(schema.revision);
