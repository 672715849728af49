import { createHash, hash as hashOnce } from 'node:crypto';

const SUFFIX_LENGTH = ',"h":""}'.length + 64;
const SUFFIX = /^,"h":"([0-9a-f]{64})"\}$/;

/** JSON of an object with its own SHA-256 as the last field, `h`; the hash is over the JSON without that field. */
export const seal = (body: object): { readonly text: string; readonly hash: string } => {
  const json = JSON.stringify(body);
  const hash = hashOnce('sha256', json);
  return { text: `${json.slice(0, -1)},"h":"${hash}"}`, hash };
};

/**
 * The object in a sealed text, or `undefined` where a single byte of it is not as it was sealed. Works on bytes, because
 * decoding would make one character of several damaged ones.
 */
export const unseal = (sealed: Buffer): { readonly body: unknown; readonly hash: string } | undefined => {
  const cut = sealed.length - SUFFIX_LENGTH;
  if (cut < 1) return undefined;
  const hash = SUFFIX.exec(sealed.subarray(cut).toString('latin1'))?.[1];
  const actual = createHash('sha256').update(sealed.subarray(0, cut)).update('}').digest('hex');
  if (hash === undefined || hash !== actual) return undefined;
  return { body: JSON.parse(sealed.toString('utf8')), hash };
};
