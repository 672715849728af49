import type { Secret } from '../secret.js';

/** `{ id }` or `{ name }`, with the domain where there is one: as keystone's v3 API takes it. */
export type Named = {
  readonly id?: string;
  readonly name?: string;
  readonly domain?: { readonly id?: string; readonly name?: string };
};

export type Credentials =
  | { readonly kind: 'password'; readonly user: Named; readonly password: Secret; readonly project: Named }
  | {
      readonly kind: 'application-credential';
      readonly credential: Named & { readonly user?: Named };
      readonly secret: Secret;
    };

/** Everything that is needed to speak to one cloud as a client. */
export type Access = {
  readonly cloud: string;
  /** Keystone's base, without `/v3`. */
  readonly authBase: string;
  readonly credentials: Credentials;
  readonly region: string | undefined;
  readonly interface: 'public' | 'internal' | 'admin';
  readonly tls: { readonly ca: string | undefined; readonly verify: boolean };
  /** What the operator should know about the file, in sentences. */
  readonly warnings: readonly string[];
};

/** An API's address without its version and what follows: `https://cloud/volume/v3/abc` is `https://cloud/volume`. */
export const baseOf = (url: string): string =>
  url.replace(/\/v\d+(\.\d+)?(\/.*)?$/, '').replace(/(?<!\/)\/+$/, '');
