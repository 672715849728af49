import { parseArgsStringToArgv } from 'string-argv';
import type { z } from 'zod';
import type { Command } from './command.js';
import { Refusal } from './errors.js';

export type Parsed = { readonly command: Command; readonly args: unknown };

/** Nobody types more; what is longer was pasted by mistake. */
const LONGEST = 1_000;

/** Stands for the apostrophe inside a word, which is no quote, while the words are taken apart. */
const APOSTROPHE = '\u02bc';

/** `<#C1|ops>`, `<@U1|erin>` and `<http://a.example|a.example>` arrive from Slack for what a person saw as a plain word. */
const plainLinks = (text: string): string =>
  text
    .replace(/<[#@!]?([^<>|]*)\|([^<>]*)>/g, (_all, id: string, label: string) => label || id)
    .replace(/<[#@!]?([^<>|]+)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** Slack and phones turn quotes into curly ones, spaces into non-breaking ones and `--` into a dash. */
const plainTyping = (text: string): string =>
  text
    .replace(/[“”„‟«»]/g, '"')
    .replace(/(?<=\p{L})['’](?=\p{L})/gu, APOSTROPHE)
    .replace(/[‘’‚‛]/g, "'")
    .replace(/\s/g, ' ')
    .replace(/(?<= |^)[—–](?=\p{L})/gu, '--');

/** `--to="x y"` comes back from the tokeniser with its quotes on. */
const unquoted = (word: string): string => word.replace(/^((?:--)?\w+=)(["'])(.*)\2$/s, '$1$3');

const wordsOf = (text: string): readonly string[] =>
  parseArgsStringToArgv(plainTyping(plainLinks(text)).trim()).map((word) =>
    unquoted(word).replaceAll(APOSTROPHE, "'"),
  );

/** Levenshtein's distance: how many letters to insert, drop or change. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_cell, at) => at);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= b.length; at += 1)
      next.push(
        Math.min(
          (next[at - 1] ?? 0) + 1,
          (row[at] ?? 0) + 1,
          (row[at - 1] ?? 0) + (letter === b[at - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
};

/** The word that was probably meant, or `undefined` where none is near. */
const nearest = (typed: string, known: readonly string[]): string | undefined => {
  const word = typed.slice(0, 40);
  const ranked = known
    .map((name) => ({ name, away: name.startsWith(word) && word !== '' ? 0 : distance(word, name) }))
    .sort((a, b) => a.away - b.away);
  const [best] = ranked;
  return best && best.away <= Math.max(1, Math.floor(Math.max(best.name.length, word.length) / 2))
    ? best.name
    : undefined;
};

const usageOf = (command: Command): string =>
  `Usage: ${command.name}${command.usage === '' ? '' : ` ${command.usage}`}. Example: ${command.example}`;

const bad = (command: Command, what: string): Refusal => new Refusal('bad-arguments', what, usageOf(command));

const findCommand = (verb: string, commands: readonly Command[]): Command => {
  const found = commands.find((command) => command.name === verb.toLowerCase());
  if (found) return found;
  const names = commands.map((command) => command.name);
  const close = nearest(verb.toLowerCase(), names);
  throw new Refusal(
    'unknown-verb',
    `There is no "${verb.slice(0, 40)}".`,
    close === undefined
      ? `There are: ${names.join(', ')}.`
      : `Did you mean "${close}"? "help" lists all verbs.`,
  );
};

type Option = { readonly name: string; readonly value: string | undefined };

/** `to x`, `--to x` and `--to=x`; a word that is none of these is a positional. */
const optionOf = (word: string, command: Command): Option | undefined => {
  const [, dashes = '', name = '', value] = /^(--)?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (dashes === '' && value !== undefined) return undefined;
  const known = command.options.find((option) => option === name.toLowerCase());
  if (known !== undefined) return { name: known, value };
  if (dashes === '') return undefined;
  const close = nearest(name, command.options);
  throw bad(
    command,
    `${command.name} knows no "--${name.slice(0, 40)}"${close === undefined ? '' : `; did you mean "${close}"`}.`,
  );
};

/** Takes the words from the front until none is left; an option takes two. */
const collect = (words: readonly string[], command: Command): Map<string, string> => {
  const values = new Map<string, string>();
  const names = [...command.positionals];
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const option = optionOf(word, command);
    const name = option ? option.name : names.shift();
    const value = option ? (option.value ?? left.shift()) : word;
    if (name === undefined)
      throw bad(
        command,
        `"${word.slice(0, 40)}" is one word too many; several words that belong together go in quotes.`,
      );
    if (value === undefined || value === '') throw bad(command, `"${name}" needs a value.`);
    if (values.has(name)) throw bad(command, `"${name}" is given twice.`);
    values.set(name, value);
  }
  return values;
};

const issueWords = (issue: z.core.$ZodIssue, values: ReadonlyMap<string, string>): string => {
  const name = issue.path.join('.');
  return name !== '' && !values.has(name) ? `"${name}" is missing` : `"${name}": ${issue.message}`;
};

/** Words that a shell has already taken apart; no words at all ask for help. */
export const parseWords = (words: readonly string[], commands: readonly Command[]): Parsed => {
  const [verb = 'help', ...rest] = words;
  const command = findCommand(verb, commands);
  const values = collect(rest, command);
  const args = command.args.safeParse(Object.fromEntries(values));
  if (args.success) return { command, args: args.data };
  throw bad(
    command,
    `${command.name}: ${args.error.issues.map((issue) => issueWords(issue, values)).join('; ')}.`,
  );
};

/**
 * What a person typed behind the bot's name, as a command with its checked arguments. Throws only `Refusal`:
 * `unknown-verb` with the nearest verb, `bad-arguments` with usage and an example.
 */
export const parseCommand = (text: string, commands: readonly Command[]): Parsed => {
  if (text.length > LONGEST)
    throw new Refusal(
      'bad-arguments',
      `That is ${text.length} characters; at most ${LONGEST} are read.`,
      'Say it in fewer words.',
    );
  return parseWords(wordsOf(text), commands);
};
