import type { records } from './he/records';
import type { settings } from './he/settings';
import type { strings } from './he/strings';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof strings & typeof settings & typeof records };
  }
}
