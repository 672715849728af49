import { z } from 'zod';
import type { App } from '../src/app.js';
import { ROLES_FOR } from '../src/authority/authority.js';
import { personOf } from '../src/authority/people.js';
import { type Command, type Context, defineCommand, type Line, type Reply } from '../src/command.js';
import { Refusal } from '../src/errors.js';

/** Verbs of the caller, or all where the list does not name the person: then it is a group that lets them in. */
const openTo = (app: App, { actor }: Context, commands: readonly Command[]): readonly Command[] => {
  const person = personOf(app.config, actor);
  return person
    ? commands.filter((command) => ROLES_FOR[command.verb].some((role) => person.roles.includes(role)))
    : commands;
};

const written = (command: Command): string => `${command.name} ${command.usage}`.trim();

const lineOf = (command: Command): Line => [{ code: written(command) }, `: ${command.summary}`];

const detail = (command: Command): Reply => ({
  summary: `${command.name}: ${command.summary}`,
  blocks: [
    { kind: 'line', line: [{ bold: command.name }, `: ${command.summary}`] },
    {
      kind: 'list',
      lines: [
        ['Usage: ', { code: written(command) }],
        ['Example: ', { code: command.example }],
        [`Needs the role ${ROLES_FOR[command.verb].join(' or ')}.`],
      ],
    },
  ],
});

const overview = (commands: readonly Command[], hidden: number): Reply => ({
  summary: `${commands.length} verbs; "help <verb>" tells more.`,
  blocks: [
    { kind: 'list', lines: commands.map(lineOf) },
    {
      kind: 'small',
      line: [
        { code: 'help <verb>' },
        ' shows an example.',
        ...(hidden > 0 ? [` ${hidden} more are for other roles.`] : []),
      ],
    },
  ],
});

const args = z.strictObject({ verb: z.string().optional() });

/** Made from the list of commands, which help itself is part of. */
export const helpFor = (commands: () => readonly Command[]): Command =>
  defineCommand({
    name: 'help',
    summary: 'Shows what can be said here.',
    usage: '[verb]',
    example: 'help upgrade',
    verb: 'look',
    positionals: ['verb'],
    options: [],
    args,
    run: async (app, { verb }, context) => {
      const all = commands();
      if (verb !== undefined) {
        const found = all.find((command) => command.name === verb.toLowerCase());
        if (found) return detail(found);
        throw new Refusal(
          'unknown-verb',
          `There is no "${verb}".`,
          `There are: ${all.map((command) => command.name).join(', ')}.`,
        );
      }
      const open = openTo(app, context, all);
      return overview(open, all.length - open.length);
    },
  });
