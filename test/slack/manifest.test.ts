import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { COMMANDS } from '../../commands/index.js';
import { SLASH_COMMAND } from '../../src/slack/reception.js';

const file = readFileSync(new URL('../../slack-manifest.yaml', import.meta.url), 'utf8');

/** Limits of Slack's app manifest, from its reference and from web-api's manifest types. */
const manifest = z.strictObject({
  _metadata: z.strictObject({ major_version: z.literal(2) }),
  display_information: z.strictObject({
    name: z.string().max(35),
    description: z.string().max(140),
    background_color: z.string().regex(/^#[0-9a-f]{6}$/),
  }),
  features: z.strictObject({
    bot_user: z.strictObject({
      display_name: z.string().regex(/^[a-z0-9._-]{1,80}$/),
      always_online: z.boolean(),
    }),
    slash_commands: z
      .array(
        z.strictObject({
          command: z.string().startsWith('/').max(32),
          description: z.string().max(2_000),
          usage_hint: z.string().max(1_000),
          should_escape: z.literal(true),
        }),
      )
      .length(1),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(z.string()) }) }),
  settings: z.strictObject({
    event_subscriptions: z.strictObject({ bot_events: z.array(z.string()) }),
    interactivity: z.strictObject({ is_enabled: z.literal(true) }),
    socket_mode_enabled: z.literal(true),
    org_deploy_enabled: z.boolean(),
    token_rotation_enabled: z.literal(false),
  }),
});

describe('the manifest of the Slack app', () => {
  const parsed = manifest.parse(parse(file));

  test('has the one command that the bot listens to, and its hint names every verb in the order of help', () => {
    const [command] = parsed.features.slash_commands;
    expect(command?.command).toBe(SLASH_COMMAND);
    expect(command?.usage_hint.split(' | ')).toEqual(COMMANDS.map(({ name }) => name));
  });

  test('asks for no right that the bot does not use', () => {
    expect(parsed.oauth_config.scopes.bot).toEqual([
      'commands',
      'chat:write',
      'app_mentions:read',
      'channels:read',
      'groups:read',
      'users:read',
      'channels:history',
      'groups:history',
    ]);
  });

  test('subscribes to mentions alone', () => {
    expect(parsed.settings.event_subscriptions.bot_events).toEqual(['app_mention']);
  });

  test('tells where the address goes for signed HTTP: the command, the events, the buttons', () => {
    expect(file.match(/# HTTP: (?:request_)?url: https:\/\/bot\.example\.org\/slack\/events/g)).toHaveLength(
      3,
    );
  });
});
