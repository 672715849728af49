import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const sourcesIn = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));

/** What is declared at the left margin, with its text up to the next declaration. */
const declarationsIn = (text: string): readonly (readonly [name: string, text: string])[] =>
  text.split(/^(?=(?:export )?(?:const|function|async function|type|class) )/m).flatMap((part) => {
    const name = /^(?:export )?(?:const|(?:async )?function) (\w+)/.exec(part)?.[1];
    return name === undefined ? [] : [[name, part] as const];
  });

/** A reply is whatever is given a summary and blocks, however it is called and typed. */
const makesReply = (text: string): boolean =>
  ['summary', 'blocks'].every((field) => new RegExp(`[{,\\s]${field}[:,]`).test(text));

const pathOf = (path: string): string => relative(ROOT, path).replaceAll('\\', '/');

/** `src/views/root.ts rootView` for each function of the program that makes a reply. */
export const placesOfReplies = (): readonly string[] =>
  ['src', 'commands'].flatMap(sourcesIn).flatMap((path) =>
    declarationsIn(readFileSync(path, 'utf8'))
      .filter(([, text]) => makesReply(text))
      .map(([name]) => `${pathOf(path)} ${name}`),
  );

/** Files of the bot that call what puts something before people in Slack, or answer a request. */
export const placesOfCalls = (): readonly string[] =>
  sourcesIn('src')
    .filter((path) =>
      /\.chat\.\w|\.views\.|\.files\.\w*upload|filesUpload|apiCall\(|response_type|\bsay\(\{|\brespond\(\{/.test(
        readFileSync(path, 'utf8'),
      ),
    )
    .map(pathOf);
