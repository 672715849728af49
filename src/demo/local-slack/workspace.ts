import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const button = z.looseObject({
  type: z.string(),
  action_id: z.string().optional(),
  value: z.string().optional(),
  text: z.looseObject({ text: z.string() }).optional(),
});

const block = z.looseObject({
  type: z.string(),
  block_id: z.string().optional(),
  elements: z.array(z.unknown()).optional(),
  accessory: z.unknown().optional(),
});

const message = z.looseObject({
  ts: z.string(),
  channel: z.string(),
  user: z.string().optional(),
  text: z.string().default(''),
  thread_ts: z.string().optional(),
  subtype: z.string().optional(),
  ephemeral_to: z.string().optional(),
  blocks: z.array(block).optional(),
});

export type Message = z.infer<typeof message>;
export type Button = {
  readonly label: string;
  readonly actionId: string;
  readonly value: string;
  readonly blockId: string;
};

/** The buttons of a message, in order. */
export const buttonsOf = (from: Message): Button[] =>
  (from.blocks ?? []).flatMap((part, index) =>
    [...(part.elements ?? []), ...(part.accessory === undefined ? [] : [part.accessory])].flatMap(
      (element) => {
        const parsed = button.safeParse(element);
        if (!parsed.success || parsed.data.type !== 'button') return [];
        const { action_id = '', value = '', text } = parsed.data;
        return [
          { label: text?.text ?? '', actionId: action_id, value, blockId: part.block_id ?? `b${index}` },
        ];
      },
    ),
  );

/** Everything a person could read in a message, in one string. */
export const textOf = (from: Message): string => {
  const strings = (value: unknown): string[] => {
    if (Array.isArray(value)) return value.flatMap(strings);
    if (value === null || typeof value !== 'object') return [];
    return Object.entries(value).flatMap(([key, inner]) =>
      typeof inner === 'string' ? (key === 'text' ? [inner] : []) : strings(inner),
    );
  };
  return [from.text, ...strings(from.blocks)].join('\n');
};

/** People and their bot in one channel, driven over local-slack's control interface instead of its web page. */
export type Workspace = {
  /** Types `/openstack <text>` as that person; resolves when the bot has acknowledged it. */
  command(user: string, text: string): Promise<void>;
  /** Clicks a button by its label or action id; throws when the message has none such. */
  click(user: string, on: Message, labelOrAction: string): Promise<void>;
  /** Mentions the bot, in the thread of `ts` where one is given. */
  mention(user: string, text: string, ts?: string): Promise<void>;
  /** All messages of the channel, replies and ephemeral ones too, oldest first. */
  messages(): Promise<Message[]>;
  /** Replies in the thread of `ts`, without the ephemeral ones. */
  thread(ts: string): Promise<Message[]>;
  /** What only that person sees. */
  ephemerals(user: string): Promise<Message[]>;
  /** Looks every 50 ms until `find` finds something; throws with `what` after `timeoutMs` (10 s unless told). */
  until<T>(what: string, find: (messages: Message[]) => T | undefined, timeoutMs?: number): Promise<T>;
};

export type WorkspaceAddress = { readonly url: string; readonly channel: string; readonly botUserId: string };

const isEphemeral = (one: Message): boolean => one.subtype === 'ephemeral';

export const openWorkspace = ({ url, channel, botUserId }: WorkspaceAddress): Workspace => {
  const post = async (path: string, body: object): Promise<void> => {
    const answer = await fetch(`${url}/_control/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ channel, ...body }),
      signal: AbortSignal.timeout(30_000),
    });
    if (!answer.ok) throw new Error(`local-slack refused ${path}: ${await answer.text()}`);
  };

  const messages = async (): Promise<Message[]> => {
    const answer = await fetch(`${url}/_control/messages/${channel}`, {
      signal: AbortSignal.timeout(10_000),
    });
    return z.object({ messages: z.array(message) }).parse(await answer.json()).messages;
  };

  return {
    command: (user, text) => post('command', { user, command: '/openstack', text }),
    click: async (user, on, labelOrAction) => {
      const found = buttonsOf(on).find(
        ({ label, actionId }) => label === labelOrAction || actionId === labelOrAction,
      );
      if (!found) throw new Error(`the message "${on.text}" has no button ${labelOrAction}`);
      const action = {
        type: 'button',
        action_id: found.actionId,
        block_id: found.blockId,
        value: found.value,
        text: { type: 'plain_text', text: found.label },
      };
      await post('interact', { user, messageTs: on.ts, action });
    },
    mention: (user, text, ts) =>
      post('message', {
        user,
        text: `<@${botUserId}> ${text}`,
        ...(ts === undefined ? {} : { thread_ts: ts }),
      }),
    messages,
    thread: async (ts) => (await messages()).filter((one) => one.thread_ts === ts && !isEphemeral(one)),
    ephemerals: async (user) =>
      (await messages()).filter((one) => isEphemeral(one) && one.ephemeral_to === user),
    until: async (what, find, timeoutMs = 10_000) => {
      const end = Date.now() + timeoutMs;
      for (;;) {
        const found = find(await messages());
        if (found !== undefined) return found;
        if (Date.now() > end) throw new Error(`waited ${timeoutMs / 1_000} s in vain for ${what}`);
        await sleep(50);
      }
    },
  };
};
