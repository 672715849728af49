import type { Config } from '../../config.js';
import { someCanDoWithoutSlack } from '../../people-config.js';
import { type Check, know, well } from './check.js';

/** The command line is the way out wherever Slack does not answer; it needs people who may come in there. */
export const WITHOUT_SLACK = {
  what: 'Nobody with the role operator or approver has a login.',
  why: 'While Slack is away, or does not say who somebody is, nobody can resume, roll back or cancel a run: the command line knows people by their login.',
  wayOut: 'Give at least one operator a `login` under people in the hosts file, and start Stackswap again.',
};

export const wayIn = ({ people }: Pick<Config, 'people'>): Check =>
  someCanDoWithoutSlack(people)
    ? well('way-in', 'Somebody can act at the command line while Slack is away.')
    : know('way-in', WITHOUT_SLACK);
