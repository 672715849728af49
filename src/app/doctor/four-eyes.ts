import { SERVICES } from '../../catalogue/index.js';
import { type Config, policyFor } from '../../config.js';
import type { Person } from '../../people-config.js';
import { type Check, know, names, verb, well } from './check.js';

const decides = ({ roles }: Person): boolean => roles.includes('operator') && roles.includes('approver');

/** Who is listed with both roles; of the others, groups together may give somebody both. */
const bothRoles = (people: readonly Person[]): readonly string[] => {
  const groups = people.filter(({ slack_group }) => slack_group !== undefined);
  const given = groups.flatMap(({ roles }) => roles);
  const listed = people.filter((one) => one.slack_group === undefined && decides(one));
  return [
    ...listed.map(({ name }) => name),
    ...(given.includes('operator') && given.includes('approver')
      ? ['whoever gets both roles by a group']
      : []),
  ];
};

/** Services that need one approval, which may be that of who asked. */
const alone = (config: Config): readonly string[] =>
  SERVICES.map(({ name }) => name).filter((name) => {
    const { approvals, requester_counts } = policyFor(config, name);
    return approvals === 1 && requester_counts;
  });

/** Whether the settings let one person ask for an upgrade and approve it. */
export const fourEyes = (config: Config): Check => {
  const people = bothRoles(config.people);
  const services = alone(config);
  if (services.length === 0) return well('four-eyes', 'Nobody can approve alone what they asked for.');
  if (people.length === 0)
    return well(
      'four-eyes',
      'Nobody is operator and approver, so nobody approves alone what they asked for.',
    );
  return know('four-eyes', {
    what: `One person alone can ask for an upgrade of ${services.length === SERVICES.length ? 'any service' : names(services)}, approve it and Finalize it: ${names(people)} ${verb(people, 'is', 'are')} operator and approver, and policy.requester_counts is true with one approval.`,
    why: 'Nobody else looks at the plan before it starts: a mistake, or one stolen account, is enough.',
    wayOut:
      'Set `requester_counts: false` under policy (and under policy.services where it stands), or `approvals: 2`; keep it only where there is nobody else to ask.',
  });
};
