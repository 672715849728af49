/** What one life of the bot, in a process of its own, is told to do. */
export type Life = {
  readonly config: string;
  readonly state: string;
  readonly does:
    | { readonly verb: 'upgrade'; readonly to: string }
    | { readonly verb: 'rollback' | 'finalize'; readonly run: string };
};
