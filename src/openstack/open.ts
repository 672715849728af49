import type { Config } from '../config.js';
import type { Log } from '../log.js';
import { apiUrl } from '../plan/observe.js';
import type { Redactor } from '../redact.js';
import type { AskService } from '../steps/context.js';
import { askServices } from './ask-service.js';
import { readCloud } from './clouds-yaml.js';
import { httpFor } from './http.js';

/** Reads `clouds_yaml` once and learns its secrets; `undefined` without it. Refuses what cannot be used. */
export const openCloud = (
  config: Config,
  { log, redactor }: { readonly log: Log; readonly redactor: Redactor },
): AskService | undefined => {
  if (!config.clouds_yaml) return undefined;
  const access = readCloud(config.clouds_yaml);
  const { credentials } = access;
  redactor.learn([credentials.kind === 'password' ? credentials.password : credentials.secret]);
  for (const warning of access.warnings) log.warn(warning);
  return askServices({
    http: httpFor(access),
    access,
    apis: (service) =>
      config.hosts.flatMap((host) => {
        const url = apiUrl(service, host);
        return url === null ? [] : [new URL(url).origin];
      }),
  });
};
