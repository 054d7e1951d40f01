// Which methods an address takes, for those who come with another one.

import type { Api } from './context.ts';

interface Place {
  readonly method: string;
  readonly path: string;
  readonly address: RegExp;
}

const placesOf = new WeakMap<Api, readonly Place[]>();

/** The methods of the routes at a path, in order; empty when nothing is there. */
export function allowedMethods(app: Api, path: string): string[] {
  const places = placesOf.get(app) ?? placesIn(app);
  placesOf.set(app, places);
  const at = places.filter(({ address }) => address.test(path));
  // `me` is an address of its own, although a member's id could stand there.
  const own = at.filter((place) => place.path === path);
  const found = (own.length > 0 ? own : at).map(({ method }) => method);
  // Whatever is read can be asked for without its body.
  return [...new Set(found.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].toSorted();
}

function placesIn(app: Api): Place[] {
  return app.routes
    .filter(({ method, path }) => method !== 'ALL' && !path.includes('*'))
    .map(({ method, path }) => {
      const parts = path
        .split('/')
        .map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/\W/g, '\\$&')));
      return { method, path, address: new RegExp(`^${parts.join('/')}$`) };
    });
}
