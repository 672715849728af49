// What Kolla's images run: copy the configuration, act on KOLLA_* variables, then become the service.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { migrate } from './migrate.mjs';
import { serve } from './service.mjs';
import { CONFIG_FOLDER, programOf, projectOf, readJson } from './settings.mjs';

const CONFIG = join(CONFIG_FOLDER, 'config.json');

const setConfigs = () => {
  console.log(`INFO:__main__:Loading config file at ${CONFIG}`);
  const config = readJson(CONFIG);
  if (!config) {
    console.error(`ERROR:__main__:MissingRequiredSource: ${CONFIG} is not there`);
    process.exit(1);
  }
  console.log('INFO:__main__:Validating config file');
  console.log(`INFO:__main__:Kolla config strategy set to: ${process.env.KOLLA_CONFIG_STRATEGY}`);
  console.log('INFO:__main__:Copying service configuration files');
  for (const { source, dest } of config.config_files) {
    console.log(`INFO:__main__:Copying ${source} to ${dest}`);
    if (!existsSync(source)) process.exit(1);
    mkdirSync(dirname(dest), { recursive: true });
    copyFileSync(source, dest);
  }
  console.log('INFO:__main__:Writing out command to execute');
  return config.command;
};

const command = setConfigs();
const program = programOf(command);
await migrate(projectOf(program));
console.log(`Running command: '${command}'`);
serve(program);
