import type { Command } from '../src/command.js';
import { approve } from './approve.js';
import { cancel } from './cancel.js';
import { doctor } from './doctor.js';
import { finalize } from './finalize.js';
import { helpFor } from './help.js';
import { history } from './history.js';
import { hold } from './hold.js';
import { plan } from './plan.js';
import { reject } from './reject.js';
import { resume } from './resume.js';
import { review } from './review.js';
import { rollback } from './rollback.js';
import { services } from './services.js';
import { status } from './status.js';
import { unhold } from './unhold.js';
import { upgrade } from './upgrade.js';
import { withdraw } from './withdraw.js';

/** In the order of help. */
export const COMMANDS: readonly Command[] = [
  helpFor(() => COMMANDS),
  services,
  status,
  doctor,
  plan,
  upgrade,
  approve,
  withdraw,
  reject,
  cancel,
  rollback,
  finalize,
  resume,
  hold,
  unhold,
  history,
  review,
];
