import type { Config } from '../../config.js';
import { messageOf, Refusal } from '../../errors.js';
import type { Access } from '../../openstack/access.js';
import { readCloud } from '../../openstack/clouds-yaml.js';
import { httpFor } from '../../openstack/http.js';
import { issueToken } from '../../openstack/token.js';
import { type Check, know, mend, well } from './check.js';

const TIMEOUT_MS = 5_000;

const CODE = 'clouds-yaml';
const WHY =
  'The services are asked with it after each swap: without a token nothing is known of them but their health checks.';

const unusable = (error: Refusal): Check => mend(CODE, { what: error.why, why: WHY, wayOut: error.wayOut });

/** `issueToken` fails with what keystone does: `refuses connections`, `answers 401 (…)`. */
const noToken = ({ cloud, authBase }: Access, error: unknown): Check =>
  mend(CODE, {
    what: `Keystone at ${authBase.replace(/\/\/[^/@]*@/, '//')} gave no token for ${cloud} of clouds.yaml: it ${messageOf(error)}.`,
    why: WHY,
    wayOut: 'Try the same with openstack --os-cloud, and mend the credentials, the address or keystone.',
  });

const askForToken = async (access: Access): Promise<Check> => {
  try {
    await issueToken(httpFor(access, TIMEOUT_MS), access.authBase, access);
    return well(CODE, `Keystone gives a token for ${access.cloud}.`);
  } catch (error) {
    return noToken(access, error);
  }
};

/** Whether the operator's credentials are good for a token now. */
export const cloudsYaml = async ({ clouds_yaml: from }: Config): Promise<readonly Check[]> => {
  if (!from) return [];
  try {
    const access = readCloud(from);
    const warned = access.warnings.map((what) =>
      know(CODE, {
        what,
        why: 'Whoever reads it can do in the cloud what Stackswap can ask.',
        wayOut: 'Let the bot’s account alone read it.',
      }),
    );
    return [await askForToken(access), ...warned];
  } catch (error) {
    if (error instanceof Refusal) return [unusable(error)];
    throw error;
  }
};
