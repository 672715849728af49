export const FOLDER = '/var/lib/stackswap/state';

/** What was done to the journals of a case; for the table. */
export type Tally = {
  lives: number;
  events: number;
  kills: number;
  cuts: number;
  full: number;
  badSyncs: number;
  takeovers: number;
  flips: number;
  truncations: number;
  edits: number;
};

export const emptyTally = (): Tally => ({
  lives: 0,
  events: 0,
  kills: 0,
  cuts: 0,
  full: 0,
  badSyncs: 0,
  takeovers: 0,
  flips: 0,
  truncations: 0,
  edits: 0,
});
