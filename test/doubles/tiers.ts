/*
 * How often Slack lets an app call. Sources: the rate limits in each method's reference (tiers 1 to 4: 1, 20, 50 and
 * 100 a minute for each method and workspace); chat.postMessage has its own, one a second for each channel, with bursts.
 */

const A_MINUTE: Readonly<Record<string, number>> = {
  'chat.update': 50,
  'chat.delete': 50,
  'conversations.info': 50,
  'conversations.history': 50,
  'conversations.replies': 50,
  'apps.connections.open': 50,
  'usergroups.list': 20,
  'usergroups.users.list': 20,
  'chat.postEphemeral': 100,
  'users.info': 100,
  'conversations.members': 100,
  'views.open': 100,
};

/** Posts that a channel takes at once before it wants a second for each. */
const BURST = 5;

/** Answers with the seconds to wait before a call is taken, 0 where it is; a call that is not taken does not count. */
export const rateTiers = (now: () => number) => {
  const taken = new Map<string, number[]>();
  const posts = new Map<string, { left: number; at: number }>();

  const post = (channel: string): number => {
    const bucket = posts.get(channel) ?? { left: BURST, at: now() };
    const left = Math.min(BURST, bucket.left + (now() - bucket.at) / 1_000);
    posts.set(channel, { left: left >= 1 ? left - 1 : left, at: now() });
    return left >= 1 ? 0 : 1;
  };

  return (method: string, channel: string): number => {
    if (method === 'chat.postMessage') return post(channel);
    const most = A_MINUTE[method];
    if (most === undefined) return 0;
    const calls = (taken.get(method) ?? []).filter((at) => at > now() - 60_000);
    taken.set(method, calls);
    const [oldest = now()] = calls;
    if (calls.length >= most) return Math.max(1, Math.ceil((oldest + 60_000 - now()) / 1_000));
    calls.push(now());
    return 0;
  };
};
