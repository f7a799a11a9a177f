import createClient, { type Middleware } from 'openapi-fetch';
import { Problem, problemFrom } from './problem';
import type { paths } from './schema';

let csrfToken: string | null = null;

/** Every write of this session carries the token; the session's cookie alone would let other sites write. */
export function rememberCsrfToken(token: string | null): void {
  csrfToken = token;
}

const csrf: Middleware = {
  onRequest({ request }) {
    if (csrfToken && !['GET', 'HEAD'].includes(request.method)) {
      request.headers.set('X-CSRF-Token', csrfToken);
    }
    return request;
  },
};

/** The typed client of the REST interface. Wrap calls in `answer`, which unpacks the envelope. */
export const api = createClient<paths>({ baseUrl: '/', credentials: 'same-origin' });
api.use(csrf);

interface Reply<Body> {
  data?: Body;
  error?: unknown;
  response: Response;
}

/** The body of a successful answer. Throws a `Problem` for every other outcome. */
export async function answer<Body>(call: Promise<Reply<Body>>): Promise<Body> {
  let reply: Reply<Body>;
  try {
    reply = await call;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new Problem(0, 'unreachable', 'The server does not answer.');
  }
  if (!reply.response.ok) throw problemFrom(reply.response.status, reply.error);
  return reply.data as Body;
}

/** The `data` of a successful envelope. */
export async function data<Data>(call: Promise<Reply<{ data: Data }>>): Promise<Data> {
  return (await answer(call)).data;
}
