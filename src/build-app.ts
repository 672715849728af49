import { randomBytes } from 'node:crypto';
import { type Image, ranBefore } from './app/allowed-engine.js';
import { anchoring } from './app/anchoring.js';
import { background } from './app/background.js';
import { decisionsOf } from './app/deciding.js';
import { doctor } from './app/doctor/doctor.js';
import { exclusiveSection } from './app/exclusive.js';
import { admission, type Guarded, guard } from './app/guard.js';
import { holdsOf } from './app/holding.js';
import { keptLogs } from './app/kept-logs.js';
import { keptSpecs, sweepSpecs } from './app/kept-specs.js';
import { requireKnownNames } from './app/known-names.js';
import { lookAt, planNow } from './app/looking.js';
import { findRun, newestFirst } from './app/open-runs.js';
import { reachedHosts } from './app/reached-hosts.js';
import { learningFolders, renderSettings, renderWith } from './app/rendered.js';
import { tendTimes } from './app/tending.js';
import type { App } from './app.js';
import { type Directory, LISTED_ONLY } from './authority/directory.js';
import { recogniser } from './authority/known.js';
import { serviceNamed } from './catalogue/index.js';
import type { Config } from './config.js';
import type { Engine } from './engine/port.js';
import type { Units } from './engine/units.js';
import { messageOf } from './errors.js';
import { FOLDERS, type Folders } from './kolla/folder.js';
import type { Log } from './log.js';
import { openCloud } from './openstack/open.js';
import { type Clock, realClock } from './probes/clock.js';
import type { Redactor } from './redact.js';
import type { Journal } from './run/journal.js';
import { recoverRuns } from './run/recover.js';
import type { Workshop } from './run/runner.js';
import type { AskService, Patience } from './steps/context.js';
import { type Blobs, blobsIn, memoryBlobs } from './store/blobs.js';
import { openStore } from './store/store.js';

export type AppOptions = {
  readonly config: Config;
  readonly log: Log;
  readonly redactor: Redactor;
  /** Folder of the journal; not needed where `journal` is given. */
  readonly stateFolder?: string;
  readonly journal?: Journal;
  /** Where configurations are kept whole, in place of the state folder's. */
  readonly blobs?: Blobs;
  /** Engines by host name that are not reached by the hosts file's address (simulated ones). */
  readonly engines?: ReadonlyMap<string, Engine>;
  /** systemd units by host name, where they are not reached over the hosts file's SSH (simulated ones). */
  readonly units?: ReadonlyMap<string, Units>;
  /** Asks the services in place of the hosts file's clouds_yaml. */
  readonly askService?: AskService;
  /** Where Slack accounts are looked up; absent: the people list is believed. */
  readonly directory?: Directory;
  readonly clock?: Clock;
  readonly patience?: Patience;
  /** Rendered folders, where they do not lie in the machine's file system. */
  readonly folders?: Folders;
  /** Gives ids to runs, in place of the operating system's randomness. */
  readonly newId?: () => string;
  /** Repeats something every so many milliseconds until its answer is called, in place of a timer of Node. */
  readonly every?: (ms: number, act: () => void) => () => void;
};

/** About 40 s of patience with an engine that does not answer: a restart of dockerd fits in. */
const PATIENCE: Patience = { tries: 10, pauseMs: 200, maxPauseMs: 8_000 };
const TAIL = { lines: 40, chars: 2_400 };
const EXPIRY_CHECK_MS = 15_000;
/** Supervisors kill after 10 s or more; what is in the middle of a call is given most of that. */
const CLOSE_MS = 7_000;

/** Short enough to type, and unlike any word of a command. */
const randomId = (): string => `r${randomBytes(4).toString('hex')}`;

const everyInterval = (ms: number, act: () => void): (() => void) => {
  const timer = setInterval(act, ms);
  timer.unref();
  return () => clearInterval(timer);
};

const openJournal = async (options: AppOptions): Promise<Journal> => {
  if (options.journal) return options.journal;
  if (options.stateFolder === undefined) throw new Error('either a journal or a state folder is needed');
  const { stateFolder: folder, log, redactor: redact, clock = realClock } = options;
  return openStore({ folder, log, redact, clock: clock.now });
};

const looksOf = (workshop: Workshop): Guarded<'status' | 'doctor' | 'plan' | 'history'> => ({
  status: (_known, service) => lookAt(workshop, service),
  doctor: (_known, host) => doctor(workshop, host),
  plan: (_known, request) => planNow(workshop, request),
  history: async (_known, service) =>
    newestFirst(workshop.journal.state()).filter(
      (one) => service === undefined || one.plan.service === serviceNamed(service).name,
    ),
});

/** Puts the parts together: everything that Stackswap can do, for any door. */
export const buildApp = async (options: AppOptions): Promise<App> => {
  const { config, log, redactor, directory = LISTED_ONLY } = options;
  const { clock = realClock, patience = PATIENCE } = options;
  requireKnownNames(config);
  const { engines, units, newId = randomId, every = everyInterval, folders = FOLDERS } = options;
  const { registries } = config.images;
  const isBack = (image: Image) => ranBefore(journal.state(), image);
  const lost = () => journal.lost();
  const hosts = reachedHosts({ hosts: config.hosts, redactor, registries, isBack, lost, engines, units });
  const journal = await openJournal(options);
  const tail = (text: string) => redactor.tail(text, TAIL);
  const blobs =
    options.blobs ?? (options.stateFolder === undefined ? memoryBlobs() : blobsIn(options.stateFolder));
  const keepLog = keptLogs(options.stateFolder, { redact: redactor.redact, log });
  let stopping = false;
  const workshop: Workshop = {
    journal,
    config,
    engineOf: hosts.engineOf,
    unitsOf: hosts.unitsOf,
    rendered: learningFolders(redactor, folders.read),
    saidRelease: folders.said,
    render: renderWith(renderSettings(config), { tail, keep: keepLog }),
    oneRendering: exclusiveSection(),
    askService: options.askService ?? openCloud(config, { log, redactor }),
    clock,
    bornAt: clock.now(),
    patience,
    tail,
    keepLog,
    specs: keptSpecs(blobs),
    stopping: () => stopping,
  };
  const exclusive = exclusiveSection();
  const recognise = recogniser(config, directory);
  const behind = background({ workshop, recognise, directory, exclusive }, log);
  const admit = admission(config, recognise);
  const anchors = anchoring(journal, log);
  const noExpiry = every(EXPIRY_CHECK_MS, () => {
    exclusive(async () => {
      await tendTimes(journal, clock.now());
      await behind.tendStranded();
      behind.tendDrained();
    }).catch((error: unknown) => log.error({ err: messageOf(error) }, 'expiry was not journaled'));
  });

  const run = (id: string) => findRun(journal.state(), id, undefined);
  return {
    config,
    admit: async (actor, verb) => (await admit(actor, verb)).actor,
    ...guard(
      {
        ...looksOf(workshop),
        ...decisionsOf({ workshop, background: behind, exclusive, recognise, newId }),
        ...holdsOf(workshop),
      },
      admit,
    ),
    run,
    findRun: (word, threadRun) => findRun(journal.state(), word, threadRun),
    eventsOf: (id) => journal.eventsOf(id),
    subscribe: (listener) => journal.subscribe(listener),
    settled: async (id) => {
      await behind.settled(id);
      return run(id);
    },
    posted: (id, slot, place) => journal.append(id, { kind: 'posted', slot, ...place }),
    recover: async () => {
      const waiting = await recoverRuns(journal, clock.now());
      for (const { id } of waiting) behind.tidy(id);
      anchors.catchUp();
      await sweepSpecs(blobs, { journal, now: clock.now(), log });
      return waiting.map(({ id }) => run(id));
    },
    close: async () => {
      noExpiry();
      stopping = true;
      await behind.atMost(CLOSE_MS);
      await hosts.close();
      await anchors.stop();
      await journal.close();
    },
  };
};
