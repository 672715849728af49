import { z } from 'zod';
import type { Access, Credentials } from './access.js';
import type { Answer, Http } from './http.js';
import { answerWords } from './words.js';

const catalogueSchema = z.array(
  z.looseObject({
    type: z.string(),
    endpoints: z.array(
      z.looseObject({
        interface: z.string(),
        url: z.string(),
        region: z.string().nullish(),
        region_id: z.string().nullish(),
      }),
    ),
  }),
);

const tokenSchema = z.looseObject({
  token: z.looseObject({
    expires_at: z.string(),
    project: z.looseObject({ id: z.string() }).optional(),
    catalog: catalogueSchema.default([]),
  }),
});

/** A token as keystone issued it. Its value goes into headers and nowhere else. */
export type Token = {
  readonly value: string;
  readonly expiresAt: string;
  readonly project: string;
  readonly catalogue: z.infer<typeof catalogueSchema>;
};

/** Keystone answered, and not with a token. */
export class NoToken extends Error {
  override readonly name = 'NoToken';
  constructor(
    message: string,
    readonly answer: Answer,
  ) {
    super(message);
  }
}

const identityOf = (credentials: Credentials): object =>
  credentials.kind === 'password'
    ? {
        identity: {
          methods: ['password'],
          password: { user: { ...credentials.user, password: credentials.password.reveal() } },
        },
        scope: { project: credentials.project },
      }
    : {
        identity: {
          methods: ['application_credential'],
          application_credential: { ...credentials.credential, secret: credentials.secret.reveal() },
        },
      };

export const tokensUrl = (base: string): string => `${base}/v3/auth/tokens`;

const secretOf = (credentials: Credentials): string =>
  (credentials.kind === 'password' ? credentials.password : credentials.secret).reveal();

/** Identity API v3, "Password authentication with scoped authorization"; rejects with `NoToken` or `NoAnswer`. */
export const issueToken = async (http: Http, base: string, access: Access): Promise<Token> => {
  const { credentials } = access;
  const answer = await http({
    method: 'POST',
    url: tokensUrl(base),
    body: { auth: identityOf(credentials) },
  });
  const value = answer.header('x-subject-token');
  const parsed = tokenSchema.safeParse(answer.body);
  if (answer.status !== 201) throw new NoToken(answerWords(answer, [secretOf(credentials)]), answer);
  if (value === undefined || !parsed.success) throw new NoToken('answers 201 without a token', answer);
  const { expires_at: expiresAt, project, catalog: catalogue } = parsed.data.token;
  return { value, expiresAt, project: project?.id ?? '', catalogue };
};

/** "Validate and show information for token": the token asks about itself, which every policy allows. */
export const validate = (http: Http, base: string, token: Token): Promise<Answer> =>
  http({
    url: tokensUrl(base),
    headers: { 'x-auth-token': token.value, 'x-subject-token': token.value },
  });

/** Address of a service as clients find it, `undefined` where keystone's catalogue has none that fits. */
export const endpointOf = (
  { catalogue }: Token,
  types: readonly string[],
  { region, interface: wanted }: Pick<Access, 'region' | 'interface'>,
): string | undefined => {
  const urls = types.flatMap((type) =>
    catalogue
      .filter((service) => service.type === type)
      .flatMap(({ endpoints }) => endpoints)
      .filter((one) => one.interface === wanted)
      .filter((one) => region === undefined || [one.region_id, one.region].includes(region))
      .map(({ url }) => url),
  );
  return urls[0];
};
