import type Dockerode from 'dockerode';
import { pullLine } from './answers.js';
import type { Calls } from './calls.js';
import type { RegistryAuth } from './credentials.js';
import type { Deadlines } from './deadline.js';
import { goesBy, identityOfImage } from './image-identity.js';
import type { ImageInspect } from './inspect.js';
import { EngineError } from './port.js';

export type Pull = {
  readonly host: string;
  readonly ref: string;
  readonly digest: string | undefined;
  readonly auth: RegistryAuth | undefined;
  readonly deadlines: Deadlines;
};

/** `registry:5000/ns/name:tag` → name and tag; `latest` where none is given, as the engine reads it. */
export const splitRef = (ref: string): { repo: string; tag: string } => {
  const [name = ref] = ref.split('@');
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/')
    ? { repo: name.slice(0, colon), tag: name.slice(colon + 1) }
    : { repo: name, tag: 'latest' };
};

/** Reads progress lines and remembers the first failure in them; what is no progress line throws at the end. */
const progressReader = () => {
  let rest = '';
  let failure: string | undefined;
  let foreign = false;
  const line = (text: string) => {
    if (text.trim() === '') return;
    const parsed = pullLine.safeParse(jsonOf(text));
    if (parsed.success) failure ??= parsed.data.errorDetail?.message ?? parsed.data.error;
    else foreign = true;
  };
  const push = (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(line);
  };
  const end = () => {
    line(rest);
    return { failure, foreign };
  };
  return { push, end };
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const fetchImage = async (calls: Calls, pull: Pull, from: { repo: string; tag: string }): Promise<void> => {
  const reader = progressReader();
  const body = { fromImage: from.repo, tag: from.tag };
  await calls.listen({
    call: `pull ${pull.ref}`,
    ms: pull.deadlines.pullSilence,
    silence: true,
    send: (docker) => (pull.auth ? docker.createImage(pull.auth, body) : docker.createImage(body)),
    onChunk: reader.push,
  });
  const { failure, foreign } = reader.end();
  const fail = (message: string, unknown: boolean) =>
    new EngineError(pull.host, `pull ${pull.ref}`, message, unknown);
  if (failure) throw fail(failure, false);
  if (foreign) throw fail('the engine sent something else than progress', true);
};

const tagImage = (calls: Calls, pull: Pull, source: string): Promise<unknown> =>
  calls.ask({
    call: `tag ${pull.ref}`,
    ms: pull.deadlines.change,
    send: (docker: Dockerode) => docker.getImage(source).tag(splitRef(pull.ref)),
  });

/**
 * Pulls `ref`; with a digest pulls that very manifest and then gives it the tag, so that a tag moved in between cannot
 * change what runs. Throws unless the image that `ref` then names locally carries the digest.
 */
export const pullImage = async (
  calls: Calls,
  pull: Pull,
  image: (ref: string) => Promise<ImageInspect | undefined>,
): Promise<ImageInspect> => {
  const { repo, tag } = splitRef(pull.ref);
  const { host, digest } = pull;
  await fetchImage(calls, pull, { repo, tag: digest ?? tag });
  if (digest) await tagImage(calls, pull, `${repo}@${digest}`);
  const local = await image(pull.ref);
  if (!local)
    throw new EngineError(host, `pull ${pull.ref}`, 'the pull ended well and the image is not there', true);
  if (digest && !goesBy(identityOfImage(local), digest))
    throw new EngineError(host, `pull ${pull.ref}`, `the local image does not carry ${digest}`, true);
  return local;
};
