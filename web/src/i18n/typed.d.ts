import type { deals } from './he/deals';
import type { inbox } from './he/inbox';
import type { platform } from './he/platform';
import type { records } from './he/records';
import type { settings } from './he/settings';
import type { stats } from './he/stats';
import type { strings } from './he/strings';

/** One plain shape: types of an intersection of many are worked out over and over. */
type Flat<T> = { [Key in keyof T]: T[Key] };

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: {
      translation: Flat<
        typeof strings &
          typeof settings &
          typeof platform &
          typeof deals &
          typeof inbox &
          typeof records &
          typeof stats
      >;
    };
  }
}
