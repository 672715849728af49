import type { EngineInfo } from '../../engine/port.js';

export type Hole = {
  readonly id: string;
  readonly part: 'Engine' | 'runc';
  /** The end of a sentence that begins with "it lets". */
  readonly lets: string;
  /** First version without it, of each line that was mended; a line above the last one never had it. */
  readonly mendedIn: readonly string[];
  /** Builds of distributions that carry the fix below an older version's name. */
  readonly mendedBuild?: RegExp;
  /** Whether the hole is one on this engine at all. */
  readonly concerns?: (info: EngineInfo) => boolean;
  /** `mend` only where it defeats something that this engine's operator has put up on purpose. */
  readonly weight: 'know' | 'mend';
};

const asksPlugins = ({ authorizationPlugins = [] }: EngineInfo): boolean => authorizationPlugins.length > 0;

/**
 * Only holes that touch what Stackswap does: it speaks the engine's API, sends archives, starts containers. Sources:
 * CVE-2024-41110: github.com/moby/moby/security/advisories/GHSA-v23v-6jw2-98fq, versions of osv.dev GO-2024-3005.
 * CVE-2026-34040: github.com/moby/moby/security/advisories/GHSA-x744-4wpc-v9h2.
 * CVE-2026-41567: github.com/moby/moby/security/advisories/GHSA-x86f-5xw2-fm2r.
 * CVE-2024-21626: github.com/opencontainers/runc/releases/tag/v1.1.12 (in Docker Engine 24.0.9 and 25.0.2); Debian 12
 * mended it in runc 1.1.5+ds1-1+deb12u1 (its changelog).
 * CVE-2025-31133, -52565, -52881: github.com/opencontainers/runc/releases/tag/v1.2.8 (in Docker Engine 28.5.2).
 */
export const HOLES: readonly Hole[] = [
  {
    id: 'CVE-2024-41110',
    part: 'Engine',
    lets: 'a caller of its API get past the authorization plugin that this engine asks',
    mendedIn: [
      '19.03.16',
      '20.10.28',
      '23.0.15',
      '24.0.10',
      '25.0.6',
      '26.0.3',
      '26.1.5',
      '27.0.4',
      '27.1.1',
    ],
    concerns: asksPlugins,
    weight: 'mend',
  },
  {
    id: 'CVE-2026-34040',
    part: 'Engine',
    lets: 'a caller of its API get past the authorization plugin that this engine asks',
    mendedIn: ['29.3.1'],
    concerns: asksPlugins,
    weight: 'mend',
  },
  {
    id: 'CVE-2026-41567',
    part: 'Engine',
    lets: 'an image run its program as root of the host when a compressed archive is sent into it (Stackswap’s are not compressed)',
    mendedIn: ['29.5.1'],
    weight: 'know',
  },
  {
    id: 'CVE-2024-21626',
    part: 'runc',
    lets: 'a hostile image out of its container',
    mendedIn: ['1.1.12'],
    mendedBuild: /^1\.1\.5\+ds1-1\+deb12u/,
    weight: 'know',
  },
  {
    id: 'CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881',
    part: 'runc',
    lets: 'a hostile image out of its container',
    mendedIn: ['1.2.8', '1.3.3', '1.4.0'],
    weight: 'know',
  },
];

const numbers = (version: string): readonly number[] =>
  (/^v?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? '').split('.').map(Number);

/** Negative where `a` is older; a missing number counts as 0. */
export const compareVersions = (a: string, b: string): number => {
  const [left, right] = [numbers(a), numbers(b)];
  const at = [0, 1, 2].find((index) => (left[index] ?? 0) !== (right[index] ?? 0));
  return at === undefined ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
};

const sameLine = (a: string, b: string): boolean => {
  const [left, right] = [numbers(a), numbers(b)];
  return left[0] === right[0] && left[1] === right[1];
};

/** The version with the fix for who runs `version`: of its own line, else the last one. */
export const fixFor = (version: string, { mendedIn }: Pick<Hole, 'mendedIn'>): string =>
  mendedIn.find((mended) => sameLine(mended, version)) ?? mendedIn.at(-1) ?? '';

/** Distributions mark their builds in the version or in the build (`+dfsg1`, `~ds1`, `-0ubuntu2`, `.el9`). */
export const isDistribution = (version: string, build: string): boolean =>
  /[+~]|ubuntu|deb\d|\.(el|fc)\d/.test(`${version} ${build}`);

/** The holes that a part of an engine has by its version's name. */
export const holesOf = (
  info: EngineInfo,
  part: { readonly name: string; readonly version: string; readonly build: string },
): readonly Hole[] =>
  HOLES.filter(
    (hole) =>
      hole.part === part.name &&
      (hole.concerns?.(info) ?? true) &&
      compareVersions(part.version, fixFor(part.version, hole)) < 0 &&
      !hole.mendedBuild?.test(part.build),
  );
