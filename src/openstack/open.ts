import type { Config } from '../config.js';
import { Refusal } from '../errors.js';
import type { Log } from '../log.js';
import { apiUrl } from '../plan/observe.js';
import type { Redactor } from '../redact.js';
import type { AskService } from '../steps/context.js';
import { askServices, cannotAsk } from './ask-service.js';
import { type CloudsFile, readCloud } from './clouds-yaml.js';
import { httpFor } from './http.js';

type With = { readonly log: Log; readonly redactor: Redactor };

/** Reads the file and learns its secrets; throws `Refusal` for what cannot be used. */
const opened = (from: CloudsFile, { hosts }: Config, { log, redactor }: With): AskService => {
  const access = readCloud(from);
  const { credentials } = access;
  redactor.learn([credentials.kind === 'password' ? credentials.password : credentials.secret]);
  for (const warning of access.warnings) log.warn(warning);
  return askServices({
    http: httpFor(access),
    access,
    apis: (service) =>
      hosts.flatMap((host) => {
        const url = apiUrl(service, host);
        return url === null ? [] : [new URL(url).origin];
      }),
  });
};

/**
 * Reads `clouds_yaml` once; `undefined` without it. What cannot be used keeps nobody from starting the bot, since going
 * back must not hang on it: it is logged, every question says why it was not put, and the file is read again with the next.
 */
export const openCloud = (config: Config, tools: With): AskService | undefined => {
  const { clouds_yaml: from } = config;
  if (!from) return undefined;
  let asking: AskService | undefined;
  let known = '';
  const usable = (): AskService => {
    try {
      asking ??= opened(from, config, tools);
      return asking;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (known !== error.why) tools.log.warn(`The services cannot be asked: ${error.why} ${error.wayOut}`);
      known = error.why;
      return cannotAsk(error.why.replace(/\.$/, ''));
    }
  };
  usable();
  return (request) => usable()(request);
};
