import { z } from 'zod';
import { messageOf } from '../errors.js';
import { globTakes } from './glob.js';
import { type ConfigTree, fileAt, UnfitTree } from './tree.js';

/** Where Kolla's images look for their configuration (kolla docker/base/set_configs.py). */
export const CONFIG_FILES = '/var/lib/kolla/config_files';

const configJson = z.looseObject({
  command: z.string().min(1),
  config_files: z.array(z.looseObject({ source: z.string(), optional: z.boolean().optional() })).default([]),
});

/** One `config_files` entry whose source lies in the configuration folder; `path` is relative to it. */
export type Source = { readonly path: string; readonly optional: boolean };

const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's own message may quote the text.
    throw new UnfitTree(`its config.json is no valid JSON (${messageOf(error).split(/[,:"'`]/)[0] ?? ''})`);
  }
};

/** What a folder's config.json takes from the folder. Throws `UnfitTree` where there is no usable config.json. */
export const sourcesOf = (tree: ConfigTree): readonly Source[] => {
  const file = fileAt(tree, 'config.json');
  if (!file) throw new UnfitTree('it has no config.json');
  const parsed = configJson.safeParse(parsedJson(file.content.toString('utf8')));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UnfitTree(`its config.json has no usable "${issue?.path.join('.') ?? 'command'}"`);
  }
  return parsed.data.config_files
    .filter(({ source }) => source.startsWith(`${CONFIG_FILES}/`))
    .map(({ source, optional = false }) => ({
      path: source.slice(CONFIG_FILES.length + 1).replace(/(?<!\/)\/+$/, ''),
      optional,
    }));
};

/** As set_configs.py takes it: a glob over names, and a folder with all that is in it. */
const takes = ({ path }: Source, file: string): boolean => globTakes(path, file);

/** Whether any of the sources takes that file. */
export const isTaken = (sources: readonly Source[], file: string): boolean =>
  sources.some((source) => takes(source, file));

/** Required sources for which none of the files is there: Kolla's start script ends with an error then. */
export const missingSources = (sources: readonly Source[], files: readonly string[]): readonly string[] =>
  sources
    .filter((source) => !source.optional && !files.some((file) => takes(source, file)))
    .map(({ path }) => path);
