import { z } from 'zod';
import type { App } from '../src/app.js';
import { type Command, type Context, defineCommand, type Line, type Reply } from '../src/command.js';
import { Refusal } from '../src/errors.js';

type Role = Command['role'];

/** What a role may also do: whoever operates may look, and each role is named on its own in the settings. */
const roleWords: Record<Role, string> = {
  viewer: 'everybody in the people list',
  operator: 'operators and approvers',
  approver: 'approvers',
};

/** Roles of the caller, or `undefined` where the people list does not know them. */
const rolesOf = (app: App, { actor }: Context): readonly Role[] | undefined =>
  app.config.people.find((person) => [person.slack, person.login, person.name].includes(actor.id))?.roles;

const may = (roles: readonly Role[], role: Role): boolean =>
  role === 'viewer' || roles.includes(role) || (role === 'operator' && roles.includes('approver'));

const written = (command: Command): string => `${command.name} ${command.usage}`.trim();

const lineOf = (command: Command): Line => [{ code: written(command) }, ` ${command.summary}`];

const detail = (command: Command): Reply => ({
  summary: `${written(command)}: ${command.summary}`,
  blocks: [
    { kind: 'line', line: [{ bold: command.name }, `: ${command.summary}`] },
    {
      kind: 'list',
      lines: [
        ['Usage: ', { code: written(command) }],
        ['Example: ', { code: command.example }],
        [`For ${roleWords[command.role]}.`],
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
    role: 'viewer',
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
      const roles = rolesOf(app, context);
      const open = roles ? all.filter((command) => may(roles, command.role)) : all;
      return overview(open, all.length - open.length);
    },
  });
