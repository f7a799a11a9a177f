import type * as first from './en/first';
import type * as rest from './en/rest';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'first';
    fallbackNS: 'rest';
    resources: { first: typeof first; rest: typeof rest };
    enableSelector: false;
  }
}
