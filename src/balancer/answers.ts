/** One server of a backend as HAProxy itself has it. */
export type ServerSeen = {
  readonly backend: string;
  readonly server: string;
  /** `address:port`, without brackets around an IPv6 address; `null` where HAProxy does not tell. */
  readonly address: string | null;
  /** HAProxy's word: UP, DOWN, DRAIN, MAINT, `UP 3/5` on the way down, `no check`. */
  readonly status: string;
  /** It gets new requests: its checks are well and nobody took it out. */
  readonly serving: boolean;
  /** Drained by somebody. `status` says DOWN and not DRAIN where the checks fail as well. */
  readonly drained: boolean;
  readonly maintenance: boolean;
  /** Requests it is answering, and those that wait for it. */
  readonly sessions: number;
};

export type BalancerSeen = {
  /** admin, operator or user: what the socket lets us do. */
  readonly level: string;
  readonly servers: readonly ServerSeen[];
};

/** Bits of srv_admin_state (HAProxy management guide, "show servers state"; include/haproxy/server-t.h). */
const DRAIN_BITS = 0x08 | 0x10;
const MAINTENANCE_BITS = 0x01 | 0x02 | 0x04 | 0x20 | 0x40;

type Row = Readonly<Record<string, string>>;

const rowsOf = (lines: readonly string[], separator: string): readonly Row[] => {
  const [header = '', ...rows] = lines;
  const names = header.split(separator);
  return rows.map((line) => {
    const cells = line.split(separator);
    return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']));
  });
};

/** `[fd00::1]` and `fd00::1` are one address. */
export const plainAddress = (address: string): string => address.replace(/[[\]]/g, '').toLowerCase();

const addressOf = (row: Row): string | null =>
  row.srv_addr && row.srv_port && row.srv_port !== '0' && row.srv_addr !== '-'
    ? `${plainAddress(row.srv_addr)}:${row.srv_port}`
    : null;

const serverOf = (stat: Row, states: ReadonlyMap<string, Row>): ServerSeen => {
  const { pxname: backend = '', svname: server = '', status = '' } = stat;
  const state = states.get(`${backend}/${server}`) ?? {};
  const admin = Number(state.srv_admin_state ?? 0);
  const drained = (admin & DRAIN_BITS) !== 0 || status.startsWith('DRAIN');
  const maintenance = (admin & MAINTENANCE_BITS) !== 0 || status.startsWith('MAINT');
  return {
    backend,
    server,
    address: addressOf(state),
    status,
    serving: /^(UP|no check)/.test(status) && !drained && !maintenance,
    drained,
    maintenance,
    sessions: Number(stat.scur || 0) + Number(stat.qcur || 0),
  };
};

const STAT = '# pxname,svname,qcur,qmax,scur,status';
const STATE = 'be_name srv_name srv_addr srv_op_state srv_admin_state srv_port';

/** Not cut: the half of a secret that a cut leaves behind is known to no redactor. */
const briefly = (line: string): string => (line.length <= 120 ? line : `a line of ${line.length} characters`);

/**
 * Reads what the script of socket.ts printed: the level, `show stat` of the servers, `show servers state`. Throws where
 * it is anything else, the end of a longer answer for instance.
 */
export const readAnswers = (text: string): BalancerSeen => {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const level = /^level (\w+)$/.exec(lines[0] ?? '')?.[1];
  const [stat, state] = [lines.indexOf(STAT), lines.indexOf(STATE)];
  if (level === undefined || stat < 0 || state < stat)
    throw new Error(`not HAProxy's answer: ${briefly(lines[0] ?? 'nothing')}`);
  const states = new Map(
    rowsOf(lines.slice(state), ' ').map((row) => [`${row.be_name}/${row.srv_name}`, row] as const),
  );
  const stats = rowsOf([STAT.slice(2), ...lines.slice(stat + 1, state)], ',');
  return { level, servers: stats.map((row) => serverOf(row, states)) };
};
